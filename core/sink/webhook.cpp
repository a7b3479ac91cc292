#include "sink/kinds.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

// A sink may ask to be rendered again (look up, then send); more than this is a loop.
constexpr std::uint32_t most_steps = 8;
constexpr std::size_t most_answer = 1u << 20;

class WebhookSink final : public Sink {
 public:
  WebhookSink(SinkInfo info, std::unique_ptr<Instance> instance, HttpClient& client)
      : info_(std::move(info)), instance_(std::move(instance)), client_(client) {}

  const SinkInfo& info() const override { return info_; }

  Prepared prepare(const Delivery& delivery) override {
    const AbiDelivery view(instance_->table(), delivery);
    Emitted emitted(delivery.mentions.size());
    try {
      instance_->table().render(instance_->self(), view.get(), emitted.emitter());
    } catch (...) {
      return without_request(delivery, plugin_fault("plugin_threw", "the plugin threw while it rendered the delivery"));
    }
    if (emitted.request) return std::move(*emitted.request);
    if (emitted.outcome) return without_request(delivery, std::move(*emitted.outcome));
    return without_request(delivery, plugin_fault("plugin_silent", "the plugin rendered neither a request nor an outcome"));
  }

  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared prepared) override {
    Outcome outcome = co_await exchange(delivery, std::move(prepared));
    Delivery next = *delivery;
    while (outcome.follow_up && next.step < most_steps) {
      ++next.step;
      if (outcome.state) next.endpoint_state = *outcome.state;
      const auto again = std::make_shared<const Delivery>(next);
      Prepared step = prepare(*again);
      outcome = co_await exchange(again, std::move(step));
    }
    if (outcome.follow_up) outcome = plugin_fault("plugin_loops", "the plugin asked for more steps than a delivery may have");
    co_return outcome;
  }

 private:
  static Prepared without_request(const Delivery& delivery, Outcome outcome) {
    Prepared prepared;
    prepared.covered = delivery.mentions.size();
    prepared.outcome = std::move(outcome);
    return prepared;
  }

  task<Outcome> exchange(std::shared_ptr<const Delivery> delivery, Prepared prepared) {
    if (prepared.outcome) co_return std::move(*prepared.outcome);
    HttpLimits limits;
    limits.total = prepared.timeout;
    limits.max_body = most_answer;
    auto sending = client_.send(std::move(prepared.request), limits);
    const HttpResult answer = co_await std::move(sending);
    Outcome outcome = answer ? interpret(*delivery, *answer) : failure(answer.error());
    outcome.held = prepared.hold_if_ambiguous && outcome.ambiguous && outcome.kind == OutcomeKind::retry;
    co_return outcome;
  }

  // Transport trouble never reaches the plugin: it says nothing about the message or the subscriber.
  static Outcome failure(const HttpError& error) {
    Outcome outcome;
    outcome.kind = error.failure == HttpFailure::bad_url || error.failure == HttpFailure::refused_plain
                       ? OutcomeKind::misconfigured
                       : OutcomeKind::retry;
    outcome.scope = Scope::target;
    outcome.ambiguous = error.ambiguous;
    outcome.code = error.ambiguous ? "no_answer" : "unreachable";
    outcome.reason = error.message;
    return outcome;
  }

  Outcome interpret(const Delivery& delivery, const HttpResponse& answer) {
    const AbiDelivery view(instance_->table(), delivery);
    const AbiResponse response(answer);
    Emitted emitted(delivery.mentions.size());
    try {
      instance_->table().interpret(instance_->self(), view.get(), response.get(), emitted.emitter());
    } catch (...) {
      return plugin_fault("plugin_threw", "the plugin threw while it read the answer");
    }
    if (emitted.outcome) return std::move(*emitted.outcome);
    return plugin_fault("plugin_silent", fmt::format("the plugin said nothing of an answer with status {}", answer.status));
  }

  SinkInfo info_;
  std::unique_ptr<Instance> instance_;
  HttpClient& client_;
};

}  // namespace

std::unique_ptr<Sink> make_webhook_sink(SinkInfo info, std::unique_ptr<Instance> instance, HttpClient& client) {
  return std::make_unique<WebhookSink>(std::move(info), std::move(instance), client);
}

}  // namespace beckon::core
