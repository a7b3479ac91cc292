// Reading an answer that may come from another version: what is missing, or of another kind, is empty.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace beckon::core::cli {

inline std::string text_in(const nlohmann::json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

inline std::int64_t number_in(const nlohmann::json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

inline bool flag_in(const nlohmann::json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_boolean() && at->get<bool>();
}

// The objects of a list, which live in `object`; not a list: none.
inline std::vector<std::reference_wrapper<const nlohmann::json>> list_in(const nlohmann::json& object, const char* key) {
  std::vector<std::reference_wrapper<const nlohmann::json>> all;
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array()) return all;
  for (const auto& one : *at)
    if (one.is_object()) all.emplace_back(one);
  return all;
}

}  // namespace beckon::core::cli
