#include "control/new_subscription.hpp"

#include "config/added.hpp"
#include "config/values.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

namespace beckon::core {
namespace {

using json = nlohmann::ordered_json;

constexpr int deepest = 4;   // a list of sources in a target is 3

constexpr std::string_view example =
    R"(write {"repo": "owner/name", "user": "octocat", "sink": "NAME"}, and "name", "target", "backfill" and so on as in [[subscriptions]])";

bool is_bare(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string key_text(const std::string& key) { return is_bare(key) ? key : toml_string(key); }

class Writer {
 public:
  // Of `value`, which stands under `key`. nullopt, after `why`, for what TOML cannot say.
  std::optional<std::string> text(const std::string& key, const json& value, int depth) {
    if (depth > deepest) return refuse(key, "is nested too deep");
    if (value.is_string()) return toml_string(value.get_ref<const std::string&>());
    if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return refuse(key, "is too large a number");
    if (value.is_number()) return value.dump();
    if (value.is_array()) return list(key, value, depth);
    if (value.is_object()) return table(key, value, depth);
    return refuse(key, "is null: leave it out");
  }
  const std::string& why() const { return why_; }
  bool has_sources() const { return has_sources_; }

 private:
  std::optional<std::string> list(const std::string& key, const json& value, int depth) {
    std::string all;
    for (const json& item : value) {
      const auto written = text(key, item, depth + 1);
      if (!written) return std::nullopt;
      all += (all.empty() ? "" : ", ") + *written;
    }
    return "[" + all + "]";
  }
  std::optional<std::string> table(const std::string& key, const json& value, int depth) {
    std::string all;
    for (const auto& [name, item] : value.items()) {
      // Whatever a plugin calls its options: better one too many.
      if (name == "env" || name == "file" || name == "credential") has_sources_ = true;
      const auto written = text(key, item, depth + 1);
      if (!written) return std::nullopt;
      all += (all.empty() ? "" : ", ") + key_text(name) + " = " + *written;
    }
    return all.empty() ? "{}" : "{ " + all + " }";
  }
  std::nullopt_t refuse(const std::string& key, std::string_view what) {
    why_ = fmt::format("{} {}", in_quotes(key), what);
    return std::nullopt;
  }

  std::string why_;
  bool has_sources_ = false;
};

}  // namespace

Result<NewEntry> read_new_subscription(const std::string& body) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return fail(fmt::format("the body is no JSON object: {}", example));
  NewEntry entry;
  entry.toml = "[[subscriptions]]\n";
  Writer writer;
  for (const auto& [key, value] : parsed.items()) {
    for (const auto& [many, one] : {std::pair("repos", "repo"), {"users", "user"}, {"sinks", "sink"}})
      if (key == many) return fail(fmt::format("one subscription is added at a time: write \"{}\", not \"{}\"", one, many));
    const auto written = writer.text(key, value, 0);
    if (!written) return fail(writer.why());
    entry.toml += key_text(key) + " = " + *written + '\n';
  }
  entry.has_sources = writer.has_sources();
  return entry;
}

}  // namespace beckon::core
