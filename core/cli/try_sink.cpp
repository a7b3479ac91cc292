// try-sink: the shared contract on anybody's library, what a delivery would look like, and, with --send, one real delivery.
// The library is never loaded into this process.
#include "base/log.hpp"
#include "base/redaction.hpp"
#include "cli/attempt.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/given_options.hpp"
#include "cli/page.hpp"
#include "cli/samples.hpp"
#include "model/abi_values.hpp"
#include "sink/isolated.hpp"

#include "plugins/contract/try_out.hpp"
#include "plugins/host/process.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iostream>
#include <map>

namespace beckon::core::cli {
namespace {

namespace contract = plugins::contract;

constexpr std::size_t most_lines = 40;   // of one body

// ---- the contract ---------------------------------------------------------------------------------------------------

struct Score {
  std::size_t held = 0, broken = 0, advice = 0;
  std::map<std::string, std::size_t> left_out;   // by reason
};

void print_findings(const std::vector<contract::Finding>& findings) {
  for (const contract::Finding& finding : findings)
    std::cout << wrapped(redact(finding.sentence + ": " + finding.way_out), "            ", 12);
}

bool has_fault(const std::vector<contract::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const auto& finding) { return finding.weight == contract::Weight::fault; });
}

void print_check(const contract::Tried& tried, Score& score) {
  const std::string promise(tried.check->promise);
  if (!tried.passed_over.empty()) {
    ++score.left_out[tried.passed_over];
    return;
  }
  const bool broken = has_fault(tried.findings);
  ++(broken ? score.broken : score.held);
  if (!broken && !tried.findings.empty()) ++score.advice;
  std::cout << wrapped(promise, broken ? "  FAILED  " : tried.findings.empty() ? "  ok      " : "  advice  ", 10);
  print_findings(tried.findings);
  std::cout << std::flush;
}

// Whether it was tried at all.
bool try_contract(const plugins::Plugin& plugin, const GivenOptions& options, Score& score) {
  std::cout << "\nThe contract of every sink\n" << std::flush;
  contract::TryOut how;
  how.library = plugin.path;
  how.memory_limit = plugins::default_memory_limit;
  how.on_each = [&](const contract::Tried& tried) { print_check(tried, score); };
  const AbiValues settings(*plugin.table, options.settings), target(*plugin.table, options.target);
  const auto why = contract::try_out(how, *settings.get(), *target.get());
  for (const auto& [reason, count] : score.left_out)
    std::cout << wrapped(fmt::format("{} left out: {}", count, reason), "  -       ", 10);
  if (why) complain(fmt::format("{} {}", plugin.path.string(), *why));
  return !why;
}

// ---- what a delivery would look like --------------------------------------------------------------------------------

std::string pretty(const std::string& body) {
  const auto json = nlohmann::ordered_json::parse(body, nullptr, false);
  return json.is_structured() ? json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) : body;
}

std::string shown(const HttpRequest& request) {
  std::string text = request.method + " " + request.url + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text;
}

void print_prepared(const std::string& title, const Prepared& prepared, std::size_t mentions) {
  std::cout << wrapped(prepared.covered < mentions ? fmt::format("{}, of which the first {} fit", title, prepared.covered) : title, "\n", 0);
  if (prepared.outcome) {
    std::cout << wrapped(redact(in_words(*prepared.outcome)), "  ", 2);
    return;
  }
  std::cout << block(redact(shown(prepared.request)), 2, most_lines);
  if (!prepared.request.body.empty()) std::cout << '\n' << block(redact(pretty(prepared.request.body)), 2, most_lines);
}

task<void> preview(Sink& sink, OptionValues target) {
  std::optional<HttpRequest> last;
  for (auto& [title, delivery] : preview_samples(target, sink.info().max_batch, sink.info().handles_probe)) {
    const std::size_t mentions = delivery.mentions.size();
    const bool plain = delivery.form == Form::plain;
    auto preparing = sink.prepare(std::make_shared<const Delivery>(std::move(delivery)));
    const Prepared prepared = co_await std::move(preparing);
    if (plain && last && !prepared.outcome && prepared.request.body == last->body) std::cout << "\n" << title << ": the same\n";
    else print_prepared(title, prepared, mentions);
    if (!prepared.outcome) last = prepared.request;
  }
}

