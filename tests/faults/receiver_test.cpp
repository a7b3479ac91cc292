// The suite's own judge: what must not be is seen.
#include "faults/receiver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TheReceiver : public ::testing::Test {
 protected:
  Letter& get(std::vector<std::int64_t> posts, int run, std::string id = "") {
    Letter letter;
    letter.subscription = "o/r hook";
    for (const std::int64_t post : posts) letter.links.push_back("https://github.example/o/r/issues/1#issuecomment-" + std::to_string(post));
    letter.posts = std::move(posts);
    letter.run = run;
    letter.id = std::move(id);
    letter.accepted = letter.answered = true;
    return receiver.letters.emplace_back(std::move(letter));
  }
  Tally examine(std::set<std::int64_t> owed) { return receiver.examine({{"o/r hook", std::move(owed)}}); }

  Receiver receiver{1};
};

TEST_F(TheReceiver, IsContentWithARepeatOfWhatWasUnderWayAtAKill) {
  get({1, 2}, 0, "a");
  get({3}, 0, "b").answered = false;
  get({3}, 1, "b");
  get({4}, 1, "c");
  const Tally tally = examine({1, 2, 3, 4});
  EXPECT_THAT(tally.complaints, IsEmpty());
  EXPECT_EQ(tally.lost, 0u);
  EXPECT_EQ(tally.duplicates, 1u);
  EXPECT_EQ(tally.unanswered_repeated, 1u);
}

TEST_F(TheReceiver, MissesWhatWasLost) {
  get({1}, 0);
  EXPECT_EQ(examine({1, 2}).lost, 1u);
}

TEST_F(TheReceiver, SeesARepeatWithoutAKill) {
  get({1}, 0);
  get({1}, 0);
  EXPECT_THAT(examine({1}).complaints, ElementsAre(HasSubstr("without a kill")));
}

TEST_F(TheReceiver, SeesABatchThatGrewOrWasNotTheLast) {
  get({1}, 0);
  get({1, 2}, 1);
  EXPECT_THAT(examine({1, 2}).complaints, ElementsAre(HasSubstr("something else than the last delivery")));
  get({3}, 1);
  get({1}, 2);
  EXPECT_EQ(examine({1, 2, 3}).complaints.size(), 2u);
}

TEST_F(TheReceiver, SeesARepeatUnderAnotherId) {
  get({1}, 0, "a");
  get({1}, 1, "b");
  EXPECT_THAT(examine({1}).complaints, ElementsAre(HasSubstr("under another id")));
}

TEST_F(TheReceiver, SeesWhatIsOutOfOrderOrNobodysBusiness) {
  get({2}, 0);
  get({1}, 0);
  EXPECT_THAT(examine({1, 2}).complaints, ElementsAre(HasSubstr("out of order")));
  get({7}, 0);
  EXPECT_THAT(examine({1, 2}).complaints, ElementsAre(HasSubstr("out of order"), HasSubstr("is not owed")));
}

}  // namespace
}  // namespace beckon::core::testing
