// send-test: one delivery that says what it is, through a sink as it is configured.
#include "base/redaction.hpp"
#include "cli/attempt.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/page.hpp"
#include "cli/samples.hpp"
#include "config/values.hpp"
#include "peers.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <set>

namespace beckon::core::cli {
namespace {

constexpr std::size_t most_listed = 20;

struct Chosen {
  std::shared_ptr<const OptionValues> target;
  std::string whose;    // for people
};

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string close = closest(word, known);
  return close.empty() ? std::string() : fmt::format("; did you mean {}?", in_quotes(close));
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_listed); ++i) text += (i > 0 ? ", " : "") + in_quotes(names[i]);
  return names.size() > most_listed ? text + fmt::format(" and {} more", names.size() - most_listed) : text;
}

Result<const PlannedSink*> find_sink(const Plan& plan, const std::string& name) {
  std::vector<std::string> names;
  for (const PlannedSink& sink : plan.sinks) {
    if (sink.config.name == name) return &sink;
    names.push_back(sink.config.name);
  }
  const std::string close = did_you_mean(name, names);
  return fail(fmt::format("there is no [sinks.{}]{}", name, close.empty() && !names.empty() ? "; there are " + listed(names) : close));
}

// Whether [sinks.x] by itself says where to.
bool has_default(const PlannedSink& sink) {
  for (std::size_t i = 0; i < sink.table->option_count; ++i) {
    const beckon_option& option = *sink.table->options[i];
    const bool needed = (option.flags & BECKON_TARGET) && (option.flags & BECKON_REQUIRED);
    if (needed && !sink.options.target.contains(std::string_view(option.name.data, option.name.size))) return false;
  }
  return true;
}

Result<Chosen> target_of(const Plan& plan, const PlannedSink& sink, const std::string& subscription) {
  if (subscription == alerts_name && plan.alerts && plan.alerts->sink == &sink) return Chosen{plan.alerts->target, "the alerts' target"};
  std::vector<std::string> names;
  for (const PlannedSubscription& one : plan.subscriptions) {
    const bool is_ours = one.endpoint->sink == &sink;
    if (is_ours) names.push_back(one.name);
    if (one.name != subscription) continue;
    if (!is_ours)
      return fail(fmt::format("{} does not deliver through [sinks.{}] but through [sinks.{}]", in_quotes(subscription),
                              sink.config.name, one.endpoint->sink->config.name));
    return Chosen{one.endpoint->target, "the target of " + in_quotes(subscription)};
  }
  if (names.empty()) return fail(fmt::format("no subscription delivers through [sinks.{}]", sink.config.name));
  const std::string close = did_you_mean(subscription, names);
  return fail(fmt::format("no subscription of [sinks.{}] is called {}{}", sink.config.name, in_quotes(subscription),
                          close.empty() ? "; there are " + listed(names) : close));
}

Result<Chosen> choose(const Plan& plan, const PlannedSink& sink, const std::string& subscription) {
  if (!subscription.empty()) return target_of(plan, sink, subscription);
  if (has_default(sink)) return Chosen{std::make_shared<const OptionValues>(sink.options.target), "its own target"};
  std::set<std::shared_ptr<const PlannedEndpoint>> endpoints;
  std::vector<std::string> names;
  for (const PlannedSubscription& one : plan.subscriptions) {
    if (one.endpoint->sink != &sink) continue;
    endpoints.insert(one.endpoint);
    names.push_back(one.name);
  }
  if (endpoints.size() == 1) return Chosen{(*endpoints.begin())->target, "the target of " + in_quotes(names.front())};
  if (names.empty())
    return fail(fmt::format("[sinks.{}] does not say where to, and no subscription uses it", sink.config.name));
  return fail(fmt::format("the subscriptions of [sinks.{}] have targets of their own: choose one with --to: {}", sink.config.name,
                          listed(names)));
}

Result<Outcome> send(const PlannedSink& planned, const OptionValues& target) {
  asio::io_context context(1);
  const auto sink = open_alone(context.get_executor(), planned);
  if (!sink) return sink.error();
  Outcome outcome;
  auto work = [&]() -> task<void> {
    auto sending = attempt(**sink, test_sample(target, "send-test"));
    outcome = co_await std::move(sending);
  };
  asio::co_spawn(context.get_executor(), work(), [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    context.stop();
  });
  context.run();
  return outcome;
}

}  // namespace

int send_test(const SendTestOptions& options) {
  const auto plan = load_plan(options.config);
  if (!plan) return bad_config;
  const auto sink = find_sink(*plan, options.sink);
  if (!sink) {
    complain(sink.error().message);
    return usage;
  }
  const auto chosen = choose(*plan, **sink, options.to);
  if (!chosen) {
    complain(chosen.error().message);
    return usage;
  }
  const auto outcome = send(**sink, *chosen->target);
  if (!outcome) {
    complain(outcome.error().message);
    leave(failed);
  }
  std::cout << wrapped(redact(in_words(*outcome)), fmt::format("[sinks.{}], {}: ", options.sink, chosen->whose), 2);
  // A worker that hangs keeps nobody.
  leave(close_output(outcome->kind == OutcomeKind::delivered ? ok : failed));
}

}  // namespace beckon::core::cli
