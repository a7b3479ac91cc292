#include "config/subscriptions.hpp"

#include "config/naming.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

namespace beckon::core {
namespace {

constexpr Milliseconds longest = 24h * 365;

struct SinkChoice {
  std::string name;
  std::vector<Setting> target;
  Place place;
};

// The names that exist, as a help after "unknown".
std::string known_names(const std::vector<std::string>& known, std::string_view kind, std::string_view header) {
  if (known.empty()) return fmt::format("there is no {} yet: add {}", kind, header);
  constexpr std::size_t most = 12;
  const auto shown = std::min(known.size(), most);
  return fmt::format("known: {}{}", fmt::join(known.begin(), known.begin() + shown, ", "),
                     known.size() > shown ? fmt::format(" and {} more", known.size() - shown) : "");
}

class SubscriptionReader {
 public:
  SubscriptionReader(const SubscriptionDefaults& defaults, Config& config, Reading& reading)
      : defaults_(defaults), config_(config), reading_(reading) {
    for (const auto& sink : config.sinks) sinks_.push_back(sink.name);
    for (const auto& forge : config.forges) forges_.push_back(forge.name);
    sink_set_ = {sinks_.begin(), sinks_.end()};
    forge_set_ = {forges_.begin(), forges_.end()};
  }

  void read(Reader& table) {
    if (const auto name = multiply(table)) claim_name(*name);
  }

  void finish() {
    drop_twins(products_, reading_);
    tell_apart(products_, names_, reading_);
    keep();
  }

  // One that stands alone. `finish` is not for these, `keep` is.
  void read_added(Reader& table) {
    const std::size_t first = products_.size(), said = reading_.errors.size();
    multiply(table);
    for (std::size_t at = first; at < products_.size(); ++at) find_taken(products_[at].subscription, products_[at].identity);
    const bool wrong = std::any_of(reading_.errors.begin() + static_cast<std::ptrdiff_t>(said), reading_.errors.end(),
                                   [](const auto& error) { return !error.warning; });
    if (wrong) products_.erase(products_.begin() + static_cast<std::ptrdiff_t>(first), products_.end());
    for (std::size_t at = first; at < products_.size(); ++at) take(products_[at].subscription, products_[at].identity);
  }

  void take(const SubscriptionConfig& subscription, std::string identity) {
    taken_names_.emplace(subscription.name, subscription.place);
    taken_.emplace(std::move(identity), subscription.place);
  }

  void keep() {
    config_.subscriptions.reserve(config_.subscriptions.size() + products_.size());
    for (auto& product : products_) config_.subscriptions.push_back(std::move(product.subscription));
  }

 private:
  // Appends to the products; the name as it is written.
  std::optional<Located<std::string>> multiply(Reader& table) {
    auto own = defaults_;
    const auto name = table.text("name");
    const auto repositories = several(table, "repo", "repos", "\"owner/name\"", check_repository);
    const auto logins = several(table, "user", "users", "\"octocat\" or \"org/team\"", check_login);
    const auto sinks = read_sinks(table);
    const auto forge = read_forge(table);
    read_defaults(table, own);
    table.finish();

    const auto filter = filters_.share(std::move(own.filter));
    const bool alone = repositories.size() * logins.size() * sinks.size() == 1;
    for (const auto& repository : repositories)
      for (const auto& login : logins)
        for (const auto& sink : sinks) {
          Product product;
          auto& made = product.subscription;
          const auto derived =
              fmt::format("{}{} {} {}", forge == "github" ? "" : forge + ":", repository, login, sink.name);
          product.named = name && alone;
          made.name = !name ? derived : alone ? name->value : fmt::format("{} ({})", name->value, derived);
          made.forge = forge;
          made.repository = repository;
          made.login = login;
          made.sink = sink.name;
          made.target = sink.target;
          made.interval = own.interval;
          made.backfill = own.backfill;
          made.filter = filter;
          made.place = sink.place;
          made.place.file = reading_.file;
          for (auto& setting : made.target) setting.place.file = setting.value_place.file = reading_.file;
          product.identity = identity_of(made);
          products_.push_back(std::move(product));
        }
    return name;
  }

