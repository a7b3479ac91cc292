#include "supervisor/supervisor.hpp"

#include "base/log.hpp"
#include "supervisor/alarm.hpp"
#include "supervisor/machine.hpp"
#include "supervisor/names.hpp"
#include "supervisor/report.hpp"
#include "supervisor/waiters.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace beckon::core {
namespace {

using namespace supervision;

// Carries out the machine's actions. Every handler that may come late owns the shell, so that a child's signal and spec
// outlive its coroutine even when the child was abandoned and the supervisor is gone. Timers live in their own handlers
// or frames, because the shell may outlive the io_context.
class Shell : public std::enable_shared_from_this<Shell> {
 public:
  Shell(Executor executor, ChildSpec spec, std::function<void(ChildEnd)> ended)
      : executor_(executor),
        spec_(std::move(spec)),
        ended_(std::move(ended)),
        machine_(Limits{spec_.intensity, spec_.period, spec_.shutdown}),
        names_(spec_.name) {}

  bool start_child(ChildId id, bool parked) {
    if (machine_.state(id)) return false;
    if (!names_.add(id)) {
      log::warn("supervisor", "{} \"{}\": not started, another child has this name", spec_.kind, names_.of(id));
      return false;
    }
    const bool accepted = decide(Add{id, parked});
    if (!accepted) names_.remove(id);
    return accepted;
  }

  bool decide(Event event) {
    if (closed_) return false;
    Decision decision = machine_.decide(std::move(event), std::chrono::steady_clock::now());
    for (Action& action : decision.actions) {
      std::visit([this](auto& what) { perform(what); }, action);
    }
    watch_deadline();
    return decision.accepted;
  }

  // The supervisor is gone, and with it whoever listens.
  void close() {
    closed_ = true;
    alarm_.cancel();
    waiters_.close();
  }

  const Machine& machine() const { return machine_; }
  const ChildNames& names() const { return names_; }

  static task<void> stop(std::shared_ptr<Shell> self) {
    self->decide(Stop());
    auto waiting = self->waiters_.until<Shell>(self, [](const Shell& shell) { return shell.machine_.stopped(); });
    co_await std::move(waiting);
    // The ends were posted before this, so they have been told after it.
    co_await asio::post(self->executor_, use_task);
  }

 private:
  // Posted, because Asio runs the first turn of a coroutine inside `co_spawn` when it can. So everybody else has a turn
  // between two attempts of a child that fails at once.
  void perform(const Start& start) {
    runs_.try_emplace(start.run);
    asio::post(executor_, [self = shared_from_this(), start] { self->spawn(start); });
  }

  void spawn(const Start& start) {
    const auto run = runs_.find(start.run);
    if (closed_) {
      runs_.erase(run);
      return;
    }
    decide(Began{start.id, start.run});
    auto heard = [self = shared_from_this(), start](std::exception_ptr failure) {
      auto exit = self->exits_.extract(start.run);
      self->runs_.erase(start.run);
      self->decide(Down{start.id, start.run, failure ? exit_of(failure) : std::move(exit.mapped())});
    };
    asio::co_spawn(executor_, live(start), asio::bind_cancellation_slot(run->second.slot(), std::move(heard)));
  }

  // `shielded` of base/task.hpp; since `cancel` posts, no child is cancelled within its first turn, but its end must be
  // heard even if that changes. What it says goes past Asio, which would keep room for it in two more frames (160 bytes
  // for each idle child).
  task<void> live(Start start) {
    try {
      Farewell farewell = co_await spec_.run(start.id);
      exits_.emplace(start.run, exit_of(std::move(farewell)));
    } catch (...) {
      exits_.emplace(start.run, exit_of(std::current_exception()));
    }
    co_await asio::this_coro::throw_if_cancelled(false);
  }

  void perform(const Ask& ask) { cancel(ask.run); }
  void perform(const Break& broken) { cancel(broken.run); }

  // Posted, because emitting re-enters the child, and the child may be who is calling.
  void cancel(RunId run) {
    asio::post(executor_, [self = shared_from_this(), run] {
      const auto found = self->runs_.find(run);
      if (found != self->runs_.end()) found->second.emit(asio::cancellation_type::terminal);
    });
  }

  std::string title(ChildId id) const {
    try {
      if (spec_.title) return spec_.title(id);
    } catch (...) {
      // As with a name: worth less than the line.
    }
    return names_.of(id);
  }

  void perform(const Forget& forget) { names_.remove(forget.id); }

  void perform(Tell& tell) {
    asio::post(executor_, [self = shared_from_this(), end = std::move(tell.end)]() mutable {
      if (self->ended_ && !self->closed_) self->ended_(std::move(end));
    });
  }

  void perform(const Report& report) {
    if (report.kind == Report::Kind::crashed && spec_.restarted) spec_.restarted();
    const LogLevel level = level_of(report.kind);
    if (!log::enabled(level)) return;
    log::write(level, "supervisor", sentence(report, spec_.kind, title(report.id), machine_.limits()));
  }

  void perform(const Stopped&) {
    waiters_.notify();
  }

  // Deadlines only move forward: a timer that is set early looks again when it fires.
  void watch_deadline() {
    const auto due = machine_.deadline();
    if (due && alarm_.due()) return;
    if (due) alarm_.set(executor_, *due, [self = shared_from_this()] { self->decide(Tick()); });
    else alarm_.cancel();
  }

  Executor executor_;
  ChildSpec spec_;
  std::function<void(ChildEnd)> ended_;
  Machine machine_;
  ChildNames names_;
  std::unordered_map<RunId, asio::cancellation_signal> runs_;   // every coroutine that has not ended, abandoned or not
  std::unordered_map<RunId, Exit> exits_;                       // said, and about to be heard
  Alarm alarm_;
  Waiters waiters_;                                             // for the end of a stop
  bool closed_ = false;
};

class DynamicSupervisor final : public Supervisor {
 public:
  explicit DynamicSupervisor(std::shared_ptr<Shell> shell) : shell_(std::move(shell)) {}
  ~DynamicSupervisor() override { shell_->close(); }

  bool start_child(ChildId id, bool parked) override { return shell_->start_child(id, parked); }
  bool wake(ChildId id) override { return shell_->decide(Wake{id}); }
  void terminate_child(ChildId id) override { shell_->decide(Remove{id}); }
  std::optional<ChildId> find(std::string_view name) const override { return shell_->names().find(name); }
  std::optional<ChildState> state(ChildId id) const override { return shell_->machine().state(id); }
  ChildCounts counts() const override { return shell_->machine().counts(); }
  task<void> stop() override { return Shell::stop(shell_); }

 private:
  std::shared_ptr<Shell> shell_;
};

}  // namespace

std::unique_ptr<Supervisor> make_supervisor(Executor executor, ChildSpec spec, std::function<void(ChildEnd)> ended) {
  return std::make_unique<DynamicSupervisor>(std::make_shared<Shell>(executor, std::move(spec), std::move(ended)));
}

}  // namespace beckon::core
