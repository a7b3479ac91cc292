#include "plan_edit.hpp"

#include "base/redaction.hpp"
#include "config/added.hpp"
#include "config/values.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core {
namespace {

using Came = PlanChange::Came;

PlanEdit refused(Came why, std::string sentence) {
  PlanEdit edit;
  edit.change = {why, {}, std::move(sentence)};
  return edit;
}

// Both files as they stand, which must be sound enough to be changed.
struct Standing {
  LoadedConfig loaded;
  std::string text;                    // of the added ones
  std::vector<AddedEntry> entries;     // in it
  std::string broken;                  // a sentence; empty: it can be changed
};

std::string first_error(const std::filesystem::path& file, const std::vector<ConfigError>& errors) {
  const auto first = std::find_if(errors.begin(), errors.end(), [](const ConfigError& error) { return error.is_fatal(); });
  return fmt::format("{}; mend that first", place_and_message(file, *first));
}

Result<Standing> look(const std::filesystem::path& config) {
  Standing standing;
  standing.loaded = load_config(config);
  const auto& file = standing.loaded.config.added_file;
  if (!standing.loaded.ok()) {
    standing.broken = first_error(config, standing.loaded.errors);
    return standing;
  }
  if (file.empty()) return fail("the state is in memory only, and would forget what is added: name a file as `state` under [bot]");
  auto text = read_added_text(file);
  if (!text) return text.error();
  standing.text = std::move(*text);
  auto entries = added_entries(standing.text);
  if (entries) standing.entries = std::move(*entries);
  else standing.broken = fmt::format("{}, {}; mend that first", file.string(), entries.error().message);
  return standing;
}

// What is wrong with the entry that begins at `line`. Sentences of the configuration's reader: no secret is in them.
PlanEdit judge(const Plan& plan, std::uint32_t line) {
  std::string sentences;
  bool only_duplicates = true;
  for (const ConfigError& error : plan.errors) {
    if (error.warning || error.is_fatal() || error.place.line < line) continue;
    if (sentences.find(error.message) != std::string::npos) continue;
    sentences += (sentences.empty() ? "" : "; ") + error.message;
    only_duplicates = only_duplicates && error.duplicate;
  }
  return sentences.empty() ? PlanEdit() : refused(only_duplicates ? Came::conflict : Came::wrong, redact(sentences));
}

std::string named(const std::string& entry, const std::string& name) {
  const auto header = entry.find('\n') + 1;
  return entry.substr(0, header) + "name = " + toml_string(name) + '\n' + entry.substr(header);
}

}  // namespace

Result<PlanEdit> plan_with(const std::filesystem::path& config, const std::string& entry) {
  auto standing = look(config);
  if (!standing) return standing.error();
  if (!standing->broken.empty()) return refused(Came::conflict, std::move(standing->broken));
  const std::uint32_t line = line_of_next(standing->text);
  std::string text = with_entry(standing->text, entry);
  const auto own = added_entries(text);
  if (!own || own->size() != standing->entries.size() + 1) return refused(Came::wrong, "this is no single [[subscriptions]]");
  std::shared_ptr<const Plan> plan = make_plan(load_config(config, text));
  if (!plan->ok()) return refused(Came::conflict, first_error(config, plan->errors));
  if (auto wrong = judge(*plan, line); wrong.change.came != Came::done) return wrong;
  PlanEdit edit;
  std::size_t count = 0;
  for (const PlannedSubscription& planned : plan->subscriptions) {
    if (planned.place.file != Origin::added || planned.place.line < line) continue;
    edit.change.name = planned.name;
    ++count;
  }
  if (count != 1) return refused(Came::wrong, "one subscription is added at a time");
  if (own->back().name.empty()) text = with_entry(standing->text, named(entry, edit.change.name));
  edit.plan = std::move(plan);
  edit.before = std::move(standing->text);
  edit.text = std::move(text);
  return edit;
}

Result<PlanEdit> plan_without(const std::filesystem::path& config, const std::string& name) {
  auto standing = look(config);
  if (!standing) return standing.error();
  if (!standing->broken.empty()) return refused(Came::conflict, std::move(standing->broken));
  const auto& subscriptions = standing->loaded.config.subscriptions;
  const auto known = std::find_if(subscriptions.begin(), subscriptions.end(), [&](const auto& one) { return one.name == name; });
  const auto is_it = [&](const AddedEntry& entry) {
    if (!entry.name.empty()) return entry.name == name;   // also one that is left out
    return known != subscriptions.end() && known->place.file == Origin::added && known->place.line == entry.line;
  };
  const auto entry = std::find_if(standing->entries.begin(), standing->entries.end(), is_it);
  if (entry == standing->entries.end()) {
    if (known == subscriptions.end()) return refused(Came::unknown, {});
    if (known->place.file == Origin::added)
      return refused(Came::conflict, fmt::format("{} is one of several of an entry in {}: change it there", in_quotes(name),
                                                 standing->loaded.config.added_file.string()));
    return refused(Came::conflict, fmt::format("{} stands in {}:{}; remove it there", in_quotes(name), config.string(), known->place.line));
  }
  auto text = without_entry(standing->text, entry->line);
  if (!text) return refused(Came::conflict, fmt::format("{}: {}", standing->loaded.config.added_file.string(), text.error().message));
  const auto left = added_entries(*text);
  if (!left || left->size() + 1 != standing->entries.size())
    return refused(Came::conflict, fmt::format("the entry at {}:{} cannot be cut out: take it out by hand",
                                               standing->loaded.config.added_file.string(), entry->line));
  PlanEdit edit;
  edit.change.name = name;
  edit.plan = make_plan(load_config(config, *text));
  if (!edit.plan->ok()) return refused(Came::conflict, first_error(config, edit.plan->errors));
  edit.before = std::move(standing->text);
  edit.text = std::move(*text);
  return edit;
}

}  // namespace beckon::core
