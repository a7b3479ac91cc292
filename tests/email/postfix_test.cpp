// The mail sink and Postfix, which delivers, refuses, and returns what it could not deliver. Runs with BECKON_ALL=1.
#include "email/postfix.hpp"
#include "sinks/email/bounce.hpp"
#include "sinks/rig.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PostfixMail : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("BECKON_ALL")) GTEST_SKIP() << "BECKON_ALL=1, as scripts/test --all sets it, runs this with Postfix";
    if (::geteuid() != 0) GTEST_SKIP() << "Postfix can only be started by root";
    next_.emplace(next_folder_, std::vector<std::string>{"--reply", "RCPT=550 5.1.1 <gone@relay.test>: no such user here"});
    pki_.emplace(folder_);
    postfix_.emplace(folder_, *pki_, next_->url().substr(next_->url().rfind(':') + 1));
  }
  Outcome deliver(const std::string& to, Purpose purpose = Purpose::mention) {
    SampleDelivery sample;
    sample.purpose = purpose;
    sample.target["to"] = to;
    sample.now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    sample.deadline_ms = sample.now_ms + 30'000;
    const Instance sink(email_sink(), {{"server", postfix_->url()},
                                       {"from", "Beckon <beckon@example.com>"},
                                       {"ca_file", pki_->ca_file},
                                       {"return_path", "bounces+{id}@example.com"}});
    return *sink.deliver(sample).outcome;
  }

  Folder folder_, next_folder_;
  std::optional<MailServer> next_;
  std::optional<Pki> pki_;
  std::optional<Postfix> postfix_;
};

TEST_F(PostfixMail, AMailLiesInTheMailboxOfItsRecipient) {
  const Outcome outcome = deliver("Octo Cat <octo@example.org>");
  ASSERT_EQ(outcome.kind, std::uint32_t{BECKON_DELIVERED}) << outcome.reason << postfix_->log();
  const std::string mail = postfix_->mail_of("octo");
  EXPECT_THAT(mail, StartsWith("Return-Path: <bounces+delivery-1@example.com>\n")) << postfix_->log();
  EXPECT_THAT(mail, HasSubstr("\nMessage-ID: <beckon.delivery-1@example.com>\n"));
  EXPECT_THAT(mail, HasSubstr("\nSubject: [octo-org/hello] alice mentioned you in #12: Closing the socket\n hangs\n"));
}

TEST_F(PostfixMail, WhomItDoesNotKnowIsGoneAtOnce) {
  for (const Purpose purpose : {Purpose::mention, Purpose::probe}) {
    const Outcome outcome = deliver("nobody@example.org", purpose);
    EXPECT_EQ(outcome.kind, std::uint32_t{BECKON_GONE}) << outcome.reason;
    EXPECT_EQ(outcome.certainty, std::uint32_t{BECKON_EXACT});
    EXPECT_EQ(outcome.code, "smtp_5_1_1");
  }
  EXPECT_EQ(deliver("octo@example.org", Purpose::probe).kind, std::uint32_t{BECKON_DELIVERED});
}

TEST_F(PostfixMail, WhatTheNextServerRefusesComesBackAsABounceThatNamesItsDelivery) {
  ASSERT_EQ(deliver("gone@relay.test").kind, std::uint32_t{BECKON_DELIVERED});
  const std::string bounce = postfix_->mail_of("bounces");
  const auto read = email::read_bounce(bounce, {"example.com", "bounces+{id}@example.com"});
  ASSERT_TRUE(read) << bounce << postfix_->log();
  EXPECT_EQ(read->delivery, "delivery-1");
  EXPECT_EQ(read->outcome.kind, std::uint32_t{BECKON_GONE});
  EXPECT_EQ(read->outcome.certainty, std::uint32_t{BECKON_EXACT});
  EXPECT_THAT(read->outcome.reason, HasSubstr("no such user here"));
  // Each of its two names alone will do.
  EXPECT_TRUE(email::read_bounce(bounce, {"example.com", ""}));
  EXPECT_TRUE(email::read_bounce(bounce, {"example.net", "bounces+{id}@example.com"}));
}

}  // namespace
