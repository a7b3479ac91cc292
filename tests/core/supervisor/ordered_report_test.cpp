// What the static supervisor says for people, word for word.
#include "supervisor/ordered_report.hpp"

#include <gtest/gtest.h>

namespace beckon::core::supervision::ordered {
namespace {

const SupervisorFlags flags{Strategy::rest_for_one, 3, 60s, 1s};

std::string line(Report::Kind kind, std::string reason = {}, unsigned restarts = 0) {
  return sentence(Report{kind, "feeds", std::move(reason), restarts}, flags);
}

TEST(TreeReport, WarnsOfWhatGoesOnAndIsLoudWhereSomethingIsGivenUp) {
  using Kind = Report::Kind;
  for (const Kind kind : {Kind::crashed, Kind::ended, Kind::start_failed, Kind::failed_stopping, Kind::killed})
    EXPECT_EQ(level_of(kind), LogLevel::warn);
  EXPECT_EQ(level_of(Kind::gave_up), LogLevel::error);
  EXPECT_EQ(level_of(Kind::abandoned), LogLevel::error);
}

TEST(TreeReport, NamesTheChildTheReasonAndWhatBecomesOfIt) {
  EXPECT_EQ(line(Report::Kind::crashed, "boom", 2),
            "child \"feeds\": ended: boom; restarting (restart 2 of 3 within 60s)");
  EXPECT_EQ(line(Report::Kind::ended, "boom"), "child \"feeds\": ended: boom; it is not restarted");
  EXPECT_EQ(line(Report::Kind::start_failed, "boom"), "child \"feeds\": did not start: boom");
  EXPECT_EQ(line(Report::Kind::gave_up, "boom", 4),
            "child \"feeds\": ended: boom; restart 4 within 60s is one too many, so everything here is stopped");
  EXPECT_EQ(line(Report::Kind::failed_stopping, "boom"), "child \"feeds\": failed while being stopped: boom");
  EXPECT_EQ(line(Report::Kind::killed), "child \"feeds\": did not end in time when it was asked, and was killed");
  EXPECT_EQ(line(Report::Kind::abandoned), "child \"feeds\": did not end within 1s of being killed; abandoned");
}

TEST(TreeReport, EndOfATreeNamesTheCulprit) {
  EXPECT_EQ(sentence(Ended{}, flags), "");
  EXPECT_EQ(sentence(Ended{Ended::Why::failed_to_start, "outbox", "locked"}, flags),
            "child \"outbox\" did not start: locked");
  EXPECT_EQ(sentence(Ended{Ended::Why::gave_up, "outbox", "boom"}, flags),
            "gave up: child \"outbox\" needed more than 3 restarts within 60s, last: boom");
}

TEST(TreeReport, RefusalSaysTheWayOut) {
  using Answer = Reply::Answer;
  EXPECT_EQ(sentence(Reply{1, Answer::ok, {}}, "feeds"), "");
  EXPECT_EQ(sentence(Reply{1, Answer::restarting, {}}, "feeds"), "child \"feeds\" is being restarted; terminate it first");
  EXPECT_EQ(sentence(Reply{1, Answer::not_found, {}}, "feeds"), "there is no child \"feeds\"");
}

}  // namespace
}  // namespace beckon::core::supervision::ordered
