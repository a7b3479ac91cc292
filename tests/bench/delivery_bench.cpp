// Deliveries a second from the durable outbox (synchronous=FULL) through supervised syncers and the real Slack plugin to an
// HTTP receiver on loopback, which runs on a thread beside them and shares the cores. One mention for each of many
// subscribers, each with a webhook of its own, all owed at the same moment.
// $BECKON_BENCH_DIR names the disk; default: the folder for temporary files.
#include "base/log.hpp"
#include "bench/folder.hpp"
#include "mention/mention.hpp"
#include "net/http_server.hpp"
#include "supervisor/supervisor.hpp"
#include "syncer/syncer.hpp"

#include "plugins/loader.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>

namespace beckon::core {
namespace {

constexpr ForgeTime start{std::chrono::seconds{1'780'000'000}};

class Receiver {
 public:
  Receiver() {
    server_ = serve_http(context_.get_executor(), [this](HttpRequest) { return accept(); });
    origin_ = server_->origin();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Receiver() {
    context_.stop();
    thread_.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  const std::string& origin() const { return origin_; }
  std::size_t accepted() const { return accepted_; }

 private:
  task<HttpResponse> accept() {
    ++accepted_;
    HttpResponse response;
    response.status = 200;
    response.body = "ok";
    co_return response;
  }

  asio::io_context context_{1};
  std::atomic<std::size_t> accepted_ = 0;
  std::unique_ptr<HttpServer> server_;
  std::string origin_;
  std::thread thread_;
};

class Road {
 public:
  Road(const beckon_sink_table& slack, std::size_t subscribers) : subscribers_(subscribers) {
    client_ = good(make_http_client(context_.get_executor(), {}));
    outbox_ = good(open_outbox(context_.get_executor(), folder_.path() / "bench.db"));
    sink_ = good(open_sink("team", slack, {}, SinkHost{*client_, context_.get_executor(), {}}));
    pacer_ = make_pacer(context_.get_executor());
    room_ = std::make_unique<SyncerRoom>(SyncerRoom{*outbox_, *pacer_});
    ChildSpec spec;
    spec.kind = "syncer";
    spec.run = [this](ChildId id) { return run_syncer(*room_, jobs_.at(static_cast<std::size_t>(id))); };
    supervisor_ = make_supervisor(context_.get_executor(), std::move(spec), [](ChildEnd) {});
    run([this]() -> task<void> { return enroll(); });
  }

  void mention_everybody() {
    run([this]() -> task<void> { return commit(); });
  }
  // Everything that is owed, with the supervisor's own turns between.
  void deliver() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) supervisor_->wake(static_cast<ChildId>(i));
    do {
      context_.restart();
      context_.run_for(1ms);
    } while (supervisor_->counts().running > 0);
  }
  std::size_t accepted() const { return receiver_.accepted(); }

 private:
  template <class F>
  void run(F work) {
    bool done = false;
    asio::co_spawn(context_.get_executor(), std::move(work), [&](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      done = true;
    });
    while (!done) {
      context_.restart();
      context_.run_one();
    }
  }

  static std::string login(std::size_t i) { return "user" + std::to_string(i); }

  task<void> enroll() {
    Repository repository{"https://api.github.test", 1, "o/r", "https://github.test/o/r", false};
    auto opening = outbox_->open_feed("github", "o/r", std::move(repository), start);
    feed_ = good(co_await std::move(opening));
    const auto filter = std::make_shared<const Filter>();
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; i < subscribers_; ++i) {
      const std::string url = receiver_.origin() + "/services/" + login(i);
      wanted.push_back({login(i), login(i), "team", url, 0s, filter});
      OptionValues target;
      OptionValue where;
      where.value = url;
      target.emplace("webhook_url", std::move(where));
      jobs_.push_back({0, 0, names_.emplace_back(login(i)), std::make_shared<const Endpoint>(Endpoint{sink_, std::make_shared<const OptionValues>(std::move(target))})});
    }
    auto enrolling = outbox_->enroll(feed_.id, std::move(wanted), start);
    const auto enrolled = good(co_await std::move(enrolling));
    for (std::size_t i = 0; i < subscribers_; ++i) {
      jobs_[i].subscription = enrolled[i].id;
      jobs_[i].endpoint_row = enrolled[i].endpoint;
      supervisor_->start_child(static_cast<ChildId>(i), true);
    }
  }

  task<void> commit() {
    PageCommit page;
    page.feed = feed_.id;
    page.cursor = feed_.cursors.at(1);
    for (std::size_t i = 0; i < subscribers_; ++i) {
      SeenPost seen;
      seen.post.kind = PostKind::comment;
      seen.post.id = ++posts_;
      seen.post.thread_number = 1;
      seen.post.url = "https://github.test/o/r/issues/1#issuecomment-" + std::to_string(seen.post.id);
      seen.post.author.login = "mona";
      seen.post.body = "@" + login(i) + " could you look at **this**? `make test` fails for me with the following output.\n\n"
                       "> it worked yesterday\n\n- on Debian\n- and on Fedora\n";
      seen.post.created = seen.post.updated = start + 1s;
      seen.names = find_mentions(seen.post.body);
      page.posts.push_back(std::move(seen));
    }
    auto committing = outbox_->commit_page(std::move(page));
    good(co_await std::move(committing));
  }

  BenchFolder folder_;
  Receiver receiver_;
  asio::io_context context_{1};
  std::size_t subscribers_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<Outbox> outbox_;
  std::shared_ptr<Sink> sink_;
  std::unique_ptr<Pacer> pacer_;
  std::unique_ptr<SyncerRoom> room_;
  std::deque<std::string> names_;
  std::vector<SyncerJob> jobs_;
  std::unique_ptr<Supervisor> supervisor_;
  Feed feed_;
  std::int64_t posts_ = 0;
};

const beckon_sink_table& slack() {
  static const plugins::Found found = plugins::find_plugins(plugins::shipped_folders());
  const auto at = std::find_if(found.plugins.begin(), found.plugins.end(), [](const auto& p) { return p.name == "slack"; });
  if (at == found.plugins.end()) throw std::runtime_error("the build tree has no slack plugin");
  return *at->table;
}

void deliver(benchmark::State& state) {
  log::open(LogLevel::warn, LogFormat::text);
  const auto subscribers = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    auto road = std::make_unique<Road>(slack(), subscribers);   // a webhook takes one message a second: new ones each time
    road->mention_everybody();
    state.ResumeTiming();
    road->deliver();
    state.PauseTiming();
    if (road->accepted() != subscribers) state.SkipWithError("not every mention arrived exactly once");
    road.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(deliver)->Arg(1)->Arg(32)->Arg(1'000)->Arg(10'000)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beckon::core
