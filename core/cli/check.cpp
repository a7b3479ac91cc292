#include "base/redaction.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/online.hpp"
#include "cli/page.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace beckon::core::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_fine = 20;        // of one section
constexpr std::size_t long_inquiry = 10;     // questions

std::string_view mark(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine: return "  ok      ";
    case Verdict::advice: return "  advice  ";
    case Verdict::failed: return "  FAILED  ";
    case Verdict::open: break;
  }
  return "  -       ";
}

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine: return "ok";
    case Verdict::advice: return "advice";
    case Verdict::failed: return "failed";
    case Verdict::open: break;
  }
  return "not_asked";
}

// Of many that are well the first ones, and how many more; whatever else there is, all of it.
void print(const Section& section) {
  std::cout << wrapped(fmt::format("[{}], {}", section.key, redact(section.about)), "\n", 2);
  std::size_t fine = 0;
  for (const Finding& finding : section.findings)
    if (finding.verdict != Verdict::fine || ++fine <= most_fine)
      std::cout << wrapped(redact(finding.sentence), mark(finding.verdict), 10);
  if (fine > most_fine) std::cout << wrapped(fmt::format("and {} more", fine - most_fine), mark(Verdict::fine), 10);
}

void print_json(const std::vector<Section>& sections, bool is_well) {
  json all = json::array();
  for (const Section& section : sections) {
    json findings = json::array();
    for (const Finding& finding : section.findings)
      findings.push_back({{"verdict", word(finding.verdict)}, {"sentence", redact(finding.sentence)}});
    all.push_back({{"key", section.key}, {"about", redact(section.about)}, {"findings", std::move(findings)}});
  }
  std::cout << json({{"ok", is_well}, {"sections", std::move(all)}}).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

// Where somebody waits at a terminal.
Ticker ticker() {
  if (!::isatty(STDERR_FILENO)) return [](std::size_t, std::size_t) {};
  return [](std::size_t answered, std::size_t all) {
    if (all < long_inquiry) return;
    if (answered < all) std::fprintf(stderr, "\rasked %zu of %zu\033[K", answered, all);
    else std::fputs("\r\033[K", stderr);
  };
}

int check_online(const Plan& plan, bool as_json) {
  const std::vector<Section> sections = ask_everybody(plan, ticker());
  const auto failed_in = [](const Section& section) {
    return std::ranges::any_of(section.findings, [](const Finding& finding) { return finding.verdict == Verdict::failed; });
  };
  const bool is_well = std::ranges::none_of(sections, failed_in);
  if (as_json) print_json(sections, is_well);
  else std::ranges::for_each(sections, print);
  return is_well ? ok : failed;
}

}  // namespace

int check(const CheckOptions& options) {
  const auto plan = load_plan(options.config);
  if (!plan) return bad_config;
  if (!plan->found.refusals.empty() || plan->leaves_out()) return bad_config;  // said by load_plan
  const auto count = [](std::size_t number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  if (!options.json)
    std::cout << plan->file.string() << ": in order (" << count(plan->subscriptions.size(), "subscription") << ", "
              << count(plan->sinks.size(), "sink") << ")\n" << std::flush;
  if (!options.online) return ok;
  // A library that hangs, or a name that is still being looked up, keeps nobody.
  leave(close_output(check_online(*plan, options.json)));
}

}  // namespace beckon::core::cli
