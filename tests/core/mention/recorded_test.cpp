#include "core/mention/recorded.hpp"
#include "mention/hostile.hpp"
#include "mention/mention.hpp"
#include "support/recorded.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

namespace beckon::core {
namespace {

using nlohmann::json;
using testing::body_of;
using testing::json_lines;
using testing::recorded_data;

std::string lower(std::string text) {
  for (char& c : text) if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

std::set<std::string> lower_set(const json& names) {
  std::set<std::string> folded;
  for (const auto& name : names) folded.insert(lower(name.get<std::string>()));
  return folded;
}

// Where we know better than the eight tools, by the cases' own names.
const std::map<std::string, std::string> disagreements{
    {"@user_name", "one inner underscore is an enterprise login"},
    {"'@ANT_123'", "one inner underscore is an enterprise login"},
    {"names", "one inner underscore is an enterprise login (kyle_clegg)"},
    {"'\\t@gitea.\\nthis'", "a plain-text case: in Markdown the tab makes it an indented code block"},
};

TEST(RecordedCases, EightToolsAgreeWithUsWhereHtmlPipelineDecides) {
  const auto data = recorded_data();
  if (data.empty()) GTEST_SKIP() << "recorded data is absent";
  const auto cases = json::parse(std::ifstream(data / "mention-cases.json"));
  std::set<std::string> disagreed;
  int agreed = 0;
  for (const auto& one : cases) {
    const auto name = one.at("name").get<std::string>();
    const auto kind = one.at("kind").get<std::string>();
    const auto text = one.at("markdown_or_html").get<std::string>();
    const auto& reference = one.at("html_pipeline_v3_result");
    const auto expected = lower_set(reference.is_null() ? one.at("expected_mentions") : reference);
    std::set<std::string> found;
    for (const auto& mention : find_mentions(text)) {
      const bool team = mention.find('/') != std::string::npos;
      if (kind == "user_or_team" || (kind == "team") == team) found.insert(mention);
    }
    if (found == expected) {
      ++agreed;
    } else if (disagreements.contains(name)) {
      disagreed.insert(name);
    } else {
      ADD_FAILURE() << one.at("source") << "\n  " << name << ": " << text << "\n  expected "
                    << ::testing::PrintToString(expected) << ", found " << ::testing::PrintToString(found);
    }
  }
  std::set<std::string> listed;
  for (const auto& [name, reason] : disagreements) listed.insert(name);
  EXPECT_EQ(disagreed, listed) << "a listed disagreement is none any more";
  std::cout << "  " << agreed << " of " << cases.size() << " cases agree, " << disagreements.size()
            << " disagreements are deliberate\n";
}

class RecordedPosts : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto data = recorded_data();
    if (data.empty()) GTEST_SKIP() << "recorded data is absent";
    posts_ = json_lines(data / "github" / "bitcoin-core-gui.jsonl.gz");
  }
  std::vector<json> posts_;
};

TEST_F(RecordedPosts, NobodyIsMissedAndPrecisionIsThatOfGitHub) {
  std::set<std::string> accounts;
  for (const auto& post : posts_) accounts.merge(lower_set(post.value("truth_mentions", json::array())));
  int hits = 0, extra = 0, missed = 0, comments = 0;
  for (const auto& post : posts_) {
    if (post.at("kind") != "issue_comment" || post.at("edited").get<bool>()) continue;
    ++comments;
    const auto truth = lower_set(post.at("truth_mentions"));
    std::set<std::string> found;
    for (const auto& name : find_mentions(body_of(post))) if (accounts.contains(name)) found.insert(name);
    for (const auto& name : found) ++(truth.contains(name) ? hits : extra);
    for (const auto& name : truth) {
      if (found.contains(name)) continue;
      ++missed;
      ADD_FAILURE() << "missed " << name << " in " << post.at("html_url");
    }
  }
  const double precision = 100.0 * hits / (hits + extra);
  std::cout << "  " << comments << " unedited comments: " << hits << " told as by GitHub, " << extra << " more, "
            << missed << " missed; precision " << precision << " %\n";
  EXPECT_GT(hits, 0);
  EXPECT_EQ(missed, 0);
  EXPECT_GE(precision, 98.5);
}

TEST_F(RecordedPosts, BothReadingsNameTheSamePeople) {
  for (const auto& post : posts_) {
    const auto body = body_of(post);
    const auto document = read_markdown(body);
    ASSERT_EQ(find_mentions(body), document.names) << post.at("html_url");
    std::set<std::string> spans;
    for (const auto& span : document.spans) {
      if (span.kind == SpanKind::mention) spans.insert(lower(span.text.substr(1)));
    }
    ASSERT_EQ(spans, std::set<std::string>(document.names.begin(), document.names.end())) << post.at("html_url");
  }
}

TEST_F(RecordedPosts, NoneIsTooCostlyToParse) {
  for (const auto& post : posts_) EXPECT_FALSE(too_costly(body_of(post))) << post.at("html_url");
  std::string all;  // as one long comment after another
  for (const auto& post : posts_) {
    all += body_of(post) + "\n\n";
    if (all.size() < 65536) continue;
    EXPECT_FALSE(too_costly(all)) << post.at("html_url");
    all.clear();
  }
}

// Posts cut, doubled and joined at odd places reach states that whole posts do not.
TEST_F(RecordedPosts, BrokenPostsNameTheSamePeopleInBothReadings) {
  for (std::size_t i = 0; i + 1 < posts_.size(); i += 7) {
    const auto one = body_of(posts_[i]), two = body_of(posts_[i + 1]);
    for (const auto& text : {one.substr(0, one.size() * 2 / 3) + two, two.substr(two.size() / 3) + "<pre>" + one,
                             "| a | b |\n|-|-|\n" + one, "- " + one + "\n  <code>" + two, "<!-- " + two + one}) {
      ASSERT_EQ(find_mentions(text), read_markdown(text).names) << text;
    }
  }
}

}  // namespace
}  // namespace beckon::core
