// Sinks in processes of their own, whose library does what a delivery's notice tells it (tests/plugins/misdeeds).
#pragma once

#include "base/log.hpp"
#include "base/redaction.hpp"
#include "sink/isolated.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>

namespace beckon::core::testing {

#if defined(BECKON_ADDRESS_SANITIZER)
inline constexpr bool memory_is_limited = false;   // its shadow takes terabytes of addresses
#else
inline constexpr bool memory_is_limited = true;
#endif

struct AlwaysFine final : HttpClient {
  task<HttpResult> send(HttpRequest, HttpLimits) override {
    ++sent;
    HttpResponse response;
    response.status = 200;
    response.body = "ok";
    co_return response;
  }
  int sent = 0;
};

inline plugins::Plugin misdeeds(const std::string& kind) {
  auto found = plugins::describe_plugin(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds" / (kind + ".so"));
  if (const auto* refusal = std::get_if<plugins::Refusal>(&found)) throw std::runtime_error(refusal->sentence);
  return std::get<plugins::Plugin>(found);
}

class IsolatedRoom : public ::testing::Test {
 protected:
  IsolatedRoom() {
    log::open(LogLevel::info, LogFormat::text);
    log::capture(&lines);
    remember_secret(secret);
  }
  ~IsolatedRoom() override { log::capture(nullptr); }

  // Patience that no machine exhausts, unless the test is about that.
  static HostTiming patient() {
    HostTiming timing;
    timing.answer = timing.open = 60s;
    return timing;
  }
  std::unique_ptr<Sink> open(const std::string& kind) { return open(kind, {}, patient()); }
  std::unique_ptr<Sink> open(const std::string& kind, std::map<std::string, std::string> settings, HostTiming timing) {
    OptionValues values;
    settings.emplace("token", secret);
    for (auto& [name, value] : settings) values[name].value = value;
    return open_isolated_sink(kind, misdeeds(kind), values, std::uint64_t{128} << 20,
                              SinkHost{client, context.get_executor(), {}}, timing).value();
  }

  static std::shared_ptr<const Delivery> delivery(const std::string& notice, Milliseconds time = 60s) {
    auto made = std::make_shared<Delivery>();
    made->id = "d1";
    made->now = wall_now();
    made->deadline = made->now + time;
    made->notice = notice;
    made->mentions.resize(3);
    return made;
  }
  static task<Outcome> through(Sink& sink, std::shared_ptr<const Delivery> delivery) {
    auto preparing = sink.prepare(delivery);
    Prepared prepared = co_await std::move(preparing);
    if (prepared.outcome) co_return std::move(*prepared.outcome);
    auto sending = sink.deliver(delivery, std::move(prepared));
    co_return co_await std::move(sending);
  }
  Outcome deliver(Sink& sink, const std::string& notice, Milliseconds time = 60s) {
    return run(context, [&] { return through(sink, delivery(notice, time)); }, 90s);
  }
  void begin(Sink& sink, const std::string& notice, std::optional<Outcome>& outcome, Milliseconds time = 60s) {
    auto heard = [&outcome](std::exception_ptr failure, Outcome said) {
      if (failure) std::rethrow_exception(failure);
      outcome = std::move(said);
    };
    asio::co_spawn(context.get_executor(), through(sink, delivery(notice, time)), std::move(heard));
  }
  Result<std::optional<LateOutcome>> feedback(Sink& sink, std::string message) {
    const auto shared = std::make_shared<const std::string>(std::move(message));
    return run(context, [&] { return sink.feedback(shared); }, 90s);
  }
  template <class Met>
  bool until(Met met) {
    const auto end = std::chrono::steady_clock::now() + 90s;
    while (!met()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context.restart();
      context.run_for(2ms);
    }
    return true;
  }
  static bool no_child_is_left() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

  const std::string secret = "hunter2-the-very-secret-token";
  std::string lines;
  asio::io_context context{1};
  AlwaysFine client;
};

}  // namespace beckon::core::testing
