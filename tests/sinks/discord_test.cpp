#include "sinks/discord/markdown.hpp"
#include "sinks/discord/webhook.hpp"
#include "sinks/rig.hpp"
#include "support/recorded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <string>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using json = nlohmann::json;

const std::string webhook = "https://discord.example/api/webhooks/123456789012345678/SecretTokenOfDiscord";
const std::string user = "234567890123456789";
const std::string thread = "345678901234567890";

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"webhook_url", webhook}};
  return sample;
}

json body_of(const SampleDelivery& sample, const SampleValues& settings = {}) {
  const Emitted emitted = Instance(discord_sink(), settings).render(sample);
  return emitted.request ? json::parse(emitted.request->body) : json();
}

Outcome outcome_of(unsigned status, const std::string& body, SampleDelivery sample = delivery(),
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
  return *Instance(discord_sink()).interpret(sample, {status, body, std::move(headers)}).outcome;
}

std::string error(std::int64_t code) { return json{{"message", "no matter"}, {"code", code}}.dump(); }

TEST(DiscordMessage, SaysWhoWhereWhatAndWhen) {
  const json body = body_of(delivery());
  const json& embed = body["embeds"][0];
  EXPECT_EQ(body["content"], "alice mentioned \\@octocat in a comment on octo-org/hello\\#12 Closing the socket hangs");
  EXPECT_EQ(embed["title"], "octo-org/hello\\#12 Closing the socket hangs");
  EXPECT_EQ(embed["url"], "https://github.example/octo-org/hello/issues/12#issuecomment-7");
  EXPECT_EQ(embed["author"]["name"], "alice");
  EXPECT_EQ(embed["description"], "I think **\\@octocat** knows why.");
  EXPECT_EQ(embed["timestamp"], "2026-09-21T14:10:20Z");
  EXPECT_EQ(embed["footer"]["text"], "@octocat in a comment on this issue");
  EXPECT_EQ(body["allowed_mentions"], json::parse(R"({"parse":[]})"));
}

TEST(DiscordMessage, APingNotifiesThatOnePersonAndNobodyElse) {
  SampleDelivery sample = delivery();
  sample.target["ping"] = user;
  const json body = body_of(sample);
  EXPECT_THAT(body["content"].get<std::string>(), ::testing::StartsWith("<@" + user + "> alice"));
  EXPECT_EQ(body["allowed_mentions"], (json{{"parse", json::array()}, {"users", {user}}}));
}

TEST(DiscordMessage, IdsThatAreNoneAreMisconfigurations) {
  for (const char* option : {"ping", "thread_id"}) {
    for (const char* value : {"octocat", "1", "12345678901234567&wait=false", "123456789012345678901"}) {
      SampleDelivery sample = delivery();
      sample.target[option] = value;
      const Emitted emitted = Instance(discord_sink()).render(sample);
      ASSERT_TRUE(emitted.outcome) << value;
      EXPECT_EQ(emitted.outcome->kind, BECKON_MISCONFIGURED);
      EXPECT_EQ(check(discord_sink(), {}, sample.target).at(0).first, option);
    }
  }
}

TEST(DiscordAddress, WaitsForTheMessageAndKeepsTheRestOfTheQuery) {
  EXPECT_EQ(discord::post_address(webhook, ""), webhook + "?wait=true");
  EXPECT_EQ(discord::post_address(webhook + "?wait=false&x=1", thread), webhook + "?x=1&wait=true&thread_id=" + thread);
  EXPECT_EQ(discord::post_address(webhook + "?thread_id=1", ""), webhook + "?thread_id=1&wait=true");
  EXPECT_EQ(discord::probe_address(webhook + "?wait=true&x=1&thread_id=1"), webhook + "?x=1");
  EXPECT_EQ(discord::limit_key(webhook + "?wait=true"), webhook);
  EXPECT_EQ(discord::thread_of(webhook + "?thread_id=1", ""), "1");
}

TEST(DiscordAddress, NamesTheProgramAndItsVersion) {
  const Emitted emitted = Instance(discord_sink()).render(delivery());
  ASSERT_FALSE(emitted.request->headers.empty());
  EXPECT_EQ(emitted.request->headers[0].name, "User-Agent");
  EXPECT_EQ(emitted.request->headers[0].value, "Beckon/" + std::string(view(discord_sink()->version)));
}

