// Threads of a worker sink that are late, and what becomes of them.
#include "sink/sink.hpp"
#include "support/run.hpp"

#include <beckon/sink_abi.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

namespace beckon::core {
namespace {

struct NoClient final : HttpClient {
  task<HttpResult> send(HttpRequest, HttpLimits) override { throw std::logic_error("a worker sends nothing by itself"); }
};

// A plugin that waits to be let go; a global, since the ABI has no room for captures.
struct Gate {
  std::counting_semaphore<> open{0};
  std::atomic<int> waiting{0};
  std::atomic<int> closed{0};
} gate;

beckon_sink_table gated_table() {
  beckon_sink_table table{};
  table.size = sizeof table;
  table.major = BECKON_ABI_MAJOR;
  table.name = {"gated", 5};
  table.open = [](const beckon_values*, const beckon_host*, const beckon_complaints*) -> void* { return &gate; };
  table.close = [](void*) { ++gate.closed; };
  table.deliver = [](void*, const beckon_delivery*, const beckon_emitter* emitter) {
    ++gate.waiting;
    gate.open.acquire();
    beckon_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.kind = BECKON_DELIVERED;
    outcome.retry_after = outcome.not_before = outcome.ask_again_after = -1;
    emitter->outcome(emitter->context, &outcome);
  };
  return table;
}

class LateWorker : public ::testing::Test {
 protected:
  LateWorker() {
    gate.waiting = gate.closed = 0;
    sink = open_sink("gated", table, {}, SinkHost{client, context.get_executor(), nullptr}).value();
  }

  static std::shared_ptr<const Delivery> delivery() {
    auto made = std::make_shared<Delivery>();
    made->now = made->deadline = wall_now();
    return made;
  }

  Outcome deliver() {
    return testing::run(context, [this] { return sink->deliver(delivery(), Prepared()); });
  }

  // Begins a delivery and gives it up while the plugin has it.
  void abandon_one() {
    asio::cancellation_signal cancel;
    bool ended = false;
    auto heard = [&](std::exception_ptr, Outcome) { ended = true; };
    auto delivering = sink->deliver(delivery(), Prepared());
    asio::co_spawn(context.get_executor(), std::move(delivering), asio::bind_cancellation_slot(cancel.slot(), std::move(heard)));
    context.restart();
    context.poll();
    while (gate.waiting == 0) std::this_thread::yield();
    cancel.emit(asio::cancellation_type::terminal);
    context.restart();
    while (!ended) context.run_one();
  }

  asio::io_context context{1};
  NoClient client;
  const beckon_sink_table table = gated_table();
  std::unique_ptr<Sink> sink;
};

TEST_F(LateWorker, ThatComesBackServesAgain) {
  abandon_one();
  EXPECT_EQ(deliver().code, "worker_lost");
  gate.open.release(2);
  Outcome outcome = deliver();
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (outcome.code == "worker_lost" && std::chrono::steady_clock::now() < end) {   // until it has come back
    std::this_thread::yield();
    outcome = deliver();
  }
  EXPECT_EQ(outcome.kind, OutcomeKind::delivered);
}

// The sink and its io_context may be gone by then; a sanitizer sees what a late thread touches.
TEST(LostWorker, MayComeBackAfterEverythingHasGone) {
  gate.waiting = gate.closed = 0;
  const auto table = gated_table();
  NoClient client;
  {
    asio::io_context context(1);
    auto sink = open_sink("gated", table, {}, SinkHost{client, context.get_executor(), nullptr}).value();
    auto made = std::make_shared<Delivery>();
    asio::cancellation_signal cancel;
    bool ended = false;
    auto heard = [&](std::exception_ptr, Outcome) { ended = true; };
    auto delivering = sink->deliver(made, Prepared());
    asio::co_spawn(context.get_executor(), std::move(delivering), asio::bind_cancellation_slot(cancel.slot(), std::move(heard)));
    context.poll();
    while (gate.waiting == 0) std::this_thread::yield();
    cancel.emit(asio::cancellation_type::terminal);
    context.restart();
    while (!ended) context.run_one();
  }
  gate.open.release();
  while (gate.closed == 0) std::this_thread::yield();   // the thread's last deed
}

}  // namespace
}  // namespace beckon::core
