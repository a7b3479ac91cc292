#include <beckon/sink.hpp>

#include "plugins/face_host.hpp"
#include "plugins/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace beckon::plugins {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Option echo_options[] = {
    {"greeting", Type::string, beckon::optional, "hello", "what a message begins with"},
    {"mode", Type::enumeration, beckon::optional, "short", "how much is said", {"short", "long"}},
    {"channel", Type::string, beckon::required | beckon::target, "", "where it goes"},
};

// A webhook sink that puts everything it sees into its request.
class Echo {
 public:
  static constexpr std::string_view about = "says it again";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = 7;
  static constexpr std::int64_t stale_after_ms = 1000;

  explicit Echo(const Settings& settings) : greeting_(settings.text("greeting", "hello")), host_(settings.host()) {
    if (greeting_ == "complain") throw Complaint("greeting", "this is no greeting");
    if (greeting_ == "fail") throw std::runtime_error("no memory of greetings");
    if (greeting_ == "fail oddly") throw 42;
  }
  static void check(const Values& settings, const Values& target, const Complain& complain) {
    if (settings.text("mode") == "short") complain("mode", "too short");
    if (!target.has("channel")) complain("channel", "no channel");
    if (settings.has("bug")) throw std::logic_error("a bug in check");
  }
  static std::optional<Feedback> feedback(const Values& settings, std::string_view message) {
    if (message == "throw") throw std::runtime_error("feedback failed");
    if (message.empty()) return std::nullopt;
    return Feedback{std::string(message), Outcome::gone("left", std::string(settings.text("greeting")) + " returned")};
  }
  Rendered render(const Delivery& delivery) const {
    host_.log(Level::info, "rendering");
    if (delivery.purpose == Purpose::notice) return Outcome::rejected("no_notices", "only mentions");
    if (delivery.notice == "throw") throw std::runtime_error("render failed");
    if (delivery.notice == "throw oddly") throw 42;
    Request request;
    request.url = "https://example.com/" + delivery.target.text("channel");
    request.headers = {{"X-Twice", "one"}, {"X-Twice", "two"}};
    request.body = greeting_;
    for (const Mention& mention : delivery.mentions) {
      request.body += '|' + std::string(mention.repository.name) + '#' + std::to_string(mention.thread.number) + ' ' +
                      std::string(mention.author.login);
      for (const Span& span : mention.spans) request.body += (span.kind == SpanKind::strong ? "*" : "_") + std::string(span.text);
    }
    request.limit_key = "key";
    request.covered = delivery.mentions.size();
    request.hold_if_ambiguous = true;
    return request;
  }
  Outcome interpret(const Delivery& delivery, const Response& response) const {
    if (response.status == 500) throw std::runtime_error("interpret failed");
    Outcome outcome = Outcome::delivered();
    outcome.external_id = std::string(response.header("x-id"));
    outcome.reason = std::string(delivery.id) + std::string(response.body);
    outcome.state = "";
    return outcome;
  }

 private:
  std::string greeting_;
  Host host_;
};

// A worker sink with nothing but what it must have.
class Bare {
 public:
  explicit Bare(const Settings& settings) : host_(settings.host()) {}
  Outcome deliver(const Delivery& delivery) {
    host_.report(delivery.subscription, Outcome::gone("left", "unsubscribed"));
    return host_.cancelled() ? Outcome::retry("cancelled", "the daemon stops") : Outcome::maybe_gone("who", "nobody there");
  }

 private:
  Host host_;
};

const beckon_sink_table* echo() { return table_of<Echo>("echo", "2.1.0", echo_options); }
const beckon_sink_table* bare() { return table_of<Bare>("bare", "0.1.0", no_options); }

using Instance = std::unique_ptr<void, void (*)(void*)>;
Instance open(const beckon_sink_table* table, ValueTable& settings, const beckon_host* host = nullptr) {
  return Instance(table->open(settings.get(), host, Complaints().get()), table->close);
}

