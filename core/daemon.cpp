#include "daemon.hpp"

#include "base/log.hpp"
#include "feedback.hpp"
#include "live_page.hpp"
#include "operator_desk.hpp"
#include "outbox/outbox.hpp"
#include "peers.hpp"
#include "planner.hpp"
#include "pollers.hpp"
#include "sink/crash_note.hpp"
#include "subscribers.hpp"
#include "supervisor/tree.hpp"
#include "upkeep.hpp"
#include "vitals.hpp"

#include <boost/asio/redirect_error.hpp>
#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

ChildRules named(const char* name, std::optional<Milliseconds> shutdown = std::nullopt) {
  ChildRules rules;
  rules.name = name;
  rules.shutdown = shutdown;
  return rules;
}

class House final : public Daemon {
 public:
  House(Executor executor, std::shared_ptr<const Plan> plan, std::optional<ListenAddress> page)
      : executor_(executor),
        plan_(std::move(plan)),
        page_address_(std::move(page)),
        pacer_(make_pacer(executor)),
        vitals_(executor),
        idle_(executor),
        patience_(executor),
        planner_(executor, [this] { return plan_; }, [this](std::shared_ptr<const Plan> next) { return adopt(std::move(next)); }) {}

  Result<void> build() {
    auto outbox = open_outbox(executor_, plan_->state);
    if (!outbox) return outbox.error();
    outbox_ = std::move(*outbox);
    if (const auto notes = crash_notes()) keep_crash_notes(*notes);
    vitals_.keep(*plan_);
    auto peers = Peers::open(executor_, *plan_, report(), Peers(), count_plugin_restart());
    if (!peers) return peers.error();
    peers_ = std::move(*peers);
    subscribers_.emplace(executor_, *outbox_, *pacer_, vitals_.metrics(), plan_, peers_);
    pollers_.emplace(executor_, *outbox_, vitals_.metrics(), *subscribers_);
    page_.emplace(executor_, LivePage::Needs{*outbox_, vitals_.metrics(), *subscribers_, *pollers_, [this]() -> const Peers& { return peers_; },
                                             [this] { return web_config(); }});
    plant_tree();
    return {};
  }

  task<Result<void>> run(std::function<void()> up) override {
    auto growing = grow();
    const auto grown = co_await std::move(growing);
    if (!grown || subscribers_->room().stopping) co_return grown;
    auto opening = tree_->start_child(desk());
    const auto opened = co_await std::move(opening);
    if (!opened && !subscribers_->room().stopping) co_return opened.error();
    auto inviting = page_->open(*tree_);
    const auto invited = co_await std::move(inviting);
    if (!invited && !subscribers_->room().stopping) co_return invited.error();
    if (up && !subscribers_->room().stopping) up();
    auto waiting = tree_->wait();
    const std::string why = co_await std::move(waiting);
    if (why.empty()) co_return Result<void>();
    co_return fail(fmt::format("the daemon gives up: {}; what is owed stays owed, start it anew", why));
  }

  task<DaemonReport> once(Milliseconds deadline) override {
    DaemonReport report;
    const auto end = std::chrono::steady_clock::now() + deadline;
    subscribers_->room().until = wall_now() + deadline;
    pollers_->poll_once(*subscribers_->room().until);
    auto growing = grow();
    const auto grown = co_await std::move(growing);
    if (!grown) log::error("daemon", "{}", grown.error().message);
    while (grown && (pollers_->open() > 0 || subscribers_->busy())) {
      if (std::chrono::steady_clock::now() >= end) {
        report.in_time = false;
        break;
      }
      idle_.expires_at(std::min(end, std::chrono::steady_clock::now() + 20ms));
      boost::system::error_code ignored;
      auto wait = idle_.async_wait(asio::redirect_error(use_task, ignored));
      co_await std::move(wait);
    }
    auto counting = outbox_->counts();
    const auto counts = co_await std::move(counting);
    report.told = subscribers_->told();
    report.failed_polls = pollers_->failed() + pollers_->open();
    report.owed = counts ? counts->owed : 0;
    report.dead = counts ? counts->dead : 0;
    report.counted = counts.has_value();
    co_return report;
  }

  task<bool> reload() override { return planner_.reload(); }

