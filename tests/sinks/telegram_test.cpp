#include "sinks/answers_table.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using json = nlohmann::json;

const std::string token = "123456789:AAsecretsecretsecret";

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"chat_id", "-1001234567890"}};
  return sample;
}

Instance bot() { return Instance(telegram_sink(), {{"token", token}}); }

json body_of(const SampleDelivery& sample) { return json::parse(bot().render(sample).request->body); }

std::string says(int code, const std::string& description) {
  return json{{"ok", false}, {"error_code", code}, {"description", description}}.dump();
}

TEST(Telegram, SendsTheMessageToTheChat) {
  const Request request = *bot().render(delivery()).request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.telegram.org/bot" + token + "/sendMessage");
  EXPECT_EQ(request.limit_key.find(token), std::string::npos);
  const json body = json::parse(request.body);
  EXPECT_EQ(body["chat_id"], "-1001234567890");
  EXPECT_EQ(body["parse_mode"], "HTML");
  EXPECT_FALSE(body.contains("message_thread_id"));
  EXPECT_EQ(body["text"],
            "<b>alice</b> mentioned <b>@\u200Coctocat</b> in a comment on "
            "<a href=\"https://github.example/octo-org/hello/issues/12#issuecomment-7\">octo-org/hello#12</a>\n"
            "<b>Closing the socket hangs</b>\n2026-09-21 14:10 UTC\n\nI think <b>@\u200Coctocat</b> knows why.");
}

TEST(Telegram, MayHaveAServerOfItsOwnAndATopic) {
  SampleDelivery sample = delivery();
  sample.target["message_thread_id"] = "42";
  const Instance own(telegram_sink(), {{"token", token}, {"api_url", "http://127.0.0.1:8081/"}});
  const Request request = *own.render(sample).request;
  EXPECT_EQ(request.url, "http://127.0.0.1:8081/bot" + token + "/sendMessage");
  EXPECT_EQ(json::parse(request.body)["message_thread_id"], 42);
}

TEST(Telegram, ThePlainFormHasNoMarkup) {
  SampleDelivery sample = delivery();
  sample.form = Form::plain;
  EXPECT_FALSE(body_of(sample).contains("parse_mode"));
  EXPECT_THAT(body_of(sample)["text"].get<std::string>(), ::testing::StartsWith("alice mentioned @\u200Coctocat in"));
}

TEST(Telegram, AMigratedGroupIsFollowed) {
  const std::string moved = R"({"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup )"
                            R"(chat","parameters":{"migrate_to_chat_id":-1009999999999}})";
  const Outcome first = *bot().interpret(delivery(), {400, moved, {}}).outcome;
  EXPECT_TRUE(first.follow_up);
  EXPECT_EQ(first.kind, BECKON_RETRY);
  EXPECT_EQ(first.state, "-1001234567890 -1009999999999");
  EXPECT_EQ(first.retarget, "-1009999999999");

  SampleDelivery next = delivery();
  next.step = 1;
  next.state = *first.state;
  EXPECT_EQ(body_of(next)["chat_id"], "-1009999999999");
  for (const auto& [status, body] : {std::pair{200u, R"({"ok":true,"result":{"message_id":7}})"}, std::pair{500u, ""}}) {
    const Outcome last = *bot().interpret(next, {status, body, {}}).outcome;
    EXPECT_FALSE(last.follow_up);
    EXPECT_EQ(last.state, first.state) << "only the last step's outcome is kept";
    EXPECT_EQ(last.retarget, "-1009999999999");
  }
  const Outcome in_circles = *bot().interpret(next, {400, moved, {}}).outcome;
  EXPECT_FALSE(in_circles.follow_up) << "it is there already";
  EXPECT_EQ(in_circles.code, "chat_moved");
  EXPECT_EQ(in_circles.kind, BECKON_RETRY);
  next.state = "-1001234567890 -1008888888888";
  EXPECT_TRUE(bot().interpret(next, {400, moved, {}}).outcome->follow_up) << "a group may move on";
  next.step = 3;
  EXPECT_FALSE(bot().interpret(next, {400, moved, {}}).outcome->follow_up) << "but not for ever";
}

TEST(Telegram, WhatIsKnownOfAnotherChatIsNotUsed) {
  SampleDelivery later = delivery();
  later.state = "-1001234567890 -1009999999999";
  EXPECT_EQ(body_of(later)["chat_id"], "-1009999999999");
  EXPECT_FALSE(bot().interpret(later, {200, R"({"ok":true,"result":{"message_id":7}})", {}}).outcome->state);
  later.target["chat_id"] = "-1005555555555";
  EXPECT_EQ(body_of(later)["chat_id"], "-1005555555555");
  for (const char* state : {"-1005555555555", "-1005555555555 ", "-1005555555555 x y", " "}) {
    later.state = state;
    EXPECT_EQ(body_of(later)["chat_id"], "-1005555555555") << state;
  }
}

