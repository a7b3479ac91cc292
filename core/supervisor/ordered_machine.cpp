#include "supervisor/ordered_machine.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace beckon::core::supervision::ordered {
namespace {

using Answer = Reply::Answer;

bool orderly(const Exit& exit) {
  return exit.kind == Exit::Kind::done || exit.kind == Exit::Kind::idle || exit.kind == Exit::Kind::gone;
}

std::string reason_of(const Exit& exit) {
  switch (exit.kind) {
    case Exit::Kind::done:
    case Exit::Kind::idle: return "it returned";
    case Exit::Kind::cancelled: return "cancelled, though nobody asked it to end";
    case Exit::Kind::gone:
    case Exit::Kind::failed: break;
  }
  return exit.reason;
}

}  // namespace

std::optional<std::string> complaint(const SupervisorFlags& flags, const std::vector<ChildRules>& children) {
  if (flags.period <= Milliseconds::zero()) return "the period of the intensity must be longer than nothing";
  std::set<std::string_view> names;
  for (const ChildRules& child : children) {
    if (child.name.empty()) return "a child has no name";
    if (!names.insert(child.name).second) return "two children are called \"" + child.name + "\"";
    if (child.time_to_end() < Milliseconds::zero()) return "child \"" + child.name + "\" has a negative shutdown time";
  }
  return std::nullopt;
}

Machine::Machine(SupervisorFlags flags, std::vector<ChildRules> children) : flags_(flags) {
  ChildId id = 0;
  for (ChildRules& rules : children) {
    Child& child = children_.emplace_back();
    child.id = id++;
    child.rules = std::move(rules);
  }
}

Decision Machine::decide(Event event, SteadyTime now) {
  Decision out;
  hear(std::move(event), now, out);
  for (advance(now, out); !job_ && !ended_ && !mailbox_.empty(); advance(now, out)) {
    Event next = std::move(mailbox_.front());
    mailbox_.pop_front();
    std::visit([&](auto& what) { serve(what, now, out); }, next);
  }
  for (; ended_ && !mailbox_.empty(); mailbox_.pop_front()) refuse(mailbox_.front(), out);
  return out;
}

// ---- what arrives ---------------------------------------------------------------------------------------------------

void Machine::hear(Event event, SteadyTime now, Decision& out) {
  const auto awaited = [this](RunId run) { return pending_ && pending_->starting && pending_->child->run == run; };
  if (auto* down = std::get_if<Down>(&event)) return heard(*down, out);
  if (std::holds_alternative<Stop>(event)) return stop(now, out);
  if (std::holds_alternative<Tick>(event)) return tick(now, out);
  if (const auto* started = std::get_if<Started>(&event)) {
    if (awaited(started->run)) start_succeeded(false, out);
  } else if (const auto* ignored = std::get_if<Ignored>(&event)) {
    if (awaited(ignored->run)) start_succeeded(true, out);
  } else if (const auto* failed = std::get_if<StartFailed>(&event)) {
    if (awaited(failed->run)) start_failed(failed->exit, out);
  } else {
    mailbox_.push_back(std::move(event));
  }
}

void Machine::heard(Down& down, Decision& out) {
  Child* child = by_run(down.run);
  if (!child || !child->alive) return;   // abandoned long ago
  child->alive = false;
  const bool asked = pending_ && pending_->child == child;
  if (!asked && down.exit.kind == Exit::Kind::cancelled) down.exit = Exit{Exit::Kind::failed, reason_of(down.exit)};
  out.push_back(Tell{down.run, down.exit});
  if (asked) {
    const Pending done = *std::exchange(pending_, std::nullopt);
    stopped(*child, down.exit, done.asked, done.killed, out);
  } else {
    mailbox_.push_back(std::move(down));
  }
}

void Machine::stop(SteadyTime now, Decision& out) {
  if (ended_ || stop_wanted_ || (job_ && job_->kind == Job::Kind::end)) return;
  stop_wanted_ = true;
  if (pending_ && pending_->starting) ask(now, out);
  if (!job_) end(Ended{});
}

void Machine::tick(SteadyTime now, Decision& out) {
  if (!pending_ || pending_->until > now) return;
  if (pending_->killed) {
    abandon(out);
  } else {
    kill(now, out);
  }
}

// ---- the mailbox ----------------------------------------------------------------------------------------------------

void Machine::serve(const Boot&, SteadyTime, Decision&) { job_ = Job{Job::Kind::boot, {}, all(), 0, {}}; }

// OTP's do_restart.
void Machine::serve(const Down& down, SteadyTime now, Decision& out) {
  Child* child = by_run(down.run);
  if (!child) return;
  child->state = State::stopped;
  child->run = 0;
  child->trouble = reason_of(down.exit);
  if (child->permanent() || (!orderly(down.exit) && !child->temporary())) return restart(*child, now, out);
  if (!orderly(down.exit)) out.push_back(Report{Report::Kind::ended, child->rules.name, child->trouble});
  remove_or_keep(*child, out);
}

