#include "supervisor/tree.hpp"

#include "base/log.hpp"
#include "supervisor/alarm.hpp"
#include "supervisor/ordered_machine.hpp"
#include "supervisor/ordered_report.hpp"
#include "supervisor/waiters.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace beckon::core {
namespace {

using namespace supervision;
using namespace supervision::ordered;
using supervision::ordered::Machine;

ChildDown down_of(const Exit& exit) {
  switch (exit.kind) {
    case Exit::Kind::done:
    case Exit::Kind::idle: return ChildDown{ChildDown::Why::normal, {}};
    case Exit::Kind::gone:
    case Exit::Kind::cancelled: return ChildDown{ChildDown::Why::shutdown, exit.reason};
    case Exit::Kind::failed: break;
  }
  return ChildDown{ChildDown::Why::failed, exit.reason};
}

std::vector<ChildRules> rules_of(const std::vector<TreeChild>& children) {
  std::vector<ChildRules> rules;
  for (const TreeChild& child : children) rules.push_back(child.rules);
  return rules;
}

// Carries out the machine's actions; every coroutine and handler that may come late owns it. Timers live in handlers
// and frames, because the shell may outlive the io_context.
class Shell : public std::enable_shared_from_this<Shell> {
 public:
  using Start = std::function<task<Result<ChildBody>>()>;

  Shell(Executor executor, std::string name, SupervisorFlags flags, std::vector<TreeChild> children, HearRestart restarted)
      : executor_(executor),
        name_(std::move(name)),
        restarted_(std::move(restarted)),
        complaint_(complaint(flags, rules_of(children))),
        machine_(flags, rules_of(children)) {
    for (TreeChild& child : children) specs_.emplace(next_child_++, std::move(child.start));
  }

  const Machine& machine() const { return machine_; }

  static task<Result<void>> start(std::shared_ptr<Shell> self) {
    if (self->complaint_) co_return fail(*self->complaint_);
    if (std::exchange(self->begun_, true)) co_return fail("it was started already");
    self->decide(Boot());
    const auto decided = [](const Shell& shell) { return shell.booted_ || shell.machine_.ended(); };
    auto waiting = self->waiters_.until<Shell>(self, decided);
    co_await std::move(waiting);
    if (self->booted_) co_return Result<void>();
    co_return fail(self->end_.empty() ? "it was stopped while it started" : self->end_);
  }

  static task<std::string> wait(std::shared_ptr<Shell> self) {
    auto waiting = self->waiters_.until<Shell>(self, [](const Shell& shell) { return shell.machine_.ended(); });
    co_await std::move(waiting);
    co_return self->end_;
  }

  static task<void> stop(std::shared_ptr<Shell> self) {
    self->decide(Stop());
    auto waiting = self->waiters_.until<Shell>(self, [](const Shell& shell) { return shell.machine_.ended(); });
    co_await std::move(waiting);
    // The DOWNs were posted before this, so they have been told after it.
    co_await asio::post(self->executor_, use_task);
  }

  static task<Result<void>> start_child(std::shared_ptr<Shell> self, TreeChild child) {
    const ChildId id = self->next_child_++;
    self->specs_.emplace(id, std::move(child.start));
    const std::string name = child.rules.name;
    const Request request = ++self->last_request_;
    auto asking = ask(self, request, name, StartChild{request, id, std::move(child.rules)});
    co_return co_await std::move(asking);
  }

  template <class What>
  static task<Result<void>> request(std::shared_ptr<Shell> self, std::string name) {
    const Request request = ++self->last_request_;
    auto asking = ask(self, request, name, What{request, name});
    co_return co_await std::move(asking);
  }

  MonitorId monitor(std::string_view name, std::function<void(ChildDown)> hear) {
    const auto run = machine_.find(name);
    const MonitorId id = ++last_monitor_;
    monitors_.emplace(id, Monitor{run.value_or(0), std::move(hear)});
    if (!run) tell(id, ChildDown{ChildDown::Why::no_process, {}});
    return id;
  }
  void demonitor(MonitorId id) { monitors_.erase(id); }

