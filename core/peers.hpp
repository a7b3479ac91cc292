// The forges and sinks of a plan, opened, and the HTTP clients they share.
#pragma once

#include "forge/forge.hpp"
#include "net/http.hpp"
#include "plan.hpp"
#include "sink/sink.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace beckon::core {

// As the configuration describes it. The client must outlive the forge.
std::unique_ptr<Forge> make_forge(HttpClient& client, const ForgeConfig& config);

// One by itself, with a client of its own. A sink that reports on its own is not heard.
Result<std::shared_ptr<Forge>> open_alone(Executor executor, const ForgeConfig& config);
Result<std::shared_ptr<Sink>> open_alone(Executor executor, const PlannedSink& planned);

// Shared, because whoever is at work with one goes on with it to the end after a reload has replaced it.
class Peers {
 public:
  using Report = std::function<void(std::string subscription, Outcome outcome)>;
  // Fails with a sentence that names the forge or sink. `report`: see SinkHost. Who stands in `before` just as the plan
  // describes it is taken over as it is.
  // `restarted` hears when the process of a plugin starts anew; may be unset.
  static Result<Peers> open(Executor executor, const Plan& plan, Report report, const Peers& before,
                            std::function<void()> restarted = {});
  static Result<Peers> open(Executor executor, const Plan& plan, Report report);

  void hurry_all() const;
  // Those that nobody uses any more, or all of them, begin to end together. They end when they are destroyed.
  void retire_unused(const Peers& successors) const;
  void retire_all() const;

  std::shared_ptr<Forge> forge(const std::string& name) const { return forges_.at(name).forge; }
  // Nobody of that name: nullptr.
  std::shared_ptr<Forge> find_forge(const std::string& name) const;
  // The same code host, asked with another's token.
  std::shared_ptr<Forge> forge_with(const std::string& name, const std::string& token) const;
  // What that forge's requests go out through, and its API's address.
  std::shared_ptr<HttpClient> client_of(const std::string& forge) const;
  std::string api_url(const std::string& forge) const;
  std::shared_ptr<Sink> sink(const std::string& name) const { return sinks_.at(name).sink; }
  std::vector<std::shared_ptr<Sink>> that_hear_feedback() const;
  std::map<std::string, std::shared_ptr<Forge>> forges() const;       // by name
  std::map<std::string, SinkProcess> processes() const;               // of those that have one, by sink

 private:
  using Way = std::tuple<std::string, std::string, bool>;   // proxy, CA file, plain http allowed
  struct OpenForge {
    ForgeConfig config;
    std::shared_ptr<HttpClient> client;
    std::shared_ptr<Forge> forge;
  };
  struct OpenSink {
    Way way;
    OptionValues settings;
    const beckon_sink_table* table = nullptr;   // of a library in this process
    std::filesystem::path library;              // of one that is isolated; then also
    std::filesystem::file_time_type written{};  // when it was last replaced
    std::uint64_t memory_limit = 0;
    std::shared_ptr<Sink> sink;

    bool is_as(const OpenSink& other) const;    // but for the sink itself
  };
  static OpenSink described(const PlannedSink& planned, const Way& way);

  template <class Config>
  static Way way_of(const Config& config) { return {config.proxy, config.ca_file, config.insecure}; }
  // Those who go out the same way share one client and its connections.
  template <class Config>
  Result<std::shared_ptr<HttpClient>> client(Executor executor, const Config& config);

  std::map<Way, std::shared_ptr<HttpClient>> clients_;
  std::map<std::string, OpenForge> forges_;
  std::map<std::string, OpenSink> sinks_;
};

}  // namespace beckon::core