void Machine::serve(const Again& again, SteadyTime now, Decision& out) {
  Child* child = by_id(again.id);
  if (child && child->state == State::restarting) restart(*child, now, out);
}

void Machine::serve(StartChild& request, SteadyTime, Decision& out) {
  auto refused = complaint(flags_, {request.rules});
  const Child* present = by_name(request.rules.name);
  if (refused || present) {
    const bool runs = present && present->state == State::running;
    const Answer answer = refused ? Answer::refused : runs ? Answer::already_started : Answer::already_present;
    out.push_back(Forget{request.id});
    out.push_back(Reply{request.request, answer, refused.value_or(std::string())});
    return;
  }
  Child& child = children_.emplace_back();
  child.id = request.id;
  child.rules = std::move(request.rules);
  job_ = Job{Job::Kind::start_child, {}, {&child}, request.request, {}};
}

void Machine::serve(const TerminateChild& request, SteadyTime, Decision& out) {
  Child* child = by_name(request.name);
  if (!child) {
    out.push_back(Reply{request.request, Answer::not_found, {}});
    return;
  }
  job_ = Job{Job::Kind::terminate_child, {child}, {}, request.request, {}};
}

void Machine::serve(const RestartChild& request, SteadyTime, Decision& out) {
  Child* child = by_name(request.name);
  if (child && child->state == State::stopped) {
    job_ = Job{Job::Kind::restart_child, {}, {child}, request.request, {}};
    return;
  }
  const bool restarting = child && child->state == State::restarting;
  const Answer answer = !child ? Answer::not_found : restarting ? Answer::restarting : Answer::running;
  out.push_back(Reply{request.request, answer, {}});
}

void Machine::serve(const DeleteChild& request, SteadyTime, Decision& out) {
  const Child* child = by_name(request.name);
  Answer answer = Answer::ok;
  if (!child) {
    answer = Answer::not_found;
  } else if (child->state == State::stopped) {
    forget(*child, out);
  } else {
    answer = child->state == State::restarting ? Answer::restarting : Answer::running;
  }
  out.push_back(Reply{request.request, answer, {}});
}

// ---- the job in hand ------------------------------------------------------------------------------------------------

void Machine::restart(Child& child, SteadyTime now, Decision& out) {
  const unsigned restarts = restarts_.add(now, flags_.period);
  const bool again = child.state == State::restarting;
  if (restarts > flags_.intensity) {
    out.push_back(Report{Report::Kind::gave_up, child.rules.name, child.trouble, restarts});
    child.state = State::stopped;
    return end(Ended{Ended::Why::gave_up, child.rules.name, child.trouble});
  }
  if (!again) out.push_back(Report{Report::Kind::crashed, child.rules.name, child.trouble, restarts});
  child.state = State::restarting;
  job_ = Job{Job::Kind::restart, {}, {&child}, 0, {}};
  if (flags_.strategy == Strategy::one_for_one) return;
  // Those after it, also those that were stopped by hand: OTP starts them too. But no temporary ones.
  const auto culprit = std::find_if(children_.begin(), children_.end(), [&](const Child& c) { return &c == &child; });
  for (auto later = std::next(culprit); later != children_.end(); ++later) {
    job_->to_stop.push_back(&*later);
    if (!later->temporary()) job_->to_start.push_back(&*later);
  }
}

void Machine::advance(SteadyTime now, Decision& out) {
  while (job_ && !pending_) {
    if (stop_wanted_ && job_->kind != Job::Kind::end) job_->to_stop.clear(), job_->to_start.clear();
    if (!job_->to_stop.empty()) {
      Child* child = job_->to_stop.back();
      job_->to_stop.pop_back();
      begin_stop(*child, now, out);
    } else if (!job_->to_start.empty()) {
      Child* child = job_->to_start.front();
      job_->to_start.pop_front();
      if (!child->alive) begin_start(*child, out);
    } else {
      finish(out);
    }
  }
}

void Machine::finish(Decision& out) {
  Job done = std::move(*job_);
  job_.reset();
  if (done.kind == Job::Kind::end) {
    ended_ = true;
    out.push_back(std::move(done.ended));
    return;
  }
  if (done.kind == Job::Kind::terminate_child) out.push_back(Reply{done.request, Answer::ok, {}});
  if (done.kind == Job::Kind::boot && !stop_wanted_) out.push_back(Booted{});
  if (stop_wanted_) end(Ended{});
}

void Machine::end(Ended ended) { job_ = Job{Job::Kind::end, all(), {}, 0, std::move(ended)}; }

