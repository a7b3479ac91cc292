#include "config/web.hpp"

#include "base/redaction.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/values.hpp"
#include "config/web_reader.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace beckon::core {
namespace {

constexpr std::size_t shortest_token = 16;

bool is_address(const std::string& text, bool& loopback) {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    loopback = (ntohl(v4.s_addr) >> 24) == 127;
    return true;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  loopback = IN6_IS_ADDR_LOOPBACK(&v6) != 0;
  return true;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

std::vector<std::string> read_hosts(Reader& table, Reading& reading) {
  std::vector<std::string> hosts;
  const auto written = table.texts("hosts", "a list of host names");
  if (!written) return hosts;
  for (const auto& host : *written) {
    hosts.push_back(lower(host.value));
    bool loopback = false;
    if (!is_host_name(hosts.back()) && !is_address(hosts.back(), loopback))
      reading.error(host.place, fmt::format("hosts: {} is no host name: write it as it stands in the browser's address, without "
                                            "http:// and without a port", in_quotes(host.value)));
  }
  return hosts;
}

// A credential that opens the page; guessing it must be hopeless.
std::string read_access_token(Reader& table, Reading& reading) {
  const auto setting = table.secret("access_token");
  if (!setting) return {};
  const std::string token = std::get<std::string>(setting->value.value);
  remember_secret(token);
  if (const auto good = check_token(token); !good) {
    reading.error(setting->value_place, fmt::format("access_token: {}", good.error().message));
  } else if (token.size() < shortest_token) {
    reading.error(setting->value_place, fmt::format("access_token: it has fewer than {} characters, and can be guessed: make one, for "
                                                    "instance with `openssl rand -hex 24`", shortest_token));
  }
  if (setting->exposed)
    reading.warn(setting->value_place, "access_token: it stands in plain text in a file that others can read: chmod 600 the file, or "
                                       "write { env = \"NAME\" } or { file = \"PATH\" }");
  return token;
}

WebGithubConfig read_github(Reader& table, const std::vector<ForgeConfig>& forges, Reading& reading) {
  WebGithubConfig github;
  const auto missing = [&](std::string_view key, std::string_view what) {
    if (!table.has(key))
      reading.error(table.place(), fmt::format("{}: {} is missing: {}", table.title(), key, what));
  };
  if (auto id = table.text("client_id")) github.client_id = std::move(id->value);
  missing("client_id", "GitHub shows it on the page of your OAuth app or GitHub App");
  if (const auto secret = table.secret("client_secret")) {
    github.client_secret = std::get<std::string>(secret->value.value);
    remember_secret(github.client_secret);
    if (const auto good = check_token(github.client_secret); !good)
      reading.error(secret->value_place, fmt::format("client_secret: {}", good.error().message));
  }
  missing("client_secret", "make one on the page of your OAuth app or GitHub App");
  if (const auto url = table.text("url", "a URL")) {
    auto checked = check_url(url->value, false, true);
    if (checked) github.url = std::move(*checked);
    else reading.error(url->place, fmt::format("url: {}", checked.error().message));
  }
  if (table.has("scope")) {
    // Empty is a choice of its own: public repositories alone.
    if (table.is_empty_text("scope")) github.scope.clear();
    else if (auto scope = table.text("scope", "scopes, parted by blanks")) github.scope = std::move(scope->value);
  }
  if (const auto forge = table.text("forge", "the name of a forge")) {
    github.forge = forge->value;
    std::vector<std::string> names;
    for (const ForgeConfig& known : forges) names.push_back(known.name);
    if (std::find(names.begin(), names.end(), forge->value) == names.end()) {
      const std::string close = closest(forge->value, names);
      reading.error(forge->place, fmt::format("forge: there is no [forges.{}]{}", forge->value,
                                              close.empty() ? "" : fmt::format("; did you mean {}?", in_quotes(close))));
    }
  }
  if (const auto operators = table.texts("operators", "a list of logins")) {
    for (const auto& name : *operators) {
      const auto login = check_login(name.value);
      if (!login || login->find('/') != std::string::npos || *login == "*")
        reading.error(name.place, fmt::format("operators: {} is no login of one person", in_quotes(name.value)));
      else
        github.operators.push_back(*login);
    }
  }
  table.finish();
  return github;
}

}  // namespace

std::optional<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  std::string host = lower(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  ListenAddress listen;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), listen.port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (host == "localhost") host = "127.0.0.1";
  if (host.empty() || host == "*") host = "::";
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (!is_address(host, listen.is_loopback)) return std::nullopt;
  listen.address = std::move(host);
  return listen;
}

WebConfig read_web(Reader& table, const std::vector<ForgeConfig>& forges, Reading& reading) {
  WebConfig web;
  std::optional<ListenAddress> listen;
  const auto written = table.text("listen", "an address, such as \"127.0.0.1:7171\"");
  if (written) {
    listen = parse_listen(written->value);
    if (listen) {
      web.address = listen->address;
      web.port = listen->port;
    } else {
      reading.error(written->place, fmt::format("listen: {} is no address: write ADDRESS:PORT, as in {} or \"[::1]:7171\"",
                                                in_quotes(written->value), in_quotes(default_web_listen)));
    }
  }
  web.hosts = read_hosts(table, reading);
  web.access_token = read_access_token(table, reading);
  if (const auto history = table.duration("history", 0ms, 365 * 24h)) web.history = *history;
  if (const auto most = table.count("repositories", 0, 10'000)) web.repositories = *most;
  if (const auto most = table.count("connections", 1, 100'000)) web.connections = *most;
  if (const auto most = table.count("connections_of_one_client", 1, 100'000)) web.connections_of_one_client = *most;
  if (auto github = table.table("github")) web.github = read_github(*github, forges, reading);
  table.finish();

  const bool wrong_token = table.has("access_token") && web.access_token.empty();   // said already
  const bool reached_by_others = (listen && !listen->is_loopback) || !web.hosts.empty();
  if (reached_by_others && !web.is_closed() && !wrong_token)
    reading.error(written ? written->place : table.place(),
                  "[web]: others than this machine may reach it, so it needs an access_token, or [web.github] for signing in");
  if (listen && !listen->is_loopback)
    reading.warn(written->place, "listen: beyond this machine, and without TLS of its own: put a proxy with TLS in front of it, or let "
                                 "it listen on 127.0.0.1 alone");
  return web;
}

}  // namespace beckon::core
