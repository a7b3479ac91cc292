// What a child costs, and that starting, waking and stopping many is linear in their number (see the time per child).
#include "supervisor/supervisor.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>

#include <memory>
#include <string>

namespace beckon::core {
namespace {

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;   // the heap, and what was large enough for a mapping of its own
}

// The idle syncer at its barest: a coroutine that waits on a timer.
task<Farewell> wait(ChildId) {
  Timer timer(co_await asio::this_coro::executor, SteadyTime::max());
  co_await timer.async_wait(use_task);
  co_return Farewell{};
}

task<Farewell> nothing_owed(ChildId) { co_return Farewell{Farewell::Kind::idle, {}}; }

class Children {
 public:
  explicit Children(task<Farewell> (*run)(ChildId)) {
    ChildSpec spec;
    spec.kind = "syncer";
    spec.shutdown = 60s;
    spec.run = run;
    spec.name = [](ChildId id) { return std::to_string(id) + " boostorg/beast"; };
    supervisor_ = make_supervisor(context_.get_executor(), std::move(spec), [](ChildEnd) {});
  }
  void start(ChildId many, bool parked) {
    for (ChildId id = 0; id < many; ++id) supervisor_->start_child(id, parked);
    context_.restart();
    context_.poll();
  }
  void wake(ChildId many) {
    for (ChildId id = 0; id < many; ++id) supervisor_->wake(id);
    context_.restart();
    context_.poll();
  }
  void stop() {
    asio::co_spawn(context_.get_executor(), supervisor_->stop(), [](std::exception_ptr) {});
    context_.restart();
    context_.run();
  }
  ChildCounts counts() const { return supervisor_->counts(); }

 private:
  asio::io_context context_{1};
  std::unique_ptr<Supervisor> supervisor_;
};

void per_child(benchmark::State& state) {
  using benchmark::Counter;
  state.counters["per_child"] = Counter(static_cast<double>(state.range(0)),
                                        Counter::kIsIterationInvariantRate | Counter::kInvert);
}

void memory_of_children(benchmark::State& state, bool parked) {
  double bytes = 0;
  for (auto _ : state) {
    Children children(wait);
    const std::size_t before = allocated();
    children.start(state.range(0), parked);
    bytes = static_cast<double>(allocated() - before) / static_cast<double>(state.range(0));
    const ChildCounts counts = children.counts();
    const std::size_t alive = parked ? counts.parked : counts.running;
    if (alive != static_cast<std::size_t>(state.range(0))) state.SkipWithError("not all children are there");
    state.PauseTiming();
    children.stop();
    state.ResumeTiming();
  }
  state.counters["bytes_per_child"] = bytes;
  per_child(state);
}

void start_parked(benchmark::State& state) { memory_of_children(state, true); }
void start_running(benchmark::State& state) { memory_of_children(state, false); }

void wake_and_park(benchmark::State& state) {
  Children children(nothing_owed);
  children.start(state.range(0), true);
  for (auto _ : state) children.wake(state.range(0));
  children.stop();
  per_child(state);
}

void stop(benchmark::State& state, bool parked) {
  for (auto _ : state) {
    state.PauseTiming();
    auto children = std::make_unique<Children>(wait);
    children->start(state.range(0), parked);
    state.ResumeTiming();
    children->stop();
    state.PauseTiming();
    if (children->counts().stopping != 0) state.SkipWithError("a child was left");
    children.reset();
    state.ResumeTiming();
  }
  per_child(state);
}

void stop_parked(benchmark::State& state) { stop(state, true); }
void stop_running(benchmark::State& state) { stop(state, false); }

BENCHMARK(start_parked)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(start_running)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(wake_and_park)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(stop_parked)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(stop_running)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beckon::core

BENCHMARK_MAIN();
