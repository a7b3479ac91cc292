#include "sinks/answers_table.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using json = nlohmann::json;

SampleDelivery delivery(Purpose purpose = Purpose::mention) {
  SampleDelivery sample;
  sample.purpose = purpose;
  sample.target = {{"room_id", "!a/b:matrix.example"}};
  return sample;
}

Instance account() {
  return Instance(matrix_sink(), {{"homeserver", "https://matrix.example/"}, {"access_token", "syt_secret"}});
}

TEST(Matrix, SendsUnderTheDeliverysIdSoThatTheServerTakesItOnce) {
  const Request request = *account().render(delivery()).request;
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url,
            "https://matrix.example/_matrix/client/v3/rooms/%21a%2Fb%3Amatrix.example/send/m.room.message/delivery-1");
  EXPECT_EQ(request.headers.at(0).name, "Authorization");
  EXPECT_EQ(request.headers.at(0).value, "Bearer syt_secret");
  EXPECT_EQ(request.limit_key, "https://matrix.example/") << "a server counts by account, and every URL is another";
}

TEST(Matrix, SaysItInTextAndInHtmlAndMentionsNobody) {
  const json event = json::parse(account().render(delivery()).request->body);
  EXPECT_EQ(event["msgtype"], "m.text");
  EXPECT_EQ(event["m.mentions"], json::object());
  EXPECT_THAT(event["body"].get<std::string>(), ::testing::StartsWith("alice mentioned @\u200Coctocat in a comment on "));
  EXPECT_EQ(event["formatted_body"],
            "<b>alice</b> mentioned <b>@\u200Coctocat</b> in a comment on "
            "<a href=\"https://github.example/octo-org/hello/issues/12#issuecomment-7\">octo-org/hello#12</a><br>"
            "<b>Closing the socket hangs</b><br>2026-09-21 14:10 UTC<br><br>I think <b>@\u200Coctocat</b> knows why.");
}

TEST(Matrix, ThePlainFormIsTextAlone) {
  SampleDelivery sample = delivery();
  sample.form = Form::plain;
  const json event = json::parse(account().render(sample).request->body);
  EXPECT_FALSE(event.contains("formatted_body"));
  EXPECT_FALSE(event.contains("format"));
}

TEST(Matrix, BothTextsTellTheSameMentions) {
  SampleDelivery sample = delivery();
  sample.mentions.assign(10, SampleMention{});
  for (std::size_t i = 0; i < 10; ++i) {
    sample.mentions[i].url = "https://x/post-" + std::to_string(i) + "-";
    sample.mentions[i].title = std::string(240, '&');
    sample.mentions[i].spans = {{SpanKind::text, std::string(700, '<')}};
  }
  const Request request = *account().render(sample).request;
  const json event = json::parse(request.body);
  EXPECT_LT(request.covered, 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    const std::string url = "post-" + std::to_string(i) + "-";
    EXPECT_EQ(event["body"].get<std::string>().find(url) != std::string::npos, i < request.covered) << i;
    EXPECT_EQ(event["formatted_body"].get<std::string>().find(url) != std::string::npos, i < request.covered) << i;
  }
}

std::string says(const std::string& code) { return json{{"errcode", code}, {"error", "x"}}.dump(); }

