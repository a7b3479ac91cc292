#include "config/canonical.hpp"

#include <fmt/format.h>

namespace beckon::core {

std::string canonical(const OptionValue& value) {
  struct Writer {
    std::string operator()(const std::string& text) const { return fmt::format("s{}:{}", text.size(), text); }
    std::string operator()(std::int64_t number) const { return fmt::format("i{};", number); }
    std::string operator()(bool flag) const { return flag ? "t;" : "f;"; }
    std::string operator()(Milliseconds duration) const { return fmt::format("d{};", duration.count()); }
    std::string operator()(const std::vector<std::string>& items) const {
      std::string all = fmt::format("l{}:", items.size());
      for (const auto& item : items) all += (*this)(item);
      return all;
    }
    std::string operator()(const std::map<std::string, std::string>& items) const {
      std::string all = fmt::format("m{}:", items.size());
      for (const auto& [name, item] : items) all += (*this)(name) + (*this)(item);
      return all;
    }
  };
  return std::visit(Writer{}, value.value);
}

}  // namespace beckon::core
