// What our sinks read of a JSON answer: never more than is sane, and nothing that is not of the type they expect.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::answer {

// An empty object when the body is none, or is too long to be an answer.
inline nlohmann::json object_of(std::string_view body, std::size_t longest = 64 * 1024) {
  const std::size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || body[begin] != '{' || body.size() > longest) return nlohmann::json::object();
  nlohmann::json object = nlohmann::json::parse(body, nullptr, false);
  return object.is_object() ? object : nlohmann::json::object();
}

inline nlohmann::json member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nlohmann::json() : *found;
}

// An empty object when it is none.
inline nlohmann::json object_in(const nlohmann::json& object, const char* name) {
  nlohmann::json value = member(object, name);
  return value.is_object() ? value : nlohmann::json::object();
}

inline std::string text_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// A whole number of at most 64 bits, as text; empty when it is none.
inline std::string number_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json value = member(object, name);
  return value.is_number_integer() ? value.dump() : std::string();
}

inline std::optional<double> seconds_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json value = member(object, name);
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

inline std::string written(const nlohmann::json& message) {
  return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace beckon::answer
