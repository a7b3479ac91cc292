#include "forge/rate_gate.hpp"

#include "support/fake_http.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using testing::response;

const SteadyTime start{std::chrono::hours(1)};
const WallTime calendar = from_unix_ms(1'700'000'000'000);

HttpHeaders quota_headers(int remaining) {
  return {{"X-RateLimit-Limit", "60"},
          {"X-RateLimit-Remaining", std::to_string(remaining)},
          {"X-RateLimit-Reset", "1700000600"}};
}

TEST(RateGate, IsOpenUntilAnAnswerClosesIt) {
  RateGate gate;
  EXPECT_FALSE(gate.closed(start).has_value());
  gate.note(response(200, "[]", quota_headers(7)), {}, start, calendar);
  EXPECT_FALSE(gate.closed(start).has_value());
  EXPECT_EQ(gate.quota(start).remaining, 7);
  EXPECT_EQ(gate.quota(start + 1min).reset_after, 9min);
}

TEST(RateGate, TheQuotaIsWholeAgainAfterItsReset) {
  RateGate gate;
  gate.note(response(200, "[]", quota_headers(7)), {}, start, calendar);
  EXPECT_EQ(gate.quota(start + 10min).remaining, 60);
}

TEST(RateGate, TheLastRequestClosesItUntilASecondAfterTheReset) {
  RateGate gate;
  gate.note(response(200, "[]", quota_headers(0)), {}, start, calendar);
  ASSERT_TRUE(gate.closed(start).has_value());
  EXPECT_EQ(gate.closed(start)->failure, ForgeFailure::rate_limited);
  EXPECT_EQ(gate.closed(start)->retry_after, 601s);
  EXPECT_NE(gate.closed(start)->message.find("is used up; Beckon waits until 22:23 UTC"), std::string::npos);
  EXPECT_FALSE(gate.closed(start + 601s).has_value());
}

TEST(RateGate, SilentLimitsDoubleUntilAnAnswerComes) {
  RateGate gate;
  const auto limited = response(403, R"({"message": "You have exceeded a secondary rate limit"})");
  gate.note(limited, {}, start, calendar);
  EXPECT_EQ(gate.closed(start)->retry_after, 60s);
  gate.note(limited, {}, start, calendar);
  EXPECT_EQ(gate.closed(start)->retry_after, 120s);
  gate.note(response(304, ""), {}, start, calendar);
  gate.note(limited, {}, start, calendar);
  EXPECT_EQ(gate.closed(start)->retry_after, 60s);
}

TEST(RateGate, OtherRefusalsDoNotCloseIt) {
  RateGate gate;
  gate.note(response(403, R"({"message": "Resource not accessible by personal access token"})"), {}, start, calendar);
  gate.note(response(404, "{}"), {}, start, calendar);
  gate.note(response(500, "{}"), {}, start, calendar);
  EXPECT_FALSE(gate.closed(start).has_value());
}

}  // namespace
}  // namespace beckon::core
