#include "model/abi_values.hpp"

#include <type_traits>

namespace beckon::core {

const beckon_option* find_option(const beckon_sink_table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.option_count; ++i)
    if (view(table.options[i]->name) == name) return table.options[i];
  return nullptr;
}

AbiValues::AbiValues(const beckon_sink_table& table, const OptionValues& values) {
  for (const auto& [name, option_value] : values) {
    const beckon_option* option = find_option(table, name);
    if (option == nullptr) continue;
    beckon_value& row = rows_.emplace_back();
    row.size = sizeof row;
    row.name = borrow(name);
    row.type = option->type;
    std::visit(
        [&](const auto& value) {
          using T = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<T, std::string>) {
            row.text = borrow(value);
          } else if constexpr (std::is_same_v<T, Milliseconds>) {
            row.number = value.count();
          } else if constexpr (std::is_integral_v<T>) {
            row.number = value;
          } else {
            auto& items = lists_.emplace_back();
            if constexpr (std::is_same_v<T, std::vector<std::string>>) {
              for (const std::string& item : value) items.push_back(keep(item));
            } else {
              for (const auto& [key, item] : value) {
                items.push_back(keep(key));
                items.push_back(keep(item));
              }
            }
            row.items = items.data();
            row.item_count = items.size();
          }
        },
        option_value.value);
    pointers_.push_back(&row);
  }
  values_ = {sizeof values_, pointers_.data(), pointers_.size()};
}

}  // namespace beckon::core
