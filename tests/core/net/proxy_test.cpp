#include "net/http.hpp"
#include "net/proxy.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <optional>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Proxy, SchemeMayBeMissing) {
  const auto proxy = parse_proxy("proxy.example:3128");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->url.host, "proxy.example");
  EXPECT_EQ(proxy->url.port, 3128);
  EXPECT_TRUE(proxy->authorization.empty());
}

TEST(Proxy, CredentialsBecomeABasicHeader) {
  EXPECT_EQ(parse_proxy("http://Aladdin:open%20sesame@p:1")->authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(Proxy, WhatIsNoHttpProxyIsRefusedWithoutItsPassword) {
  for (const auto* url :
       {"https://u:sesame@p:1", "socks5://u:sesame@p:1", "http://u:sesame@p:1/path", "http://u:sesame@:1"}) {
    const auto proxy = parse_proxy(url);
    ASSERT_FALSE(proxy) << url;
    EXPECT_THAT(proxy.error().message, HasSubstr("proxy"));
    EXPECT_THAT(proxy.error().message, Not(HasSubstr("sesame")));
  }
}

struct Bypass {
  const char* no_proxy;
  const char* url;
  bool expected;
};

class NoProxy : public ::testing::TestWithParam<Bypass> {};

TEST_P(NoProxy, Decides) {
  const auto& row = GetParam();
  EXPECT_EQ(bypasses_proxy(row.no_proxy, *parse_url(row.url)), row.expected) << row.no_proxy << " for " << row.url;
}

INSTANTIATE_TEST_SUITE_P(
    Table, NoProxy,
    ::testing::Values(
        Bypass{"", "https://a.example", false}, Bypass{" , ,", "https://a.example", false},
        Bypass{"*", "https://a.example", true}, Bypass{"a.example", "https://a.example", true},
        Bypass{"A.Example", "https://a.example", true}, Bypass{"a.example", "https://b.a.example", true},
        Bypass{".a.example", "https://b.a.example", true}, Bypass{".a.example", "https://a.example", true},
        Bypass{"*.a.example", "https://b.a.example", true}, Bypass{"a.example.", "https://a.example", true},
        Bypass{"a.example", "https://ba.example", false}, Bypass{"b.a.example", "https://a.example", false},
        Bypass{"x,a.example", "https://a.example", true}, Bypass{"x a.example", "https://a.example", true},
        Bypass{"x, a.example ,y", "https://a.example", true}, Bypass{"a.example:443", "https://a.example", true},
        Bypass{"a.example:8443", "https://a.example", false}, Bypass{"a.example:x", "https://a.example", false},
        Bypass{"10.0.0.1", "https://10.0.0.1", true}, Bypass{"10.0.0.1", "https://10.0.0.11", false},
        Bypass{"0.0.1", "https://10.0.0.1", false}, Bypass{"10.0.0.0/8", "https://10.200.3.4", true},
        Bypass{"10.0.0.0/8", "https://11.0.0.1", false}, Bypass{"10.0.0.0/8", "https://a.example", false},
        Bypass{"10.0.0.0/99", "https://10.0.0.1", false}, Bypass{"fd00::/8", "https://[fd12::1]", true},
        Bypass{"fd00::/8", "https://[fe80::1]", false}, Bypass{"fd00::/8", "https://10.0.0.1", false},
        Bypass{"::2", "https://[::2]", true}, Bypass{"[::2]", "https://[::2]", true},
        Bypass{"[::2]:443", "https://[::2]", true}, Bypass{"[::2]:444", "https://[::2]", false}));

// Sets variables for one test and puts the old ones back.
class Environment : public ::testing::Test {
 protected:
  ~Environment() override {
    for (const auto& [name, value] : before_) {
      if (value)
        ::setenv(name.c_str(), value->c_str(), 1);
      else
        ::unsetenv(name.c_str());
    }
  }

  void set(const char* name, const char* value) {
    const char* now = std::getenv(name);
    before_.try_emplace(name, now ? std::optional<std::string>(now) : std::nullopt);
    if (value)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }

  void clear() {
    for (const auto* name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy"})
      set(name, nullptr);
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(Environment, FillsWhatTheOptionsLeaveOpen) {
  clear();
  set("https_proxy", "http://lower:1");
  set("NO_PROXY", "a.example");
  HttpClientOptions options;
  apply_proxy_environment(options);
  EXPECT_EQ(options.proxy, "http://lower:1");
  EXPECT_EQ(options.no_proxy, "a.example");
}

TEST_F(Environment, NeverOverridesTheOptions) {
  clear();
  set("HTTPS_PROXY", "http://env:1");
  set("no_proxy", "env.example");
  HttpClientOptions options;
  options.proxy = "http://mine:1";
  options.no_proxy = "mine.example";
  apply_proxy_environment(options);
  EXPECT_EQ(options.proxy, "http://mine:1");
  EXPECT_EQ(options.no_proxy, "mine.example");
}

TEST_F(Environment, HttpProxyIsIgnored) {
  clear();
  set("http_proxy", "http://env:1");
  set("HTTP_PROXY", "http://env:1");
  HttpClientOptions options;
  apply_proxy_environment(options);
  EXPECT_EQ(options.proxy, "");
}

}  // namespace
}  // namespace beckon::core
