#include "web/messages.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace beckon::core {
namespace {

using nlohmann::json;

OwedMention mention(std::string body) {
  OwedMention owed;
  owed.seq = 7;
  owed.mention.name = "octocat";
  owed.mention.post.kind = PostKind::comment;
  owed.mention.post.url = "https://forge.test/o/r/issues/1#c7";
  owed.mention.post.author = {"mona", "https://forge.test/mona", "", false};
  owed.mention.post.body = std::move(body);
  owed.mention.thread = {1, false, "A <b>title</b>", "https://forge.test/o/r/issues/1", {}};
  owed.mention.repository.full_name = "o/r";
  return owed;
}

json excerpt_of(std::string body) { return json::parse(mention_json(mention(std::move(body))))["excerpt"]; }

TEST(MentionMessage, SaysWhoWhereAndWhat) {
  const json said = json::parse(mention_json(mention("Hello **@octocat**")));
  EXPECT_EQ(said["seq"], 7);
  EXPECT_EQ(said["kind"], "comment");
  EXPECT_EQ(said["author"]["login"], "mona");
  EXPECT_EQ(said["thread"]["title"], "A <b>title</b>") << "texts stay texts";
  EXPECT_EQ(said["cut"], false);
  EXPECT_THAT(said["excerpt"].dump(), ::testing::HasSubstr(R"("kind":"mention","text":"@octocat")"));
}

TEST(MentionMessage, AddressesThatAreNoWebAddressesAreLeftOut) {
  for (const char* url : {"javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example"}) {
    auto owed = mention("[x](" + std::string(url) + ") @octocat");
    owed.mention.post.url = owed.mention.post.author.url = owed.mention.thread.url = url;
    const json said = json::parse(mention_json(owed));
    EXPECT_EQ(said.dump().find(std::string(R"("url":")") + url), std::string::npos) << said.dump();
  }
  EXPECT_THAT(excerpt_of("[x](https://a.example/) @octocat").dump(), ::testing::HasSubstr(R"("url":"https://a.example/")"));
}

TEST(MentionMessage, LongTextsAreCutBetweenCharacters) {
  std::string body = "@octocat ";
  for (int i = 0; i < 2000; ++i) body += "ä";
  const json said = json::parse(mention_json(mention(body)));
  EXPECT_EQ(said["cut"], true);
  std::size_t bytes = 0;
  for (const auto& span : said["excerpt"]) bytes += span.value("text", "").size();
  EXPECT_LE(bytes, 1500u);
  EXPECT_GT(bytes, 1400u);
}

TEST(MentionMessage, BrokenTextsAreStillJson) {
  auto owed = mention("@octocat \xff\xfe");
  owed.mention.thread.title = "\xc3";
  EXPECT_FALSE(json::parse(mention_json(owed)).empty());
}

TEST(Messages, ArePutTogetherOfReadyParts) {
  const auto one = std::make_shared<const std::string>(R"({"seq":1})"), two = std::make_shared<const std::string>(R"({"seq":2})");
  const json said = json::parse(*mentions_message({one, two}, 2, true));
  EXPECT_EQ(said, json::parse(R"({"type":"mentions","position":2,"more":true,"mentions":[{"seq":1},{"seq":2}]})"));
  EXPECT_EQ(json::parse(*mentions_message({}, 0, false))["mentions"], json::array());
  EXPECT_EQ(json::parse(*status_message("{\n  \"daemon\": {}\n}\n", {3, 4})),
            json::parse(R"({"type":"status","left_out":{"subscriptions":3,"feeds":4},"daemon":{}})"));
}

TEST(Messages, OfVeryManyTheTroubledOnesAreKept) {
  StatusReport report;
  for (int i = 0; i < 10; ++i) {
    SubscriptionStatus& one = report.stored.subscriptions.emplace_back();
    one.name = std::to_string(i);
    one.state = SubscriptionState::active;
  }
  report.stored.subscriptions[7].state = SubscriptionState::gone;
  report.stored.subscriptions[9].dead = 1;
  report.stored.feeds.resize(2);
  const LeftOut left_out = cut_down(report, 3);
  EXPECT_EQ(left_out.subscriptions, 7u);
  EXPECT_EQ(left_out.feeds, 0u);
  std::vector<std::string> names;
  for (const auto& one : report.stored.subscriptions) names.push_back(one.name);
  EXPECT_THAT(names, ::testing::ElementsAre("7", "9", "0"));
}

TEST(Messages, AFeedSearchesUntilItHasBeenReadToItsEnd) {
  ViewedFeed feed;
  EXPECT_EQ(json::parse(*feed_message(feed))["type"], "searching");
  feed.error = "it is away";
  EXPECT_EQ(json::parse(*feed_message(feed))["error"], "it is away");
  feed.error.clear();
  feed.complete = true;
  feed.live.last_poll = from_unix_ms(0);
  EXPECT_EQ(json::parse(*feed_message(feed)),
            json::parse(R"({"type":"polled","last_poll":"1970-01-01T00:00:00Z","next_poll":null,"error":""})"));
}

}  // namespace
}  // namespace beckon::core