  void find_taken(const SubscriptionConfig& made, const std::string& identity) {
    const auto name = taken_names_.find(made.name);
    const auto twin = taken_.find(identity);
    if (twin != taken_.end())
      reading_.duplicate(made.place, fmt::format("{} for {} to {} is already subscribed at {}", made.repository, made.login,
                                                 made.sink, line_of_other(twin->second, made.place)));
    else if (name != taken_names_.end())
      reading_.duplicate(made.place, fmt::format("name: {} is what the subscription at {} is called: choose another name",
                                                 in_quotes(made.name), line_of_other(name->second, made.place)));
  }

  using Check = Result<std::string> (*)(std::string_view);

  // The values of `one` or of `many`; empty after an error.
  std::vector<std::string> several(Reader& table, std::string_view one, std::string_view many, std::string_view example,
                                   Check check) {
    const bool has_one = table.has(one);
    const bool has_many = table.has(many);
    if (has_one && has_many) {
      reading_.error(table.key_place(many),
                     fmt::format("either {} or {}, not both: put all of them into {} = [...]", one, many, many));
      return {};
    }
    if (!has_one && !has_many) {
      reading_.error(table.place(), fmt::format("{}: {} is missing: add {} = {}, or {} = [...]", table.title(), one,
                                                one, example.substr(0, example.find(" or ")), many));
      return {};
    }
    std::vector<Located<std::string>> written;
    if (has_one) {
      if (auto value = table.text(one, fmt::format("{} (for several there is {} = [...])", example, many)))
        written.push_back(std::move(*value));
    } else if (auto values =
                   table.texts(many, fmt::format("a list of {} (for a single one there is {})", example, one))) {
      if (table.is_empty_list(many)) reading_.error(table.key_place(many), fmt::format("{}: the list is empty", many));
      written = std::move(*values);
    }
    std::vector<std::string> result;
    std::unordered_map<std::string, Place> seen;
    for (const auto& [text, place] : written) {
      auto value = check(text);
      if (!value) {
        reading_.error(place, fmt::format("{}: {}", has_one ? one : many, value.error().message));
      } else if (const auto [first, fresh] = seen.emplace(lower(*value), place); !fresh) {
        reading_.error(place, fmt::format("{}: {} stands twice in this list (line {})", many, in_quotes(text),
                                          first->second.line));
      } else {
        result.push_back(std::move(*value));
      }
    }
    return result;
  }

  bool is_sink(const Located<std::string>& name, std::string_view key) {
    if (sink_set_.contains(name.value)) return true;
    const auto meant = closest(name.value, sinks_);
    reading_.error(name.place,
                   fmt::format("{}: there is no sink {}: {}", key, in_quotes(name.value),
                               meant.empty() ? known_names(sinks_, "sink", fmt::format("[sinks.{}]", name.value))
                                             : fmt::format("did you mean {}? ({})", in_quotes(meant),
                                                           known_names(sinks_, "sink", ""))));
    return false;
  }

  std::vector<SinkChoice> read_sinks(Reader& table) {
    std::vector<SinkChoice> choices;
    const bool has_one = table.has("sink");
    const bool has_many = table.has("sinks");
    auto target = table.table("target");
    bool own_options = false;  // an entry of `sinks` that brings its own target
    std::size_t written = 0;
    if (has_one && has_many) {
      reading_.error(table.key_place("sinks"), "either sink or sinks, not both: put all of them into sinks = [...]");
    } else if (has_one) {
      written = 1;
      if (auto name = table.text("sink", "the name of a sink (its options go into target = { ... })");
          name && is_sink(*name, "sink"))
        choices.push_back({std::move(name->value), {}, table.place()});
    } else if (has_many) {
      if (auto entries = table.entries("sinks")) {
        written = entries->size();
        if (table.is_empty_list("sinks")) reading_.error(table.key_place("sinks"), "sinks: the list is empty");
        for (auto& entry : *entries) {
          if (auto choice = read_entry(entry)) choices.push_back(std::move(*choice));
          own_options = own_options || entry.table.has_value();
        }
      }
    } else {
      reading_.error(table.place(), fmt::format("{}: sink is missing: add sink = \"NAME\", the name of a [sinks.NAME]",
                                                table.title()));
    }
    if (!target) return choices;
    if (written > 1 || own_options)
      reading_.error(table.key_place("target"),
                     "target: only with a single sink; in a list the options stand with the name: "
                     "sinks = [{ name = \"NAME\", OPTION = ... }]");
    auto settings = target->settings();
    if (choices.size() == 1 && written == 1 && !own_options) choices.front().target = std::move(settings);
    return choices;
  }

