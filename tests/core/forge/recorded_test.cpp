// GitHub's own answers, recorded elsewhere: statuses and headers of real refusals, and every post of one repository.
#include "forge/forge.hpp"
#include "forge/github_json.hpp"
#include "forge/github_links.hpp"
#include "forge/github_refusal.hpp"
#include "support/fake_http.hpp"
#include "support/recorded.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>

namespace beckon::core {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

struct Recorded {
  std::string name;
  std::string url;
  std::string method;
  HttpResponse response;
};

// The recording tool left templates such as "{{now offset='8 seconds' ...}}" in some headers.
std::string fill_template(const std::string& value, ForgeTime now) {
  if (value.find("{{") == std::string::npos) return value;
  std::smatch offset;
  static const std::regex pattern("offset='([0-9]+) (second|minute|hour)");
  std::int64_t seconds = 0;
  if (std::regex_search(value, offset, pattern)) {
    seconds = std::stoll(offset[1]) * (offset[2] == "second" ? 1 : offset[2] == "minute" ? 60 : 3600);
  }
  const ForgeTime time = now + std::chrono::seconds(seconds);
  return value.find("format='unix'") != std::string::npos ? std::to_string(unix_s(time)) : format_http_date(time);
}

std::vector<Recorded> load(const std::string& part) {
  std::vector<Recorded> exchanges;
  const ForgeTime now = std::chrono::floor<std::chrono::seconds>(wall_now());
  for (const auto& entry : std::filesystem::directory_iterator(testing::recorded_data() / "github" / "exchanges")) {
    const std::string name = entry.path().filename();
    if (name.find(part) == std::string::npos || name.starts_with("webhook")) continue;
    for (const Json& json : Json::parse(std::ifstream(entry.path()))) {
      Recorded recorded;
      recorded.name = name;
      recorded.url = json.at("url");
      recorded.method = json.at("method");
      recorded.response.status = json.at("status");
      for (const auto& [key, value] : json.at("response_headers").items())
        if (value.is_string()) recorded.response.headers.emplace_back(key, fill_template(value, now));
      const Json& body = json.at("body");
      recorded.response.body = body.is_string() ? body.get<std::string>()
                               : body.is_null() ? std::string()
                                                : body.dump();
      exchanges.push_back(std::move(recorded));
    }
  }
  return exchanges;
}

Asked asked_for(const Recorded& recorded) {
  Asked asked;
  asked.subject = Asked::Subject::repository;
  asked.repository = "octo/lab";
  asked.host = "api.github.com";
  asked.credential = "github";
  asked.authenticated = true;
  if (recorded.url.find("comments") != std::string::npos) asked.subject = Asked::Subject::comments;
  return asked;
}

class RecordedGithub : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::recorded_data().empty()) GTEST_SKIP() << "recorded data is absent";
  }
};

TEST_F(RecordedGithub, EveryRefusalIsToldApartWithASentence) {
  std::size_t seen = 0;
  for (const Recorded& recorded : load("error_")) {
    const ForgeError error = refusal(recorded.response, asked_for(recorded), 0, wall_now());
    const int status = recorded.response.status;
    const std::string_view remaining = find_header(recorded.response.headers, "x-ratelimit-remaining");
    const bool limited = status == 429 || (status == 403 && (remaining == "0" ||
        !find_header(recorded.response.headers, "retry-after").empty() ||
        !find_header(recorded.response.headers, "gh-limited-by").empty() ||
        recorded.response.body.find("secondary rate limit") != std::string::npos));
    ForgeFailure expected = ForgeFailure::unavailable;
    if (limited) expected = ForgeFailure::rate_limited;
    else if (status == 401) expected = ForgeFailure::unauthorized;
    else if (status == 403) expected = ForgeFailure::forbidden;
    else if (status == 404) expected = ForgeFailure::not_found;
    EXPECT_EQ(error.failure, expected) << recorded.name << " " << recorded.url << ": " << error.message;
    EXPECT_GT(error.message.size(), 20u) << recorded.name;
    EXPECT_EQ(error.message.find('\n'), std::string::npos);
    if (limited) {
      ASSERT_TRUE(error.retry_after.has_value());
      EXPECT_GT(*error.retry_after, 0ms) << recorded.url;
    }
    ++seen;
  }
  EXPECT_GT(seen, 100u);
}

