#include "config/options.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace beckon::core {
namespace {

TEST(PluginCheck, ThatThrowsIsAnErrorOfTheFile) {
  beckon_sink_table table{};
  table.size = sizeof table;
  table.name = {"broken", 6};
  table.check = [](const beckon_values*, const beckon_values*, const beckon_complaints*) { throw std::runtime_error("x"); };
  SinkConfig sink;
  sink.name = "x";
  sink.place = {7, 1};
  std::vector<ConfigError> errors;
  check_sink(sink, table, "/", errors);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].place.line, 7u);
  EXPECT_EQ(errors[0].message, "the plugin \"broken\" is at fault: it threw while it checked these options");
}

}  // namespace
}  // namespace beckon::core
