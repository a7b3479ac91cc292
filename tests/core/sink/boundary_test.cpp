#include "sink/boundary.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

TEST(AbiDelivery, ATargetHasTheTypesThatThePluginDeclares) {
  beckon_option url{};
  url.size = sizeof url;
  url.name = borrow("webhook_url");
  url.type = BECKON_URL;
  const beckon_option* const options[] = {&url};
  beckon_sink_table table{};
  table.size = sizeof table;
  table.options = options;
  table.option_count = 1;
  Delivery delivery;
  delivery.target = {{"webhook_url", {std::string("https://example.org/hook")}}};
  const AbiDelivery crossing(table, delivery);
  const beckon_values& target = *crossing.get()->target;
  ASSERT_EQ(target.value_count, 1u);
  EXPECT_EQ(target.values[0]->type, std::uint32_t{BECKON_URL});
  EXPECT_EQ(view(target.values[0]->text), "https://example.org/hook");
}

}  // namespace
}  // namespace beckon::core