TEST_F(RecordedGithub, RetryAfterIsReadAsSecondsAndAsADate) {
  std::vector<Milliseconds> waits;
  for (const Recorded& recorded : load("error_429")) {
    const ForgeError error = refusal(recorded.response, asked_for(recorded), 0, wall_now());
    waits.push_back(std::chrono::round<std::chrono::seconds>(error.retry_after.value_or(0ms)));
  }
  // The third has no Date header: its wait is measured by our clock, which has gone on since.
  ASSERT_EQ(waits.size(), 4u);
  EXPECT_EQ(waits[0], 8s);
  EXPECT_EQ(waits[1], 8s);
  EXPECT_NEAR(static_cast<double>(waits[2].count()), 8000, 3000);
  EXPECT_EQ(waits[3], 60s);
}

TEST_F(RecordedGithub, ThePermissionHeaderBecomesAWayOut) {
  Recorded recorded = load("error_503").at(0);
  recorded.response.status = 403;
  EXPECT_THAT(refusal(recorded.response, asked_for(recorded), 0, wall_now()).message, HasSubstr("\"contents: read\""));
}

TEST_F(RecordedGithub, RedirectsAreFollowedOnTheirOriginOnly) {
  for (const Recorded& recorded : load("redirect_")) {
    const std::string target = follow_on_origin(recorded.url, find_header(recorded.response.headers, "location"));
    if (recorded.response.status == 302) EXPECT_EQ(target, "") << "codeload is another host";
    else EXPECT_THAT(target, HasSubstr("https://api.github.com/repositories/"));
  }
}

TEST_F(RecordedGithub, PagesLeadToNumericAddresses) {
  std::size_t links = 0;
  for (const Recorded& recorded : load("_repo.json")) {
    const std::string_view link = find_header(recorded.response.headers, "link");
    if (link.empty()) continue;
    ++links;
    EXPECT_THAT(follow_on_origin(recorded.url, next_link(link)), HasSubstr("https://api.github.com/repositories/"));
  }
  EXPECT_EQ(links, 3u);
}

TEST_F(RecordedGithub, ListsOfTenYearsAreReadable) {
  std::size_t posts = 0;
  std::size_t unreadable = 0;
  for (const auto& [part, source] :
       {std::pair("issue_comments_", SourceKind::comments), std::pair("review_comments_", SourceKind::review_comments),
        std::pair("issues_list", SourceKind::bodies), std::pair("reviews_pull", SourceKind::reviews)}) {
    for (const Recorded& recorded : load(part)) {
      if (recorded.response.status != 200) continue;
      const auto list = read_posts(recorded.response.body, source, source == SourceKind::reviews ? 841 : 0);
      ASSERT_TRUE(list.has_value()) << recorded.name << ": " << list.error().message;
      unreadable += list->unreadable.size();
      posts += list->posts.size();
    }
  }
  EXPECT_GT(posts, 50u);
  EXPECT_EQ(unreadable, 1u) << "the recording tool masked the time of one review";
}

std::size_t read_archive(const std::string& file, SourceKind source, std::size_t& mentions) {
  const auto path = testing::recorded_data() / "github" / file;
  const std::string command = "gzip -dc '" + path.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string lines;
  char buffer[65536];
  while (const std::size_t got = fread(buffer, 1, sizeof buffer, pipe.get())) lines.append(buffer, got);
  for (char& c : lines)
    if (c == '\n') c = ',';
  if (lines.ends_with(',')) lines.pop_back();
  const auto list = read_posts("[" + lines + "]", source);
  EXPECT_TRUE(list.has_value()) << file;
  if (!list) return 0;
  EXPECT_TRUE(list->unreadable.empty()) << file << ": " << list->unreadable.front();
  for (const Post& post : list->posts) {
    EXPECT_GT(post.thread_number, 0);
    EXPECT_THAT(post.url, HasSubstr("https://github.com/bitcoin-core/gui/"));
    mentions += post.body.find('@') != std::string::npos ? 1 : 0;
  }
  return list->posts.size();
}

TEST_F(RecordedGithub, EveryPostOfARealRepositoryIsReadable) {
  std::size_t mentions = 0;
  EXPECT_EQ(read_archive("bitcoin-core-gui.issue_comments.rest.jsonl.gz", SourceKind::comments, mentions), 5197u);
  EXPECT_EQ(read_archive("bitcoin-core-gui.review_comments.rest.jsonl.gz", SourceKind::review_comments, mentions),
            2308u);
  EXPECT_GT(read_archive("bitcoin-core-gui.pulls_issues.rest.jsonl.gz", SourceKind::bodies, mentions), 800u);
  EXPECT_GT(mentions, 500u);
}

}  // namespace
}  // namespace beckon::core