TEST(DiscordProbe, AsksForTheWebhookItself) {
  SampleDelivery sample = delivery();
  sample.purpose = Purpose::probe;
  sample.mentions.clear();
  const Emitted emitted = Instance(discord_sink()).render(sample);
  EXPECT_EQ(emitted.request->method, "GET");
  EXPECT_EQ(emitted.request->url, webhook);
  EXPECT_EQ(emitted.request->body, "");
  EXPECT_EQ(outcome_of(200, R"({"id":"123456789012345678","name":"x"})", sample).kind, BECKON_DELIVERED);
  EXPECT_EQ(outcome_of(404, error(10015), sample).kind, BECKON_GONE);
  EXPECT_EQ(outcome_of(404, "", sample).kind, BECKON_RETRY);
}

TEST(DiscordMessage, ADigestIsInOrderOfTimeWithDistinctAddresses) {
  SampleDelivery sample = delivery();
  sample.mentions.assign(4, SampleMention{});
  sample.mentions[3].appeared_ms -= 1'000'000;
  sample.mentions[3].author = "first";
  const json body = body_of(sample);
  EXPECT_EQ(body["content"], "4 mentions of \\@octocat");
  EXPECT_EQ(body["embeds"][0]["author"]["name"], "first");
  std::set<std::string> urls;
  for (const json& embed : body["embeds"]) urls.insert(embed["url"].get<std::string>());
  EXPECT_EQ(urls.size(), 4u);
  EXPECT_TRUE(urls.count("https://github.example/octo-org/hello/issues/12?mention=2#issuecomment-7"));
}

