// The real binary against a stand-in GitHub and a stand-in Slack, all on loopback; configuration and state in a folder of
// the test's own.
#pragma once

#include "forge/embedded.hpp"
#include "net/http_server.hpp"

#include <spdlog/fmt/fmt.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

extern char** environ;

namespace beckon::core::testing {

struct Finished {
  int code = -1;           // -1: killed by a signal
  std::string out;
  std::string err;
};

class Rig {
 public:
  Rig() : context_(1) {
    std::string name = std::filesystem::temp_directory_path() / "beckon-e2e-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for the test: " + name);
    folder_ = name;
    forge = make_embedded_forge(context_.get_executor());
    forge->add_repository("acme/rocket");
    forge->set_token("forge-token");
    forge->open_thread("acme/rocket", 1, false, "Launch", "vera", "When do we launch?", now() - std::chrono::hours(100));
    slack_ = serve_http(context_.get_executor(), [this](HttpRequest request) {
      return receive ? receive(std::move(request)) : answer(std::move(request));
    });
  }
  ~Rig() {
    for (const pid_t pid : running_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  static ForgeTime now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }
  // Surely not older than a subscription of this moment, which begins by a clock that counts in whole seconds.
  static ForgeTime soon() { return now() + std::chrono::seconds(2); }
  std::int64_t comment(std::string body, ForgeTime at = now()) {
    return forge->add_post("acme/rocket", PostKind::comment, 1, "vera", std::move(body), at);
  }

  // The file's beginning is given; `subscriptions` is appended.
  void configure(const std::string& subscriptions, const std::string& interval = "1s") {
    std::ofstream(folder_ / "config.toml") << fmt::format(R"([bot]
state = "state.db"
interval = "{}"
[forges.github]
api_url = "{}"
token = {{ env = "E2E_TOKEN" }}
[sinks.team]
plugin = "slack"
webhook_url = "{}/services/T1/B1/hook-one"
)", interval, forge->api_url(), slack_->origin()) << subscriptions;
    std::filesystem::permissions(folder_ / "config.toml", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  void subscribe_octocat() {
    configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  }

  pid_t start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BECKON_BINARY_DIR "/bin/beckon");
    return start_program(std::move(arguments));
  }
  // In a shell, where "$BECKON" is the program and "$CONFIG" the configuration.
  Finished shell(std::string script) {
    ::setenv("BECKON", BECKON_BINARY_DIR "/bin/beckon", 1);
    ::setenv("CONFIG", config().c_str(), 1);
    return finish(start_program({"/bin/sh", "-c", std::move(script)}));
  }
  pid_t start_program(std::vector<std::string> arguments) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    const std::string out = folder_ / "out", err = folder_ / "err";
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::setenv("E2E_TOKEN", "forge-token", 1);
    for (const char* proxy : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}) ::unsetenv(proxy);
    std::vector<std::string> added = environment;
    std::vector<char*> variables;
    for (std::string& variable : added) variables.push_back(variable.data());
    for (char** variable = environ; *variable; ++variable) variables.push_back(*variable);
    variables.push_back(nullptr);
    pid_t pid = -1;
    const int failure = ::posix_spawn(&pid, argv[0], &files, nullptr, argv.data(), variables.data());
    posix_spawn_file_actions_destroy(&files);
    if (failure != 0) throw std::runtime_error("beckon does not start");
    running_.insert(pid);
    return pid;
  }

  // Serves forge and Slack until `met`; false when `limit` is over.
  bool until(const std::function<bool()>& met, std::chrono::milliseconds limit = 30s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!met()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context_.restart();
      context_.run_for(5ms);
    }
    return true;
  }
  // Serves them for that long.
  void serve(std::chrono::milliseconds time) {
    until([] { return false; }, time);
  }
  bool is_running(pid_t pid) const {
    siginfo_t ended{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
  }

  Finished finish(pid_t pid, std::chrono::milliseconds limit = 60s) {
    int status = 0;
    const bool ended = until([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, limit);
    if (!ended) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
    }
    running_.erase(pid);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out"), read("err")};
  }
  Finished run(std::vector<std::string> arguments) { return finish(start(std::move(arguments))); }
  Finished once() { return run({"run", "--once", "--deadline", "30s", "--config", config()}); }
  void kill_hard(pid_t pid) {
    ::kill(pid, SIGKILL);
    finish(pid);
  }

  Executor executor() { return context_.get_executor(); }   // runs while `until`, `run` and `finish` wait
  std::string config() const { return folder_ / "config.toml"; }
  std::string slack_origin() const { return slack_->origin(); }
  std::size_t slack_connections() const { return slack_->connections(); }
  asio::io_context& context() { return context_; }
  const std::filesystem::path& folder() const { return folder_; }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // The end of what was logged, for failures of tests that log much.
  std::string last_lines() const {
    const std::string log = read("err");
    return log.substr(log.size() - std::min<std::size_t>(log.size(), 4000));
  }

  // What Slack's stand-in got, by comment: how often each was told in an accepted message.
  std::map<std::int64_t, int> told() const {
    std::map<std::int64_t, int> counts;
    static const std::regex post("issuecomment-([0-9]+)");
    for (const std::string& body : accepted) {
      std::set<std::int64_t> in_this;
      for (std::sregex_iterator at(body.begin(), body.end(), post), end; at != end; ++at) in_this.insert(std::stoll((*at)[1]));
      for (const std::int64_t id : in_this) ++counts[id];
    }
    return counts;
  }

  std::unique_ptr<EmbeddedForge> forge;
  std::vector<std::string> accepted;                                    // bodies answered with ok
  std::size_t requests = 0;
  std::function<std::optional<HttpResponse>(const HttpRequest&)> refuse;   // a response here is Slack's answer
  bool hang = false;                                                    // never answer
  std::string hang_at;                                                  // nor paths with this in them
  HttpHandler receive;                                                  // all of Slack's stand-in, instead of these
  std::vector<std::string> environment;                                 // "NAME=value", for what is started

 private:
  task<HttpResponse> answer(HttpRequest request) {
    ++requests;
    while (hang || (!hang_at.empty() && request.url.find(hang_at) != std::string::npos)) co_await sleep_for(5ms);
    if (refuse) {
      if (auto refusal = refuse(request)) co_return std::move(*refusal);
    }
    accepted.push_back(request.body);
    HttpResponse response;
    response.status = 200;
    response.body = "ok";
    co_return response;
  }

  asio::io_context context_;
  std::filesystem::path folder_;
  std::unique_ptr<HttpServer> slack_;
  std::set<pid_t> running_;
};

inline HttpResponse says(int status, std::string body, HttpHeaders headers = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

}  // namespace beckon::core::testing
