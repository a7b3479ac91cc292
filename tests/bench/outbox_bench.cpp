// Durable work a second: each iteration freezes and settles one mention of every subscription, all of them at the same
// time, on a file with synchronous=FULL. $BECKON_BENCH_DIR names the disk; default: the folder for temporary files.
#include "bench/folder.hpp"
#include "outbox/outbox.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace beckon::core {
namespace {

constexpr ForgeTime start{std::chrono::seconds{1'780'000'000}};

class Bench {
 public:
  Bench() : outbox_(good(open_outbox(context_.get_executor(), folder_.path() / "bench.db"))) {
    spawn([this]() -> task<void> {
      Repository repository{"https://api.github.test", 1, "o/r", "https://github.test/o/r", false};
      feed_ = good(co_await outbox_->open_feed("github", "o/r", std::move(repository), start));
    });
    run();
  }

  template <class F>
  void spawn(F work) {
    asio::co_spawn(context_.get_executor(), std::move(work), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  void run() {
    context_.restart();
    context_.run();
  }

  std::vector<Wanted> wanted(std::int64_t count) const {
    std::vector<Wanted> all;
    const auto filter = std::make_shared<const Filter>();
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      all.push_back(
          {"o/r user" + number + " team", "user" + number, "team", "https://hooks.test/" + number, 0s, filter});
    }
    return all;
  }
  void enroll(std::vector<Wanted> all) {
    spawn([this, all = std::move(all)]() -> task<void> {
      enrolled_ = good(co_await outbox_->enroll(feed_.id, all, start));
    });
    run();
  }
  // One comment that mentions the first `count` users, fifty at a time.
  void mention(std::int64_t count) {
    PageCommit page;
    page.feed = feed_.id;
    page.cursor = feed_.cursors.at(1);
    for (std::int64_t first = 0; first < count; first += 50) {
      SeenPost seen;
      seen.post.kind = PostKind::comment;
      seen.post.id = ++posts_;
      seen.post.author.login = "mona";
      seen.post.body = std::string(400, 'x');
      seen.post.created = seen.post.updated = start + 1s;
      for (std::int64_t i = first; i < std::min(count, first + 50); ++i)
        seen.names.push_back("user" + std::to_string(i));
      page.posts.push_back(std::move(seen));
    }
    spawn([this, page = std::move(page)]() -> task<void> { good(co_await outbox_->commit_page(page)); });
    run();
  }
  void deliver(std::int64_t subscription) {
    spawn([this, subscription]() -> task<void> {
      Claim next = good(co_await outbox_->claim(subscription, 1));
      while (!next.mentions.empty()) {
        Freeze freeze;
        freeze.subscription = subscription;
        freeze.seqs.push_back(next.mentions.front().seq);
        freeze.batch_id = next.batch_id;
        good(co_await outbox_->freeze(std::move(freeze)));
        Settlement done;
        done.subscription = subscription;
        done.kind = Settlement::Kind::delivered;
        next = good(co_await outbox_->settle(std::move(done), 1));
      }
    });
  }
  const std::vector<Enrolled>& enrolled() const { return enrolled_; }

 private:
  BenchFolder folder_;
  asio::io_context context_{1};
  std::unique_ptr<Outbox> outbox_;
  Feed feed_;
  std::vector<Enrolled> enrolled_;
  std::int64_t posts_ = 0;
};

void settle_and_freeze(benchmark::State& state) {
  constexpr int each = 16;
  Bench bench;
  bench.enroll(bench.wanted(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < each; ++i) bench.mention(state.range(0));
    state.ResumeTiming();
    for (const Enrolled& one : bench.enrolled()) bench.deliver(one.id);
    bench.run();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * each);
}
BENCHMARK(settle_and_freeze)->Arg(1)->Arg(8)->Arg(32)->UseRealTime()->Unit(benchmark::kMillisecond);

void enroll_new(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto bench = std::make_unique<Bench>();
    auto all = bench->wanted(state.range(0));
    state.ResumeTiming();
    bench->enroll(std::move(all));
    state.PauseTiming();
    bench.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(enroll_new)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

void enroll_known(benchmark::State& state) {
  Bench bench;
  const auto all = bench.wanted(state.range(0));
  bench.enroll(all);
  for (auto _ : state) bench.enroll(all);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(enroll_known)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

void commit_page(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) bench.mention(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(commit_page)->Arg(50)->Arg(5000)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beckon::core