TEST(Matrix, AnswersMeanWhatItsCodesSay) {
  expect_answers(account(), delivery(), {
      {200, R"({"event_id":"$abc:matrix.example"})", BECKON_DELIVERED, "ok"},
      {200, "{}", BECKON_RETRY, "unexpected_answer"},
      {200, R"({"event_id":"abc"})", BECKON_RETRY, "unexpected_answer"},
      {403, says("M_FORBIDDEN"), BECKON_GONE, "m_forbidden", BECKON_MAYBE},
      {404, says("M_NOT_FOUND"), BECKON_GONE, "m_not_found", BECKON_MAYBE},
      {401, says("M_UNKNOWN_TOKEN"), BECKON_MISCONFIGURED, "m_unknown_token", BECKON_EXACT, BECKON_SCOPE_SINK},
      {401, says("M_MISSING_TOKEN"), BECKON_MISCONFIGURED, "m_missing_token", BECKON_EXACT, BECKON_SCOPE_SINK},
      {403, says("M_USER_DEACTIVATED"), BECKON_MISCONFIGURED, "m_user_deactivated", BECKON_EXACT, BECKON_SCOPE_SINK},
      {404, says("M_UNRECOGNIZED"), BECKON_MISCONFIGURED, "m_unrecognized", BECKON_EXACT, BECKON_SCOPE_SINK},
      {413, says("M_TOO_LARGE"), BECKON_REJECTED, "m_too_large"},
      {400, says("M_BAD_JSON"), BECKON_REJECTED, "m_bad_json"},
      {403, says("M_RESOURCE_LIMIT_EXCEEDED"), BECKON_RETRY, "m_resource_limit_exceeded"},
      {429, says("M_LIMIT_EXCEEDED"), BECKON_RETRY, "rate_limited"},
      {404, "", BECKON_RETRY, "http_404"},
      {502, says("M_FORBIDDEN"), BECKON_RETRY, "http_502"},
  });
  EXPECT_EQ(account().interpret(delivery(), {200, R"({"event_id":"$a"})", {}}).outcome->external_id, "$a");
  EXPECT_EQ(account().interpret(delivery(), {200, R"({"event_id":"$syt_secret"})", {}}).outcome->external_id, "");
}

TEST(Matrix, WaitsAsLongAsItIsToldInEitherWay) {
  const std::string body = R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000})";
  EXPECT_EQ(account().interpret(delivery(), {429, body, {}}).outcome->retry_after_ms, 2'000);
  EXPECT_EQ(account().interpret(delivery(), {429, body, {{"Retry-After", "7"}}}).outcome->retry_after_ms, 7'000);
}

TEST(Matrix, AProbeAsksWhetherTheAccountIsInTheRoom) {
  const SampleDelivery probe = delivery(Purpose::probe);
  const Request request = *account().render(probe).request;
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "https://matrix.example/_matrix/client/v3/joined_rooms");
  EXPECT_EQ(request.body, "");
  expect_answers(account(), probe, {
      {200, R"({"joined_rooms":["!x:y","!a/b:matrix.example"]})", BECKON_DELIVERED, "ok"},
      {200, R"({"joined_rooms":["!x:y"]})", BECKON_GONE, "not_in_room", BECKON_MAYBE},
      {200, R"({"joined_rooms":5})", BECKON_RETRY, "unexpected_answer"},
      {200, R"({"event_id":"$a"})", BECKON_RETRY, "unexpected_answer"},
      {401, says("M_UNKNOWN_TOKEN"), BECKON_MISCONFIGURED, "m_unknown_token"},
  });
}

TEST(Matrix, ComplainsOfARoomsAddressAndOfWhatIsNoRoom) {
  EXPECT_THAT(check(matrix_sink(), {}, {{"room_id", "!abc"}}), IsEmpty()) << "rooms of version 12 name no server";
  EXPECT_THAT(check(matrix_sink(), {}, {{"room_id", "#lounge:matrix.org"}}).at(0).second, HasSubstr("internal ID"));
  for (const char* bad : {"", "!", "lounge", "!a\nb"}) EXPECT_EQ(check(matrix_sink(), {}, {{"room_id", bad}}).size(), 1u) << bad;
  EXPECT_FALSE(Instance(matrix_sink(), {{"homeserver", "https://x"}, {"access_token", "a\r\nX: y"}}).is_open());
  EXPECT_THAT(check(matrix_sink(), {{"homeserver", "https://matrix.example/_matrix/client/v3"}}, {}).at(0).second, HasSubstr("added by itself"));
}

}  // namespace
