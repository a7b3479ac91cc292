// A first backfill that takes long is seen at work.
#include "end_to_end/web_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beckon::core::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using nlohmann::json;

struct LongBackfill : ::testing::Test {
  // 40 pages of review comments, the last of which mentions somebody; after twelve the forge asks for a pause.
  LongBackfill() {
    rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\nbackfill = \"7d\"\n");
    rig.forge->open_thread("acme/rocket", 2, true, "A change", "vera", "", start);
    for (int i = 0; i < 4000; ++i)
      last = rig.forge->add_post("acme/rocket", PostKind::review_comment, 2, "vera", i == 3999 ? "@octocat at last" : "x",
                                 start + std::chrono::seconds(60 * i));
    rig.forge->set_interception([this](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (request.url.find("/pulls/comments") == std::string::npos || goes_on || ++pages <= 12) return std::nullopt;
      return says(429, R"({"message": "slow down"})", {{"Retry-After", "2"}});
    });
  }
  json progress() {
    const Finished said = rig.run({"status", "--json", "--config", rig.config()});
    const json status = json::parse(said.out, nullptr, false);
    return status.is_object() && !status.at("feeds").empty() ? status.at("feeds").at(0).at("progress") : json();
  }
  bool eventually(const std::function<bool()>& met) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!met())
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }

  WebRig rig;
  const ForgeTime start = Rig::now() - std::chrono::hours(80);
  std::int64_t last = 0;
  std::size_t pages = 0;
  bool goes_on = false;
};

TEST_F(LongBackfill, StatusShowsThePagesThatAreDoneAndLeftUntilAllAreRead) {
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  json seen;
  ASSERT_TRUE(eventually([&] {
    if (pages <= 12) return rig.until([] { return false; }, 10ms);
    seen = progress();
    return seen.is_object();
  })) << rig.last_lines();
  // Twelve of review comments, one of bodies and one, empty, of comments.
  EXPECT_EQ(seen.at("pages_done"), 14);
  EXPECT_GE(seen.at("pages_left"), 26);
  EXPECT_LE(seen.at("pages_left"), 30);
  const Finished words = rig.run({"status", "--config", rig.config()});
  EXPECT_THAT(words.out, ContainsRegex("reading: 14 pages done, about [0-9]+ left"));
  goes_on = true;
  ASSERT_TRUE(rig.until([&] { return !rig.accepted.empty(); })) << rig.last_lines();
  EXPECT_THAT(rig.accepted.front(), HasSubstr(fmt::format("discussion_r{}", last)));
  EXPECT_TRUE(eventually([&] { return progress().is_null(); })) << "it is over";
  EXPECT_THAT(rig.run({"status", "--config", rig.config()}).out, Not(HasSubstr("reading:")));
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);
}

// The tab's own feed: nobody has configured the repository.
TEST_F(LongBackfill, ATabSeesThePagesThatAreDoneAndLeftAndThenWhatWasFound) {
  rig.configure_web();
  rig.open();
  const auto tab = rig.tab("/api/v1/watch?repo=acme/rocket&user=octocat");
  const auto searched = [&]() -> const json* {
    for (const json& message : tab->told)
      if (message["type"] == "searching" && message["pages_done"] == 14) return &message;
    return nullptr;
  };
  ASSERT_TRUE(rig.until([&] { return searched() != nullptr; })) << tab->text() << rig.last_lines();
  EXPECT_GE(searched()->at("pages_left"), 26);
  EXPECT_LE(searched()->at("pages_left"), 30);
  goes_on = true;
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 1; })) << rig.last_lines();
  EXPECT_TRUE(rig.until([&] { return tab->has("polled"); }));
}

}  // namespace
}  // namespace beckon::core::testing