  task<void> stop(Milliseconds patience) override {
    subscribers_->room().stopping = true;
    planner_.stop();
    peers_.hurry_all();
    patience_.expires_after(patience);
    patience_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) subscribers_->room().cut_off();
    });
    auto stopping = tree_->stop();
    co_await std::move(stopping);
    patience_.cancel();
    peers_.retire_all();
  }

  std::string page() const override { return page_->address(); }
  std::size_t subscriptions() const override { return subscribers_->count(); }

  task<std::optional<std::size_t>> owed() override {
    auto counting = outbox_->counts();
    const auto counts = co_await std::move(counting);
    std::optional<std::size_t> owed;
    if (counts) owed = counts->owed;
    co_return owed;
  }

 private:
  // Another plan. Fails with a sentence, and then nothing has changed. One at a time.
  task<Result<void>> adopt(std::shared_ptr<const Plan> plan) {
    if (plan->state != plan_->state)
      co_return fail(fmt::format("`state` is another file now ({}): that needs a restart", plan->state.string()));
    auto peers = Peers::open(executor_, *plan, report(), peers_, count_plugin_restart());
    if (!peers) co_return peers.error();
    const Peers before = std::exchange(peers_, std::move(*peers));
    plan_ = std::move(plan);
    vitals_.keep(*plan_);
    subscribers_->take(plan_, peers_);
    auto following = pollers_->follow(peers_);
    co_await std::move(following);
    page_->follow_feeds();
    auto settling = settle_in();
    co_await std::move(settling);
    auto opening = subscribers_->open_alerts();
    co_await std::move(opening);
    subscribers_->let_go();
    before.retire_unused(peers_);
    auto reopening = page_->follow_door(*tree_);
    co_await std::move(reopening);
    co_return Result<void>();
  }

  // In the order of starting; stopped in reverse: first no new polls, then what is under way is settled, then the store.
  // Who comes later refers to who comes earlier, so a failure takes with it all that come after (rest_for_one).
  void plant_tree() {
    SupervisorFlags flags;
    flags.strategy = Strategy::rest_for_one;
    flags.intensity = 5;
    flags.period = 60s;
    std::vector<TreeChild> children;
    TreeChild outbox;
    outbox.rules = named("outbox");
    outbox.start = [this]() -> task<Result<ChildBody>> {
      ChildBody body = [this] { return keep_house(*outbox_); };
      co_return body;
    };
    children.push_back(std::move(outbox));
    children.push_back(dynamic_child(named("syncers", Shutdown::infinity), [this] { return subscribers_->make_syncers(); },
                                     [this](Supervisor* syncers) { subscribers_->supervised_by(syncers); }));
    children.push_back(dynamic_child(named("feeds"), [this] { return pollers_->make_feeds(); },
                                     [this](Supervisor* feeds) { pollers_->supervised_by(feeds, peers_); }));
    for (TreeChild& child : page_->children()) children.push_back(std::move(child));
    tree_ = make_tree(executor_, "daemon", flags, std::move(children),
                      [this](std::string_view child) { vitals_.metrics().restarted(child); });
  }

  // What the configuration says, or, where that says nothing of a page, what was asked for beside it.
  WebConfig web_config() const {
    WebConfig web = plan_->web;
    if (!web.is_on() && page_address_) {
      web.address = page_address_->address;
      web.port = page_address_->port;
    }
    return web;
  }

  // Behind all that it tells of, so that nobody asks a house that is half there.
  TreeChild desk() {
    TreeChild child;
    child.rules = named("operator");
    child.start = [this]() -> task<Result<ChildBody>> {
      // Open before whoever started us goes on. Handed over, not shared: it closes with the child's coroutine, not with this.
      auto slot = std::make_shared<std::unique_ptr<OpenDesk>>(std::make_unique<OpenDesk>(open_desk(), *subscribers_, *page_));
      ChildBody body = [this, slot] { return serve_operator(std::move(*slot)); };
      co_return body;
    };
    return child;
  }

  // As long as it lives, the desk hears of ends, and the page has whom to ask.
  struct OpenDesk {
    OpenDesk(std::unique_ptr<OperatorDesk> opened, Subscribers& told, LivePage& served)
        : desk(std::move(opened)), subscribers(told), page(served) {
      subscribers.on_end = [this](const ChildEnd& end) { desk->ended(end); };
      page.serve(&desk->operations());
    }
    ~OpenDesk() {
      subscribers.on_end = nullptr;
      page.serve(nullptr);
    }
    const std::unique_ptr<OperatorDesk> desk;
    Subscribers& subscribers;
    LivePage& page;
  };

  std::unique_ptr<OperatorDesk> open_desk() {
    return open_operator_desk(executor_, plan_->state,
                              {*outbox_, [this] { return subscribers_->syncers(); },
                               [this](std::int64_t row) { return subscribers_->knows(row); },
                               [this] { return live_feeds(); }, [this] { return page_->viewers(); },
                               [this] { return sink_plugins(*plan_); },
                               [this](std::string message) { return hear_feedback(std::move(message)); },
                               [this] { return vitals_.live(parts()); }, [this] { return metrics(); },
                               [this] { return vitals_.ready(parts()); }, &planner_});
  }

  task<Farewell> serve_operator(std::unique_ptr<OpenDesk> handed) {
    const std::unique_ptr<OpenDesk> open = std::move(handed);
    Timer until_asked(executor_, SteadyTime::max());
    co_await until_asked.async_wait(use_task);
    co_return Farewell();
  }

  std::map<std::int64_t, LiveFeed> live_feeds() const {
    auto all = pollers_->live();
    all.merge(page_->feeds());
    return all;
  }

  task<Result<FeedbackReport>> hear_feedback(std::string message) {
    auto taking = take_feedback(*outbox_, peers_.that_hear_feedback(), std::move(message));
    auto report = co_await std::move(taking);
    if (report) subscribers_->ended_elsewhere(report->change.ended);
    co_return report;
  }

  DaemonParts parts() { return {*outbox_, *tree_, *subscribers_, *pollers_, *page_, peers_}; }
  task<Result<std::string>> metrics() {
    auto asking = vitals_.text(parts());
    co_return co_await std::move(asking);
  }
  std::function<void()> count_plugin_restart() {
    return [this] { vitals_.metrics().restarted("plugin"); };
  }

  // Beside the state file; none of one in memory, which ends with the process.
  std::optional<std::filesystem::path> crash_notes() const {
    if (plan_->state == ":memory:") return std::nullopt;
    return plan_->state.string() + ".crashes";
  }

  task<Result<void>> grow() {
    if (const auto notes = crash_notes()) {
      auto taking = take_crash_notes(*outbox_, *notes);
      co_await std::move(taking);
    }
    auto settling = settle_in();
    co_await std::move(settling);
    if (subscribers_->room().stopping) co_return Result<void>();
    auto starting = tree_->start();
    const auto started = co_await std::move(starting);
    if (!started) co_return fail(fmt::format("the daemon does not start: {}", started.error().message));
    auto opening = subscribers_->open_alerts();
    co_await std::move(opening);
    co_return Result<void>();
  }

  // What was taken out of the configuration with its repository is heard of nowhere else; what waited for the operator may
  // be mended.
  task<void> settle_in() {
    auto keeping = outbox_->keep_feeds(pollers_->names(peers_));
    const auto kept = co_await std::move(keeping);
    if (!kept) log::warn("outbox", "what is no longer watched could not be marked: {}", kept.error().message);
    auto asking = outbox_->ask_again();
    const auto asked = co_await std::move(asking);
    if (!asked) log::warn("outbox", "what is held could not be released: {}", asked.error().message);
  }

  Peers::Report report() {
    return [this](std::string who, Outcome what) {
      auto hearing = subscribers_->hear(std::move(who), std::move(what));
      asio::co_spawn(executor_, std::move(hearing), [](std::exception_ptr failure) {
        if (failure) log::error("daemon", "a sink's report could not be heard to its end");
      });
    };
  }

  Executor executor_;
  std::shared_ptr<const Plan> plan_;
  std::optional<ListenAddress> page_address_;   // where a page is to be that the plan says nothing of
  std::unique_ptr<Pacer> pacer_;
  Vitals vitals_;
  Peers peers_;
  std::unique_ptr<Outbox> outbox_;
  std::optional<Subscribers> subscribers_;
  std::optional<Pollers> pollers_;
  std::optional<LivePage> page_;
  std::unique_ptr<Tree> tree_;
  Timer idle_;
  Timer patience_;
  Planner planner_;
};

}  // namespace

Result<std::unique_ptr<Daemon>> make_daemon(Executor executor, std::shared_ptr<const Plan> plan, std::optional<ListenAddress> page) {
  auto house = std::make_unique<House>(executor, std::move(plan), std::move(page));
  if (auto built = house->build(); !built) return built.error();
  return std::unique_ptr<Daemon>(std::move(house));
}

}  // namespace beckon::core
