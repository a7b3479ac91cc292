// The two kinds of sinks. Private to this room; see open_sink.
#pragma once

#include "sink/boundary.hpp"

#include <memory>

namespace beckon::core {

// An opened instance of a plugin: closes it when destroyed. A moved host table would dangle, so it stays where it is.
class Instance {
 public:
  // nullptr with `complaint` filled when the plugin refuses its settings or throws.
  static std::unique_ptr<Instance> open(const std::string& name, const beckon_sink_table& table,
                                        const OptionValues& settings, const SinkHost& host, std::string& complaint);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  const beckon_sink_table& table() const { return table_; }
  void* self() const { return self_; }
  void cancel();   // any thread
  std::optional<LateOutcome> feedback(std::string_view message) const;   // on any thread, whatever else it is at

 private:
  struct Services;   // what the host table's context points to
  Instance(const beckon_sink_table& table, const OptionValues& settings, std::unique_ptr<Services> services);
  const beckon_sink_table& table_;
  OptionValues settings_;
  std::unique_ptr<Services> services_;
  void* self_ = nullptr;
};

// What a webhook sink asks of its plugin, wherever that is. Throws only when cancelled.
class Renderer {
 public:
  virtual ~Renderer() = default;
  virtual task<Prepared> render(std::shared_ptr<const Delivery> delivery) = 0;
  virtual void retire() {}
  virtual std::optional<SinkProcess> process() const { return std::nullopt; }
  virtual task<Outcome> interpret(std::shared_ptr<const Delivery> delivery, std::shared_ptr<const HttpResponse> answer) = 0;
  virtual task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) = 0;
};

SinkInfo info_of(std::string name, const beckon_sink_table& table, bool is_worker);
// What came of a rendering; nothing at all is the plugin's fault.
Prepared prepared_from(Emitted& emitted, std::size_t mentions);
Prepared without_request(std::size_t mentions, Outcome outcome);

std::unique_ptr<Renderer> make_renderer(std::unique_ptr<Instance> instance);
std::unique_ptr<Sink> make_webhook_sink(SinkInfo info, std::unique_ptr<Renderer> renderer, HttpClient& client);
std::unique_ptr<Sink> make_worker_sink(SinkInfo info, std::vector<std::unique_ptr<Instance>> instances, Executor executor);

}  // namespace beckon::core
