#include <beckon/retry_after.hpp>

#include <gtest/gtest.h>

namespace {

using namespace beckon;

constexpr std::int64_t epoch_of_rfc = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(RetryAfter, SecondsWholeAndBroken) {
  EXPECT_EQ(retry_after_ms("30", 0), 30'000);
  EXPECT_EQ(retry_after_ms(" 1.5 ", 0), 1'500);
  EXPECT_EQ(retry_after_ms("1.0001", 0), 1'001);
}

TEST(RetryAfter, StaysBetweenASecondAndADay) {
  EXPECT_EQ(retry_after_ms("0", 0), 1'000);
  EXPECT_EQ(retry_after_ms("0.25", 0), 1'000);
  EXPECT_EQ(retry_after_ms("86401", 0), 86'400'000);
  EXPECT_EQ(retry_after_ms("99999999999999999999999999", 0), 86'400'000);
  EXPECT_EQ(retry_after_ms(std::string(400, '9'), 0), 86'400'000);
}

TEST(RetryAfter, WhatCannotBeReadIsNothing) {
  for (const char* value : {"", " ", "-5", "soon", "inf", "nan", "0x10", "1e3", "5 seconds", "1,5", ".", "GMT", "1:2:3",
                            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994"}) {
    EXPECT_EQ(retry_after_ms(value, 0), std::nullopt) << value;
  }
}

TEST(RetryAfter, TheThreeFormsOfADate) {
  EXPECT_EQ(read_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), epoch_of_rfc);
  EXPECT_EQ(read_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), epoch_of_rfc);
  EXPECT_EQ(read_http_date("Sun Nov  6 08:49:37 1994"), epoch_of_rfc);
  EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", epoch_of_rfc - 90), 90'000);
  EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", epoch_of_rfc + 90), 1'000);
}

TEST(RetryAfter, ADateIsMeasuredByTheServicesOwnClock) {
  Response response;
  response.headers = {{"date", "Sun, 06 Nov 1994 08:49:07 GMT"}, {"retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  EXPECT_EQ(retry_after_ms(response, 1'790'000'000'000), 30'000);
  response.headers.erase(response.headers.begin());
  EXPECT_EQ(retry_after_ms(response, (epoch_of_rfc - 60) * 1000), 60'000);
}

}  // namespace