TEST(Telegram, AnswersMeanWhatItsWordsSay) {
  expect_answers(bot(), delivery(), {
      {200, R"({"ok":true,"result":{"message_id":7}})", BECKON_DELIVERED, "ok"},
      {200, R"({"ok":true,"result":true})", BECKON_RETRY, "unexpected_answer"},
      {200, "", BECKON_RETRY, "unexpected_answer"},
      {403, says(403, "Forbidden: bot was blocked by the user"), BECKON_GONE, "bot_blocked"},
      {403, says(403, "Forbidden: user is deactivated"), BECKON_GONE, "user_deactivated"},
      {403, says(403, "Forbidden: bot was kicked from the group chat"), BECKON_GONE, "bot_kicked"},
      {403, says(403, "Forbidden: bot was kicked from the supergroup chat"), BECKON_GONE, "bot_kicked"},
      {403, says(403, "Forbidden: bot was kicked from the channel chat"), BECKON_GONE, "bot_kicked"},
      {403, says(403, "Forbidden: bot is not a member of the channel chat"), BECKON_GONE, "not_a_member"},
      {403, says(403, "Forbidden: the group chat was deleted"), BECKON_GONE, "group_deleted"},
      {400, says(400, "Bad Request: chat not found"), BECKON_GONE, "chat_not_found", BECKON_MAYBE},
      {403, says(403, "Forbidden: bot can't initiate conversation with a user"), BECKON_MISCONFIGURED, "not_started"},
      {400, says(400, "Bad Request: message thread not found"), BECKON_MISCONFIGURED, "no_topic"},
      {400, says(400, "Bad Request: not enough rights to send text messages to the chat"), BECKON_MISCONFIGURED, "not_allowed"},
      {400, says(400, "Bad Request: can't parse entities: Unsupported start tag"), BECKON_REJECTED, "refused"},
      {400, says(400, "Bad Request: message is too long"), BECKON_REJECTED, "refused"},
      {401, says(401, "Unauthorized"), BECKON_MISCONFIGURED, "bad_token", BECKON_EXACT, BECKON_SCOPE_SINK},
      {404, says(404, "Not Found"), BECKON_MISCONFIGURED, "bad_token", BECKON_EXACT, BECKON_SCOPE_SINK},
      {401, "", BECKON_RETRY, "http_401"},
      {403, says(403, "Forbidden: a word of tomorrow"), BECKON_RETRY, "http_403"},
      {502, says(403, "Forbidden: bot was blocked by the user"), BECKON_RETRY, "http_502"},
  });
}

TEST(Telegram, WaitsAsLongAsItIsTold) {
  const Outcome outcome = *bot()
                               .interpret(delivery(), {429,
                                                       R"({"ok":false,"error_code":429,"description":"Too Many )"
                                                       R"(Requests: retry after 35","parameters":{"retry_after":35}})",
                                                       {}})
                               .outcome;
  EXPECT_EQ(outcome.retry_after_ms, 35'000);
  EXPECT_EQ(outcome.code, "rate_limited");
}

TEST(Telegram, GroupsGetTwentyMessagesAMinuteAndPeopleOneASecond) {
  const SampleResponse sent{200, R"({"ok":true,"result":{"message_id":7}})", {}};
  EXPECT_EQ(bot().interpret(delivery(), sent).outcome->not_before_ms, 3'000);
  SampleDelivery person = delivery();
  person.target["chat_id"] = "987654321";
  EXPECT_EQ(bot().interpret(person, sent).outcome->not_before_ms, 1'000);
  EXPECT_EQ(bot().interpret(person, sent).outcome->external_id, "7");
}

TEST(Telegram, ComplainsOfWhatIsNoTokenAndNoChatWithoutShowingThem) {
  for (const char* good : {"1", "-100123", "@channel_name"})
    EXPECT_THAT(check(telegram_sink(), {{"token", token}}, {{"chat_id", good}}), IsEmpty()) << good;
  for (const char* bad : {"", "-", "@", "octocat", "https://t.me/octocat", "1 2"})
    EXPECT_EQ(check(telegram_sink(), {{"token", token}}, {{"chat_id", bad}}).size(), 1u) << bad;
  for (const char* bad : {"", "123", ":secretpart", "123:", "123:secret part", "abc:secretpart", "123:secret/part"}) {
    const Complaints said = check(telegram_sink(), {{"token", bad}}, {{"chat_id", "1"}});
    ASSERT_EQ(said.size(), 1u) << bad;
    EXPECT_EQ(said[0].first, "token");
    EXPECT_EQ(said[0].second.find("secret"), std::string::npos);
    EXPECT_FALSE(Instance(telegram_sink(), {{"token", bad}}).is_open());
  }
}

}  // namespace
