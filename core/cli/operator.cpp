#include "cli/operator.hpp"

#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "control/routes.hpp"
#include "net/unix_socket.hpp"
#include "operator_desk.hpp"
#include "planner.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <iostream>
#include <optional>

namespace beckon::core::cli {
namespace {

constexpr Milliseconds patience = 60s;   // a daemon in the middle of a large commit

std::string_view version_in(const HttpResponse& response) {
  constexpr std::string_view ours = "beckon/";
  const std::string_view server = find_header(response.headers, "server");
  return server.starts_with(ours) ? server.substr(ours.size()) : std::string_view();
}

std::string versions(std::string_view theirs) {
  return theirs == BECKON_VERSION ? std::string()
                                  : fmt::format("; the daemon is beckon {}, this program {}: restart the daemon with this one",
                                                log::printable(theirs), BECKON_VERSION);
}

HttpResponse ask_file(const LoadedConfig& loaded, HttpRequest request) {
  asio::io_context context(1);
  // Of a configuration that cannot be read to its end nobody knows what it plans.
  const auto planning = loaded.ok() || request.method != "GET" ? make_file_planning(loaded.config.file) : nullptr;
  const auto operations =
      make_file_operations(context.get_executor(), loaded.config.state, sink_plugins(loaded.config.sinks), planning.get());
  HttpResponse response;
  auto work = [&]() -> task<void> {
    auto asking = answer_operator(*operations, std::move(request), Caller::own_user);
    response = co_await std::move(asking);
  };
  asio::co_spawn(context.get_executor(), std::move(work), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  context.run();
  return response;
}

Answer complain_about(const HttpResponse& response) {
  const auto said = nlohmann::json::parse(response.body, nullptr, false);
  std::string sentence = fmt::format("the daemon refuses this with status {}", response.status);
  if (said.is_object() && said.contains("error") && said["error"].is_string()) sentence = said["error"].get<std::string>();
  complain(log::printable(sentence) + versions(version_in(response)));
  return {failed};
}

}  // namespace

Answer ask_operator(const std::string& config, std::string method, std::string target, std::string body) {
  const auto file = config_file(config);
  if (!file) return {bad_config};
  const LoadedConfig loaded = load_config(*file);
  if (loaded.config.state.empty()) {   // the file cannot be read at all
    std::cerr << render_errors(*file, loaded.errors, {});
    return {bad_config};
  }
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(target);
  request.body = std::move(body);
  Answer answer;
  std::optional<HttpResponse> response;
  if (const auto socket = operator_socket(loaded.config.state)) {
    auto asked = ask_http_at(*socket, request, patience);
    if (!asked) {
      complain(asked.error().message);
      return {failed};
    }
    response = std::move(*asked);
    if (response && version_in(*response).empty()) {
      complain(fmt::format("what listens at {} is no beckon: stop it, or name another `state` file", socket->string()));
      return {failed};
    }
    answer.by_daemon = response.has_value();
  }
  if (!response) response = ask_file(loaded, std::move(request));
  if (response->status / 100 != 2) return complain_about(*response);
  answer.body = std::move(response->body);
  return answer;
}

std::string when_it_counts(const Answer& answer) {
  return answer.by_daemon ? std::string() : "; no daemon is running, so it takes effect at the next start";
}

int strange_answer(const Answer& answer) {
  complain(answer.by_daemon ? "the daemon answers in a way that this program does not know: restart it with this version of beckon"
                            : "the state file says something that this program does not know");
  return failed;
}

}  // namespace beckon::core::cli
