#include "cli/answer_json.hpp"
#include "cli/commands.hpp"
#include "cli/operator.hpp"
#include "cli/table.hpp"

#include "base/log.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iostream>

namespace beckon::core::cli {
namespace {

using nlohmann::json;

std::string owed(const json& one) {
  const auto count = number_in(one, "owed");
  return count < 1000 ? std::to_string(count) : "1000+";
}

std::string or_else(std::string text, const char* instead) { return text.empty() ? instead : text; }

void print_subscriptions(const json& status) {
  std::vector<std::vector<std::string>> rows;
  for (const json& one : list_in(status, "subscriptions")) {
    std::string wrong = text_in(one, "reason");
    if (const auto next = text_in(one, "next_attempt"); !next.empty()) wrong += "; again at " + next;
    rows.push_back({text_in(one, "name"), text_in(one, "state"), owed(one), std::to_string(number_in(one, "dead")),
                    or_else(text_in(one, "last_delivery"), "never"), wrong});
  }
  std::cout << table({{"SUBSCRIPTION"}, {"STATE", false, 6}, {"OWED", true, 5}, {"DEAD", true}, {"LAST DELIVERY", false, 20}, {"WHAT IS WRONG"}}, rows);
}

void print_sinks(const json& status) {
  std::vector<std::vector<std::string>> rows;
  for (const json& one : list_in(status, "sinks"))
    rows.push_back({text_in(one, "name"), text_in(one, "plugin"), text_in(one, "state"), std::to_string(number_in(one, "owed")),
                    std::to_string(number_in(one, "dead")), or_else(text_in(one, "last_delivery"), "never"), text_in(one, "reason")});
  if (rows.empty()) return;
  std::cout << '\n'
            << table({{"SINK"}, {"PLUGIN"}, {"STATE", false, 6}, {"OWED", true, 5}, {"DEAD", true}, {"LAST DELIVERY", false, 20}, {"WHAT IS WRONG"}}, rows);
}

// The bodies of posts are what mentions come from; the other sources follow.
bool counts(const std::string& source) { return source == "bodies" || source == "comments" || source == "review_comments"; }

std::string reading(const json& feed) {
  if (!feed.contains("progress") || !feed["progress"].is_object()) return {};
  const json& progress = feed["progress"];
  const bool is_known = progress.contains("pages_left") && progress["pages_left"].is_number_integer();
  return fmt::format(", reading: {} pages done, {}", number_in(progress, "pages_done"),
                     is_known ? fmt::format("about {} left", number_in(progress, "pages_left")) : "more to come");
}

void print_feeds(const json& status) {
  std::cout << '\n';
  for (const json& feed : list_in(status, "feeds")) {
    std::string read_to, wrong;
    for (const json& source : list_in(feed, "sources")) {
      const std::string name = text_in(source, "source"), to = text_in(source, "read_to"), error = text_in(source, "error");
      if (counts(name) && (read_to.empty() || to < read_to)) read_to = to;   // ISO times sort as texts
      if (!error.empty()) wrong += "\n  " + log::printable(name) + ": " + log::printable(error);
    }
    std::string next;
    if (const auto poll = text_in(feed, "next_poll"); !poll.empty()) next = ", next poll " + log::printable(poll);
    if (feed.contains("quota_left") && feed["quota_left"].is_number_integer())
      next += ", " + std::to_string(number_in(feed, "quota_left")) + " requests left";
    next += reading(feed);
    std::cout << log::printable(text_in(feed, "repo")) << " through " << log::printable(text_in(feed, "forge")) << ": read up to "
              << log::printable(or_else(read_to, "the beginning")) << next << wrong << '\n';
  }
}

void print_forges(const json& status) {
  std::vector<std::vector<std::string>> rows;
  for (const json& forge : list_in(status, "forges")) {
    const bool known = forge.contains("quota_limit") && forge["quota_limit"].is_number_integer();
    const std::string quota = known ? fmt::format("{} of {}", number_in(forge, "quota_left"), number_in(forge, "quota_limit")) : "";
    rows.push_back({text_in(forge, "name"), quota, text_in(forge, "quota_resets"), text_in(forge, "token_ends")});
  }
  if (rows.empty()) return;
  std::cout << '\n' << table({{"FORGE"}, {"REQUESTS LEFT", true}, {"UNTIL", false, 20}, {"TOKEN ENDS"}}, rows);
}

void print_hosts(const json& status) {
  std::vector<std::vector<std::string>> rows;
  for (const json& host : list_in(status, "hosts")) {
    const auto pid = number_in(host, "pid"), memory = number_in(host, "memory_bytes");
    rows.push_back({text_in(host, "sink"), text_in(host, "plugin"), text_in(host, "state"), pid > 0 ? std::to_string(pid) : "",
                    memory > 0 ? fmt::format("{:.1f} MB", static_cast<double>(memory) / 1e6) : "",
                    std::to_string(number_in(host, "restarts")), text_in(host, "reason")});
  }
  if (rows.empty()) return;
  std::cout << '\n'
            << table({{"PROCESS OF SINK"}, {"PLUGIN"}, {"STATE", false, 8}, {"PID", true}, {"MEMORY", true}, {"RESTARTS", true}, {"WHAT IS WRONG"}}, rows);
}

// Only what is amiss: a daemon whose parts all run and have run from the start says nothing of them.
void print_tree(const std::vector<std::reference_wrapper<const json>>& parts, std::string& out) {
  for (const json& part : parts) {
    const std::string name = log::printable(text_in(part, "name")), state = text_in(part, "state");
    const auto restarts = number_in(part, "restarts");
    if (state != "running") out += fmt::format("part \"{}\" of the daemon is {}\n", name, log::printable(state));
    if (restarts > 0) out += fmt::format("part \"{}\" of the daemon was restarted {} {}\n", name, restarts, restarts == 1 ? "time" : "times");
    if (part.contains("counts") && part["counts"].is_object())
      if (const auto crashes = number_in(part["counts"], "restarts"); crashes > 0)
        out += fmt::format("children of \"{}\" were restarted {} {}\n", name, crashes, crashes == 1 ? "time" : "times");
    print_tree(list_in(part, "children"), out);
  }
}

}  // namespace

int status(const std::string& config, bool as_json) {
  const Answer answer = ask_operator(config, "GET", "/api/v1/status", {});
  if (answer.code != ok) return answer.code;
  if (as_json) {
    std::cout << answer.body;
    return ok;
  }
  const json said = json::parse(answer.body, nullptr, false);
  if (!said.is_object() || !said.contains("subscriptions")) return strange_answer(answer);
  print_subscriptions(said);
  print_sinks(said);
  print_feeds(said);
  print_forges(said);
  print_hosts(said);
  std::string amiss;
  print_tree(list_in(said, "tree"), amiss);
  if (!amiss.empty()) std::cout << '\n' << amiss;
  if (!answer.by_daemon) std::cout << "\nno daemon is running with this state file\n";
  return ok;
}

}  // namespace beckon::core::cli
