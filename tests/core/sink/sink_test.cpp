#include "base/log.hpp"
#include "base/redaction.hpp"
#include "sink/boundary.hpp"
#include "sink/sink.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace beckon::core {
namespace {

constexpr beckon_str text(std::string_view s) { return {s.data(), s.size()}; }

struct ScriptedClient final : HttpClient {
  task<HttpResult> send(HttpRequest request, HttpLimits) override {
    sent.push_back(std::move(request));
    co_return answers.at(sent.size() - 1);
  }
  std::vector<HttpRequest> sent;
  std::vector<HttpResult> answers;
};

// A sink whose behaviour a test chooses; the ABI has no room for captures, so it is a global.
struct Script {
  std::function<void(const beckon_delivery*, const beckon_emitter*)> render;
  std::function<void(const beckon_delivery*, const beckon_response*, const beckon_emitter*)> interpret;
  std::function<void(const beckon_delivery*, const beckon_emitter*)> deliver;
  bool refuse = false;
  std::atomic<int> open{0};
} script;

void* open_scripted(const beckon_values*, const beckon_host*, const beckon_complaints* complaints) {
  if (script.refuse) {
    complaints->complain(complaints->context, text("webhook_url"), text("it is of no use"));
    return nullptr;
  }
  ++script.open;
  return &script;
}
void close_scripted(void*) { --script.open; }

beckon_sink_table webhook_table() {
  beckon_sink_table table{};
  table.size = sizeof table;
  table.major = BECKON_ABI_MAJOR;
  table.name = text("scripted");
  table.version = text("1.0");
  table.max_batch = 5;
  table.stale_after = 3'600'000;
  table.open = open_scripted;
  table.close = close_scripted;
  table.render = [](void*, const beckon_delivery* d, const beckon_emitter* e) { script.render(d, e); };
  table.interpret = [](void*, const beckon_delivery* d, const beckon_response* r, const beckon_emitter* e) { script.interpret(d, r, e); };
  return table;
}

beckon_sink_table worker_table() {
  beckon_sink_table table = webhook_table();
  table.render = nullptr;
  table.interpret = nullptr;
  table.deliver = [](void*, const beckon_delivery* d, const beckon_emitter* e) { script.deliver(d, e); };
  return table;
}

void emit_request(const beckon_emitter* emitter, std::string_view url, std::size_t covered = 0) {
  beckon_request request{};
  request.size = sizeof request;
  request.method = text("POST");
  request.url = text(url);
  request.timeout = -1;
  request.covered = covered;
  emitter->request(emitter->context, &request);
}

void emit_outcome(const beckon_emitter* emitter, std::uint32_t kind, std::string_view code, bool follow_up = false) {
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = kind;
  outcome.certainty = BECKON_EXACT;
  outcome.retry_after = outcome.not_before = outcome.ask_again_after = -1;
  outcome.follow_up = follow_up;
  outcome.code = text(code);
  emitter->outcome(emitter->context, &outcome);
}

HttpResponse answer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Delivery delivery_of_mentions(std::size_t count) {
  Delivery delivery;
  delivery.id = "d1";
  delivery.now = wall_now();
  delivery.deadline = delivery.now + 30s;
  delivery.mentions.resize(count);
  for (auto& mention : delivery.mentions) {
    mention.repository.full_name = "acme/rocket";
    mention.post.url = "https://example.org/1";
    mention.spans.push_back({SpanKind::text, 0, "hello", ""});
  }
  return delivery;
}

struct SinkRoom : ::testing::Test {
  void SetUp() override {
    script.render = [](auto, auto* emitter) { emit_request(emitter, "https://example.org/hook"); };
    script.interpret = [](auto, auto, auto* emitter) { emit_outcome(emitter, BECKON_DELIVERED, "ok"); };
    script.deliver = [](auto, auto* emitter) { emit_outcome(emitter, BECKON_DELIVERED, "ok"); };
    script.refuse = false;
  }
  std::unique_ptr<Sink> open(const beckon_sink_table& table) {
    auto sink = open_sink("team", table, {}, SinkHost{client, context.get_executor(), nullptr});
    if (!sink) throw std::runtime_error(sink.error().message);
    return std::move(*sink);
  }
  Outcome deliver(Sink& sink, std::size_t mentions = 1) {
    return testing::run(context, [&]() -> task<Outcome> {
      auto delivery = std::make_shared<const Delivery>(delivery_of_mentions(mentions));
      auto preparing = sink.prepare(delivery);
      Prepared prepared = co_await std::move(preparing);
      auto sending = sink.deliver(delivery, std::move(prepared));
      co_return co_await std::move(sending);
    });
  }
  Prepared prepare(Sink& sink, std::size_t mentions) {
    return testing::run(context, [&] { return sink.prepare(std::make_shared<const Delivery>(delivery_of_mentions(mentions))); });
  }
  asio::io_context context{1};
  ScriptedClient client;
  beckon_sink_table webhook = webhook_table(), worker = worker_table();
};

TEST_F(SinkRoom, AWebhookSinkRendersSendsAndInterprets) {
  client.answers = {answer(200, "ok")};
  std::string seen;
  script.interpret = [&](auto* delivery, auto* response, auto* emitter) {
    seen = std::string(view(delivery->mentions[0]->spans[0]->text)) + ":" + std::string(view(response->body));
    emit_outcome(emitter, BECKON_DELIVERED, "ok");
  };
  auto sink = open(webhook);
  EXPECT_EQ(sink->info().max_batch, 5u);
  EXPECT_EQ(sink->info().stale_after, 1h);
  EXPECT_EQ(deliver(*sink).kind, OutcomeKind::delivered);
  EXPECT_EQ(client.sent.at(0).url, "https://example.org/hook");
  EXPECT_EQ(seen, "hello:ok");
}

TEST_F(SinkRoom, CoveredIsNeverMoreThanThereIs) {
  auto sink = open(webhook);
  script.render = [](auto, auto* emitter) { emit_request(emitter, "https://example.org/hook", 2); };
  EXPECT_EQ(prepare(*sink, 3).covered, 2u);
  EXPECT_EQ(prepare(*sink, 1).covered, 1u);
}

TEST_F(SinkRoom, TransportTroubleNeverReachesThePlugin) {
  HttpError cut;
  cut.failure = HttpFailure::cut_short;
  cut.ambiguous = true;
  cut.message = "example.org:443 closed the connection";
  client.answers = {HttpResult(cut)};
  script.interpret = [](auto, auto, auto) { ADD_FAILURE() << "asked"; };
  auto sink = open(webhook);
  const Outcome outcome = deliver(*sink);
  EXPECT_EQ(outcome.kind, OutcomeKind::retry);
  EXPECT_TRUE(outcome.ambiguous);
}

TEST_F(SinkRoom, WhatMayHaveArrivedIsHeldOnlyIfTheSinkAsksForIt) {
  HttpError cut;
  cut.failure = HttpFailure::cut_short;
  cut.ambiguous = true;
  HttpError unreached;
  unreached.failure = HttpFailure::connect;
  const auto emit_holding = [](auto, auto* emitter) {
    beckon_request request{};
    request.size = sizeof request;
    request.url = text("https://example.org/hook");
    request.timeout = -1;
    request.on_ambiguous = BECKON_HOLD;
    emitter->request(emitter->context, &request);
  };
  script.interpret = [](auto, auto, auto* emitter) {
    beckon_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.kind = BECKON_RETRY;
    outcome.ambiguous = 1;
    outcome.retry_after = outcome.not_before = outcome.ask_again_after = -1;
    emitter->outcome(emitter->context, &outcome);
  };
  client.answers = {HttpResult(cut), HttpResult(cut), HttpResult(unreached), answer(200, "")};
  auto sink = open(webhook);
  EXPECT_FALSE(deliver(*sink).held);
  script.render = emit_holding;
  EXPECT_TRUE(deliver(*sink).held);
  EXPECT_FALSE(deliver(*sink).held) << "nothing has left";
  EXPECT_TRUE(deliver(*sink).held) << "the plugin's own word";
}

TEST_F(SinkRoom, TheSinkSaysWhichOptionItsTargetIs) {
  beckon_option chat{}, hook{};
  chat.size = hook.size = sizeof chat;
  chat.name = text("chat_id");
  chat.flags = BECKON_TARGET;
  hook.name = text("webhook_url");
  hook.flags = BECKON_TARGET | BECKON_SECRET;
  const beckon_option* options[] = {&chat, &hook};
  webhook.options = options;
  webhook.option_count = 1;
  EXPECT_EQ(open(webhook)->info().target_option, "chat_id");
  EXPECT_FALSE(open(webhook)->info().target_secret);
  webhook.option_count = 2;
  EXPECT_EQ(open(webhook)->info().target_option, "");
  EXPECT_TRUE(open(webhook)->info().target_secret);
}

TEST_F(SinkRoom, APluginThatThrowsOrIsSilentCostsARetry) {
  client.answers = {answer(200, "ok"), answer(200, "ok"), answer(200, "ok")};
  auto sink = open(webhook);
  script.interpret = [](auto, auto, auto) { throw std::runtime_error("boom"); };
  EXPECT_EQ(deliver(*sink).code, "plugin_threw");
  EXPECT_TRUE(deliver(*sink).fault);
  script.interpret = [](auto, auto, auto) {};
  EXPECT_EQ(deliver(*sink).code, "plugin_silent");
  script.render = [](auto, auto) { throw 42; };
  EXPECT_EQ(deliver(*sink).code, "plugin_threw");
}

TEST_F(SinkRoom, AnOutcomeOfUnknownKindIsARetry) {
  client.answers = {answer(200, "ok")};
  script.interpret = [](auto, auto, auto* emitter) { emit_outcome(emitter, 77, "new"); };
  auto sink = open(webhook);
  EXPECT_EQ(deliver(*sink).kind, OutcomeKind::retry);
}

TEST_F(SinkRoom, FollowUpsAreRenderedWithTheNextStepAndBounded) {
  client.answers.assign(20, answer(200, "ok"));
  std::vector<std::uint32_t> steps;
  script.render = [&](auto* delivery, auto* emitter) {
    steps.push_back(delivery->step);
    emit_request(emitter, "https://example.org/hook");
  };
  script.interpret = [](auto* delivery, auto, auto* emitter) { emit_outcome(emitter, BECKON_DELIVERED, "ok", delivery->step < 2); };
  auto sink = open(webhook);
  EXPECT_EQ(deliver(*sink).kind, OutcomeKind::delivered);
  EXPECT_EQ(steps, (std::vector<std::uint32_t>{0, 1, 2}));
  script.interpret = [](auto, auto, auto* emitter) { emit_outcome(emitter, BECKON_DELIVERED, "ok", true); };
  EXPECT_EQ(deliver(*sink).code, "plugin_loops");
}

TEST_F(SinkRoom, ARefusedOpenIsASentenceAndAnOpenedSinkIsClosed) {
  script.refuse = true;
  const auto refused = open_sink("team", webhook, {}, SinkHost{client, context.get_executor(), nullptr});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "sink \"team\" (plugin scripted) could not be opened: webhook_url: it is of no use");
  script.refuse = false;
  open(webhook);
  EXPECT_EQ(script.open, 0);
}

TEST_F(SinkRoom, SecretsInAReasonAreMasked) {
  remember_secret("https://example.org/services/T1/B1/verysecretpart");
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = BECKON_RETRY;
  outcome.reason = text("POST https://example.org/services/T1/B1/verysecretpart failed");
  EXPECT_EQ(outcome_of(outcome).reason, "POST *** failed");
}

TEST_F(SinkRoom, AWorkerRunsOnAThreadOfItsOwn) {
  std::thread::id where;
  script.deliver = [&](auto, auto* emitter) {
    where = std::this_thread::get_id();
    emit_outcome(emitter, BECKON_DELIVERED, "ok");
  };
  auto sink = open(worker);
  EXPECT_EQ(deliver(*sink).kind, OutcomeKind::delivered);
  EXPECT_NE(where, std::this_thread::get_id());
  script.deliver = [](auto, auto) { throw std::runtime_error("boom"); };
  EXPECT_EQ(deliver(*sink).code, "plugin_threw");
}

}  // namespace
}  // namespace beckon::core
