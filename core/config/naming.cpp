#include "config/naming.hpp"

#include "config/canonical.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace beckon::core {
namespace {

// FNV-1a, cut to what a name can bear; equal on every machine and in every release, since names are kept in the outbox.
// Of a secret target it tells nothing that could be used.
std::string short_hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  return fmt::format("{:06x}", (hash ^ (hash >> 24) ^ (hash >> 48)) & 0xffffffu);
}

}  // namespace

std::string canonical_target(std::vector<Setting> target) {
  std::sort(target.begin(), target.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string all;
  for (const auto& setting : target)
    all += fmt::format("{}:{}={}", setting.name.size(), setting.name, canonical(setting.value));
  return all;
}

std::string line_of_other(Place other, Place seen_from) {
  if (other.file == Origin::added) return fmt::format("line {} of what was added", other.line);
  return fmt::format("line {}{}", other.line, seen_from.file == Origin::added ? " of the configuration" : "");
}

std::string identity_of(const SubscriptionConfig& subscription) {
  return fmt::format("{}\n{}\n{}\n{}\n{}", subscription.forge, lower(subscription.repository), subscription.login,
                     subscription.sink, canonical_target(subscription.target));
}

void drop_twins(std::vector<Product>& products, Reading& reading) {
  std::unordered_map<std::string_view, Place> seen;
  seen.reserve(products.size());
  std::vector<bool> twin(products.size());
  for (std::size_t i = 0; i < products.size(); ++i) {
    const auto& made = products[i].subscription;
    const auto [first, fresh] = seen.emplace(products[i].identity, made.place);
    if (fresh) continue;
    twin[i] = true;
    reading.error(made.place, fmt::format("{} for {} to {} is already subscribed at line {}: take one of the two away",
                                          made.repository, made.login, made.sink, first->second.line));
  }
  std::size_t i = 0;
  std::erase_if(products, [&](const Product&) { return twin[i++]; });
}

void tell_apart(std::vector<Product>& products, const GivenNames& given_names, Reading& reading) {
  std::unordered_map<std::string, std::vector<std::size_t>> by_name;
  by_name.reserve(products.size());
  for (std::size_t i = 0; i < products.size(); ++i) by_name[products[i].subscription.name].push_back(i);
  std::size_t first_marked = products.size(), marked = 0;
  for (const auto& [name, which] : by_name) {
    if (which.size() < 2) continue;
    const auto given = std::find_if(which.begin(), which.end(), [&](std::size_t i) { return products[i].named; });
    if (given == which.end()) {
      for (const auto i : which) products[i].subscription.name += fmt::format(" #{}", short_hash(products[i].identity));
      if (which.front() < first_marked) first_marked = which.front(), marked = which.size();
      continue;
    }
    for (const auto i : which) {
      // Two given names that are equal have been refused before.
      if (products[i].named) continue;
      reading.error(given_names.at(name),
                    fmt::format("name: {} is also what the subscription at line {} is called by itself: "
                                "choose another name",
                                in_quotes(name), products[i].subscription.place.line));
      break;
    }
  }
  const bool wrong =
      std::any_of(reading.errors.begin(), reading.errors.end(), [](const auto& error) { return !error.warning; });
  if (marked == 0 || wrong) return;
  const auto& first = products[first_marked].subscription;
  reading.warn(first.place, fmt::format("{} subscriptions differ only in their target, so this one is called {}: "
                                        "a [[subscriptions]] of its own with name = \"...\" reads better in the log",
                                        marked, in_quotes(first.name)));
}

}  // namespace beckon::core
