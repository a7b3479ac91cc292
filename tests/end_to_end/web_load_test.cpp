// A thousand tabs on one repository.
#include "end_to_end/web_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>

namespace beckon::core {
namespace {

using namespace testing;

#if defined(BECKON_ADDRESS_SANITIZER) || defined(BECKON_THREAD_SANITIZER)
constexpr bool sanitized = true;     // the sanitizer's own memory grows as it likes
#else
constexpr bool sanitized = false;
#endif

constexpr std::size_t tabs_at_once = sanitized ? 200 : 1000;
constexpr int mentions_each = 20;
constexpr int small_crowds = 6;
constexpr std::size_t small_crowd = 250;

bool may_open(rlim_t files) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < files) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, files);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

// Resident, in KiB.
std::size_t memory_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  return 0;
}

struct Crowd : WebRig {
  void come(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      tabs.push_back(tab("/api/v1/watch?repo=acme/rocket&user=octocat", {}, false));
      if (i % 50 == 49) until([&] { return tabs.back()->status != 0; });
    }
  }
  bool all_have(std::size_t mentions) {
    return until([&] { return std::all_of(tabs.begin(), tabs.end(), [&](const auto& tab) { return tab->seqs().size() >= mentions; }); }, 60s);
  }
  std::string how_many_each_has() const {
    std::map<std::size_t, int> counts;
    int over = 0;
    for (const auto& tab : tabs) ++counts[tab->seqs().size()], over += tab->over ? 1 : 0;
    std::string text = std::to_string(over) + " are closed; ";
    for (const auto& [mentions, count] : counts) text += fmt::format("{} tabs have {} mentions; ", count, mentions);
    return text + "\n";
  }
  void leave() {
    for (const auto& tab : tabs) tab->client.vanish();
    tabs.clear();
  }
  std::vector<std::shared_ptr<Tab>> tabs;
};

TEST(PageLoad, EveryMentionReachesEachOfAThousandTabsAndTheForgeIsAskedAsForOne) {
  if (!may_open(2 * tabs_at_once + 200)) GTEST_SKIP() << "this process may not open as many files";
  Crowd rig;
  rig.configure_web();
  const pid_t daemon = rig.open();
  // What one tab costs the forge in this time is the measure.
  rig.tabs.push_back(rig.tab("/api/v1/watch?repo=acme/rocket&user=octocat"));
  ASSERT_TRUE(rig.until([&] { return rig.tabs.back()->has("polled"); }));
  const std::size_t alone = memory_of(daemon);
  rig.come(tabs_at_once);
  ASSERT_TRUE(rig.until([&] { return rig.viewers() == tabs_at_once + 1; }, 60s));
  const auto began = std::chrono::steady_clock::now();
  const std::size_t asked_before = rig.forge_requests();
  for (int i = 0; i < mentions_each; ++i) {
    rig.comment("look, @octocat: " + std::to_string(i));
    rig.serve(50ms);
  }
  ASSERT_TRUE(rig.all_have(mentions_each)) << rig.how_many_each_has() << rig.last_lines();
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (const auto& tab : rig.tabs) {
    const std::vector<std::int64_t>& seqs = tab->seqs();
    ASSERT_EQ(seqs.size(), static_cast<std::size_t>(mentions_each));
    ASSERT_TRUE(std::is_sorted(seqs.begin(), seqs.end()));
    ASSERT_EQ(std::adjacent_find(seqs.begin(), seqs.end()), seqs.end()) << "told twice";
  }
  const std::size_t asked = rig.forge_requests() - asked_before;
  // A poll a second, of at most five questions, however many look.
  EXPECT_LE(asked, static_cast<std::size_t>(5 * (took / 0.9 + 2)));
  const std::size_t crowded = memory_of(daemon);
  RecordProperty("kib_a_tab", static_cast<int>((crowded - alone) / tabs_at_once));
  RecordProperty("seconds_to_all", std::to_string(took));
  std::cout << tabs_at_once << " tabs: " << (crowded - std::min(alone, crowded)) / tabs_at_once << " KiB each, " << mentions_each << " mentions to all of them in "
            << took << " s, " << asked << " requests to the forge meanwhile" << std::endl;
  if (!sanitized) {
    EXPECT_LT(crowded - alone, 64u * tabs_at_once);
  }
  rig.leave();
  ASSERT_TRUE(rig.until([&] { return rig.viewers() == 0; }, 10s));
  // The heap has grown for a thousand; smaller crowds, together more than that, need hardly more of it. A tab that is kept costs
  // more than twice what is allowed here.
  const std::size_t after_the_crowd = memory_of(daemon);
  for (int crowd = 0; crowd < small_crowds; ++crowd) {
    rig.come(small_crowd);
    ASSERT_TRUE(rig.until([&] { return rig.viewers() == small_crowd; }, 60s));
    ASSERT_TRUE(rig.all_have(mentions_each));
    rig.leave();
    ASSERT_TRUE(rig.until([&] { return rig.viewers() == 0; }, 10s));
  }
  const std::size_t in_the_end = memory_of(daemon);
  std::cout << "when all have left: " << after_the_crowd << " KiB; after " << small_crowds << " crowds of " << small_crowd << ": " << in_the_end
            << " KiB" << std::endl;
  if (!sanitized) {
    EXPECT_LT(in_the_end, after_the_crowd + 6u * small_crowds * small_crowd) << "what a tab has left behind";
  }
}

}  // namespace
}  // namespace beckon::core
