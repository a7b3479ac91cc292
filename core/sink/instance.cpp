#include "sink/kinds.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"
#include "plugins/table.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/fmt/fmt.h>

#include <atomic>

namespace beckon::core {

struct Instance::Services {
  Services(std::string name, SinkHost host) : name(std::move(name)), host(std::move(host)) {
    table = {sizeof table, BECKON_ABI_MAJOR, BECKON_ABI_MINOR, this, log, is_cancelled, report};
  }

  static void log(void* context, std::uint32_t level, beckon_str message) {
    auto& self = *static_cast<Services*>(context);
    const LogLevel said = level >= BECKON_LOG_ERROR  ? LogLevel::error
                          : level == BECKON_LOG_WARN ? LogLevel::warn
                          : level == BECKON_LOG_INFO ? LogLevel::info
                                                     : LogLevel::debug;
    if (log::enabled(said)) log::write(said, "sink", fmt::format("\"{}\": {}", self.name, view(message)));
  }
  static int is_cancelled(void* context) { return static_cast<Services*>(context)->cancelled ? 1 : 0; }
  static void report(void* context, beckon_str subscription, const beckon_outcome* outcome) {
    auto& self = *static_cast<Services*>(context);
    if (!outcome || !self.host.report) return;
    asio::post(self.host.executor, [report = self.host.report, who = std::string(view(subscription)),
                                    what = outcome_of(*outcome)] { report(who, what); });
  }

  std::string name;
  SinkHost host;
  beckon_host table{};
  std::atomic<bool> cancelled{false};
};

Instance::Instance(const beckon_sink_table& table, const OptionValues& settings, std::unique_ptr<Services> services)
    : table_(table), settings_(settings), services_(std::move(services)) {}

Instance::~Instance() {
  if (!self_) return;
  try {
    table_.close(self_);
  } catch (...) {
    log::warn("sink", "\"{}\": the plugin threw while it was closed", services_->name);
  }
}

void Instance::cancel() { services_->cancelled = true; }

std::optional<LateOutcome> Instance::feedback(std::string_view message) const {
  if (!plugins::hears_feedback(table_)) return std::nullopt;
  std::optional<LateOutcome> heard;
  const beckon_feedback_emitter emitter{sizeof emitter, &heard, [](void* context, beckon_str delivery, const beckon_outcome* outcome) {
    auto& said = *static_cast<std::optional<LateOutcome>*>(context);
    if (outcome && !said) said = LateOutcome{std::string(view(delivery)), outcome_of(*outcome)};
  }};
  const AbiValues values(table_, settings_);
  try {
    table_.feedback(values.get(), borrow(message), &emitter);
  } catch (...) {
    log::warn("sink", "\"{}\": the plugin threw while it read what came back", services_->name);
  }
  return heard;
}

std::unique_ptr<Instance> Instance::open(const std::string& name, const beckon_sink_table& table,
                                         const OptionValues& settings, const SinkHost& host, std::string& complaint) {
  std::unique_ptr<Instance> instance(new Instance(table, settings, std::make_unique<Services>(name, host)));
  const AbiValues values(table, settings);
  beckon_complaints complaints{sizeof complaints, &complaint, [](void* context, beckon_str option, beckon_str sentence) {
    auto& text = *static_cast<std::string*>(context);
    if (!text.empty()) text += "; ";
    if (option.size) text += fmt::format("{}: ", view(option));
    text += view(sentence);
  }};
  // A library may throw through its C entry in spite of the contract.
  try {
    instance->self_ = table.open(values.get(), &instance->services_->table, &complaints);
  } catch (const std::exception& error) {
    complaint = fmt::format("its open threw: {}", error.what());
  } catch (...) {
    complaint = "its open threw something that is no std::exception";
  }
  if (instance->self_) return instance;
  complaint = redact(complaint.empty() ? "it refused its settings without saying why" : complaint);
  return nullptr;
}

namespace {

// As many connections as one daemon may fairly keep at one service.
constexpr std::size_t requests_at_once = 64;

void describe_target(const beckon_sink_table& table, SinkInfo& info) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < table.option_count; ++i) {
    const beckon_option& option = *table.options[i];
    if (!(option.flags & BECKON_TARGET)) continue;
    info.target_option = ++found == 1 ? std::string(view(option.name)) : std::string();
    if (option.flags & BECKON_SECRET) info.target_secret = true;
  }
}

}  // namespace

SinkInfo info_of(std::string name, const beckon_sink_table& table, bool is_worker) {
  SinkInfo info;
  info.name = std::move(name);
  info.plugin = std::string(view(table.name));
  info.max_batch = std::max<std::size_t>(1, table.max_batch);
  if (table.stale_after >= 0) info.stale_after = Milliseconds(table.stale_after);
  info.handles_probe = table.handles_probe != 0;
  info.hears_feedback = plugins::hears_feedback(table);
  describe_target(table, info);
  info.at_once = is_worker ? std::max<std::size_t>(1, table.max_concurrency) : requests_at_once;
  info.aside = is_worker ? 0 : 3 * requests_at_once;   // a thread that waits can do nothing else
  return info;
}

Result<std::unique_ptr<Sink>> open_sink(std::string name, const beckon_sink_table& table, const OptionValues& settings,
                                        SinkHost host) {
  SinkInfo info = info_of(name, table, table.deliver != nullptr);
  const std::size_t count = table.deliver ? info.at_once : 1;
  std::vector<std::unique_ptr<Instance>> instances;
  for (std::size_t i = 0; i < count; ++i) {
    std::string complaint;
    auto instance = Instance::open(name, table, settings, host, complaint);
    if (!instance) return fail(fmt::format("sink \"{}\" (plugin {}) could not be opened: {}", name, info.plugin, complaint));
    instances.push_back(std::move(instance));
  }
  if (table.deliver) return make_worker_sink(std::move(info), std::move(instances), host.executor);
  return make_webhook_sink(std::move(info), make_renderer(std::move(instances.front())), host.client);
}

}  // namespace beckon::core
