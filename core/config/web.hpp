// What is said of the live page: [web] and [web.github].
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

inline constexpr const char* default_web_listen = "127.0.0.1:7171";

// Signing in with GitHub: an OAuth app, or a GitHub App, of the operator's.
struct WebGithubConfig {
  std::string client_id;
  std::string client_secret;
  std::string url = "https://github.com";   // where people sign in
  std::string scope = "repo";               // what an OAuth app asks for; a GitHub App has its own permissions
  std::string forge = "github";             // whose API takes the token
  std::vector<std::string> operators;       // logins in lower case who may see the status and act on it

  friend bool operator==(const WebGithubConfig&, const WebGithubConfig&) = default;
};

struct WebConfig {
  std::string address;                      // of this machine; empty: there is no page
  std::uint16_t port = 0;                   // 0: a free one
  std::vector<std::string> hosts;           // names, in lower case, under which others reach it
  std::string access_token;                 // empty: none
  Milliseconds interval{60s};               // between two polls of such a repository: as in [bot]
  Milliseconds history{7 * 24h};            // how far back a repository is read that somebody wants to watch
  std::size_t repositories = 50;            // beyond the configured ones, at the same time
  std::size_t connections = 4096;
  std::size_t connections_of_one_client = 256;
  std::optional<WebGithubConfig> github;

  bool is_on() const { return !address.empty(); }
  // Only those who have shown who they are may come in.
  bool is_closed() const { return !access_token.empty() || github.has_value(); }
  friend bool operator==(const WebConfig&, const WebConfig&) = default;
};

struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
  bool is_loopback = true;
};
// "127.0.0.1:7171", "[::1]:7171", "localhost:7171", ":7171" for all addresses of this machine; nullopt for anything else.
std::optional<ListenAddress> parse_listen(std::string_view text);

}  // namespace beckon::core