  // The tree is gone. What still runs is asked to end, as a process is that was linked to its supervisor; without a
  // frame there may be no io_context any more.
  void close() {
    closed_ = true;
    monitors_.clear();
    alarm_.cancel();
    waiters_.close();
    if (frames_ == 0) return;
    for (const auto& [run, record] : runs_) cancel(run, 1);
  }

 private:
  struct Run {
    asio::cancellation_signal signal;
    bool asked = false;
    std::optional<Event> result;     // said, and heard when its frame is gone
  };
  struct Monitor {
    RunId run = 0;
    std::function<void(ChildDown)> hear;
  };
  struct Frame {
    explicit Frame(Shell& shell) : shell(shell) { ++shell.frames_; }
    ~Frame() { --shell.frames_; }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    Shell& shell;
  };

  static task<Result<void>> ask(std::shared_ptr<Shell> self, Request request, std::string name, Event event) {
    std::optional<Reply>& reply = self->replies_[request];
    self->decide(std::move(event));
    auto waiting = self->waiters_.until<Shell>(self, [&reply](const Shell&) { return reply.has_value(); });
    std::exception_ptr failure;
    try {
      co_await std::move(waiting);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::string refused = reply ? sentence(*reply, name) : std::string();
    self->replies_.erase(request);
    if (failure) std::rethrow_exception(failure);
    if (refused.empty()) co_return Result<void>();
    co_return fail(refused);
  }

  void decide(Event event) {
    if (closed_) return;
    Decision decision = machine_.decide(std::move(event), std::chrono::steady_clock::now());
    for (Action& action : decision) std::visit([this](auto& what) { perform(what); }, action);
    watch_deadline();
  }

  // Posted, because Asio runs the first turn of a coroutine inside `co_spawn` when it can.
  void perform(const ordered::Start& start) {
    runs_.try_emplace(start.run);
    asio::post(executor_, [self = shared_from_this(), start] { self->spawn(start); });
  }

  void spawn(const ordered::Start& start) {
    const auto run = runs_.find(start.run);
    if (closed_) {
      runs_.erase(run);
      return;
    }
    auto heard = [self = shared_from_this(), run = start.run](std::exception_ptr) {
      auto ended = self->runs_.extract(run);
      self->decide(std::move(ended.mapped().result.value()));
    };
    auto life = live(shared_from_this(), run->second, specs_.at(start.id), start.run);
    const auto slot = run->second.signal.slot();
    asio::co_spawn(executor_, std::move(life), asio::bind_cancellation_slot(slot, std::move(heard)));
  }

  // From its start to its end. Holds what made it, because a coroutine refers to its lambda.
  static task<void> live(std::shared_ptr<Shell> self, Run& record, Start start, RunId run) {
    const Frame frame(*self);
    ChildBody body;
    try {
      auto starting = start();
      Result<ChildBody> answer = co_await std::move(starting);
      if (!answer) {
        record.result = StartFailed{run, Exit{Exit::Kind::failed, answer.error().message}};
      } else if (!*answer) {
        record.result = Ignored{run};
      } else {
        body = std::move(*answer);
      }
    } catch (...) {
      record.result = StartFailed{run, exit_of(std::current_exception())};
    }
    if (body) {
      self->decide(Started{run});
      try {
        auto running = body();
        Exit exit = exit_of(co_await std::move(running));
        const bool returned = exit.kind == Exit::Kind::done || exit.kind == Exit::Kind::idle;
        if (returned && record.asked) exit.kind = Exit::Kind::cancelled;
        record.result = Down{run, std::move(exit)};
      } catch (...) {
        record.result = Down{run, exit_of(std::current_exception())};
      }
    }
    co_await asio::this_coro::throw_if_cancelled(false);
  }

  void perform(const Ask& ask) { cancel(ask.run, 1); }
  void perform(const Kill& kill) { cancel(kill.run, 2); }

  // Posted, because emitting re-enters the child, and the child may be who is calling. The first time it may begin to
  // clean up; the second time cuts that off.
  void cancel(RunId run, int times) {
    asio::post(executor_, [self = shared_from_this(), run, times] {
      const auto found = self->runs_.find(run);
      if (found == self->runs_.end()) return;
      found->second.asked = true;
      found->second.signal.emit(asio::cancellation_type::terminal);
      if (times > 1) self->cancel(run, times - 1);
    });
  }

  void perform(const Tell& told) {
    for (const auto& [id, monitor] : monitors_)
      if (monitor.run == told.run) tell(id, down_of(told.exit));
  }

  void tell(MonitorId id, ChildDown down) {
    asio::post(executor_, [self = shared_from_this(), id, down = std::move(down)] {
      const auto monitor = self->monitors_.extract(id);
      if (monitor) monitor.mapped().hear(down);
    });
  }

  void perform(const Forget& forget) { specs_.erase(forget.id); }

  void perform(const TryAgain& again) {
    asio::post(executor_, [self = shared_from_this(), id = again.id] { self->decide(Again{id}); });
  }

  void perform(Reply& reply) {
    const auto asked = replies_.find(reply.request);
    if (asked == replies_.end()) return;      // it does not wait any more
    asked->second = std::move(reply);
    waiters_.notify();
  }

  void perform(const Report& report) {
    if (report.kind == Report::Kind::crashed && restarted_) restarted_(report.name);
    const LogLevel level = level_of(report.kind);
    if (!log::enabled(level)) return;
    log::write(level, "supervisor", fmt::format("{}: {}", name_, sentence(report, machine_.flags())));
  }

  void perform(const Booted&) {
    booted_ = true;
    waiters_.notify();
  }

  void perform(const Ended& ended) {
    end_ = sentence(ended, machine_.flags());
    waiters_.notify();
  }

  void watch_deadline() {
    const auto due = machine_.deadline();
    if (due == alarm_.due()) return;
    if (due) alarm_.set(executor_, *due, [self = shared_from_this()] { self->decide(Tick()); });
    else alarm_.cancel();
  }

  Executor executor_;
  std::string name_;
  HearRestart restarted_;
  std::optional<std::string> complaint_;
  Machine machine_;
  ChildId next_child_ = 0;
  std::unordered_map<ChildId, Start> specs_;
  std::unordered_map<RunId, Run> runs_;          // every coroutine that has not ended, abandoned or not
  std::map<Request, std::optional<Reply>> replies_;
  Request last_request_ = 0;
  std::map<MonitorId, Monitor> monitors_;
  MonitorId last_monitor_ = 0;
  Alarm alarm_;
  Waiters waiters_;
  std::string end_;
  std::size_t frames_ = 0;
  bool begun_ = false, booted_ = false, closed_ = false;
};

class StaticSupervisor final : public Tree {
 public:
  explicit StaticSupervisor(std::shared_ptr<Shell> shell) : shell_(std::move(shell)) {}
  ~StaticSupervisor() override { shell_->close(); }

