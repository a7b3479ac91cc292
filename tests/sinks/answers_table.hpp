// A table of a service's answers and what a sink makes of each.
#pragma once

#include "sinks/rig.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace beckon::testing {

struct AnswerRow {
  unsigned status;
  std::string body;
  std::uint32_t kind;
  std::string code;
  std::uint32_t certainty = BECKON_EXACT;
  std::uint32_t scope = 0;  // 0: not looked at
};

inline void expect_answers(const Instance& sink, const SampleDelivery& delivery, const std::vector<AnswerRow>& rows) {
  for (const AnswerRow& row : rows) {
    const Outcome outcome = *sink.interpret(delivery, {row.status, row.body, {}}).outcome;
    const std::string when = std::to_string(row.status) + " " + row.body + " gave " + outcome.code + ": " + outcome.reason;
    EXPECT_EQ(outcome.kind, row.kind) << when;
    EXPECT_EQ(outcome.code, row.code) << when;
    EXPECT_EQ(outcome.certainty, row.certainty) << when;
    EXPECT_EQ(outcome.ask_again_after_ms > 0, row.certainty == BECKON_MAYBE) << when;
    EXPECT_TRUE(row.scope == 0 || outcome.scope == row.scope) << when;
  }
}

}  // namespace beckon::testing
