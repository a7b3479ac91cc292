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
  sample.target = {{"urls", "discord://id/token"}};
  return sample;
}

Instance apprise() { return Instance(apprise_sink(), {{"api_url", "http://127.0.0.1:8000/"}}); }

TEST(Apprise, NotifiesTheOneService) {
  const Request request = *apprise().render(delivery()).request;
  EXPECT_EQ(request.url, "http://127.0.0.1:8000/notify/");
  const json body = json::parse(request.body);
  EXPECT_EQ(body["urls"], "discord://id/token");
  EXPECT_EQ(body["type"], "info");
  EXPECT_EQ(body["format"], "text");
  EXPECT_EQ(body["title"], "alice mentioned @\u200Coctocat in octo-org/hello#12");
  EXPECT_EQ(body["body"],
            "alice mentioned @\u200Coctocat in a comment on octo-org/hello#12 "
            "(https://github.example/octo-org/hello/issues/12#issuecomment-7)\n"
            "Closing the socket hangs\n2026-09-21 14:10 UTC\n\nI think @\u200Coctocat knows why.");
}

TEST(Apprise, IsGivenTimeAndNothingIsSentTwice) {
  const Request request = *apprise().render(delivery()).request;
  EXPECT_EQ(request.timeout_ms, 60'000);
  EXPECT_TRUE(request.hold_if_ambiguous);
  EXPECT_TRUE(apprise().interpret(delivery(), {504, "", {}}).outcome->ambiguous);
  EXPECT_FALSE(apprise().interpret(delivery(), {424, "", {}}).outcome->ambiguous);
  EXPECT_FALSE(apprise().interpret(delivery(), {503, "", {}}).outcome->ambiguous);
}

TEST(Apprise, NothingInItMeansAnythingToAnyService) {
  SampleDelivery sample = delivery();
  sample.mentions[0].title = "<!channel> !here> @everyone";
  sample.mentions[0].spans = {{SpanKind::text, "[github.com](https://evil) <@1> <script>"},
                              {SpanKind::link, "l", "https://x/@all!"}};
  EXPECT_THAT(json::parse(apprise().render(sample).request->body)["body"].get<std::string>(),
              HasSubstr("<\u200C!\u200Cchannel> !\u200Chere> @\u200Ceveryone\n2026-09-21 14:10 UTC\n\n"
                        "[github.com]\u200C(https://evil) <\u200C@\u200C1> <\u200Cscript>l (https://x/%40all%21)"));
}

TEST(Apprise, AnswersMeanWhatTheirStatusSays) {
  expect_answers(apprise(), delivery(), {
      {200, "", BECKON_DELIVERED, "ok"},
      {204, "", BECKON_MISCONFIGURED, "nothing_to_notify"},
      {400, R"({"error":"Bad FORM Payload provided"})", BECKON_REJECTED, "refused"},
      {400, "", BECKON_RETRY, "http_400"},
      {424, R"({"error":"One or more notification could not be sent"})", BECKON_RETRY, "not_sent"},
      {429, "", BECKON_RETRY, "rate_limited"},
      {500, "", BECKON_RETRY, "http_500"},
      {404, "", BECKON_RETRY, "http_404"},
  });
}

TEST(Apprise, OneServiceASubscription) {
  for (const char* good : {"discord://id/token", "mailto://a:b@x.org?to=c@x.org,d@x.org", "json://host/?+X-Url=http://y"})
    EXPECT_THAT(check(apprise_sink(), {}, {{"urls", good}}), IsEmpty()) << good;
  for (const char* bad : {"discord://a/b,slack://c/d", "discord://a/b slack://c/d", "discord://a/b, slack://c/d"}) {
    EXPECT_THAT(check(apprise_sink(), {}, {{"urls", bad}}).at(0).second, HasSubstr("one a subscription")) << bad;
    SampleDelivery sample = delivery();
    sample.target["urls"] = bad;
    EXPECT_EQ(apprise().render(sample).outcome->code, "bad_urls");
  }
  for (const char* bad : {"", "octocat", "://x", "discord://a\n"})
    EXPECT_EQ(check(apprise_sink(), {}, {{"urls", bad}}).size(), 1u) << bad;
}

}  // namespace
