#include "cli/findings.hpp"

#include "config/values.hpp"
#include "feed/pace.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core::cli {
namespace {

constexpr Milliseconds ends_soon = 7 * 24h;
// Of a poll in which nothing is new: the lists of issues, comments and review comments, which cost without a token.
constexpr double requests_of_a_poll = 3;
constexpr std::size_t most_named = 3;   // subscriptions of one endpoint

std::string second(WallTime time) { return format_iso_time(std::chrono::floor<std::chrono::seconds>(time)); }

Finding whose(const CredentialFacts& facts) {
  const std::string owner = fmt::format("the token is {}'s", facts.account.login);
  switch (facts.account.kind) {
    case Account::Kind::anonymous: return {Verdict::fine, "no token is set: public repositories can be read"};
    case Account::Kind::fine_grained: return {Verdict::fine, owner + ", a fine-grained one"};
    case Account::Kind::app_user: return {Verdict::fine, owner + ", by way of a GitHub App"};
    case Account::Kind::installation:
      return {Verdict::fine, "the token is a GitHub App's own: it reads what the app is installed for"};
    case Account::Kind::unknown: return {Verdict::fine, owner};
    case Account::Kind::classic:
    case Account::Kind::oauth_app: break;
  }
  const std::string kind = facts.account.kind == Account::Kind::classic ? ", a classic one" : ", by way of an OAuth app";
  if (!facts.account.scopes) return {Verdict::fine, owner + kind};
  if (facts.account.scopes->empty()) return {Verdict::fine, owner + kind + " without scopes: public repositories can be read"};
  return {Verdict::fine, owner + kind + " with the scopes " + *facts.account.scopes};
}

Finding expiry(const CredentialFacts& facts) {
  const Milliseconds left = *facts.expires - facts.now;
  const std::string when = second(*facts.expires);
  if (left <= 0ms) return {Verdict::failed, fmt::format("the token has ended at {}: make a new one", when)};
  if (left < ends_soon)
    return {Verdict::advice, fmt::format("the token ends at {}, in {}: make a new one in time", when, format_about(left))};
  return {Verdict::fine, fmt::format("the token ends at {}, in {}", when, format_about(left))};
}

Finding quota(const CredentialFacts& facts) {
  const Quota& quota = facts.quota;
  if (quota.limit <= 0) return {Verdict::fine, "the forge sets no limit of requests"};
  std::string sentence = fmt::format("{} of {} requests an hour are left", quota.remaining, quota.limit);
  if (quota.reset_after && quota.remaining < quota.limit)
    sentence += fmt::format("; from {} on all of them again", format_time_of_day(facts.now + *quota.reset_after));
  return {quota.remaining > 0 ? Verdict::fine : Verdict::failed, sentence};
}

// Without a token every question costs, news or not.
Finding anonymous_pace(const CredentialFacts& facts) {
  PaceFacts pace;
  pace.interval = facts.interval;
  pace.quota = {facts.quota.limit, facts.quota.limit, 1h};
  pace.feeds = facts.repositories;
  pace.cost = requests_of_a_poll;
  const Pace next = next_poll(pace);
  const std::string all = fmt::format("{} requests an hour for {} repositor{}", facts.quota.limit, facts.repositories,
                                      facts.repositories == 1 ? "y" : "ies");
  if (!next.stretched) return {Verdict::fine, fmt::format("{}: enough for a poll every {}", all, format_duration(facts.interval))};
  std::string actual = format_about(next.interval);
  if (!actual.starts_with("about ")) actual.insert(0, "about ");
  return {Verdict::advice, fmt::format("{}: {} polled {} apart at best instead of {}; set {}", all,
                                       facts.repositories == 1 ? "it is" : "each is", actual, format_duration(facts.interval),
                                       token_key(facts.name, {}))};
}

std::string in_clause(const Outcome& outcome) { return fmt::format("{}: {}", outcome.code, outcome.reason); }

}  // namespace

std::vector<Finding> credential_findings(const CredentialFacts& facts) {
  std::vector<Finding> findings = {whose(facts)};
  if (facts.expires) findings.push_back(expiry(facts));
  findings.push_back(quota(facts));
  if (facts.account.kind == Account::Kind::anonymous && facts.quota.limit > 0 && facts.repositories > 0)
    findings.push_back(anonymous_pace(facts));
  return findings;
}

Finding repository_finding(const std::string& configured, const ForgeResult<RepositoryAnswer>& answer) {
  if (!answer) return {Verdict::failed, answer.error().message};
  const Repository& repository = answer->repository;
  std::string traits = repository.is_private ? ", private" : "";
  if (!answer->mark.has_issues) traits += "; issues are switched off there, so its pull requests alone are read";
  if (lower(repository.full_name) != lower(configured))
    return {Verdict::advice, fmt::format("{}: is called {} now{}: write that name; meanwhile Beckon follows it", configured,
                                         repository.full_name, traits)};
  return {Verdict::fine, fmt::format("{}: found{}", configured, traits)};
}

std::string endpoint_label(const std::vector<std::string>& subscriptions, const std::string& shown_target) {
  std::string names;
  const std::size_t named = subscriptions.size() <= most_named ? subscriptions.size() : most_named - 1;
  for (std::size_t i = 0; i < named; ++i) {
    if (i > 0) names += i + 1 == subscriptions.size() ? " and " : ", ";
    names += in_quotes(subscriptions[i]);
  }
  if (named < subscriptions.size()) names += fmt::format(" and {} more subscriptions", subscriptions.size() - named);
  return shown_target.empty() ? names : fmt::format("{}, for {}", shown_target, names);
}

Finding probe_finding(const std::string& label, const Outcome& outcome) {
  switch (outcome.kind) {
    case OutcomeKind::delivered: return {Verdict::fine, label + ": reachable"};
    case OutcomeKind::retry: return {Verdict::failed, fmt::format("{}: not reachable now: {}", label, in_clause(outcome))};
    case OutcomeKind::rejected: return {Verdict::failed, fmt::format("{}: does not let itself be asked: {}", label, in_clause(outcome))};
    case OutcomeKind::misconfigured: return {Verdict::failed, fmt::format("{}: misconfigured: {}", label, in_clause(outcome))};
    case OutcomeKind::gone: break;
  }
  return {Verdict::failed, fmt::format("{}: {}gone: {}", label, outcome.certainty == Certainty::exact ? "" : "perhaps ", in_clause(outcome))};
}

}  // namespace beckon::core::cli
