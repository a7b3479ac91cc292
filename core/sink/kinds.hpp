// The two kinds of sinks in this process. Private to this room; see open_sink.
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

 private:
  struct Services;   // what the host table's context points to
  Instance(const beckon_sink_table& table, std::unique_ptr<Services> services);
  const beckon_sink_table& table_;
  std::unique_ptr<Services> services_;
  void* self_ = nullptr;
};

std::unique_ptr<Sink> make_webhook_sink(SinkInfo info, std::unique_ptr<Instance> instance, HttpClient& client);
std::unique_ptr<Sink> make_worker_sink(SinkInfo info, std::vector<std::unique_ptr<Instance>> instances, Executor executor);

}  // namespace beckon::core
