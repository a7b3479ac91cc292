// A tree on a real io_context, whose children say what happens to them. Nothing here sleeps: `turn` runs what is ready,
// and limits that must expire are next to zero.
#pragma once

#include "supervised.hpp"
#include "supervisor/tree.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace beckon::core::testing {

using Words = std::vector<std::string>;

class Planted : public ::testing::Test {
 protected:
  Planted() { log::capture(&lines); }
  ~Planted() override { log::capture(nullptr); }

  // Starts at once unless it is in `broken`; runs `bodies[name]`, or until it is asked or `crash`ed.
  TreeChild child(std::string name, RestartType restart = RestartType::permanent, Milliseconds shutdown = 20s) {
    TreeChild child;
    child.rules = ChildRules{name, restart, ChildType::worker, shutdown};
    child.start = [this, name]() -> task<Result<ChildBody>> {
      said.push_back("start " + name);
      ++starts[name];
      if (broken.count(name)) co_return fail(broken[name]);
      ChildBody body = [this, name] { return bodies.count(name) ? bodies[name]() : live(name); };
      co_return body;
    };
    return child;
  }

  task<Farewell> live(std::string name) {
    struct Frame {
      ~Frame() { said.push_back("end " + name); }
      Words& said;
      std::string name;
    } const frame{said, name};
    auto gate = std::make_shared<Timer>(co_await asio::this_coro::executor, SteadyTime::max());
    gates[name] = gate;
    try {
      co_await gate->async_wait(use_task);
    } catch (const boost::system::system_error&) {
      if (gate->expiry() == SteadyTime::min()) throw std::runtime_error("boom");
      said.push_back("asked " + name);
      throw;
    }
    co_return done();
  }
  void begin_crash(const std::string& name) { gates.at(name).lock()->expires_at(SteadyTime::min()); }
  void crash(const std::string& name) {
    begin_crash(name);
    turn();
  }

  void plant(std::vector<TreeChild> children, unsigned intensity = 100, Milliseconds patience = 0ms) {
    tree = make_tree(context->get_executor(), "root",
                     SupervisorFlags{Strategy::rest_for_one, intensity, 60s, patience}, std::move(children),
                     [this](std::string_view child) { restarted.emplace_back(child); });
  }
  // Whatever does not end within this turn is under way still.
  std::string start() { return ask(tree->start()); }
  std::string ask(task<Result<void>> asking) {
    auto answer = std::make_shared<std::string>("under way");
    answers.push_back(answer);
    auto work = [](task<Result<void>> asking, std::shared_ptr<std::string> answer) -> task<void> {
      const Result<void> result = co_await std::move(asking);
      *answer = result ? "ok" : result.error().message;
    };
    auto aborted = [answer](std::exception_ptr failure) {
      if (failure) *answer = "aborted";
    };
    asio::co_spawn(context->get_executor(), work(std::move(asking), answer), aborted);
    turn();
    return *answer;
  }
  void turn() {
    context->restart();
    context->poll();
  }
  // As turn, but also waits for limits to expire.
  void finish() {
    context->restart();
    context->run_for(20s);
    ASSERT_TRUE(context->stopped()) << "something still waits";
  }
  void stop() {
    run(*context, [this] { return tree->stop(); });
  }
  std::string wait() {
    return run(*context, [this] { return tree->wait(); });
  }
  Words take() { return std::exchange(said, {}); }

  std::string lines;
  Words said;
  Words restarted;
  std::map<std::string, unsigned> starts;
  std::map<std::string, std::string> broken;
  std::map<std::string, std::function<task<Farewell>()>> bodies;
  std::map<std::string, std::weak_ptr<Timer>> gates;
  std::vector<std::shared_ptr<std::string>> answers;
  Stubborn stubborn;
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);
  std::unique_ptr<Tree> tree;
};

}  // namespace beckon::core::testing
