// Option values as the flat C structs of beckon/sink_abi.h: for whoever asks a plugin something.
#pragma once

#include "model/delivery.hpp"

#include <beckon/sink_abi.h>

#include <deque>
#include <string_view>
#include <vector>

namespace beckon::core {

inline beckon_str borrow(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const beckon_str& text) {
  return text.size && text.data ? std::string_view(text.data, text.size) : std::string_view();
}

// nullptr when the plugin has no such option.
const beckon_option* find_option(const beckon_sink_table& table, std::string_view name);

// Views of `values`, each with the type that `table` declares for it; what the plugin does not know is left out. Valid as
// long as this object, `values` and the strings in them, which do not change meanwhile.
class AbiValues {
 public:
  AbiValues(const beckon_sink_table& table, const OptionValues& values);
  AbiValues(const AbiValues&) = delete;
  AbiValues& operator=(const AbiValues&) = delete;
  const beckon_values* get() const { return &values_; }

 private:
  const beckon_str* keep(std::string_view text) { return &strings_.emplace_back(borrow(text)); }
  std::deque<beckon_str> strings_;
  std::deque<std::vector<const beckon_str*>> lists_;
  std::deque<beckon_value> rows_;
  std::vector<const beckon_value*> pointers_;
  beckon_values values_{};
};

}  // namespace beckon::core
