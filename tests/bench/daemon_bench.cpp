// The real program with the real Slack plugin, against a forge and a receiver on loopback that share the cores with it.
//   first_delivery   from the start of the process, through the first poll, to the moment the receiver has the message
//   idle_memory      resident bytes a subscription with nothing owed costs: 100,000 of one repository, each with a webhook
//                    of its own or all with one, against none beside the first
// The state file lies in the folder for temporary files ($TMPDIR).
#include "end_to_end/rig.hpp"

#include <benchmark/benchmark.h>

#include <fstream>

namespace beckon::core {
namespace {

using testing::Rig;

void first_delivery(benchmark::State& state) {
  Rig rig;
  rig.subscribe_octocat();
  rig.once();   // baseline
  for (auto _ : state) {
    state.PauseTiming();
    rig.comment("@octocat?", Rig::now());
    const std::size_t before = rig.accepted.size();
    state.ResumeTiming();
    const pid_t pid = rig.start({"run", "--config", rig.config()});
    if (!rig.until([&] { return rig.accepted.size() > before; }, 30s)) state.SkipWithError("nothing arrived");
    state.PauseTiming();
    rig.kill_hard(pid);
    state.ResumeTiming();
  }
}
BENCHMARK(first_delivery)->Iterations(10)->UseRealTime()->Unit(benchmark::kMillisecond);

std::size_t resident(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::size_t total = 0, pages = 0;
  file >> total >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::string subscriptions(std::size_t count, bool own_webhook) {
  std::string toml;
  for (std::size_t i = 0; i < count; ++i) {
    toml += fmt::format("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"user{}\"\nsink = \"team\"\n", i);
    if (own_webhook) toml += fmt::format("target = {{ webhook_url = \"http://127.0.0.1:9/services/T1/B1/hook-of-{}\" }}\n", i);
  }
  return toml;
}

// What the daemon holds some time after its feed has been polled, with every syncer parked.
std::size_t resident_with(std::size_t count, bool own_webhook) {
  Rig rig;
  rig.configure(subscriptions(count, own_webhook), "1h");
  const pid_t pid = rig.start({"run", "--config", rig.config()});
  if (!rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; }, 300s))
    throw std::runtime_error("the daemon did not come up: " + rig.read("err"));
  rig.until([] { return false; }, 12s);
  const std::size_t bytes = resident(pid);
  rig.kill_hard(pid);
  return bytes;
}

void idle_memory(benchmark::State& state, bool own_webhook) {
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    const std::size_t none = resident_with(1, own_webhook), all = resident_with(count + 1, own_webhook);
    state.counters["MiB_at_0"] = static_cast<double>(none) / (1 << 20);
    state.counters["bytes_per_subscription"] = (static_cast<double>(all) - static_cast<double>(none)) / static_cast<double>(count);
  }
}
BENCHMARK_CAPTURE(idle_memory, one_webhook, false)->Arg(100'000)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(idle_memory, own_webhooks, true)->Arg(100'000)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace beckon::core
