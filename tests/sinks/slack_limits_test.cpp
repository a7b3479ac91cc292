#include "sinks/slack/mrkdwn.hpp"

#include <beckon/text.hpp>

#include <gtest/gtest.h>

namespace {

// Three of these and a label would be longer than a section may be.
TEST(SlackLink, AddressThatGrowsTooLongByEscapingIsLeftOut) {
  const std::string url = "https://github.example/?" + std::string(1'400, '&');
  EXPECT_EQ(beckon::slack::address(url), "");
  EXPECT_EQ(beckon::slack::link(url, "a <label>", 100), "a &lt;label&gt;");
}

}  // namespace
