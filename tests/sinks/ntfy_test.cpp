#include "sinks/answers_table.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using json = nlohmann::json;

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"topic", "beckon-x7Gq"}};
  return sample;
}

std::string header_of(const Request& request, std::string_view name) {
  for (const Header& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

TEST(Ntfy, PublishesToTheServersRoot) {
  const Request request = *Instance(ntfy_sink()).render(delivery()).request;
  EXPECT_EQ(request.url, "https://ntfy.sh/");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(header_of(request, "Authorization"), "");
  const json body = json::parse(request.body);
  EXPECT_EQ(body["topic"], "beckon-x7Gq");
  EXPECT_EQ(body["title"], "alice mentioned @octocat in octo-org/hello#12");
  EXPECT_EQ(body["click"], "https://github.example/octo-org/hello/issues/12#issuecomment-7");
  EXPECT_EQ(body["priority"], 3);
  EXPECT_EQ(body["markdown"], true);
  EXPECT_THAT(body["message"].get<std::string>(),
              ::testing::StartsWith("**alice** mentioned **@\u200Coctocat** in a comment on ["));
}

TEST(Ntfy, ATokenAndAServerOfOnesOwn) {
  SampleDelivery sample = delivery();
  sample.target["priority"] = "5";
  const Request request =
      *Instance(ntfy_sink(), {{"server", "https://push.example/"}, {"token", "tk_abc"}}).render(sample).request;
  EXPECT_EQ(request.url, "https://push.example/");
  EXPECT_EQ(header_of(request, "Authorization"), "Bearer tk_abc");
  EXPECT_EQ(json::parse(request.body)["priority"], 5);
}

TEST(Ntfy, ADigestLeadsNowhereByItself) {
  SampleDelivery sample = delivery();
  sample.mentions.assign(2, SampleMention{});
  const json body = json::parse(Instance(ntfy_sink()).render(sample).request->body);
  EXPECT_EQ(body["title"], "2 mentions of @octocat");
  EXPECT_FALSE(body.contains("click"));
}

TEST(Ntfy, TheLimitIsInBytes) {
  SampleDelivery sample = delivery();
  sample.mentions[0].spans = {{SpanKind::text, std::string(3'000, 'x')}};
  for (std::size_t i = 0; i < 3'000; ++i) sample.mentions[0].spans[0].text += "€";
  const json body = json::parse(Instance(ntfy_sink()).render(sample).request->body);
  EXPECT_LE(body["message"].get<std::string>().size(), 4'096u);
  EXPECT_GT(body["message"].get<std::string>().size(), 2'000u);
  EXPECT_THAT(body["message"].get<std::string>(), ::testing::EndsWith("x…"));
}

TEST(Ntfy, ThePlainFormIsPlain) {
  SampleDelivery sample = delivery();
  sample.form = Form::plain;
  const json body = json::parse(Instance(ntfy_sink()).render(sample).request->body);
  EXPECT_EQ(body["markdown"], false);
  EXPECT_THAT(body["message"].get<std::string>(), ::testing::StartsWith("alice mentioned"));
}

std::string code(int number) { return json{{"code", number}, {"http", number / 100}, {"error", "x"}}.dump(); }

TEST(Ntfy, AnswersMeanWhatItsCodesSay) {
  expect_answers(Instance(ntfy_sink()), delivery(), {
      {200, R"({"id":"hwQ2YpKdmg","time":1635528757,"event":"message","topic":"x"})", BECKON_DELIVERED, "ok"},
      {200, R"({"id":"hwQ2YpKdmg"})", BECKON_RETRY, "unexpected_answer"},
      {200, "<html>", BECKON_RETRY, "unexpected_answer"},
      {400, code(40009), BECKON_MISCONFIGURED, "bad_topic"},
      {400, code(40010), BECKON_MISCONFIGURED, "bad_topic"},
      {400, code(40024), BECKON_REJECTED, "code_40024"},
      {401, code(40101), BECKON_MISCONFIGURED, "bad_token", BECKON_EXACT, BECKON_SCOPE_SINK},
      {403, code(40301), BECKON_MISCONFIGURED, "forbidden", BECKON_EXACT, BECKON_SCOPE_TARGET},
      {413, code(41301), BECKON_REJECTED, "too_large"},
      {413, "", BECKON_REJECTED, "too_large"},
      {429, code(42901), BECKON_RETRY, "rate_limited"},
      {429, code(42908), BECKON_RETRY, "rate_limited"},
      {507, code(50701), BECKON_GONE, "no_subscriber", BECKON_MAYBE},
      {404, code(40401), BECKON_RETRY, "http_404"},
      {403, "", BECKON_RETRY, "http_403"},
      {500, code(50001), BECKON_RETRY, "http_500"},
  });
  EXPECT_EQ(Instance(ntfy_sink()).interpret(delivery(), {429, code(42908), {}}).outcome->retry_after_ms, 3'600'000);
  EXPECT_EQ(Instance(ntfy_sink()).interpret(delivery(), {429, code(42901), {}}).outcome->retry_after_ms, -1);
}

TEST(Ntfy, ComplainsOfWhatIsNoTopicNoServerAndNoPriority) {
  EXPECT_THAT(check(ntfy_sink(), {{"server", "https://ntfy.sh"}}, {{"topic", "a-Z_9"}, {"priority", "1"}}), IsEmpty());
  EXPECT_THAT(check(ntfy_sink(), {{"server", "https://ntfy.sh/mytopic"}}, {}).at(0).second,
              HasSubstr("put its last part into topic"));
  for (const char* bad : {"https://ntfy.sh/a", "a b", ""}) EXPECT_EQ(check(ntfy_sink(), {}, {{"topic", bad}}).size(), 1u) << bad;
  for (const char* bad : {"0", "6", "-1"})
    EXPECT_EQ(check(ntfy_sink(), {}, {{"topic", "a"}, {"priority", bad}}).size(), 1u) << bad;
}

}  // namespace
