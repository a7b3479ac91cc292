#include "cli/online.hpp"

#include "cli/attempt.hpp"
#include "peers.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace beckon::core::cli {
namespace {

constexpr std::size_t at_once = 4;

// What stops a credential's other questions from being answered any better.
bool ends_questions(ForgeFailure failure) {
  return failure == ForgeFailure::transport || failure == ForgeFailure::unavailable || failure == ForgeFailure::rate_limited ||
         failure == ForgeFailure::unauthorized;
}

// What may be shown of where an endpoint delivers to.
std::string shown_target(const SinkInfo& info, const OptionValues& target) {
  if (info.target_secret || info.target_option.empty()) return {};
  const auto at = target.find(info.target_option);
  const auto* text = at == target.end() ? nullptr : std::get_if<std::string>(&at->second.value);
  return text == nullptr || text->empty() ? std::string() : fmt::format("{} {}", info.target_option, *text);
}

class Inquiry {
 public:
  Inquiry(Executor executor, const Plan& plan, Ticker ticker) : executor_(executor), plan_(plan), ticker_(std::move(ticker)) {
    for (const ForgeConfig& forge : plan.forges) plan_forge(forge);
    for (const PlannedSink& sink : plan.sinks) plan_sink(sink);
  }

  // Ends when every question has been answered. Several of them may run.
  task<void> work() {
    while (next_ < questions_.size()) {
      auto asking = questions_[next_++]();
      co_await std::move(asking);
    }
  }
  std::vector<Section> sections() && {
    std::vector<Section> sections;
    for (Subject& subject : subjects_) {
      Section& section = sections.emplace_back(std::move(subject.section));
      for (auto& findings : subject.answers) std::ranges::move(findings, std::back_inserter(section.findings));
    }
    return sections;
  }

 private:
  struct Subject {
    Section section;
    std::vector<std::vector<Finding>> answers;   // one for each question, so that they keep the plan's order
  };
  struct Endpoint {
    std::shared_ptr<const PlannedEndpoint> planned;
    std::vector<std::string> subscriptions;
  };

  Subject& add(std::string key, std::string about) {
    Subject& subject = subjects_.emplace_back();
    subject.section.key = std::move(key);
    subject.section.about = std::move(about);
    return subject;
  }
  void answered() { ticker_(++answered_, all_); }

  // ---- forges ---------------------------------------------------------------------------------------------------------

  void plan_forge(const ForgeConfig& config) {
    Subject& subject = add("forges." + config.name, config.api_url);
    const auto forge = open_alone(executor_, config);
    if (!forge) {
      subject.section.findings.push_back({Verdict::failed, forge.error().message});
      return;
    }
    std::vector<std::string> names;
    for (const PlannedRepository& repository : plan_.repositories)
      if (repository.forge == config.name) names.push_back(repository.name);
    all_ += 1 + names.size();
    subject.answers.emplace_back();
    questions_.push_back([this, forge = *forge, names = std::move(names), &findings = subject.answers.back()] {
      return ask_forge(forge, names, findings);
    });
  }

  Milliseconds shortest_interval(const std::string& forge) const {
    Milliseconds shortest = Milliseconds::max();
    for (const PlannedSubscription& one : plan_.subscriptions)
      if (one.repository->forge == forge) shortest = std::min(shortest, one.interval);
    return shortest;
  }

  task<void> ask_forge(std::shared_ptr<Forge> forge, std::vector<std::string> names, std::vector<Finding>& findings) {
    auto asking = forge->account();
    const auto account = co_await std::move(asking);
    answered();
    std::optional<ForgeFailure> failure;
    if (account) {
      CredentialFacts facts;
      facts.name = forge->credential();
      facts.account = *account;
      facts.quota = forge->quota();
      facts.expires = forge->expires();
      facts.repositories = names.size();
      facts.interval = shortest_interval(facts.name);
      facts.now = wall_now();
      findings = credential_findings(facts);
    } else {
      findings.push_back({Verdict::failed, account.error().message});
      failure = account.error().failure;
    }
    if (names.empty()) findings.push_back({Verdict::open, "no subscription reads a repository with it"});
    std::size_t asked = 0;
    for (; asked < names.size() && !(failure && ends_questions(*failure)); ++asked) {
      auto reading = ask_repository(*forge, names[asked], findings);
      failure = co_await std::move(reading);
      answered();
    }
    const std::size_t left = names.size() - asked;
    if (left > 0)
      findings.push_back({Verdict::open, fmt::format("{} repositor{} not asked about", left, left == 1 ? "y was" : "ies were")});
  }