// ---- one delivery ---------------------------------------------------------------------------------------------------

// The host has made it safe; what the sink should have said better is told.
std::vector<contract::Finding> judged(const Outcome& outcome) {
  beckon::Outcome said;
  said.kind = static_cast<std::uint32_t>(outcome.kind);
  said.certainty = static_cast<std::uint32_t>(outcome.certainty);
  said.scope = static_cast<std::uint32_t>(outcome.scope);
  if (outcome.ask_again_after) said.ask_again_after_ms = outcome.ask_again_after->count();
  said.code = outcome.code;
  said.reason = outcome.reason;
  return contract::judge(said, {}, "the outcome of this delivery");
}

task<void> send(Sink& sink, OptionValues target, bool& delivered) {
  auto sending = attempt(sink, test_sample(target, "try-sink"));
  const Outcome outcome = co_await std::move(sending);
  std::cout << wrapped(redact(in_words(outcome)), "\nThe test delivery: ", 2);
  const auto findings = judged(outcome);
  print_findings(findings);
  delivered = outcome.kind == OutcomeKind::delivered && !has_fault(findings);
}

Result<bool> deliver(const plugins::Plugin& plugin, const GivenOptions& options, bool with_send) {
  asio::io_context context(1);
  HttpClientOptions way;
  apply_proxy_environment(way);
  const auto client = make_http_client(context.get_executor(), way);
  if (!client) return client.error();
  const auto sink = open_isolated_sink(plugin.name, plugin, options.settings, plugins::default_memory_limit,
                                       {**client, context.get_executor(), {}});
  if (!sink) return sink.error();
  bool delivered = true;
  auto work = [&]() -> task<void> {
    if (!plugin.is_worker) {
      auto showing = preview(**sink, options.target);
      co_await std::move(showing);
    }
    if (with_send) {
      auto sending = send(**sink, options.target, delivered);
      co_await std::move(sending);
    }
  };
  asio::co_spawn(context.get_executor(), work(), [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    context.stop();
  });
  context.run();
  return delivered;
}

}  // namespace

int try_sink(const TrySinkOptions& options) {
  const auto described = plugins::describe_plugin(options.library);
  if (const auto* refusal = std::get_if<plugins::Refusal>(&described)) {
    complain(fmt::format("{} {}", refusal->path.string(), refusal->sentence));
    return failed;
  }
  const auto& plugin = std::get<plugins::Plugin>(described);
  const beckon_sink_table& table = *plugin.table;
  const GivenOptions given = read_given(options.settings, plugin);
  for (const std::string& error : given.errors) complain(error);
  if (!given.errors.empty()) return usage;
  std::cout << wrapped(fmt::format("{} {}: {}", plugin.name, plugin.version, view(table.about)), "", 2)
            << wrapped(fmt::format("a {} sink, built for version {}.{} of the boundary", plugin.is_worker ? "worker" : "webhook",
                                   table.major, table.minor), "", 2);
  Score score;
  if (!try_contract(plugin, given, score)) return failed;
  std::cout << wrapped(score.broken == 0 ? fmt::format("It keeps the contract{}.", score.advice ? ", and could do better" : "")
                                         : fmt::format("It breaks the contract in {} of {} points.", score.broken, score.held + score.broken),
                       "", 0);
  if (plugin.is_worker && !options.send) std::cout << wrapped("What a worker sink delivers has effects, so nothing was delivered; --send delivers one test.", "\n", 0);
  const auto delivered = deliver(plugin, given, options.send);
  if (!delivered) complain(delivered.error().message);
  return score.broken == 0 && delivered && *delivered ? ok : failed;
}

}  // namespace beckon::core::cli
