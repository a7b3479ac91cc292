#include "sinks/answers_table.hpp"
#include "sinks/readings.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using json = nlohmann::json;

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"webhook_url", "https://chat.example/hooks/abc"}};
  return sample;
}

std::string text_of(const SampleDelivery& sample) {
  return json::parse(Instance(mattermost_sink()).render(sample).request->body)["text"];
}

TEST(Mattermost, PostsMarkdown) {
  const Request request = *Instance(mattermost_sink()).render(delivery()).request;
  EXPECT_EQ(request.url, "https://chat.example/hooks/abc");
  EXPECT_EQ(json::parse(request.body).size(), 1u);
  EXPECT_EQ(text_of(delivery()),
            "**alice** mentioned **@\u200Coctocat** in a comment on "
            "[octo-org/hello\\#12](https://github.example/octo-org/hello/issues/12#issuecomment-7)  \n"
            "**Closing the socket hangs**  \n2026-09-21 14:10 UTC\n\nI think **@\u200Coctocat** knows why.");
}

TEST(Mattermost, NotEvenCodeCallsAnybody) {
  SampleDelivery sample = delivery();
  sample.mentions[0].spans = {{SpanKind::code, "<!channel> @all <"}, {SpanKind::text, " | "}, {SpanKind::code, "@here"},
                              {SpanKind::text, " >"}, {SpanKind::code_block, "<!here>\n@channel", "py"}};
  for (const Form form : {Form::rich, Form::plain}) {
    sample.form = form;
    const std::string text = text_of(sample);
    EXPECT_THAT(called_names(text), IsEmpty()) << text;
    for (const char* control : {"<!channel>", "<!here>"}) EXPECT_THAT(text, Not(HasSubstr(control)));
  }
}

TEST(Mattermost, ThePlainFormHasNoMarkersButItsLink) {
  SampleDelivery sample = delivery();
  sample.form = Form::plain;
  EXPECT_THAT(text_of(sample), Not(HasSubstr("**")));
  EXPECT_THAT(text_of(sample), HasSubstr("](https://github.example/octo-org/hello/issues/12#issuecomment-7)"));
}

std::string says(const std::string& id, int status) { return json{{"id", id}, {"message", "x"}, {"status_code", status}}.dump(); }

TEST(Mattermost, AnswersMeanWhatItsIdsSay) {
  expect_answers(Instance(mattermost_sink()), delivery(), {
      {200, "ok", BECKON_DELIVERED, "ok"},
      {200, "", BECKON_RETRY, "unexpected_answer"},
      {200, "<html>ok</html>", BECKON_RETRY, "unexpected_answer"},
      {400, says("web.incoming_webhook.invalid.app_error", 400), BECKON_GONE, "webhook_invalid", BECKON_MAYBE},
      {404, says("web.incoming_webhook.invalid.app_error", 404), BECKON_GONE, "webhook_invalid", BECKON_MAYBE},
      {404, says("app.channel.get.existing.app_error", 404), BECKON_GONE, "no_channel", BECKON_MAYBE},
      {400, says("api.post.create_post.can_not_post_to_deleted.error", 400), BECKON_GONE, "channel_archived", BECKON_MAYBE},
      {403, says("web.incoming_webhook.user.app_error", 403), BECKON_MISCONFIGURED, "no_owner"},
      {403, says("web.incoming_webhook.permissions.app_error", 403), BECKON_MISCONFIGURED, "no_permission"},
      {501, says("web.incoming_webhook.disabled.app_error", 501), BECKON_MISCONFIGURED, "webhooks_disabled"},
      {404, says("api.context.404.app_error", 404), BECKON_MISCONFIGURED, "not_a_webhook"},
      {400, says("web.incoming_webhook.parse.app_error", 400), BECKON_REJECTED, "not_understood"},
      {500, says("web.incoming_webhook.channel.app_error", 500), BECKON_RETRY, "http_500"},
      {404, "", BECKON_RETRY, "http_404"},
      {429, "limit exceeded", BECKON_RETRY, "rate_limited"},
  });
}

TEST(Mattermost, ComplainsOfAnAddressThatIsNoWebhook) {
  const auto complaint = [](const std::string& url) {
    const auto said = check(mattermost_sink(), {}, {{"webhook_url", url}});
    return said.empty() ? std::string() : said.at(0).second;
  };
  EXPECT_THAT(complaint("https://hooks.slack.com/services/T/B/x"), HasSubstr("plugin = \"slack\""));
  EXPECT_THAT(complaint("https://chat.example/team/channels/town-square"), HasSubstr("not an incoming webhook"));
  EXPECT_THAT(complaint("https://chat.example/"), HasSubstr("not an incoming webhook"));
  for (const char* good : {"https://chat.example/hooks/x", "https://example.org/mattermost/hooks/x/"})
    EXPECT_EQ(complaint(good), "");
}

}  // namespace