  // Who may see a private repository may still not read its posts: each list is asked for what is newer than now. Public
  // ones are open to all.
  task<std::optional<ForgeFailure>> ask_repository(Forge& forge, std::string name, std::vector<Finding>& findings) {
    auto asking = forge.repository(name);
    const auto answer = co_await std::move(asking);
    findings.push_back(repository_finding(name, answer));
    if (!answer) co_return answer.error().failure;
    if (!answer->repository.is_private) co_return std::nullopt;
    const bool has_issues = answer->mark.has_issues;
    for (const SourceKind source : {SourceKind::bodies, SourceKind::comments, SourceKind::review_comments}) {
      if (source != SourceKind::review_comments && !has_issues) continue;
      PageRequest request;
      request.source = source;
      request.since = answer->date;
      auto reading = forge.page(answer->repository, std::move(request));
      const auto page = co_await std::move(reading);
      if (page) continue;
      findings.push_back({Verdict::failed, page.error().message});
      if (ends_questions(page.error().failure)) co_return page.error().failure;
    }
    co_return std::nullopt;
  }

  // ---- sinks ----------------------------------------------------------------------------------------------------------

  // Each once, with the names of those who deliver there, in the plan's order.
  std::vector<Endpoint> endpoints_of(const PlannedSink& sink) const {
    std::vector<Endpoint> endpoints;
    std::map<const PlannedEndpoint*, std::size_t> places;
    const auto add = [&](const std::shared_ptr<const PlannedEndpoint>& planned, const std::string& name) {
      if (!planned || planned->sink != &sink) return;
      const auto [at, is_new] = places.emplace(planned.get(), endpoints.size());
      if (is_new) endpoints.push_back({planned, {}});
      endpoints[at->second].subscriptions.push_back(name);
    };
    for (const PlannedSubscription& one : plan_.subscriptions) add(one.endpoint, one.name);
    add(plan_.alerts, alerts_name);
    return endpoints;
  }

  void plan_sink(const PlannedSink& planned) {
    const std::string& name = planned.config.name;
    Subject& subject = add("sinks." + name, planned.config.plugin);
    auto endpoints = endpoints_of(planned);
    std::vector<Finding>& findings = subject.section.findings;
    if (endpoints.empty()) {
      findings.push_back({Verdict::open, "no subscription uses it"});
      return;
    }
    const auto sink = open_alone(executor_, planned);
    if (!sink) {
      findings.push_back({Verdict::failed, sink.error().message});
      return;
    }
    if (!(*sink)->info().handles_probe) {
      const char* which = endpoints.size() == 1 ? "" : " --to SUBSCRIPTION";
      findings.push_back({Verdict::open, fmt::format("cannot be asked without sending; `beckon send-test {}{}` sends a test", name, which)});
      return;
    }
    all_ += endpoints.size();
    subject.answers.resize(endpoints.size());
    for (std::size_t i = 0; i < endpoints.size(); ++i)
      questions_.push_back([this, sink = *sink, endpoint = std::move(endpoints[i]), &findings = subject.answers[i]] {
        return ask_endpoint(sink, endpoint, findings);
      });
  }

  task<void> ask_endpoint(std::shared_ptr<Sink> sink, Endpoint endpoint, std::vector<Finding>& findings) {
    Delivery probe;
    probe.id = "check-online";
    probe.purpose = Purpose::probe;
    probe.subscription = "check-online";
    probe.target = *endpoint.planned->target;
    const std::string label = endpoint_label(endpoint.subscriptions, shown_target(sink->info(), probe.target));
    auto asking = attempt(*sink, std::move(probe));
    const Outcome outcome = co_await std::move(asking);
    findings.push_back(probe_finding(label, outcome));
    answered();
  }

  Executor executor_;
  const Plan& plan_;
  Ticker ticker_;
  std::deque<Subject> subjects_;                       // questions refer to them
  std::vector<std::function<task<void>()>> questions_;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
  std::size_t all_ = 0;
};

}  // namespace

std::vector<Section> ask_everybody(const Plan& plan, Ticker ticker) {
  asio::io_context context(1);
  Inquiry inquiry(context.get_executor(), plan, std::move(ticker));
  std::size_t working = at_once;
  for (std::size_t i = 0; i < at_once; ++i)
    asio::co_spawn(context.get_executor(), inquiry.work(), [&](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      if (--working == 0) context.stop();   // an isolated sink's process would go on
    });
  context.run();
  return std::move(inquiry).sections();
}

}  // namespace beckon::core::cli
