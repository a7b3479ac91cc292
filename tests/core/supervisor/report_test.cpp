// The log lines of the supervisor, word for word.
#include "supervisor/report.hpp"

#include <gtest/gtest.h>

namespace beckon::core::supervision {
namespace {

const Limits limits{5, 90s, 5s};

std::string line(const Report& report) { return sentence(report, "syncer", "beast", limits); }

TEST(SupervisorReport, CrashNamesTheChildTheReasonAndHowManyRestartsAreLeft) {
  EXPECT_EQ(line(Report{Report::Kind::crashed, 1, "boom", 1}),
            "syncer \"beast\": crashed: boom; restarting (1 of 5 within 90s)");
  EXPECT_EQ(level_of(Report::Kind::crashed), LogLevel::warn);
}

TEST(SupervisorReport, SettingAsideIsLoudAndNamesTheLastReason) {
  EXPECT_EQ(line(Report{Report::Kind::set_aside, 1, "boom", 6}),
            "syncer \"beast\": set aside: crashed 6 times within 90s, last: boom; the others go on");
  EXPECT_EQ(line(Report{Report::Kind::set_aside, 1, "boom", 1}),
            "syncer \"beast\": set aside: crashed 1 time within 90s, last: boom; the others go on");
  EXPECT_EQ(level_of(Report::Kind::set_aside), LogLevel::error);
}

TEST(SupervisorReport, FailureDuringStopNamesOneChildOrCountsThem) {
  EXPECT_EQ(line(Report{Report::Kind::failed_stopping, 1, "boom"}),
            "syncer \"beast\": failed while being stopped: boom");
  EXPECT_EQ(line(Report{Report::Kind::failed_stopping, 1, "boom", 0, 3}),
            "3 children of kind syncer, the first \"beast\": failed while being stopped: boom");
  EXPECT_EQ(level_of(Report::Kind::failed_stopping), LogLevel::warn);
}

TEST(SupervisorReport, AbandonedChildIsAnError) {
  EXPECT_EQ(line(Report{Report::Kind::abandoned, 1}),
            "syncer \"beast\": did not end within 5s of being asked; abandoned");
  EXPECT_EQ(level_of(Report::Kind::abandoned), LogLevel::error);
}

}  // namespace
}  // namespace beckon::core::supervision
