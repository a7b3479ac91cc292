#include "base/redaction.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

TEST(Redaction, TheQueryOfAUrlIsAsSecretAsItsPath) {
  remember_secret("https://chat.example.com/v1/spaces/AAAA/messages?key=AIzaSyKEY&token=t0ken-value#top");
  EXPECT_EQ(redact("GET /v1/spaces/AAAA/messages?key=AIzaSyKEY&token=t0ken-value failed"), "GET ***?key=***&token=*** failed");
  EXPECT_EQ(redact("a signature t0ken-value is wrong"), "a signature *** is wrong");
}

TEST(Redaction, AUrlsPasswordIsMaskedAlone) {
  remember_secret("smtp://mona:pa55word-of-mail@mail.example.com");
  EXPECT_EQ(redact("535 pa55word-of-mail at mail.example.com"), "535 *** at mail.example.com");
}

TEST(Redaction, SecretsThatOverlapLeaveNothingOfEither) {
  remember_secret("overlap-first-SHARED");
  remember_secret("SHARED-second-and-longer");
  EXPECT_EQ(redact("<overlap-first-SHARED-second-and-longer>"), "<***>");
}

TEST(Redaction, TheLongestOfSecretsWithOneBeginningIsMaskedWhole) {
  for (const char* secret : {"common-1", "common-1-long", "common-1-longer", "common-2"}) remember_secret(secret);
  EXPECT_EQ(redact("common-1-longest common-1-longer, common-1-lo common-2 common-3"),
            "***est ***, ***-lo *** common-3");
}

TEST(Redaction, SecretsThatFollowEachOtherAreEachMasked) {
  remember_secret("neighbour");
  EXPECT_EQ(redact("neighbourneighbour neighbou"), "****** neighbou");
  EXPECT_EQ(redact(""), "");
}

TEST(Redaction, WhatLooksLikeASecretIsMaskedThoughNobodyToldOfIt) {
  const std::string token = "ghp_" + std::string(36, 'a');
  EXPECT_EQ(redact("file \"" + token + "\" cannot be read"), "file \"***\" cannot be read");
  EXPECT_EQ(redact("https://" + token + "@github.com/acme/rocket is no name"), "https://***@github.com/acme/rocket is no name");
  EXPECT_EQ(redact("http://me:pass@proxy:3128"), "http://***@proxy:3128");
  EXPECT_EQ(redact("\"https://hooks.slack.com/services/T0000/B0000/abcdefghijkl\" = 1"),
            "\"https://hooks.slack.com/services/***\" = 1");
  EXPECT_EQ(redact("https://discord.com/api/webhooks/1234567890123/abcdefghijkl"), "https://discord.com/api/webhooks/***");
  EXPECT_EQ(redact("https://hooks.slack.com/services/T.../B.../..."), "https://hooks.slack.com/services/T.../B.../...");
  EXPECT_EQ(redact("mail me@example.com, the prefix ghp_, a/b@c"), "mail me@example.com, the prefix ghp_, a/b@c");
}

}  // namespace
}  // namespace beckon::core
