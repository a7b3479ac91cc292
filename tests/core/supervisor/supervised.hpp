// A supervisor on a real io_context, for the tests of the shell. Nothing here sleeps: `turn` runs what is ready, and
// limits that must expire are zero.
#pragma once

#include "base/log.hpp"
#include "supervisor/supervisor.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core::testing {

inline Farewell done() { return Farewell{Farewell::Kind::done, {}}; }
inline Farewell idle() { return Farewell{Farewell::Kind::idle, {}}; }
inline Farewell gone(std::string reason) { return Farewell{Farewell::Kind::gone, std::move(reason)}; }

inline task<void> forever() {
  Timer timer(co_await asio::this_coro::executor, SteadyTime::max());
  co_await timer.async_wait(use_task);
}

inline task<Farewell> until_asked(ChildId) {
  co_await forever();
  co_return done();
}

// A child that will not be told, until the test lets it go.
struct Stubborn {
  std::vector<std::weak_ptr<Timer>> gates;   // owned by the frames, so that they go with the context
  std::vector<std::string> said;

  task<Farewell> run(std::string last_words) {
    auto gate = std::make_shared<Timer>(co_await asio::this_coro::executor, SteadyTime::max());
    gates.push_back(gate);
    while (gate->expiry() == SteadyTime::max()) {
      try {
        co_await gate->async_wait(use_task);
      } catch (const boost::system::system_error&) {
      }
      co_await asio::this_coro::reset_cancellation_state();
    }
    said.push_back(last_words);
    co_return gone(last_words);
  }
  void release() {
    for (std::size_t nth = 0; nth < gates.size(); ++nth) release(nth);
  }
  void release(std::size_t nth) {
    if (const auto gate = gates.at(nth).lock()) gate->expires_at(SteadyTime::min());
  }
};

class Supervised : public ::testing::Test {
 protected:
  Supervised() {
    spec.kind = "syncer";
    spec.period = 90s;
    spec.shutdown = 0ms;
    spec.run = [this](ChildId id) {
      ++starts[id];
      return body(id);
    };
    spec.name = [this](ChildId id) { return called.count(id) ? called[id] : "child " + std::to_string(id); };
    log::capture(&lines);
  }
  ~Supervised() override { log::capture(nullptr); }

  void supervise() {
    supervisor = make_supervisor(context->get_executor(), spec, [this](ChildEnd end) {
      if (hear) hear(end);
      ends.push_back(std::move(end));
    });
  }
  // Everything that is ready, and what becomes ready by it.
  void turn() {
    context->restart();
    context->poll();
  }
  // As turn, but also waits for limits to expire; everything must come to an end by itself.
  void finish() {
    context->restart();
    context->run_for(20s);
    ASSERT_TRUE(context->stopped()) << "something still waits";
  }
  void stop() {
    run(*context, [this] { return supervisor->stop(); });
  }
  std::vector<std::string> told() const {
    const char* why[] = {"done", "gone", "set_aside", "shutdown"};
    std::vector<std::string> words;
    for (const ChildEnd& end : ends) {
      words.push_back(std::to_string(end.id) + " " + why[static_cast<int>(end.why)]);
    }
    return words;
  }

  std::string lines;
  std::map<ChildId, std::string> called;
  std::map<ChildId, unsigned> starts;
  std::vector<ChildEnd> ends;
  std::function<void(const ChildEnd&)> hear;
  std::function<task<Farewell>(ChildId)> body = until_asked;
  Stubborn stubborn;
  ChildSpec spec;
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  std::unique_ptr<Supervisor> supervisor;
};

}  // namespace beckon::core::testing
