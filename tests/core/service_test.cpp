// The line that `systemctl status` shows.
#include "service.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

TEST(ServiceStatus, SaysWhatIsWatchedAndOwed) {
  EXPECT_EQ(service_status(0, 0, false), "watching for 0 subscriptions; nothing is owed");
  EXPECT_EQ(service_status(1, 1, false), "watching for 1 subscription; 1 is owed something");
  EXPECT_EQ(service_status(3, 2, false), "watching for 3 subscriptions; 2 are owed something");
}

TEST(ServiceStatus, SaysWhatIsWrong) {
  EXPECT_EQ(service_status(3, std::nullopt, false), "watching for 3 subscriptions; the state file cannot be asked what is owed");
  EXPECT_EQ(service_status(3, 0, true),
            "watching for 3 subscriptions; nothing is owed; the changed configuration is wrong and not taken over: see the log");
}

}  // namespace
}  // namespace beckon::core
