// dead list, retry, drop; and the history, which is a list of the same kind.
#include "cli/answer_json.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/operator.hpp"
#include "cli/table.hpp"

#include "control/target.hpp"

#include <iostream>

namespace beckon::core::cli {
namespace {

using nlohmann::json;

std::string query(const ListOptions& options) {
  std::string text = "?limit=" + std::to_string(options.limit);
  if (!options.name.empty()) text += "&subscription=" + percent_encoded(options.name);
  return text;
}

std::string count(std::int64_t number) { return std::to_string(number) + (number == 1 ? " dead letter" : " dead letters"); }

void tell_of_more(const json& said) {
  if (flag_in(said, "more")) std::cout << "... and more; --limit shows them\n";
}

void print_dead(const json& said) {
  std::vector<std::vector<std::string>> rows;
  for (const json& one : list_in(said, "dead")) {
    std::string why = text_in(one, "reason").empty() ? text_in(one, "code") : text_in(one, "reason");
    if (flag_in(one, "again")) why = "(is told again) " + why;
    rows.push_back({text_in(one, "subscription"), std::to_string(number_in(one, "seq")), text_in(one, "at"), text_in(one, "author"),
                    text_in(one, "url"), why});
  }
  if (rows.empty()) std::cout << "no dead letters\n";
  else std::cout << table({{"SUBSCRIPTION"}, {"SEQ", true}, {"SINCE"}, {"AUTHOR"}, {"MENTION"}, {"WHY"}}, rows);
  tell_of_more(said);
}

void print_history(const json& said) {
  std::vector<std::vector<std::string>> rows;
  for (const json& one : list_in(said, "history"))
    rows.push_back({text_in(one, "at"), text_in(one, "subscription"), text_in(one, "outcome"), std::to_string(number_in(one, "mentions")),
                    std::to_string(number_in(one, "took_ms")) + " ms", text_in(one, "code")});
  if (rows.empty()) std::cout << "nothing was sent in the last 30 days\n";
  else std::cout << table({{"AT"}, {"SUBSCRIPTION"}, {"OUTCOME"}, {"MENTIONS", true}, {"TOOK", true}, {"CODE"}}, rows);
  tell_of_more(said);
}

int list(const ListOptions& options, const char* path, const char* key, void (*print)(const json&)) {
  const Answer answer = ask_operator(options.config, "GET", path + query(options), {});
  if (answer.code != ok) return answer.code;
  if (options.json) {
    std::cout << answer.body;
    return ok;
  }
  const json said = json::parse(answer.body, nullptr, false);
  if (!said.is_object() || !said.contains(key)) return strange_answer(answer);
  print(said);
  return ok;
}

int change(const DeadOptions& options, const char* verb, json& said, Answer& answer) {
  json body;
  if (options.all) body["all"] = true;
  else body["subscription"] = options.name;
  if (!options.seqs.empty()) body["seqs"] = options.seqs;
  answer = ask_operator(options.config, "POST", std::string("/api/v1/dead/") + verb,
                        body.dump(-1, ' ', true, json::error_handler_t::replace));
  if (answer.code != ok) return answer.code;
  said = json::parse(answer.body, nullptr, false);
  if (!said.is_object()) return strange_answer(answer);
  std::string missing;
  if (said.contains("missing") && said["missing"].is_array())
    for (const json& seq : said["missing"]) missing += " " + seq.dump();
  if (missing.empty()) return ok;
  complain("there is no dead letter" + missing + "; the others were found");
  return failed;
}

}  // namespace

int dead_list(const ListOptions& options) { return list(options, "/api/v1/dead", "dead", print_dead); }
int history(const ListOptions& options) { return list(options, "/api/v1/history", "history", print_history); }

int dead_retry(const DeadOptions& options) {
  json said;
  Answer answer;
  const int code = change(options, "retry", said, answer);
  if (!said.is_object()) return code;
  const auto changed = number_in(said, "changed");
  std::cout << count(changed) << (changed == 1 ? " is" : " are") << " told again";
  if (changed > 0) std::cout << when_it_counts(answer);
  std::cout << '\n';
  return code;
}

int dead_drop(const DeadOptions& options) {
  json said;
  Answer answer;
  const int code = change(options, "drop", said, answer);
  if (!said.is_object()) return code;
  std::cout << count(number_in(said, "changed")) << " dropped";
  if (const auto left = number_in(said, "under_way"); left > 0) std::cout << "; " << left << " being told again at this moment, and left";
  std::cout << '\n';
  return code;
}

}  // namespace beckon::core::cli
