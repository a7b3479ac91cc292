#include "supervisor/machine.hpp"

#include <utility>

namespace beckon::core::supervision {

Decision Machine::decide(Event event, SteadyTime now) {
  Decision decision;
  std::visit([&](auto& what) { on(what, now, decision); }, event);
  while (!asked_.empty() && still_asked(asked_.front()) == children_.end()) asked_.pop_front();
  if (phase_ == Phase::stopping && children_.empty()) finish_stop(decision);
  return decision;
}

std::optional<SteadyTime> Machine::deadline() const {
  if (asked_.empty() || asked_.front().until == SteadyTime::max()) return std::nullopt;
  return asked_.front().until;
}

std::optional<ChildState> Machine::state(ChildId id) const {
  const auto found = children_.find(id);
  if (found == children_.end()) return std::nullopt;
  return found->second.state;
}

ChildCounts Machine::counts() const {
  const auto count = [this](ChildState state) { return counts_[static_cast<std::size_t>(state)]; };
  return ChildCounts{count(ChildState::running), count(ChildState::parked), count(ChildState::set_aside),
                     count(ChildState::stopping)};
}

// ---- events ---------------------------------------------------------------------------------------------------------

void Machine::on(const Add& add, SteadyTime, Decision& decision) {
  if (phase_ != Phase::open) {
    decision.accepted = false;
    return;
  }
  const auto [child, added] = children_.try_emplace(add.id);
  decision.accepted = added;
  if (!added) return;
  ++counts_[static_cast<std::size_t>(child->second.state)];
  if (!add.parked) start(*child, decision);
}

void Machine::on(const Wake& wake, SteadyTime, Decision& decision) {
  const auto child = children_.find(wake.id);
  if (child == children_.end()) {
    decision.accepted = false;
    return;
  }
  switch (child->second.state) {
    case ChildState::parked: start(*child, decision); break;
    case ChildState::running: child->second.woken = true; break;
    case ChildState::set_aside:
    case ChildState::stopping: decision.accepted = false; break;
  }
}

void Machine::on(const Remove& remove, SteadyTime now, Decision& decision) {
  const auto child = children_.find(remove.id);
  if (child != children_.end()) ask_to_end(child, now, decision);
}

// Whatever woke the child before this, the run will see: many wakes in one turn are one run.
void Machine::on(const Began& began, SteadyTime, Decision&) {
  const auto child = children_.find(began.id);
  if (child != children_.end() && child->second.run == began.run) child->second.woken = false;
}

void Machine::on(Down& down, SteadyTime now, Decision& decision) {
  const auto child = children_.find(down.id);
  if (child == children_.end() || child->second.run != down.run) return;   // abandoned long ago
  Exit& exit = down.exit;
  if (child->second.state == ChildState::stopping) {
    if (exit.kind == Exit::Kind::failed) {
      report_end(Report::Kind::failed_stopping, down.id, exit.reason, decision);
    }
    end(child, ChildEnd::Why::shutdown, std::move(exit.reason), decision);
    return;
  }
  // A transient child: restarted after anything but an end of its own will.
  switch (exit.kind) {
    case Exit::Kind::done: end(child, ChildEnd::Why::done, {}, decision); break;
    case Exit::Kind::gone: end(child, ChildEnd::Why::gone, std::move(exit.reason), decision); break;
    case Exit::Kind::idle:
      if (child->second.woken) {
        start(*child, decision);
      } else {
        move(child->second, ChildState::parked);
      }
      break;
    case Exit::Kind::cancelled: crash(*child, "cancelled, though nobody asked it to end", now, decision); break;
    case Exit::Kind::failed: crash(*child, std::move(exit.reason), now, decision); break;
  }
}

void Machine::on(const Stop&, SteadyTime now, Decision& decision) {
  if (phase_ != Phase::open) return;
  phase_ = Phase::stopping;
  for (auto child = children_.begin(); child != children_.end();) child = ask_to_end(child, now, decision);
}

void Machine::on(const Tick&, SteadyTime now, Decision& decision) {
  for (; !asked_.empty() && asked_.front().until <= now; asked_.pop_front()) {
    const auto child = still_asked(asked_.front());
    if (child == children_.end()) continue;
    decision.actions.push_back(Break{child->second.run});
    report_end(Report::Kind::abandoned, child->first, {}, decision);
    end(child, ChildEnd::Why::shutdown, "it did not end in time and was abandoned", decision);
  }
}

// ---- what they have in common ---------------------------------------------------------------------------------------

void Machine::move(Child& child, ChildState state) {
  --counts_[static_cast<std::size_t>(child.state)];
  child.state = state;
  ++counts_[static_cast<std::size_t>(state)];
}

void Machine::start(Children::value_type& child, Decision& decision) {
  move(child.second, ChildState::running);
  child.second.run = ++last_run_;
  decision.actions.push_back(Start{child.first, child.second.run});
}

void Machine::crash(Children::value_type& child, std::string reason, SteadyTime now, Decision& decision) {
  const unsigned crashes = child.second.restarts.add(now, limits_.period);
  const bool restart = crashes <= limits_.intensity;
  const auto kind = restart ? Report::Kind::crashed : Report::Kind::set_aside;
  decision.actions.push_back(Report{kind, child.first, reason, crashes});
  if (restart) {
    start(child, decision);
    return;
  }
  move(child.second, ChildState::set_aside);
  decision.actions.push_back(Tell{ChildEnd{child.first, ChildEnd::Why::set_aside, std::move(reason)}});
}

// Returns the child after it, which is what an iteration over all needs: a child without a run is forgotten at once.
Machine::Children::iterator Machine::ask_to_end(Children::iterator child, SteadyTime now, Decision& decision) {
  switch (child->second.state) {
    case ChildState::parked: return end(child, ChildEnd::Why::shutdown, {}, decision);
    case ChildState::set_aside: return forget(child, decision);
    case ChildState::running:
      move(child->second, ChildState::stopping);
      asked_.push_back(Asked{after(now, limits_.shutdown), child->first, child->second.run});
      decision.actions.push_back(Ask{child->second.run});
      break;
    case ChildState::stopping: break;
  }
  return std::next(child);
}

Machine::Children::iterator Machine::forget(Children::iterator child, Decision& decision) {
  --counts_[static_cast<std::size_t>(child->second.state)];
  decision.actions.push_back(Forget{child->first});
  return children_.erase(child);
}

Machine::Children::iterator Machine::end(Children::iterator child, ChildEnd::Why why, std::string reason,
                                         Decision& decision) {
  const ChildId id = child->first;
  const auto next = forget(child, decision);
  decision.actions.push_back(Tell{ChildEnd{id, why, std::move(reason)}});
  return next;
}

// As OTP does for dynamic children, a stop says each reason once, however many children gave it.
void Machine::report_end(Report::Kind kind, ChildId id, const std::string& reason, Decision& decision) {
  if (phase_ == Phase::open) {
    decision.actions.push_back(Report{kind, id, reason});
    return;
  }
  Group& group = held_[{kind, reason}];
  if (group.children++ == 0) group.first = id;
}

void Machine::finish_stop(Decision& decision) {
  phase_ = Phase::stopped;
  for (const auto& [what, group] : held_) {
    decision.actions.push_back(Report{what.first, group.first, what.second, 0, group.children});
  }
  held_.clear();
  decision.actions.push_back(Stopped{});
}

Machine::Children::iterator Machine::still_asked(const Asked& asked) {
  const auto child = children_.find(asked.id);
  const bool still = child != children_.end() && child->second.run == asked.run;
  return still ? child : children_.end();
}

}  // namespace beckon::core::supervision
