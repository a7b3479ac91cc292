#include "forge/github_links.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

TEST(GithubLinks, FindsTheNextPageWhereverItStands) {
  EXPECT_EQ(next_link(R"(<https://a/1>; rel="prev", <https://a/3>; rel="next", <https://a/9>; rel="last")"),
            "https://a/3");
  EXPECT_EQ(next_link("<https://a/3>;title=\"a, b; c\";rel=next"), "https://a/3");
  EXPECT_EQ(next_link(R"(<https://a/1,2>; rel="next")"), "https://a/1,2");
  EXPECT_EQ(next_link(R"(<https://a/9>; rel="last")"), "");
  EXPECT_EQ(next_link(""), "");
  EXPECT_EQ(next_link("<https://a"), "");
  EXPECT_EQ(next_link("no link at all"), "");
}

TEST(GithubLinks, CountsThePagesThatFollow) {
  EXPECT_EQ(pages_left(R"(<https://a/x?per_page=100&page=2>; rel="next", <https://a/x?per_page=100&page=7>; rel="last")"), 6u);
  EXPECT_EQ(pages_left(R"(<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next", <https://a/x?page=3&y=z>; rel=last)"), 1u);
  EXPECT_EQ(pages_left(R"(<https://a/x?page=6>; rel="prev", <https://a/x?page=1>; rel="first")"), 0u) << "the last one";
  EXPECT_EQ(pages_left(""), 0u);
}

TEST(GithubLinks, DoesNotGuessHowManyPagesFollow) {
  for (const char* header : {R"(<https://a/x?page=2>; rel="next")", R"(<https://a/x?after=abc>; rel="next", <https://a/x?page=9>; rel="last")",
                             R"(<https://a/x?page=2>; rel="next", <https://a/x?before=abc>; rel="last")",
                             R"(<https://a/x?page=5>; rel="next", <https://a/x?page=4>; rel="last")",
                             R"(<https://a/x?page=2>; rel="next", <https://a/x?page=7z>; rel="last")",
                             R"(<https://a/x?per_page=2>; rel="next", <https://a/x?per_page=7>; rel="last")",
                             R"(<https://a/x?page=0>; rel="next", <https://a/x?page=18446744073709551615>; rel="last")"})
    EXPECT_EQ(pages_left(header), std::nullopt) << header;
}

TEST(GithubLinks, OnlyTheSameOriginIsFollowed) {
  const std::string here = "https://api.github.com/repos/o/r";
  EXPECT_EQ(follow_on_origin(here, "https://api.github.com/repositories/1"), "https://api.github.com/repositories/1");
  EXPECT_EQ(follow_on_origin(here, "https://api.github.com:443/x"), "https://api.github.com:443/x");
  EXPECT_EQ(follow_on_origin(here, "/repositories/1?page=2"), "https://api.github.com/repositories/1?page=2");
  for (const char* elsewhere : {"http://api.github.com/x", "https://api.github.com:444/x",
                                "https://api.github.com.evil.test/x", "https://evil.test/x", "//evil.test/x",
                                "https://api.github.com@evil.test/x", "javascript:x", "", "https:\\\\evil.test/x"})
    EXPECT_EQ(follow_on_origin(here, elsewhere), "") << elsewhere;
}

TEST(GithubLinks, ANameReachesNoOtherPath) {
  EXPECT_TRUE(is_full_name("boostorg/beast"));
  EXPECT_TRUE(is_full_name("mona-cat_octo/.github"));
  for (const char* name : {"", "beast", "a/b/c", "../user", "a/..", "a/b?x=1", "a/b#c", "a /b", "/b", "a/", "a/b\n"})
    EXPECT_FALSE(is_full_name(name)) << name;
}

TEST(GithubLinks, EverySourceIsAskedOldestChangeFirst) {
  Repository repository;
  repository.forge_id = 5;
  repository.full_name = "o/r";
  const std::string base = repository_url("https://h/api/v3", repository, true);
  EXPECT_EQ(source_url(base, SourceKind::comments, from_unix_s(0), 100),
            "https://h/api/v3/repositories/5/issues/"
            "comments?sort=updated&direction=asc&per_page=100&since=1970-01-01T00:00:00Z");
  EXPECT_EQ(source_url(base, SourceKind::bodies, from_unix_s(0), 50),
            "https://h/api/v3/repositories/5/"
            "issues?state=all&sort=updated&direction=asc&per_page=50&since=1970-01-01T00:00:00Z");
  EXPECT_EQ(reviews_url(repository_url("https://h", repository, false), 7, 100),
            "https://h/repos/o/r/pulls/7/reviews?per_page=100");
}

TEST(GithubLinks, AnEtagIsGoodForOneUrlOneFormatAndOneCredential) {
  const std::string key = etag_key("u", "a", "t");
  EXPECT_EQ(key, etag_key("u", "a", "t"));
  EXPECT_NE(key, etag_key("v", "a", "t"));
  EXPECT_NE(key, etag_key("u", "b", "t"));
  EXPECT_NE(key, etag_key("u", "a", ""));
  EXPECT_EQ(key.find('t'), std::string::npos);
  EXPECT_EQ(key.size(), 32u);
}

}  // namespace
}  // namespace beckon::core
