// What a process of its own costs a sink: deliveries a second and memory, the same library in this process and isolated,
// side by side. The HTTP client answers at once, so that nothing else is measured. "own" is the memory that only the sink's
// process has (Private_*), "daemon" what this process has grown by.
#include "base/log.hpp"
#include "sink/isolated.hpp"

#include "plugins/host/process.hpp"
#include "plugins/loader.hpp"

#include <benchmark/benchmark.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace beckon::core {
namespace {

struct AlwaysFine final : HttpClient {
  task<HttpResult> send(HttpRequest, HttpLimits) override {
    HttpResponse response;
    response.status = 200;
    response.body = "ok";
    co_return response;
  }
};

// Kilobytes under names that begin like this, in /proc/PID/smaps_rollup.
double memory_of(const std::string& pid, const std::string& name) {
  std::ifstream rows("/proc/" + pid + "/smaps_rollup");
  double sum = 0;
  for (std::string row; std::getline(rows, row);)
    if (row.starts_with(name)) sum += std::stod(row.substr(row.find(':') + 1));
  return sum;
}

std::string only_child() {
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::string pid;
  children >> pid;
  return pid;
}

Delivery make_delivery(const std::string& webhook) {
  Delivery delivery;
  delivery.id = "bench";
  delivery.now = wall_now();
  delivery.deadline = delivery.now + 30s;
  if (!webhook.empty()) delivery.target["webhook_url"].value = webhook;
  DeliveredMention& mention = delivery.mentions.emplace_back();
  mention.repository.full_name = "boostorg/beast";
  mention.thread.number = 7;
  mention.post.url = "https://github.test/boostorg/beast/issues/7#issuecomment-1";
  mention.post.author.login = "mona";
  mention.post.body = "@octocat could you look at **this**? `make test` fails for me with the following output.\n\n"
                      "> it worked yesterday\n\n- on Debian\n- and on Fedora\n";
  mention.name = "octocat";
  mention.spans = {{SpanKind::paragraph}, {SpanKind::mention, 0, "@octocat"}, {SpanKind::text, 0, " could you look at "},
                   {SpanKind::strong, 0, "this"}, {SpanKind::text, 0, "? "}, {SpanKind::code, 0, "make test"},
                   {SpanKind::text, 0, " fails for me with the following output."}, {SpanKind::quote, 1},
                   {SpanKind::text, 0, "it worked yesterday"}, {SpanKind::list_item, 1, "•"}, {SpanKind::text, 0, "on Debian"}};
  return delivery;
}

task<void> deliver_all(Sink& sink, std::shared_ptr<const Delivery> delivery, int& left) {
  while (left-- > 0) {
    auto preparing = sink.prepare(delivery);
    Prepared prepared = co_await std::move(preparing);
    auto sending = sink.deliver(delivery, std::move(prepared));
    const Outcome outcome = co_await std::move(sending);
    if (outcome.kind != OutcomeKind::delivered) throw std::runtime_error(outcome.reason);
  }
}

// `at_once` deliveries under way together.
void deliver(benchmark::State& state, const std::filesystem::path& library, const std::string& webhook, bool isolated, int at_once) {
  log::open(LogLevel::error, LogFormat::text);
  auto opened = plugins::open_plugin(library);
  if (const auto* refusal = std::get_if<plugins::Refusal>(&opened)) return state.SkipWithError(refusal->sentence.c_str());
  const auto& plugin = std::get<plugins::Plugin>(opened);
  asio::io_context context(1);
  AlwaysFine client;
  SinkHost host{client, context.get_executor(), {}};
  const double before = memory_of("self", "Rss");
  auto sink = isolated ? open_isolated_sink("bench", plugin, {}, plugins::default_memory_limit, std::move(host))
                       : open_sink("bench", *plugin.table, {}, std::move(host));
  if (!sink) return state.SkipWithError(sink.error().message.c_str());
  const auto delivery = std::make_shared<const Delivery>(make_delivery(webhook));
  std::int64_t done = 0;
  const auto run = [&](int count) {
    int left = count, open = at_once;
    for (int i = 0; i < at_once; ++i)
      asio::co_spawn(context.get_executor(), deliver_all(**sink, delivery, left), [&](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
        --open;
      });
    while (open > 0) {
      context.restart();
      context.run_one();
    }
    done += count;
  };
  run(100);   // the process is there
  done = 0;
  for (auto _ : state) run(1000);
  state.SetItemsProcessed(done);
  state.counters["daemon_KiB"] = memory_of("self", "Rss") - before;
  state.counters["own_KiB"] = isolated ? memory_of(only_child(), "Private_") : 0;
}

const std::filesystem::path slack = BECKON_BINARY_DIR "/sinks/slack.so";
const std::filesystem::path worker = BECKON_BINARY_DIR "/bench_sinks/worker.so";
const std::string hook = "http://127.0.0.1:9/services/T1/B1/hook";

void webhook_in_process(benchmark::State& state) { deliver(state, slack, hook, false, static_cast<int>(state.range(0))); }
void webhook_isolated(benchmark::State& state) { deliver(state, slack, hook, true, static_cast<int>(state.range(0))); }
void worker_in_process(benchmark::State& state) { deliver(state, worker, {}, false, static_cast<int>(state.range(0))); }
void worker_isolated(benchmark::State& state) { deliver(state, worker, {}, true, static_cast<int>(state.range(0))); }

BENCHMARK(webhook_in_process)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(webhook_isolated)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(worker_in_process)->Arg(1)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(worker_isolated)->Arg(1)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);

// From the start of the process to the first answer, and back.
void start_and_stop(benchmark::State& state) {
  log::open(LogLevel::error, LogFormat::text);
  const auto plugin = std::get<plugins::Plugin>(plugins::describe_plugin(slack));
  AlwaysFine client;
  const auto delivery = std::make_shared<const Delivery>(make_delivery(hook));
  for (auto _ : state) {
    asio::io_context context(1);
    const auto sink = open_isolated_sink("bench", plugin, {}, plugins::default_memory_limit,
                                         SinkHost{client, context.get_executor(), {}}).value();
    bool ready = false;
    asio::co_spawn(context.get_executor(), sink->prepare(delivery), [&](std::exception_ptr, Prepared) { ready = true; });
    while (!ready) context.run_one();
  }
}
BENCHMARK(start_and_stop)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beckon::core