TEST(Face, TableSaysWhatTheClassHasAndPassesTheLoader) {
  ASSERT_TRUE(std::holds_alternative<Plugin>(check_table(echo(), "echo")));
  EXPECT_EQ(copy(echo()->about), "says it again");
  EXPECT_EQ(copy(echo()->version), "2.1.0");
  EXPECT_EQ(echo()->handles_probe, 1u);
  EXPECT_EQ(echo()->max_batch, 7u);
  EXPECT_EQ(echo()->stale_after, 1000);
  EXPECT_NE(echo()->check, nullptr);
  EXPECT_EQ(echo()->deliver, nullptr);
  ASSERT_EQ(echo()->option_count, 3u);
  EXPECT_EQ(copy(echo()->options[1]->default_value), "short");
  ASSERT_EQ(echo()->options[1]->choice_count, 2u);
  EXPECT_EQ(copy(*echo()->options[1]->choices[1]), "long");
  EXPECT_EQ(echo()->options[2]->flags, BECKON_REQUIRED | BECKON_TARGET);
}

TEST(Face, TableOfABareClassLeavesOutTheRest) {
  const auto checked = check_table(bare(), "bare");
  ASSERT_TRUE(std::holds_alternative<Plugin>(checked));
  EXPECT_TRUE(std::get<Plugin>(checked).is_worker);
  EXPECT_EQ(bare()->check, nullptr);
  EXPECT_EQ(bare()->render, nullptr);
  EXPECT_EQ(bare()->handles_probe, 0u);
  EXPECT_EQ(bare()->stale_after, -1);
  EXPECT_EQ(bare()->option_count, 0u);
}

TEST(Face, RenderCarriesADeliveryInAndARequestOut) {
  ValueTable settings, target;
  settings.text("greeting", "ahoy");
  target.text("channel", "deck");
  const Instance sink = open(echo(), settings);
  ASSERT_TRUE(sink);
  beckon_span strong{sizeof strong, BECKON_SPAN_STRONG, 0, str("bold"), {}};
  beckon_span from_the_future{sizeof strong, 999, 0, str("new"), {}};
  const beckon_span* spans[] = {&strong, &from_the_future};
  beckon_mention mention{};
  mention.size = sizeof mention;
  mention.repository_name = str("boostorg/beast");
  mention.thread_number = 12;
  mention.author_login = str("octocat");
  mention.spans = spans;
  mention.span_count = 2;
  const beckon_mention* mentions[] = {&mention};
  beckon_delivery delivery = delivery_for(target.get());
  delivery.mentions = mentions;
  delivery.mention_count = 1;

  Emitted emitted;
  echo()->render(sink.get(), &delivery, emitted.emitter());
  EXPECT_EQ(emitted.requests, 1);
  EXPECT_EQ(emitted.outcomes, 0);
  EXPECT_EQ(emitted.method, "POST");
  EXPECT_EQ(emitted.url, "https://example.com/deck");
  EXPECT_EQ(emitted.body, "ahoy|boostorg/beast#12 octocat*bold_new");
  EXPECT_THAT(emitted.headers, ElementsAre(Pair("X-Twice", "one"), Pair("X-Twice", "two")));
  EXPECT_EQ(emitted.limit_key, "key");
  EXPECT_EQ(emitted.request.size, sizeof(beckon_request));
  EXPECT_EQ(emitted.request.covered, 1u);
  EXPECT_EQ(emitted.request.timeout, -1);
  EXPECT_EQ(emitted.request.on_ambiguous, static_cast<std::uint32_t>(BECKON_HOLD));
}

TEST(Face, RenderMayAlreadyKnowTheOutcome) {
  ValueTable values;
  const Instance sink = open(echo(), values);
  beckon_delivery delivery = delivery_for(values.get());
  delivery.purpose = BECKON_PURPOSE_NOTICE;
  Emitted emitted;
  echo()->render(sink.get(), &delivery, emitted.emitter());
  EXPECT_EQ(emitted.requests, 0);
  EXPECT_EQ(emitted.outcomes, 1);
  EXPECT_EQ(emitted.outcome.kind, static_cast<std::uint32_t>(BECKON_REJECTED));
  EXPECT_EQ(emitted.code, "no_notices");
}

