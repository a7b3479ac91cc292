// Finds children by name without storing names: an index of ids, hashed by the names that `name_of` answers.
#pragma once

#include "supervisor/child.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace beckon::core::supervision {

class ChildNames {
 public:
  using NameOf = std::function<std::string(ChildId)>;

  // An empty `name_of`: children have no names, none is refused and none is found.
  explicit ChildNames(NameOf name_of);
  ChildNames(const ChildNames&) = delete;
  ChildNames& operator=(const ChildNames&) = delete;

  // False when a child is listed under this name already.
  bool add(ChildId id);
  void remove(ChildId id);
  std::optional<ChildId> find(std::string_view name) const;
  // For people: its name, or "#7" when it has none or `name_of` throws.
  std::string of(ChildId id) const;

 private:
  // Not noexcept, so that libstdc++ keeps the hash beside the id and a rehash does not ask for every name again.
  struct Hash {
    using is_transparent = void;
    const NameOf* name_of;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    std::size_t operator()(ChildId id) const { return (*this)(std::string_view((*name_of)(id))); }
  };
  struct Equal {
    using is_transparent = void;
    const NameOf* name_of;
    bool operator()(ChildId a, ChildId b) const { return a == b || (*name_of)(a) == (*name_of)(b); }
    bool operator()(std::string_view name, ChildId id) const { return name == (*name_of)(id); }
    bool operator()(ChildId id, std::string_view name) const { return name == (*name_of)(id); }
  };

  NameOf name_of_;
  std::unordered_set<ChildId, Hash, Equal> ids_;
};

}  // namespace beckon::core::supervision
