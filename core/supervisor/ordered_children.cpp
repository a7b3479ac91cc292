// What the machine answers about its children, and how it finds them.
#include "supervisor/ordered_machine.hpp"

#include <algorithm>

namespace beckon::core::supervision::ordered {

std::optional<SteadyTime> Machine::deadline() const {
  if (!pending_ || pending_->until == SteadyTime::max()) return std::nullopt;
  return pending_->until;
}

std::optional<RunId> Machine::find(std::string_view name) const {
  for (const Child& child : children_)
    if (child.alive && child.rules.name == name) return child.run;
  return std::nullopt;
}

std::vector<ChildInfo> Machine::which_children() const {
  std::vector<ChildInfo> told;
  for (const Child& child : children_)
    told.push_back(ChildInfo{child.rules.name, child.state, child.rules.restart, child.rules.type});
  return told;
}

ChildrenCount Machine::count_children() const {
  ChildrenCount count;
  for (const Child& child : children_) {
    ++count.specs;
    count.active += child.alive;
    ++(child.rules.type == ChildType::worker ? count.workers : count.supervisors);
  }
  return count;
}

std::deque<Machine::Child*> Machine::all() {
  std::deque<Child*> children;
  for (Child& child : children_) children.push_back(&child);
  return children;
}

// A temporary child's spec is not kept once there is nothing to run.
void Machine::remove_or_keep(Child& child, Decision& out) {
  if (child.temporary()) return forget(child, out);
  child.state = State::stopped;
}

void Machine::forget(const Child& child, Decision& out) {
  out.push_back(Forget{child.id});
  children_.remove_if([&child](const Child& other) { return &other == &child; });
}

Machine::Child* Machine::by_run(RunId run) {
  if (pending_ && pending_->child->run == run) return pending_->child;   // so that a stop of many is linear
  const auto is = [run](const Child& child) { return run != 0 && child.run == run; };
  const auto found = std::find_if(children_.begin(), children_.end(), is);
  return found == children_.end() ? nullptr : &*found;
}

Machine::Child* Machine::by_id(ChildId id) {
  const auto is = [id](const Child& child) { return child.id == id; };
  const auto found = std::find_if(children_.begin(), children_.end(), is);
  return found == children_.end() ? nullptr : &*found;
}

Machine::Child* Machine::by_name(std::string_view name) {
  const auto is = [name](const Child& child) { return child.rules.name == name; };
  const auto found = std::find_if(children_.begin(), children_.end(), is);
  return found == children_.end() ? nullptr : &*found;
}

}  // namespace beckon::core::supervision::ordered