TEST(Face, InterpretSeesHeadersWhateverTheirCase) {
  ValueTable values;
  const Instance sink = open(echo(), values);
  const beckon_delivery delivery = delivery_for(values.get());
  beckon_header other{sizeof other, str("X-Other"), str("no")};
  beckon_header id{sizeof id, str("X-ID"), str("m-77")};
  const beckon_header* headers[] = {&other, &id};
  const beckon_response response{sizeof response, 200, 0, headers, 2, str("!")};
  Emitted emitted;
  echo()->interpret(sink.get(), &delivery, &response, emitted.emitter());
  EXPECT_EQ(emitted.outcomes, 1);
  EXPECT_EQ(emitted.outcome.kind, static_cast<std::uint32_t>(BECKON_DELIVERED));
  EXPECT_EQ(emitted.external_id, "m-77");
  EXPECT_EQ(emitted.reason, "d-1!");
  EXPECT_EQ(emitted.outcome.has_state, 1u) << "an empty state is a state";
  EXPECT_EQ(emitted.outcome.retry_after, -1);
}

TEST(Face, StructsOfANewerHostAreReadAsFarAsTheyAreKnown) {
  ValueTable values;
  const Instance sink = open(echo(), values);
  struct { beckon_delivery known; char more[64]; } newer{delivery_for(values.get()), {}};
  newer.known.size = sizeof newer;
  struct { beckon_response known; char more[64]; } answer{{sizeof answer, 200, 0, nullptr, 0, str("?")}, {}};
  Emitted emitted;
  echo()->interpret(sink.get(), &newer.known, &answer.known, emitted.emitter());
  EXPECT_EQ(emitted.reason, "d-1?");
}

TEST(Face, WhatASinkThrowsBecomesOneRetry) {
  ValueTable values;
  const Instance sink = open(echo(), values);
  beckon_delivery delivery = delivery_for(values.get());
  for (const auto& [notice, reason] : {std::pair("throw", "render failed"), std::pair("throw oddly", "not a std::exception")}) {
    delivery.notice = str(notice);
    Emitted emitted;
    echo()->render(sink.get(), &delivery, emitted.emitter());
    EXPECT_EQ(emitted.requests, 0);
    EXPECT_EQ(emitted.outcomes, 1);
    EXPECT_EQ(emitted.outcome.kind, static_cast<std::uint32_t>(BECKON_RETRY));
    EXPECT_EQ(emitted.outcome.retry_after, -1);
    EXPECT_EQ(emitted.code, "plugin_threw");
    EXPECT_THAT(emitted.reason, HasSubstr(reason));
  }
  const beckon_response response{sizeof response, 500, 0, nullptr, 0, {}};
  Emitted emitted;
  echo()->interpret(sink.get(), &delivery, &response, emitted.emitter());
  EXPECT_EQ(emitted.outcomes, 1);
  EXPECT_EQ(emitted.reason, "interpret failed");
}

TEST(Face, AnUnknownPurposeIsRejectedWithoutTheClass) {
  ValueTable values;
  const Instance sink = open(echo(), values);
  beckon_delivery delivery = delivery_for(values.get());
  delivery.purpose = 77;
  Emitted emitted;
  echo()->render(sink.get(), &delivery, emitted.emitter());
  EXPECT_EQ(emitted.outcomes, 1);
  EXPECT_EQ(emitted.outcome.kind, static_cast<std::uint32_t>(BECKON_REJECTED));
}

TEST(Face, AConstructorThatThrowsBecomesAComplaint) {
  const std::vector<std::tuple<const char*, const char*, const char*>> cases = {
      {"complain", "greeting", "this is no greeting"},
      {"fail", "", "no memory of greetings"},
      {"fail oddly", "", "the sink threw something that is not a std::exception"}};
  for (const auto& [greeting, option, sentence] : cases) {
    ValueTable settings;
    settings.text("greeting", greeting);
    Complaints complaints;
    EXPECT_EQ(echo()->open(settings.get(), nullptr, complaints.get()), nullptr);
    EXPECT_THAT(complaints.heard, ElementsAre(Pair(option, sentence)));
  }
}

TEST(Face, CheckComplainsAsOftenAsItLikes) {
  ValueTable settings, target;
  settings.text("mode", "short").number("bug", 1);
  Complaints complaints;
  echo()->check(settings.get(), target.get(), complaints.get());
  EXPECT_THAT(complaints.heard, ElementsAre(Pair("mode", "too short"), Pair("channel", "no channel"), Pair("", "a bug in check")));
}