// Whoever asks something of a supervisor that has ended.
void Machine::refuse(const Event& event, Decision& out) {
  const auto tell = [&out](Request request) { out.push_back(Reply{request, Answer::stopping, {}}); };
  if (const auto* start = std::get_if<StartChild>(&event)) out.push_back(Forget{start->id}), tell(start->request);
  if (const auto* terminate = std::get_if<TerminateChild>(&event)) tell(terminate->request);
  if (const auto* restart = std::get_if<RestartChild>(&event)) tell(restart->request);
  if (const auto* remove = std::get_if<DeleteChild>(&event)) tell(remove->request);
}

// ---- ending one child -----------------------------------------------------------------------------------------------

void Machine::begin_stop(Child& child, SteadyTime now, Decision& out) {
  if (child.state == State::restarting) child.state = State::stopped;
  if (child.state != State::running) return;
  const auto its_end = [&child](const Event& event) {
    const Down* down = std::get_if<Down>(&event);
    return down && down->run == child.run;
  };
  const auto waiting = std::find_if(mailbox_.begin(), mailbox_.end(), its_end);
  if (waiting != mailbox_.end()) {      // it died before anybody could ask
    const Exit exit = std::get<Down>(*waiting).exit;
    mailbox_.erase(waiting);
    return stopped(child, exit, false, false, out);
  }
  child.state = State::stopping;
  pending_ = Pending{&child};
  ask(now, out);
}

void Machine::ask(SteadyTime now, Decision& out) {
  const Milliseconds limit = pending_->child->rules.time_to_end();
  if (limit == Shutdown::brutal_kill) return kill(now, out);
  pending_->asked = true;
  pending_->until = after(now, limit);
  out.push_back(Ask{pending_->child->run});
}

void Machine::kill(SteadyTime now, Decision& out) {
  pending_->killed = true;
  pending_->until = after(now, flags_.patience);
  out.push_back(Kill{pending_->child->run});
}

// OTP's shutdown/1: which ends are accepted in silence.
void Machine::stopped(Child& child, const Exit& exit, bool asked, bool killed, Decision& out) {
  const bool as_told = exit.kind == Exit::Kind::cancelled && (asked || killed);
  if (as_told && asked && killed) {
    out.push_back(Report{Report::Kind::killed, child.rules.name, {}});
  } else if (!as_told && (!orderly(exit) || child.permanent())) {
    out.push_back(Report{Report::Kind::failed_stopping, child.rules.name, reason_of(exit)});
  }
  child.run = 0;
  remove_or_keep(child, out);
}

void Machine::abandon(Decision& out) {
  Child& child = *pending_->child;
  out.push_back(Report{Report::Kind::abandoned, child.rules.name, {}});
  if (pending_->starting) return start_failed(Exit{Exit::Kind::cancelled, {}}, out);
  pending_.reset();
  child.alive = false;
  const Exit exit{Exit::Kind::failed, "it did not end in time and was abandoned"};
  out.push_back(Tell{std::exchange(child.run, 0), exit});
  remove_or_keep(child, out);
}

// ---- starting one child ---------------------------------------------------------------------------------------------

void Machine::begin_start(Child& child, Decision& out) {
  child.state = State::starting;
  child.run = ++last_run_;
  pending_ = Pending{&child, true};
  out.push_back(Start{child.id, child.run});
}

void Machine::start_succeeded(bool ignored, Decision& out) {
  Child& child = *pending_->child;
  pending_.reset();
  child.alive = !ignored;
  child.state = ignored ? State::stopped : State::running;
  if (ignored) child.run = 0;
  if (job_->kind == Job::Kind::start_child || job_->kind == Job::Kind::restart_child)
    out.push_back(Reply{job_->request, ignored ? Answer::ignored : Answer::ok, {}});
  if (ignored) remove_or_keep(child, out);
}

void Machine::start_failed(const Exit& exit, Decision& out) {
  Child& child = *pending_->child;
  pending_.reset();
  child.state = State::stopped;
  child.run = 0;
  child.trouble = reason_of(exit);
  const auto kind = job_->kind;
  const bool asked = stop_wanted_ && exit.kind == Exit::Kind::cancelled;
  if (!asked && kind != Job::Kind::restart_child)
    out.push_back(Report{Report::Kind::start_failed, child.rules.name, child.trouble});
  if (kind == Job::Kind::start_child || kind == Job::Kind::restart_child)
    out.push_back(Reply{job_->request, asked ? Answer::stopping : Answer::failed_to_start, asked ? "" : child.trouble});
  if (kind == Job::Kind::start_child) return forget(child, out);
  if (stop_wanted_) return;
  if (kind == Job::Kind::boot) return end(Ended{Ended::Why::failed_to_start, child.rules.name, child.trouble});
  if (kind != Job::Kind::restart) return;
  child.state = State::restarting;
  job_->to_start.clear();
  out.push_back(TryAgain{child.id});
}

}  // namespace beckon::core::supervision::ordered
