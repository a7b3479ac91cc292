// [web] and [web.github].
#include "core/config/support.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using testing::expect_errors;
using ::testing::IsEmpty;
using testing::Variable;

LoadedConfig load(std::string_view text) {
  static const Variable state("STATE_DIRECTORY", "/var/lib/beckon");
  return parse_config("[[subscriptions]]\nrepo = \"a/b\"\nuser = \"c\"\nsink = \"s\"\n[sinks.s]\nplugin = \"slack\"\n" + std::string(text),
                      "/etc/beckon/config.toml");
}
WebConfig good(std::string_view text) {
  auto loaded = load(text);
  EXPECT_THAT(loaded.errors, IsEmpty()) << testing::joined(testing::short_texts(loaded.errors));
  return std::move(loaded.config.web);
}
void wrong(std::string_view text, const std::vector<std::string>& errors) { expect_errors(load(text).errors, errors); }

TEST(WebConfiguration, IsOffUnlessItSaysWhereToListen) {
  EXPECT_FALSE(good("").is_on());
  const WebConfig web = good("[web]\nlisten = \"127.0.0.1:7171\"\n");
  EXPECT_TRUE(web.is_on());
  EXPECT_FALSE(web.is_closed());
  EXPECT_EQ(web.address, "127.0.0.1");
  EXPECT_EQ(web.port, 7171);
  EXPECT_EQ(web.history, 7 * 24h);
}

TEST(WebConfiguration, ReadsEverythingThatCanBeSaid) {
  const Variable secret("CLIENT_SECRET", "client-secret-0123456789");
  const WebConfig web = good(R"([web]
listen = "[::1]:80"
hosts = ["Beckon.Example.com"]
access_token = { env = "CLIENT_SECRET" }
history = "30d"
repositories = 0
connections = 10
connections_of_one_client = 5
[web.github]
client_id = "Iv1.0"
client_secret = { env = "CLIENT_SECRET" }
scope = ""
operators = ["OctoCat"]
)");
  EXPECT_EQ(web.address, "::1");
  EXPECT_THAT(web.hosts, ElementsAre("beckon.example.com"));
  EXPECT_EQ(web.access_token, "client-secret-0123456789");
  EXPECT_EQ(web.history, 30 * 24h);
  EXPECT_EQ(web.repositories, 0u);
  EXPECT_EQ(web.connections, 10u);
  EXPECT_EQ(web.connections_of_one_client, 5u);
  ASSERT_TRUE(web.github);
  EXPECT_EQ(web.github->scope, "");
  EXPECT_THAT(web.github->operators, ElementsAre("octocat"));
}

TEST(WebConfiguration, WhatOthersReachNeedsAWayToSayWhoOneIs) {
  wrong("[web]\nlisten = \"0.0.0.0:7171\"\n", {"8:10 needs an access_token", "8:10 put a proxy with TLS in front"});
  wrong("[web]\nlisten = \"127.0.0.1:7171\"\nhosts = [\"b.example\"]\n", {"8:10 needs an access_token"});
}

TEST(WebConfiguration, ATokenThatCanBeGuessedIsNone) {
  wrong("[web]\nlisten = \"127.0.0.1:1\"\naccess_token = \"short\"\n", {"9:16 fewer than 16 characters"});
}

TEST(WebConfiguration, MistakesAreNamedWithTheirPlaces) {
  wrong("[web]\nlisten = \"7171\"\n", {"8:10 write ADDRESS:PORT"});
  wrong("[web]\nlisten = \"example.com:7171\"\n", {"8:10 write ADDRESS:PORT"});
  wrong("[web]\nlisten = \"127.0.0.1:99999\"\n", {"8:10 write ADDRESS:PORT"});
  wrong("[web]\nlisten = \"127.0.0.1:1\"\nhosts = [\"http://b.example\"]\naccess_token = \"0123456789abcdef\"\n", {"9:10 without http://"});
  wrong("[web]\nlisten = \"127.0.0.1:1\"\nconnections = 0\n", {"9:15 at least 1"});
  wrong("[web]\nlistn = \"127.0.0.1:1\"\n", {"8:1 did you mean \"listen\""});
  wrong("[web.github]\nclient_id = \"x\"\n", {"7:1 client_secret is missing"});
  wrong("[web.github]\nclient_id = \"x\"\nclient_secret = \"0123456789abcdef\"\nforge = \"githib\"\noperators = [\"a/b\"]\n",
        {"10:9 did you mean \"github\"", "11:14 no login of one person"});
}

TEST(ListenAddress, AllOfThisMachineIsNotLoopback) {
  EXPECT_TRUE(parse_listen("localhost:0")->is_loopback);
  EXPECT_TRUE(parse_listen("127.1.2.3:5")->is_loopback);
  EXPECT_TRUE(parse_listen("[::1]:5")->is_loopback);
  EXPECT_FALSE(parse_listen(":5")->is_loopback);
  EXPECT_FALSE(parse_listen("*:5")->is_loopback);
  EXPECT_FALSE(parse_listen("192.168.1.2:5")->is_loopback);
  for (const char* text : {"", ":", "5", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "::1:5:", "host:5"}) EXPECT_FALSE(parse_listen(text)) << text;
}

}  // namespace
}  // namespace beckon::core