  task<Result<void>> start() override { return Shell::start(shell_); }
  task<std::string> wait() override { return Shell::wait(shell_); }
  task<void> stop() override { return Shell::stop(shell_); }
  task<Result<void>> start_child(TreeChild child) override { return Shell::start_child(shell_, std::move(child)); }
  task<Result<void>> terminate_child(std::string name) override {
    return Shell::request<TerminateChild>(shell_, std::move(name));
  }
  task<Result<void>> restart_child(std::string name) override {
    return Shell::request<RestartChild>(shell_, std::move(name));
  }
  task<Result<void>> delete_child(std::string name) override {
    return Shell::request<DeleteChild>(shell_, std::move(name));
  }
  std::vector<ChildInfo> which_children() const override { return shell_->machine().which_children(); }
  ChildrenCount count_children() const override { return shell_->machine().count_children(); }
  bool runs(std::string_view name) const override { return shell_->machine().find(name).has_value(); }
  MonitorId monitor(std::string_view name, std::function<void(ChildDown)> hear) override {
    return shell_->monitor(name, std::move(hear));
  }
  void demonitor(MonitorId id) override { shell_->demonitor(id); }

 private:
  std::shared_ptr<Shell> shell_;
};

}  // namespace

std::unique_ptr<Tree> make_tree(Executor executor, std::string name, SupervisorFlags flags,
                                std::vector<TreeChild> children, HearRestart restarted) {
  return std::make_unique<StaticSupervisor>(
      std::make_shared<Shell>(executor, std::move(name), flags, std::move(children), std::move(restarted)));
}

}  // namespace beckon::core