  std::optional<SinkChoice> read_entry(Entry& entry) {
    if (!entry.table) {
      Located<std::string> name{entry.text, entry.place};
      if (!is_sink(name, "sinks")) return std::nullopt;
      return SinkChoice{std::move(name.value), {}, entry.place};
    }
    auto& options = *entry.table;
    const auto name = options.text("name", "the name of a sink");
    if (!options.has("name"))
      reading_.error(entry.place, "sinks: this entry lacks the sink's name: { name = \"NAME\", ... }");
    auto target = options.settings();
    if (!name || !is_sink(*name, "sinks")) return std::nullopt;
    return SinkChoice{name->value, std::move(target), entry.place};
  }

  std::string read_forge(Reader& table) {
    const auto name = table.text("forge", "the name of a forge");
    if (!name) return "github";
    if (forge_set_.contains(name->value)) return name->value;
    const auto meant = closest(name->value, forges_);
    reading_.error(name->place, fmt::format("forge: there is no forge {}: {}{}", in_quotes(name->value),
                                            meant.empty() ? "" : fmt::format("did you mean {}? ", in_quotes(meant)),
                                            known_names(forges_, "forge", "")));
    return "github";
  }

  void claim_name(const Located<std::string>& name) {
    const auto [first, fresh] = names_.emplace(name.value, name.place);
    if (!fresh)
      reading_.error(name.place,
                     fmt::format("name: {} is already the name of the subscription at line {}: names are unique",
                                 in_quotes(name.value), first->second.line));
  }

  const SubscriptionDefaults& defaults_;
  Config& config_;
  Reading& reading_;
  std::vector<std::string> sinks_, forges_;
  std::set<std::string> sink_set_, forge_set_;
  GivenNames names_;
  std::unordered_map<std::string, Place> taken_names_, taken_;   // the latter by identity; for those that stand alone
  std::vector<Product> products_;
  FilterPool filters_;
};

}  // namespace

std::shared_ptr<const Filter> FilterPool::share(Filter filter) {
  auto& shared = filters_[{filter.ignore_authors, filter.include_own, filter.include_bots}];
  if (!shared) shared = std::make_shared<const Filter>(std::move(filter));
  return shared;
}

void read_defaults(Reader& table, SubscriptionDefaults& defaults) {
  if (const auto interval = table.duration("interval", 1s, longest)) defaults.interval = *interval;
  if (const auto backfill = table.duration("backfill", 0s, longest)) defaults.backfill = *backfill;
  if (const auto own = table.flag("include_own")) defaults.filter.include_own = *own;
  if (const auto bots = table.flag("include_bots")) defaults.filter.include_bots = *bots;
  const auto authors = table.texts("ignore_authors", "a list of logins");
  if (!authors) return;
  auto& ignored = defaults.filter.ignore_authors;
  ignored.clear();
  for (const auto& [text, place] : *authors) {
    auto author = check_author(text);
    if (author) ignored.push_back(std::move(*author));
    else table.error(place, fmt::format("ignore_authors: {}", author.error().message));
  }
  std::sort(ignored.begin(), ignored.end());
  ignored.erase(std::unique(ignored.begin(), ignored.end()), ignored.end());
}

void read_subscriptions(std::vector<Reader> tables, const SubscriptionDefaults& defaults, Config& config,
                        Reading& reading) {
  SubscriptionReader reader(defaults, config, reading);
  for (auto& table : tables) reader.read(table);
  reader.finish();
}

void read_added_subscriptions(std::vector<Reader> tables, const SubscriptionDefaults& defaults, Config& config,
                              Reading& reading) {
  if (tables.empty()) return;
  SubscriptionReader reader(defaults, config, reading);
  for (const auto& subscription : config.subscriptions) reader.take(subscription, identity_of(subscription));
  for (auto& table : tables) reader.read_added(table);
  reader.keep();
}

}  // namespace beckon::core
