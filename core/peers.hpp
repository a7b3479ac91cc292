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

namespace beckon::core {

// As the configuration describes it. The client must outlive the forge.
std::unique_ptr<Forge> make_forge(HttpClient& client, const ForgeConfig& config);

class Peers {
 public:
  using Report = std::function<void(std::string subscription, Outcome outcome)>;
  // Fails with a sentence that names the forge or sink. `report`: see SinkHost.
  static Result<Peers> open(Executor executor, const Plan& plan, Report report);

  Forge& forge(const std::string& name) const { return *forges_.at(name); }
  Sink& sink(const std::string& name) const { return *sinks_.at(name); }

 private:
  // Those who go out the same way share one client and its connections.
  Result<HttpClient*> client(Executor executor, const std::string& proxy, const std::string& ca_file, bool insecure);

  std::map<std::tuple<std::string, std::string, bool>, std::unique_ptr<HttpClient>> clients_;
  std::map<std::string, std::unique_ptr<Forge>> forges_;
  std::map<std::string, std::unique_ptr<Sink>> sinks_;
};

}  // namespace beckon::core
