// The rig, with the page: its address is found in the log, and it is asked as a browser or a program would.
#pragma once

#include "end_to_end/rig.hpp"
#include "net/http.hpp"
#include "support/web_socket_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace beckon::core::testing {

// A tab: what it has been told so far.
struct Tab {
  explicit Tab(Executor executor) : client(executor) {}
  WebSocketClient client;
  int status = 0;                    // of the opening
  std::vector<nlohmann::json> told;  // unless it is one of very many
  bool keeps_all = true;
  bool over = false;

  void hear(nlohmann::json message) {
    if (message["type"] == "mentions") {
      for (const auto& mention : message["mentions"]) seqs_.push_back(mention["seq"]);
      position_ = message["position"];
    }
    if (keeps_all) told.push_back(std::move(message));
  }
  const std::vector<std::int64_t>& seqs() const { return seqs_; }
  std::int64_t position() const { return position_; }
  bool has(const std::string& type) const {
    for (const auto& message : told)
      if (message["type"] == type) return true;
    return false;
  }
  std::string text() const {
    std::string all;
    for (const auto& message : told) all += message.dump() + "\n";
    return all;
  }

 private:
  std::vector<std::int64_t> seqs_;
  std::int64_t position_ = 0;
};

class WebRig : public Rig {
 public:
  // `web` follows "[web]\nlisten = ...".
  void configure_web(const std::string& web = "", const std::string& subscriptions = "") {
    configure(subscriptions + "\n[web]\nlisten = \"127.0.0.1:0\"\n" + web);
  }
  // Runs the daemon and finds its page.
  pid_t open() {
    const std::size_t before = read("err").size();
    const pid_t pid = start({"run", "--config", config()});
    static const std::regex address("the page is at http://127.0.0.1:([0-9]+)/");
    std::smatch found;
    const bool there = until([&] {
      const std::string log = read("err").substr(before);
      if (!std::regex_search(log, found, address)) return !is_running(pid);
      port = static_cast<std::uint16_t>(std::stoi(found[1]));
      return true;
    });
    if (!there || !is_running(pid)) throw std::runtime_error("the page does not open: " + last_lines());
    return pid;
  }
  HttpResponse ask(std::string method, std::string path, HttpHeaders headers = {}, std::string body = {}) {
    if (!client_) client_ = make_http_client(executor(), {}).value();
    HttpRequest request{std::move(method), "http://127.0.0.1:" + std::to_string(port) + path, std::move(headers), std::move(body)};
    std::optional<HttpResult> answer;
    auto asking = client_->send(std::move(request), {});
    asio::co_spawn(executor(), std::move(asking), [&](std::exception_ptr failure, HttpResult result) {
      if (!failure) answer.emplace(std::move(result));
    });
    if (!until([&] { return answer.has_value(); })) throw std::runtime_error("no answer");
    if (!*answer) throw std::runtime_error(answer->error().message);
    return std::move(**answer);
  }
  nlohmann::json get(const std::string& path) { return nlohmann::json::parse(ask("GET", path).body); }
  // Those of tabs, in the list of all subscriptions.
  std::size_t viewers() {
    std::size_t count = 0;
    const nlohmann::json listed = get("/api/v1/subscriptions");
    for (const auto& one : listed["subscriptions"]) count += one["sink"] == "web" ? 1 : 0;
    return count;
  }
  std::shared_ptr<Tab> tab(std::string target, std::string headers = {}, bool keeps_all = true) {
    auto tab = std::make_shared<Tab>(executor());
    tab->keeps_all = keeps_all;
    auto listening = listen(tab, port, std::move(target), std::move(headers));
    asio::co_spawn(executor(), std::move(listening), [tab](std::exception_ptr) { tab->over = true; });
    return tab;
  }
  std::size_t forge_requests() const { return forge->requests().size(); }

  std::uint16_t port = 0;

 private:
  static task<void> listen(std::shared_ptr<Tab> tab, std::uint16_t port, std::string target, std::string headers) {
    auto opening = tab->client.open(port, std::move(target), std::move(headers));
    tab->status = co_await std::move(opening);
    while (tab->status == 101) {
      auto receiving = tab->client.receive();
      auto said = co_await std::move(receiving);
      if (!said) co_return;
      tab->hear(nlohmann::json::parse(*said));
    }
  }

  std::unique_ptr<HttpClient> client_;
};

}  // namespace beckon::core::testing
