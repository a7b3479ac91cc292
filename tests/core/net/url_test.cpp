#include "net/url.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Url, IsTakenApart) {
  const auto url = parse_url("https://API.GitHub.com/repos/a/b/issues?since=2020-01-01T00%3A00%3A00Z&per_page=100");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "api.github.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/repos/a/b/issues?since=2020-01-01T00%3A00%3A00Z&per_page=100");
  EXPECT_TRUE(url->userinfo.empty());
}

TEST(Url, WithoutAPathAsksForTheRoot) {
  EXPECT_EQ(parse_url("http://localhost:8080")->target, "/");
  EXPECT_EQ(parse_url("http://localhost:8080?a=b")->target, "/?a=b");
}

TEST(Url, FragmentNeverLeavesTheMachine) { EXPECT_EQ(parse_url("https://a.example/x#secret")->target, "/x"); }

TEST(Url, OriginIsCanonical) {
  EXPECT_EQ(origin("HTTPS://Api.GitHub.com:443/x"), "https://api.github.com");
  EXPECT_EQ(origin("https://api.github.com./x"), "https://api.github.com");
  EXPECT_EQ(origin("http://h:80"), "http://h");
  EXPECT_EQ(origin("http://h:"), "http://h");
  EXPECT_EQ(origin("https://h:8443"), "https://h:8443");
  EXPECT_EQ(origin("http://[0:0:0:0:0:0:0:1]:8080/"), "http://[::1]:8080");
  EXPECT_EQ(origin("https://user:pw@h/"), "https://h");
  EXPECT_EQ(origin("https://10.0.0.1.example/x"), "https://10.0.0.1.example");
  EXPECT_EQ(origin("ftp://h/"), "");
}

TEST(Url, OriginsDifferByEachOfTheirParts) {
  EXPECT_TRUE(same_origin("https://h/a?b", "https://H:443/c"));
  EXPECT_FALSE(same_origin("https://h/", "http://h/"));
  EXPECT_FALSE(same_origin("https://h/", "https://h:444/"));
  EXPECT_FALSE(same_origin("https://h/", "https://h.evil.example/"));
  EXPECT_FALSE(same_origin("https://h/", "https://h@evil.example/"));
  EXPECT_FALSE(same_origin("nonsense", "nonsense"));
}

TEST(Url, LoopbackIsDecidedByTheText) {
  for (const auto* local : {"http://localhost", "http://LOCALHOST.", "http://forge.localhost:1", "http://127.0.0.1",
                            "http://127.9.9.9", "http://[::1]:80"})
    EXPECT_TRUE(parse_url(local)->is_loopback()) << local;
  for (const auto* remote : {"http://localhost.example", "http://notlocalhost", "http://128.0.0.1", "http://0.0.0.0",
                             "http://[::2]", "http://127.0.0.1.example", "http://[::ffff:8.8.8.8]"})
    EXPECT_FALSE(parse_url(remote)->is_loopback()) << remote;
}

struct Refusal {
  const char* url;
  const char* says;
};

class RefusedUrl : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedUrl, IsToldWithoutBeingQuoted) {
  const auto url = parse_url(GetParam().url);
  ASSERT_FALSE(url) << GetParam().url;
  EXPECT_THAT(url.error().message, HasSubstr(GetParam().says));
  EXPECT_THAT(url.error().message, Not(HasSubstr("sesame")));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedUrl,
    ::testing::Values(
        Refusal{"", "is empty"}, Refusal{"sesame", "not a whole one"}, Refusal{"/sesame", "not a whole one"},
        Refusal{"https://", "names no host"}, Refusal{"https:///sesame", "names no host"},
        Refusal{"https:sesame", "not a whole one"}, Refusal{"file:///etc/sesame", "must begin with https://"},
        Refusal{"https://h/sesame x", "blank"}, Refusal{"https://h/sesame\r\nEvil: 1", "blank"},
        Refusal{"https://h/\x7fsesame", "control character"}, Refusal{"https://m\xc3\xbcnchen.example/sesame", "xn--"},
        Refusal{"https://h/\xe2\x82\xac/sesame", "outside ASCII"}, Refusal{"https://a%2eb/sesame", "neither a name"},
        Refusal{"https://a..b/sesame", "neither a name"}, Refusal{"https://-a/sesame", "neither a name"},
        Refusal{"https://a-/sesame", "neither a name"}, Refusal{"https://a!b/sesame", "neither a name"},
        Refusal{"https://.../sesame", "neither a name"}, Refusal{"https://[fe80::1%25eth0]/sesame", "neither a name"},
        Refusal{"https://127.1/sesame", "neither a name"}, Refusal{"https://2130706433/sesame", "neither a name"},
        Refusal{"https://0x7f.0x1/sesame", "neither a name"}, Refusal{"https://1.2.3.4.5/sesame", "neither a name"},
        Refusal{"https://a@b@c/sesame", "neither a name"}, Refusal{"https://[::1]x/sesame", "neither a name"},
        Refusal{"https://[::1]]/sesame", "neither a name"}, Refusal{"https://[]/sesame", "neither a name"},
        Refusal{"https://::1/sesame", "neither a name"}, Refusal{"https://[v1.a]/sesame", "neither a name"},
        Refusal{"https://[::1/sesame", "neither a name"}, Refusal{"https://h:0/sesame", "port"},
        Refusal{"https://h:65536/sesame", "port"}, Refusal{"https://h:x/sesame", "port"},
        Refusal{"https://h:+8/sesame", "port"},
        Refusal{"https://h/%zz/sesame", "percent"}, Refusal{"https://h/sesame%2", "percent"},
        Refusal{"https://h/<sesame>", "percent-encoded"}, Refusal{"https://h\\sesame", "percent-encoded"}));

TEST(Url, TooLongOrTooLongALabelIsRefused) {
  EXPECT_FALSE(parse_url("https://h/" + std::string(9000, 'a')));
  EXPECT_TRUE(parse_url("https://" + std::string(63, 'a') + "/"));
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'a') + "/"));
}

TEST(Url, UserinfoIsDecodedAndKeptApart) {
  const auto url = parse_url("http://me:s%40same@proxy.example:3128");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->userinfo, "me:s@same");
  EXPECT_EQ(url->host_and_port(), "proxy.example:3128");
}

}  // namespace
}  // namespace beckon::core
