#include "supervisor/names.hpp"

#include <algorithm>
#include <utility>

namespace beckon::core::supervision {

ChildNames::ChildNames(NameOf name_of) : name_of_(std::move(name_of)), ids_(0, Hash{&name_of_}, Equal{&name_of_}) {}

bool ChildNames::add(ChildId id) { return !name_of_ || ids_.insert(id).second; }

void ChildNames::remove(ChildId id) {
  if (!name_of_) return;
  auto listed = ids_.end();
  try {
    listed = ids_.find(id);
  } catch (...) {
    // It forgot the name before the child's end: found by its id below.
  }
  if (listed == ids_.end() || *listed != id) listed = std::find(ids_.begin(), ids_.end(), id);
  if (listed != ids_.end()) ids_.erase(listed);
}

std::optional<ChildId> ChildNames::find(std::string_view name) const {
  const auto listed = ids_.find(name);
  if (listed == ids_.end()) return std::nullopt;
  return *listed;
}

std::string ChildNames::of(ChildId id) const {
  try {
    if (name_of_) return name_of_(id);
  } catch (...) {
    // A name is worth less than the log line that wants it.
  }
  return std::string(1, '#') += std::to_string(id);
}

}  // namespace beckon::core::supervision
