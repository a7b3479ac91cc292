#include "sink/isolated.hpp"

#include "sink/kinds.hpp"
#include "sink/plugin_host.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core {
namespace {

namespace wire = plugins::wire;
using wire::Kind;
using Payload = std::shared_ptr<const std::string>;

// How long past its deadline a worker may still answer, as in this process.
constexpr Milliseconds patience = 1s;

// Takes the plugin's answer as if it had been emitted here: the same limits and the same masking.
void emit(const HostReply& reply, Emitted& emitted) {
  wire::Decoder decoder(reply.payload);
  if (reply.kind == Kind::request) {
    beckon_request request{};
    request.size = sizeof request;
    if (wire::unpack(decoder, request)) emitted.emitter()->request(emitted.emitter()->context, &request);
  } else if (reply.kind == Kind::outcome) {
    beckon_outcome outcome{};
    outcome.size = sizeof outcome;
    if (wire::unpack(decoder, outcome)) emitted.emitter()->outcome(emitted.emitter()->context, &outcome);
  }
}

// The host's own word on a plugin that broke the rules; nothing when the plugin answered.
std::optional<Outcome> fault_of(const HostReply& reply, std::string_view when, std::string_view silent) {
  if (reply.kind != Kind::fault) return std::nullopt;
  wire::Decoder decoder(reply.payload);
  wire::Text code, reason;
  wire::unpack(decoder, code, reason);
  if (code.text == "plugin_threw") return plugin_fault("plugin_threw", fmt::format("the plugin threw while it {}", when));
  if (code.text == "plugin_request") return plugin_fault("plugin_request", std::string(reason.text.substr(0, 200)));
  return plugin_fault("plugin_silent", std::string(silent));
}

// A delivery for the wire, with as many of its mentions as fit into one frame.
struct Packed {
  Payload payload;
  std::size_t mentions = 0;
};
Packed pack_delivery(const beckon_sink_table& table, const Delivery& delivery) {
  {
    const AbiDelivery crossing(table, delivery);
    if (auto payload = wire::pack(*crossing.get()))
      return {std::make_shared<const std::string>(std::move(*payload)), delivery.mentions.size()};
  }
  if (delivery.mentions.size() < 2) return {};
  Delivery fewer = delivery;
  fewer.mentions.resize(delivery.mentions.size() / 2);
  return pack_delivery(table, fewer);
}

Outcome too_large() {
  Outcome outcome;
  outcome.kind = OutcomeKind::rejected;
  outcome.code = "too_large";
  outcome.reason = "this mention is too large for a plugin in a process of its own";
  return outcome;
}

task<Result<std::optional<LateOutcome>>> ask_feedback(std::shared_ptr<PluginHost> host, std::shared_ptr<const std::string> message) {
  const auto packed = wire::pack(wire::Text{*message});
  if (!packed) co_return std::optional<LateOutcome>();
  const auto payload = std::make_shared<const std::string>(*packed);
  auto asking = PluginHost::ask(host, Kind::feedback, payload, host->timing().answer);
  const HostReply reply = co_await std::move(asking);
  wire::Decoder decoder(reply.payload);
  wire::Text delivery;
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  if (reply.trouble) co_return fail(reply.trouble->reason);
  if (!wire::unpack(decoder, delivery, outcome) || delivery.text.empty()) co_return std::optional<LateOutcome>();
  co_return std::optional(LateOutcome{std::string(delivery.text), outcome_of(outcome)});
}

class IsolatedRenderer final : public Renderer {
 public:
  IsolatedRenderer(const plugins::Plugin& plugin, std::shared_ptr<PluginHost> host)
      : table_(*plugin.table), described_(plugin.described), host_(std::move(host)) {}
  ~IsolatedRenderer() override { host_->close(); }
  std::optional<SinkProcess> process() const override { return host_->process(); }
  void retire() override { host_->retire(); }

  task<Prepared> render(std::shared_ptr<const Delivery> delivery) override {
    const Packed packed = pack_delivery(table_, *delivery);
    if (!packed.payload) co_return without_request(delivery->mentions.size(), too_large());
    auto asking = PluginHost::ask(host_, Kind::render, packed.payload, host_->timing().answer);
    HostReply reply = co_await std::move(asking);
    if (reply.trouble) co_return without_request(packed.mentions, std::move(*reply.trouble));
    auto fault = fault_of(reply, "rendered the delivery", "the plugin rendered neither a request nor an outcome");
    if (fault) co_return without_request(packed.mentions, std::move(*fault));
    Emitted emitted(packed.mentions);
    emit(reply, emitted);
    co_return prepared_from(emitted, packed.mentions);
  }

