#include "web/gate.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

HttpRequest ask(std::string method, HttpHeaders headers) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = "/api/v1/status";
  request.headers = std::move(headers);
  return request;
}

WebConfig on_loopback() {
  WebConfig config;
  config.address = "127.0.0.1";
  config.port = 7171;
  return config;
}

int status(const WebConfig& config, const HttpRequest& request) {
  const auto refused = WebGate(config).refuses(request);
  return refused ? refused->status : 0;
}

TEST(WebGate, NamesOfThisMachineAreOurs) {
  const WebConfig config = on_loopback();
  for (const char* host : {"127.0.0.1:7171", "localhost:7171", "LOCALHOST", "[::1]:7171", "127.9.8.7"})
    EXPECT_EQ(status(config, ask("GET", {{"Host", host}})), 0) << host;
}

// A name that its owner has led to 127.0.0.1 would make his page and ours one site.
TEST(WebGate, AnyOtherNameIsRefused) {
  const WebConfig config = on_loopback();
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "0.0.0.0:7171"})
    EXPECT_EQ(status(config, ask("GET", {{"Host", host}})), 421) << host;
}

TEST(WebGate, ConfiguredHostsAreOurs) {
  WebConfig config = on_loopback();
  config.hosts = {"beckon.example.com"};
  EXPECT_EQ(status(config, ask("GET", {{"Host", "Beckon.Example.com:443"}})), 0);
  EXPECT_EQ(status(config, ask("GET", {{"Host", "other.example.com"}})), 421);
}

TEST(WebGate, ARequestNamesOneHost) {
  EXPECT_EQ(status(on_loopback(), ask("GET", {})), 400);
  EXPECT_EQ(status(on_loopback(), ask("GET", {{"Host", "localhost"}, {"host", "localhost"}})), 400);
}

TEST(WebGate, WhatChangesSomethingComesFromOurOwnPages) {
  const WebConfig config = on_loopback();
  const auto post = [&](HttpHeaders more) {
    more.emplace_back("Host", "localhost:7171");
    return status(config, ask("POST", std::move(more)));
  };
  EXPECT_EQ(post({{"Origin", "http://localhost:7171"}}), 0);
  EXPECT_EQ(post({{"Origin", "https://localhost:7171"}}), 0) << "a proxy may speak TLS in front of us";
  EXPECT_EQ(post({{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(post({{"Origin", "http://localhost:8080"}}), 403) << "another port is another site";
  EXPECT_EQ(post({{"Origin", "null"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-site"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-origin"}}), 0);
  EXPECT_EQ(post({}), 0) << "no browser of today leaves both out";
}

TEST(WebGate, AWebSocketComesFromOurOwnPages) {
  const HttpHeaders upgrade{{"Host", "localhost"}, {"Upgrade", "websocket"}};
  auto foreign = upgrade;
  foreign.emplace_back("Origin", "http://evil.example");
  EXPECT_EQ(status(on_loopback(), ask("GET", foreign)), 403);
  EXPECT_EQ(status(on_loopback(), ask("GET", upgrade)), 0);
}

TEST(WebGate, WithoutASecretEverybodyOnThisMachineIsAnOperator) {
  EXPECT_EQ(WebGate(on_loopback()).role_of(ask("GET", {})), WebRole::operator_);
}

TEST(WebGate, TheAccessTokenOpensIt) {
  WebConfig config = on_loopback();
  config.access_token = "0123456789abcdef";
  const WebGate gate(config);
  const auto with = [&](std::string value) { return gate.role_of(ask("GET", {{"Authorization", std::move(value)}})); };
  EXPECT_EQ(gate.role_of(ask("GET", {})), WebRole::stranger);
  EXPECT_EQ(with("Bearer 0123456789abcdef"), WebRole::operator_);
  EXPECT_EQ(with("bearer 0123456789abcdef"), WebRole::operator_);
  EXPECT_EQ(with("Bearer 0123456789abcdeX"), WebRole::stranger);
  EXPECT_EQ(with("Bearer "), WebRole::stranger);
  EXPECT_EQ(with("Bearer"), WebRole::stranger);
  EXPECT_EQ(with("Basic 0123456789abcdef"), WebRole::stranger);
  EXPECT_EQ(with("0123456789abcdef"), WebRole::stranger);
}

TEST(WebGate, SignInAloneClosesItToo) {
  WebConfig config = on_loopback();
  config.github.emplace();
  const WebGate gate(config);
  EXPECT_EQ(gate.role_of(ask("GET", {{"Authorization", "Bearer "}})), WebRole::stranger) << "an empty token is no token";
  EXPECT_FALSE(gate.is_access_token(""));
}

TEST(WebGate, AConfiguredHostIsReachedOverTls) {
  WebConfig config = on_loopback();
  config.hosts = {"beckon.example.com"};
  const WebGate gate(config);
  EXPECT_EQ(gate.origin_of(ask("GET", {{"Host", "beckon.example.com"}})), "https://beckon.example.com");
  EXPECT_EQ(gate.origin_of(ask("GET", {{"Host", "localhost:7171"}})), "http://localhost:7171");
  EXPECT_EQ(gate.origin_of(ask("GET", {{"Host", "localhost:7171"}, {"X-Forwarded-Proto", "https"}})), "https://localhost:7171");
}

TEST(Cookies, AreFoundByTheirWholeName) {
  const HttpHeaders headers{{"Cookie", "a=1; beckon_session=abc;  b=2"}, {"cookie", "c=3"}};
  EXPECT_EQ(find_cookie(headers, "beckon_session"), "abc");
  EXPECT_EQ(find_cookie(headers, "session"), "");
  EXPECT_EQ(find_cookie(headers, "b"), "2");
  EXPECT_EQ(find_cookie(headers, "c"), "3");
}

}  // namespace
}  // namespace beckon::core
