#include "metrics/metrics.hpp"

#include "metrics/last_hour.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>

namespace beckon::core {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr std::array all_outcomes = {OutcomeKind::delivered, OutcomeKind::retry, OutcomeKind::rejected, OutcomeKind::misconfigured,
                                     OutcomeKind::gone};
// Seconds. A service answers in tenths of one; a worker's time limit is a minute or so.
const Histogram::BucketBoundaries delivery_buckets = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
// The usual interval is a minute; who stretches it to a small quota looks at the long end.
const Histogram::BucketBoundaries detection_buckets = {1, 5, 15, 30, 60, 90, 120, 300, 600, 1800, 3600, 21600};

double seconds(Milliseconds time) { return std::chrono::duration<double>(time).count(); }

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& histograms(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// A gauge for each key, of those keys alone.
class GaugeSet {
 public:
  GaugeSet(Family<Gauge>& family, std::string label) : family_(family), label_(std::move(label)) {}

  template <class Value>
  void set(const std::map<std::string, Value>& values) {
    for (const auto& [key, value] : values) {
      Gauge*& gauge = gauges_[key];
      if (!gauge) gauge = &family_.Add({{label_, key}});
      gauge->Set(static_cast<double>(value));
    }
    std::erase_if(gauges_, [&](const auto& entry) {
      if (values.contains(entry.first)) return false;
      family_.Remove(entry.second);
      return true;
    });
  }

 private:
  Family<Gauge>& family_;
  std::string label_;
  std::map<std::string, Gauge*> gauges_;
};

class PrometheusMetrics final : public Metrics {
 public:
  explicit PrometheusMetrics(std::string_view version)
      : polls_(counters(registry_, "beckon_polls_total", "Polls of a repository, by how they went.")),
        mentions_(counters(registry_, "beckon_mentions_total",
                           "Mentions written to the log, of anybody in a watched repository, history that was read for a backfill included.")),
        deliveries_(counters(registry_, "beckon_deliveries_total", "Delivery attempts, by what the sink said of them.")),
        delivery_times_(histograms(registry_, "beckon_delivery_seconds", "How long delivery attempts took, from sending to the answer.")),
        detection_(histograms(registry_, "beckon_detection_seconds",
                              "From the updated_at of a post with a mention to its being found, of posts written while the repository was watched.")
                       .Add({}, detection_buckets)),
        restarts_(counters(registry_, "beckon_restarts_total", "Restarts of supervised children, by their kind.")),
        pending_(gauges(registry_, "beckon_outbox_pending", "Mentions and notices that are owed, at most 1000 of them counted for each subscription."),
                 "sink"),
        subscriptions_(gauges(registry_, "beckon_subscriptions", "Configured subscriptions, by their state."), "state"),
        quota_(gauges(registry_, "beckon_forge_quota_remaining", "Requests that the forge still allows until its quota is renewed."), "forge"),
        resident_(gauges(registry_, "process_resident_memory_bytes", "Resident memory size in bytes.").Add({})),
        open_files_(gauges(registry_, "process_open_fds", "Number of open file descriptors.").Add({})),
        started_(gauges(registry_, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.").Add({})),
        cpu_(counters(registry_, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.").Add({})) {
    gauges(registry_, "beckon_build_info", "Always 1; its label says which Beckon this is.").Add({{"version", std::string(version)}}).Set(1);
  }

  void keep(const std::vector<std::string>& forges, const std::vector<std::string>& sinks) override {
    retain(by_forge_, forges, [this](const std::string& name) { return add_forge(name); }, [this](const OfForge& old) { remove(old); });
    retain(by_sink_, sinks, [this](const std::string& name) { return add_sink(name); }, [this](const OfSink& old) { remove(old); });
  }
  void expect(std::string_view child) override { restarts_of(child); }

  void polled(const std::string& forge, PollResult result) override {
    if (const auto known = by_forge_.find(forge); known != by_forge_.end()) known->second.polls.at(result)->Increment();
  }
  void mentioned(const std::string& forge, std::size_t mentions) override {
    if (const auto known = by_forge_.find(forge); known != by_forge_.end()) known->second.mentions->Increment(static_cast<double>(mentions));
  }
  // The two clocks may disagree by a little.
  void detected(Milliseconds after) override { detection_.Observe(seconds(std::max(after, 0ms))); }
  void attempted(const std::string& sink, OutcomeKind outcome, std::optional<Milliseconds> took) override {
    const auto known = by_sink_.find(sink);
    if (known == by_sink_.end()) return;
    known->second.outcomes.at(outcome)->Increment();
    if (outcome == OutcomeKind::delivered) known->second.delivered.add(std::chrono::steady_clock::now(), 1);
    if (took) known->second.times->Observe(seconds(*took));
  }
  void restarted(std::string_view child) override { restarts_of(child).Increment(); }

  OutcomeCounts outcomes(const std::string& sink) const override {
    OutcomeCounts counts;
    const auto known = by_sink_.find(sink);
    if (known == by_sink_.end()) return counts;
    for (const auto& [kind, counter] : known->second.outcomes) counts[kind] = static_cast<std::size_t>(counter->Value());
    return counts;
  }
  std::size_t delivered_last_hour(const std::string& sink) const override {
    const auto known = by_sink_.find(sink);
    return known == by_sink_.end() ? 0 : known->second.delivered.count(std::chrono::steady_clock::now());
  }
  std::size_t restarts(std::string_view child) const override {
    const auto known = by_child_.find(child);
    return known == by_child_.end() ? 0 : static_cast<std::size_t>(known->second->Value());
  }

  std::string text(const Gauges& now) override {
    pending_.set(now.pending);
    subscriptions_.set(now.subscriptions);
    quota_.set(now.quota_remaining);
    if (now.process) note(*now.process);
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

 private:
  struct OfForge {
    std::map<PollResult, Counter*> polls;
    Counter* mentions = nullptr;
  };
  struct OfSink {
    std::map<OutcomeKind, Counter*> outcomes;
    Histogram* times = nullptr;
    LastHour delivered;
  };

  template <class Series, class Add, class Remove>
  static void retain(std::map<std::string, Series>& all, const std::vector<std::string>& names, Add add, Remove remove) {
    std::erase_if(all, [&](const auto& entry) {
      if (std::find(names.begin(), names.end(), entry.first) != names.end()) return false;
      remove(entry.second);
      return true;
    });
    for (const std::string& name : names)
      if (!all.contains(name)) all.emplace(name, add(name));
  }

  OfForge add_forge(const std::string& name) {
    OfForge forge;
    for (const PollResult result : all_poll_results)
      forge.polls[result] = &polls_.Add({{"forge", name}, {"result", std::string(to_string(result))}});
    forge.mentions = &mentions_.Add({{"forge", name}});
    return forge;
  }
  void remove(const OfForge& forge) {
    for (const auto& [result, counter] : forge.polls) polls_.Remove(counter);
    mentions_.Remove(forge.mentions);
  }
  OfSink add_sink(const std::string& name) {
    OfSink sink;
    for (const OutcomeKind outcome : all_outcomes)
      sink.outcomes[outcome] = &deliveries_.Add({{"sink", name}, {"outcome", std::string(to_string(outcome))}});
    sink.times = &delivery_times_.Add({{"sink", name}}, delivery_buckets);
    return sink;
  }
  void remove(const OfSink& sink) {
    for (const auto& [outcome, counter] : sink.outcomes) deliveries_.Remove(counter);
    delivery_times_.Remove(sink.times);
  }
  Counter& restarts_of(std::string_view child) {
    const auto known = by_child_.find(child);
    if (known != by_child_.end()) return *known->second;
    Counter& counter = restarts_.Add({{"child", std::string(child)}});
    by_child_.emplace(child, &counter);
    return counter;
  }

  void note(const ProcessFacts& process) {
    resident_.Set(static_cast<double>(process.resident_bytes));
    started_.Set(static_cast<double>(unix_ms(process.started)) / 1000);
    cpu_.Increment(std::max(0.0, process.cpu_seconds - cpu_.Value()));
    if (process.open_files) open_files_.Set(static_cast<double>(*process.open_files));
  }

  prometheus::Registry registry_;
  Family<Counter>& polls_;
  Family<Counter>& mentions_;
  Family<Counter>& deliveries_;
  Family<Histogram>& delivery_times_;
  Histogram& detection_;
  Family<Counter>& restarts_;
  GaugeSet pending_;
  GaugeSet subscriptions_;
  GaugeSet quota_;
  Gauge& resident_;
  Gauge& open_files_;
  Gauge& started_;
  Counter& cpu_;
  // The library finds a series by its labels, under a lock; these are found once.
  std::map<std::string, OfForge> by_forge_;
  std::map<std::string, OfSink> by_sink_;
  std::map<std::string, Counter*, std::less<>> by_child_;
};

}  // namespace

std::unique_ptr<Metrics> make_metrics(std::string_view version) { return std::make_unique<PrometheusMetrics>(version); }

}  // namespace beckon::core