TEST(DiscordMessage, LongExcerptsShareTheRoomOfAllEmbeds) {
  SampleDelivery sample = delivery();
  SampleMention mention;
  mention.title = std::string(300, '*');
  mention.spans = {{SpanKind::text, std::string(9'000, '_')}};
  sample.mentions.assign(12, mention);
  const Emitted emitted = Instance(discord_sink()).render(sample);
  const json body = json::parse(emitted.request->body);
  EXPECT_EQ(emitted.request->covered, 10u);
  EXPECT_EQ(body["embeds"].size(), 10u);
}

TEST(DiscordMessage, ThePlainFormIsContentOnlyAndCoversWhatFits) {
  SampleDelivery sample = delivery();
  sample.form = Form::plain;
  SampleMention mention;
  mention.spans = {{SpanKind::text, std::string(700, 'x')}};
  sample.mentions.assign(10, mention);
  const Emitted emitted = Instance(discord_sink()).render(sample);
  const json body = json::parse(emitted.request->body);
  EXPECT_FALSE(body.contains("embeds"));
  EXPECT_EQ(emitted.request->covered, 3u);
  EXPECT_LE(text::utf16_units(body["content"].get<std::string>()), 2'000u);
  EXPECT_THAT(body["content"].get<std::string>(),
              HasSubstr("<https://github.example/octo-org/hello/issues/12#issuecomment-7>"));
}

TEST(DiscordMessage, TheNameToWriteUnderIsAnOption) {
  EXPECT_EQ(body_of(delivery(), {{"username", "Beckon"}})["username"], "Beckon");
  EXPECT_FALSE(body_of(delivery()).contains("username"));
  for (const std::string& name :
       {std::string("My Discord"), std::string("CLYDE"), std::string(81, 'x'), std::string("\u200B")}) {
    const Instance refused(discord_sink(), {{"username", name}});
    EXPECT_FALSE(refused.is_open());
    EXPECT_EQ(refused.complaints().at(0).first, "username");
    EXPECT_EQ(check(discord_sink(), {{"username", name}}, {}).size(), 1u);
  }
}

TEST(DiscordCheck, TellsOtherKindsOfAddressesApart) {
  const auto complaint = [](const std::string& url) {
    const auto said = check(discord_sink(), {}, {{"webhook_url", url}});
    return said.empty() ? std::string() : said.at(0).second;
  };
  EXPECT_THAT(complaint("https://discord.com/channels/1/2"), HasSubstr("a page of Discord"));
  EXPECT_THAT(complaint("https://discord.com/api/webhooks/123456789012345678"), HasSubstr("not a whole webhook"));
  EXPECT_THAT(complaint("https://hooks.slack.com/services/T1/B1/x"), HasSubstr("plugin = \"slack\""));
  EXPECT_THAT(complaint("https://github.com/acme/rocket"), HasSubstr("this is GitHub"));
  for (const char* good : {"https://discord.com/api/webhooks/123456789012345678/x",
                           "https://ptb.discord.com/api/v10/webhooks/123456789012345678/x?thread_id=1",
                           "https://discordapp.com/api/webhooks/123456789012345678/x", "http://127.0.0.1:1/x"})
    EXPECT_EQ(complaint(good), "") << good;
}

TEST(DiscordMarkdown, NothingOfATextIsMarkup) {
  EXPECT_EQ(discord::escape("*a* _b_ ~c~ `d` |e| > # @everyone <@1> [x](https://y) \\"),
            "\\*a\\* \\_b\\_ \\~c\\~ \\`d\\` \\|e\\| \\> \\# \\@everyone \\<\\@1\\> \\[x\\]\\(https\\://y\\) \\\\");
}

TEST(DiscordMarkdown, SpansBecomeMarkdown) {
  SampleDelivery sample = delivery();
  sample.mentions[0].spans = {{SpanKind::strong, "b*"},      {SpanKind::emphasis, "i"},  {SpanKind::text, " "},
                              {SpanKind::strikethrough, "s"}, {SpanKind::text, " "},     {SpanKind::code, "a_b"},
                              {SpanKind::text, " "},          {SpanKind::code, "t`t"},   {SpanKind::text, " "},
                              {SpanKind::link, "docs", "https://x/(y)"}, {SpanKind::text, " "},
                              {SpanKind::link, "https://x/_y", "https://x/_y"},
                              {SpanKind::code_block, "a```b\n", "c++"}};
  EXPECT_EQ(body_of(sample)["embeds"][0]["description"],
            "**b\\***i ~~s~~ `a_b` `` t`t `` [docs](https://x/%28y%29) https://x/_y\n\n```c++\na'''b\n```");
}

struct Row {
  unsigned status;
  std::int64_t code;
  std::uint32_t kind;
};

class DiscordAnswer : public ::testing::TestWithParam<Row> {};

TEST_P(DiscordAnswer, MeansWhatDiscordSays) {
  const Outcome outcome = outcome_of(GetParam().status, error(GetParam().code));
  EXPECT_EQ(outcome.kind, GetParam().kind) << outcome.reason;
  EXPECT_EQ(outcome.certainty, BECKON_EXACT);
}

INSTANTIATE_TEST_SUITE_P(
    Table, DiscordAnswer,
    ::testing::Values(Row{404, 10015, BECKON_GONE}, Row{401, 50027, BECKON_GONE}, Row{404, 10003, BECKON_GONE},
                      Row{404, 10004, BECKON_GONE}, Row{404, 0, BECKON_RETRY}, Row{401, 0, BECKON_RETRY},
                      Row{403, 0, BECKON_RETRY}, Row{400, 50035, BECKON_REJECTED}, Row{400, 50109, BECKON_REJECTED},
                      Row{400, 50006, BECKON_REJECTED}, Row{413, 40005, BECKON_REJECTED},
                      Row{400, 200000, BECKON_REJECTED}, Row{400, 200001, BECKON_REJECTED},
                      Row{400, 240000, BECKON_REJECTED}, Row{400, 220001, BECKON_MISCONFIGURED},
                      Row{400, 220002, BECKON_MISCONFIGURED}, Row{400, 220003, BECKON_MISCONFIGURED},
                      Row{400, 40067, BECKON_MISCONFIGURED}, Row{400, 50083, BECKON_MISCONFIGURED},
                      Row{403, 160005, BECKON_MISCONFIGURED}, Row{400, 160006, BECKON_RETRY},
                      Row{400, 30033, BECKON_RETRY}, Row{403, 50013, BECKON_MISCONFIGURED},
                      Row{403, 50001, BECKON_MISCONFIGURED}, Row{403, 40333, BECKON_MISCONFIGURED},
                      Row{429, 20016, BECKON_RETRY}, Row{429, 0, BECKON_RETRY}, Row{400, 40062, BECKON_RETRY},
                      Row{503, 130000, BECKON_RETRY}, Row{400, 40004, BECKON_RETRY}, Row{403, 40006, BECKON_RETRY},
                      Row{500, 0, BECKON_RETRY}, Row{500, 10015, BECKON_RETRY}, Row{400, 99999, BECKON_REJECTED},
                      Row{403, 99999, BECKON_RETRY}));

TEST(DiscordAnswers, AWordOfRemovalWithAnotherStatusIsBelievedLess) {
  const Outcome outcome = outcome_of(403, error(10015));
  EXPECT_EQ(outcome.kind, BECKON_GONE);
  EXPECT_EQ(outcome.certainty, BECKON_MAYBE);
  EXPECT_GT(outcome.ask_again_after_ms, 0);
}

TEST(DiscordAnswers, ALostThreadIsNotALostSubscriber) {
  SampleDelivery sample = delivery();
  sample.target["thread_id"] = thread;
  EXPECT_EQ(outcome_of(404, error(10003), sample).kind, BECKON_MISCONFIGURED);
  sample.target = {{"webhook_url", webhook + "?thread_id=" + thread}};
  EXPECT_EQ(outcome_of(404, error(10003), sample).kind, BECKON_MISCONFIGURED);
  EXPECT_EQ(outcome_of(404, error(10015), sample).kind, BECKON_GONE);
}

TEST(DiscordAnswers, OnlyAMessageObjectIsADelivery) {
  const Outcome delivered = outcome_of(200, R"({"id":"123456789012345678","content":""})");
  EXPECT_EQ(delivered.kind, BECKON_DELIVERED);
  EXPECT_EQ(delivered.external_id, "123456789012345678");
  for (const char* body : {"", "ok", "{}", "[]", "null", R"({"id":5})", R"({"id":""})", R"({"id":"123456)", "<html>"}) {
    EXPECT_EQ(outcome_of(200, body).kind, BECKON_RETRY) << body;
    EXPECT_TRUE(outcome_of(200, body).ambiguous) << body;
  }
  EXPECT_EQ(outcome_of(204, "").kind, BECKON_RETRY);
}

TEST(DiscordRateLimit, FractionsOfSecondsHeadersAndScopes) {
  const auto limited = [](const std::string& body, std::vector<std::pair<std::string, std::string>> headers) {
    return outcome_of(429, body, delivery(), std::move(headers));
  };
  EXPECT_EQ(limited(R"({"message":"x","retry_after":1.337,"global":false})", {}).retry_after_ms, 1'337);
  EXPECT_EQ(limited(R"({"retry_after":0.2,"global":false})", {{"retry-after", "2"}}).retry_after_ms, 2'000);
  EXPECT_EQ(limited(R"({"message":"x"})", {{"X-RateLimit-Reset-After", "4.5"}}).retry_after_ms, 4'500);
  EXPECT_EQ(limited(R"({"retry_after":1e30})", {}).retry_after_ms, 86'400'000);
  EXPECT_EQ(limited(R"({"retry_after":-3})", {}).retry_after_ms, 1'000);
  EXPECT_EQ(limited(R"({"retry_after":2})", {}).scope, BECKON_SCOPE_TARGET);
  EXPECT_EQ(limited(R"({"retry_after":2,"global":true})", {}).scope, BECKON_SCOPE_ORIGIN);
  EXPECT_EQ(limited("<html>cloudflare</html>", {{"Retry-After", "600"}}).scope, BECKON_SCOPE_ORIGIN);
}

TEST(DiscordRateLimit, AnEmptyWindowHoldsTheNextMessageBack) {
  const std::string saved = R"({"id":"123456789012345678"})";
  EXPECT_EQ(outcome_of(200, saved, delivery(), {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset-after", "1.25"}})
                .not_before_ms,
            1'250);
  EXPECT_EQ(outcome_of(200, saved, delivery(), {{"X-RateLimit-Remaining", "3"}, {"X-RateLimit-Reset-After", "1.25"}})
                .not_before_ms,
            -1);
  EXPECT_EQ(outcome_of(200, saved).not_before_ms, -1);
  EXPECT_EQ(outcome_of(200, saved, delivery(), {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset-After", "x"}})
                .not_before_ms,
            -1);
}

// The part of JSON Schema that Discord's description uses for what we send: $ref, oneOf, type, properties, items and
// limits. Discord ignores unknown members; we take them for errors.
class Schema {
 public:
  explicit Schema(json description) : description_(std::move(description)) {}

  std::vector<std::string> errors(const json& schema, const json& value, const std::string& at) const {
    if (schema.contains("$ref")) return errors(resolved(schema["$ref"].get<std::string>()), value, at);
    for (const char* word : {"oneOf", "anyOf"}) {
      if (!schema.contains(word)) continue;
      std::vector<std::string> least;
      for (const json& one : schema[word]) {
        least = errors(one, value, at);
        if (least.empty()) return {};
      }
      return least;
    }
    std::vector<std::string> found;
    if (!has_type(schema, value)) return {at + ": wrong type"};
    if (value.is_string()) {
      const std::size_t units = text::utf16_units(value.get<std::string>());
      if (units > schema.value("maxLength", SIZE_MAX) || units < schema.value("minLength", std::size_t{0}))
        found.push_back(at + ": length");
    }
    if (value.is_number() && (value > schema.value("maximum", INT64_MAX) || value < schema.value("minimum", INT64_MIN)))
      found.push_back(at + ": range");
    if (value.is_array()) {
      if (value.size() > schema.value("maxItems", SIZE_MAX)) found.push_back(at + ": too many");
      for (std::size_t i = 0; i < value.size(); ++i)
        add(found, errors(schema.value("items", json::object()), value[i], at + "/" + std::to_string(i)));
    }
    if (value.is_object() && schema.contains("properties")) {
      for (const auto& [name, member] : value.items()) {
        if (!schema["properties"].contains(name)) found.push_back(at + "/" + name + ": unknown");
        else add(found, errors(schema["properties"][name], member, at + "/" + name));
      }
    }
    return found;
  }

  const json& resolved(const std::string& reference) const {
    return description_.at(json::json_pointer(reference.substr(1)));
  }

 private:
  static void add(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
  }
  static bool has_type(const json& schema, const json& value) {
    if (!schema.contains("type")) return true;
    const json& type = schema["type"];
    const std::string its = value.is_number_integer() ? "integer" : value.type_name();
    return type.is_array() ? std::find(type.begin(), type.end(), its) != type.end() : type == its;
  }
  json description_;
};

TEST(DiscordDescription, AcceptsEveryMessageThatWeMake) {
  const auto folder = core::testing::recorded_data();
  if (folder.empty() || !std::filesystem::exists(folder / "discord-openapi.json"))
    GTEST_SKIP() << "recorded data is absent";
  const Schema schema(json::parse(std::ifstream(folder / "discord-openapi.json")));
  const json& request = schema.resolved("#/components/schemas/IncomingWebhookRequestPartial");
  ASSERT_THAT(schema.errors(request, json{{"content", std::string(2'001, 'x')}}, ""), ElementsAre("/content: length"));
  ASSERT_THAT(schema.errors(request, json{{"wait", true}}, ""), ElementsAre("/wait: unknown"));

  for (const std::size_t count : {0u, 1u, 2u, 10u, 30u}) {
    for (const Form form : {Form::rich, Form::plain}) {
      for (const std::size_t length : {0u, 1u, 50u, 65'000u}) {
        SampleDelivery sample = delivery();
        sample.form = form;
        sample.purpose = count ? Purpose::mention : Purpose::notice;
        sample.notice = std::string(length, '*');
        sample.target["ping"] = user;
        SampleMention mention;
        mention.title = mention.author = mention.name = std::string(length, '_');
        mention.spans = {{SpanKind::text, std::string(length, '<')}, {SpanKind::mention, "@octocat"}};
        sample.mentions.assign(count, mention);
        EXPECT_THAT(schema.errors(request, body_of(sample, {{"username", "Beckon"}}), ""), ElementsAre());
      }
    }
  }
}

}  // namespace