  task<Outcome> interpret(std::shared_ptr<const Delivery> delivery, std::shared_ptr<const HttpResponse> answer) override {
    Payload payload;
    {
      const AbiDelivery crossing(table_, *delivery);
      const AbiResponse response(*answer);
      if (auto packed = wire::pack(*crossing.get(), *response.get()))
        payload = std::make_shared<const std::string>(std::move(*packed));
    }
    if (!payload) {
      Outcome unread = plugin_fault("plugin_silent", "the answer is too large for a plugin in a process of its own");
      unread.ambiguous = true;
      co_return unread;
    }
    auto asking = PluginHost::ask(host_, Kind::interpret, payload, host_->timing().answer);
    HostReply reply = co_await std::move(asking);
    if (reply.trouble) {
      // The service has answered, and nobody could read it.
      reply.trouble->ambiguous = reply.trouble->kind == OutcomeKind::retry;
      co_return std::move(*reply.trouble);
    }
    const std::string silent = fmt::format("the plugin said nothing of an answer with status {}", answer->status);
    auto fault = fault_of(reply, "read the answer", silent);
    if (fault) co_return std::move(*fault);
    Emitted emitted(delivery->mentions.size());
    emit(reply, emitted);
    if (emitted.outcome) co_return std::move(*emitted.outcome);
    co_return plugin_fault("plugin_silent", silent);
  }

  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) override {
    return ask_feedback(host_, std::move(message));
  }

 private:
  const beckon_sink_table& table_;
  std::shared_ptr<const plugins::Description> described_;   // may own the table
  std::shared_ptr<PluginHost> host_;
};

class IsolatedWorker final : public Sink {
 public:
  IsolatedWorker(SinkInfo info, const plugins::Plugin& plugin, std::shared_ptr<PluginHost> host)
      : info_(std::move(info)), table_(*plugin.table), described_(plugin.described), host_(std::move(host)) {}
  ~IsolatedWorker() override { host_->close(); }
  void hurry() override { host_->hurry(); }
  void retire() override { host_->retire(); }

  const SinkInfo& info() const override { return info_; }
  std::optional<SinkProcess> process() const override { return host_->process(); }

  // What goes must be known before it is frozen: as much as fits into one frame.
  task<Prepared> prepare(std::shared_ptr<const Delivery> delivery) override {
    const Packed packed = pack_delivery(table_, *delivery);
    if (!packed.payload) co_return without_request(delivery->mentions.size(), too_large());
    Prepared prepared;
    prepared.covered = packed.mentions;
    co_return prepared;
  }

  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared) override {
    const Packed packed = pack_delivery(table_, *delivery);
    if (!packed.payload) co_return too_large();
    const Milliseconds limit = std::max<Milliseconds>(delivery->deadline - delivery->now, 1s) + patience;
    auto asking = PluginHost::ask(host_, Kind::deliver, packed.payload, limit);
    HostReply reply = co_await std::move(asking);
    if (reply.trouble) {
      reply.trouble->ambiguous = reply.trouble->fault;   // it was at it
      co_return std::move(*reply.trouble);
    }
    auto fault = fault_of(reply, "delivered", "the plugin returned without an outcome");
    if (fault) co_return std::move(*fault);
    Emitted emitted(packed.mentions);
    emit(reply, emitted);
    if (emitted.outcome) co_return std::move(*emitted.outcome);
    co_return plugin_fault("plugin_silent", "the plugin returned without an outcome");
  }

  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) override {
    return ask_feedback(host_, std::move(message));
  }

 private:
  SinkInfo info_;
  const beckon_sink_table& table_;
  std::shared_ptr<const plugins::Description> described_;   // may own the table
  std::shared_ptr<PluginHost> host_;
};

}  // namespace

Result<std::unique_ptr<Sink>> open_isolated_sink(std::string name, const plugins::Plugin& plugin,
                                                 const OptionValues& settings, std::uint64_t memory_limit, SinkHost host) {
  return open_isolated_sink(std::move(name), plugin, settings, memory_limit, std::move(host), HostTiming());
}

Result<std::unique_ptr<Sink>> open_isolated_sink(std::string name, const plugins::Plugin& plugin,
                                                 const OptionValues& settings, std::uint64_t memory_limit, SinkHost host,
                                                 HostTiming timing) {
  SinkInfo info = info_of(name, *plugin.table, plugin.is_worker);
  info.hears_feedback = plugin.hears_feedback;
  PluginHost::Options options;
  options.link.name = name;
  options.link.process.library = plugin.path;
  options.link.process.memory_limit = memory_limit;
  options.link.at_work = plugin.is_worker ? info.at_once : 1;
  options.link.report = std::move(host.report);
  options.restarted = std::move(host.restarted);
  options.known = plugin.described;
  options.timing = timing;
  const AbiValues values(*plugin.table, settings);
  auto payload = wire::pack(*values.get());
  if (!payload) return fail(fmt::format("sink \"{}\" (plugin {}) could not be opened: its settings are too large", name, info.plugin));
  options.settings = std::move(*payload);
  auto process = PluginHost::start(host.executor, std::move(options));
  std::unique_ptr<Sink> sink;
  if (plugin.is_worker) sink = std::make_unique<IsolatedWorker>(std::move(info), plugin, std::move(process));
  else
    sink = make_webhook_sink(std::move(info), std::make_unique<IsolatedRenderer>(plugin, std::move(process)), host.client);
  return sink;
}

}  // namespace beckon::core