TEST(Face, FeedbackNamesADeliveryOrIsSilent) {
  ASSERT_NE(echo()->feedback, nullptr);
  EXPECT_EQ(bare()->feedback, nullptr);
  struct Heard {
    int count = 0;
    std::string delivery, reason;
    std::uint32_t kind = 0;
  } heard;
  const beckon_feedback_emitter emitter{sizeof emitter, &heard, [](void* context, beckon_str delivery, const beckon_outcome* outcome) {
    auto& into = *static_cast<Heard*>(context);
    ++into.count;
    into.delivery = copy(delivery);
    into.reason = copy(outcome->reason);
    into.kind = outcome->kind;
  }};
  ValueTable settings;
  settings.text("greeting", "a letter");
  for (const char* message : {"throw", ""}) echo()->feedback(settings.get(), str(message), &emitter);
  EXPECT_EQ(heard.count, 0);
  echo()->feedback(settings.get(), str("d7"), &emitter);
  EXPECT_EQ(heard.count, 1);
  EXPECT_EQ(heard.delivery, "d7");
  EXPECT_EQ(heard.reason, "a letter returned");
  EXPECT_EQ(heard.kind, static_cast<std::uint32_t>(BECKON_GONE));
}

TEST(Face, AWorkerUsesTheHost) {
  struct Heard { int reports = 0; std::string subscription, code; int cancelled = 0; } heard;
  beckon_host host{};
  host.size = sizeof host;
  host.context = &heard;
  host.cancelled = [](void* context) { return static_cast<Heard*>(context)->cancelled; };
  host.report = [](void* context, beckon_str subscription, const beckon_outcome* outcome) {
    auto& self = *static_cast<Heard*>(context);
    ++self.reports;
    self.subscription = copy(subscription);
    self.code = copy(outcome->code);
  };
  ValueTable values;
  const Instance sink = open(bare(), values, &host);
  beckon_delivery delivery = delivery_for(values.get());
  delivery.subscription = str("s-9");
  Emitted first, second;
  bare()->deliver(sink.get(), &delivery, first.emitter());
  EXPECT_EQ(first.outcome.kind, static_cast<std::uint32_t>(BECKON_GONE));
  EXPECT_EQ(first.outcome.certainty, static_cast<std::uint32_t>(BECKON_MAYBE));
  EXPECT_EQ(heard.subscription, "s-9");
  EXPECT_EQ(heard.code, "left");
  heard.cancelled = 1;
  bare()->deliver(sink.get(), &delivery, second.emitter());
  EXPECT_EQ(second.code, "cancelled");
  EXPECT_EQ(heard.reports, 2);
}

TEST(Face, ValuesAreFoundByNameAndElseFallBack) {
  ValueTable table;
  table.text("text", "t").number("n", -5).number("on", 1);
  table.items("list", BECKON_LIST, {"a", "b"}).items("map", BECKON_MAP, {"k", "v", "k2", "v2"});
  const Values values(table.get());
  EXPECT_EQ(values.text("text"), "t");
  EXPECT_EQ(values.text("absent", "else"), "else");
  EXPECT_EQ(values.number("n"), -5);
  EXPECT_EQ(values.number("absent", 3), 3);
  EXPECT_TRUE(values.flag("on"));
  EXPECT_TRUE(values.flag("absent", true));
  EXPECT_THAT(values.list("list"), ElementsAre("a", "b"));
  EXPECT_THAT(values.map("map"), ElementsAre(Pair("k", "v"), Pair("k2", "v2")));
  EXPECT_THAT(values.list("absent"), IsEmpty());
  EXPECT_FALSE(Values().has("anything"));
}

}  // namespace
}  // namespace beckon::plugins

#undef BECKON_SINK_STATIC_ENTRY
#define BECKON_SINK_STATIC_ENTRY beckon_test_static_entry
BECKON_SINK(beckon::plugins::Bare, "static", "1.0.0", beckon::no_options)

TEST(Face, ASinkInTheProgramHasAnEntryOfItsOwnName) {
  ASSERT_NE(beckon_test_static_entry(), nullptr);
  EXPECT_NE(beckon_test_static_entry()->deliver, nullptr);
}
