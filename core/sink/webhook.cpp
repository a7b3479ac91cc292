#include "sink/crash_note.hpp"
#include "sink/kinds.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

// A sink may ask to be rendered again (look up, then send); more than this is a loop.
constexpr std::uint32_t most_steps = 8;
constexpr std::size_t most_answer = 1u << 20;

// The plugin in this process: its two functions are called on the spot.
class InProcess final : public Renderer {
 public:
  explicit InProcess(std::unique_ptr<Instance> instance) : instance_(std::move(instance)) {}

  task<Prepared> render(std::shared_ptr<const Delivery> delivery) override {
    const AbiDelivery view(instance_->table(), *delivery);
    Emitted emitted(delivery->mentions.size());
    const InsidePlugin here(delivery->subscription);
    try {
      instance_->table().render(instance_->self(), view.get(), emitted.emitter());
    } catch (...) {
      co_return without_request(delivery->mentions.size(),
                                plugin_fault("plugin_threw", "the plugin threw while it rendered the delivery"));
    }
    co_return prepared_from(emitted, delivery->mentions.size());
  }

  task<Outcome> interpret(std::shared_ptr<const Delivery> delivery, std::shared_ptr<const HttpResponse> answer) override {
    const AbiDelivery view(instance_->table(), *delivery);
    const AbiResponse response(*answer);
    Emitted emitted(delivery->mentions.size());
    const InsidePlugin here(delivery->subscription);
    try {
      instance_->table().interpret(instance_->self(), view.get(), response.get(), emitted.emitter());
    } catch (...) {
      co_return plugin_fault("plugin_threw", "the plugin threw while it read the answer");
    }
    if (emitted.outcome) co_return std::move(*emitted.outcome);
    co_return plugin_fault("plugin_silent", fmt::format("the plugin said nothing of an answer with status {}", answer->status));
  }

  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) override {
    co_return instance_->feedback(*message);
  }

 private:
  std::unique_ptr<Instance> instance_;
};

class WebhookSink final : public Sink {
 public:
  WebhookSink(SinkInfo info, std::unique_ptr<Renderer> renderer, HttpClient& client)
      : info_(std::move(info)), renderer_(std::move(renderer)), client_(client) {}

  const SinkInfo& info() const override { return info_; }
  std::optional<SinkProcess> process() const override { return renderer_->process(); }
  void retire() override { renderer_->retire(); }

  task<Prepared> prepare(std::shared_ptr<const Delivery> delivery) override { return renderer_->render(std::move(delivery)); }

  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared prepared) override {
    Outcome outcome = co_await exchange(delivery, std::move(prepared));
    Delivery next = *delivery;
    while (outcome.follow_up && next.step < most_steps) {
      ++next.step;
      if (outcome.state) next.endpoint_state = *outcome.state;
      const auto again = std::make_shared<const Delivery>(next);
      auto rendering = renderer_->render(again);
      Prepared step = co_await std::move(rendering);
      outcome = co_await exchange(again, std::move(step));
    }
    if (outcome.follow_up) outcome = plugin_fault("plugin_loops", "the plugin asked for more steps than a delivery may have");
    co_return outcome;
  }

  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) override {
    return renderer_->feedback(std::move(message));
  }

 private:
  task<Outcome> exchange(std::shared_ptr<const Delivery> delivery, Prepared prepared) {
    if (prepared.outcome) co_return std::move(*prepared.outcome);
    HttpLimits limits;
    limits.total = prepared.timeout;
    limits.max_body = most_answer;
    auto sending = client_.send(std::move(prepared.request), limits);
    HttpResult answer = co_await std::move(sending);
    Outcome outcome;
    if (answer) {
      const auto response = std::make_shared<const HttpResponse>(std::move(*answer));
      auto reading = renderer_->interpret(delivery, response);
      outcome = co_await std::move(reading);
    } else {
      outcome = failure(answer.error());
    }
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

  SinkInfo info_;
  std::unique_ptr<Renderer> renderer_;
  HttpClient& client_;
};

}  // namespace

Prepared without_request(std::size_t mentions, Outcome outcome) {
  Prepared prepared;
  prepared.covered = mentions;
  prepared.outcome = std::move(outcome);
  return prepared;
}

Prepared prepared_from(Emitted& emitted, std::size_t mentions) {
  if (emitted.request) return std::move(*emitted.request);
  if (emitted.outcome) return without_request(mentions, std::move(*emitted.outcome));
  return without_request(mentions,
                         plugin_fault("plugin_silent", "the plugin rendered neither a request nor an outcome"));
}

std::unique_ptr<Renderer> make_renderer(std::unique_ptr<Instance> instance) {
  return std::make_unique<InProcess>(std::move(instance));
}

std::unique_ptr<Sink> make_webhook_sink(SinkInfo info, std::unique_ptr<Renderer> renderer, HttpClient& client) {
  return std::make_unique<WebhookSink>(std::move(info), std::move(renderer), client);
}

}  // namespace beckon::core
