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

struct Requested {
  beckon_request request{};
  Emitted emitted{3};
  Requested() {
    request.size = sizeof request;
    request.method = borrow("POST");
    request.url = borrow("https://example.org/hook");
  }
  const Emitted& emit() {
    emitted.emitter()->request(emitted.emitter()->context, &request);
    return emitted;
  }
};

TEST(AbiOutcome, ThatTheFaceMadeOfAnExceptionIsThePluginsFault) {
  beckon_outcome outcome{};
  outcome.size = sizeof outcome;
  outcome.kind = BECKON_RETRY;
  outcome.code = borrow("plugin_threw");
  EXPECT_TRUE(outcome_of(outcome).fault);
  outcome.code = borrow("http");
  EXPECT_FALSE(outcome_of(outcome).fault);
}

TEST(AbiRequest, ATooLargeBodyIsThePluginsFaultAndIsNotCopied) {
  Requested plugin;
  plugin.request.body = {"", std::size_t{1} << 40};
  const Emitted& emitted = plugin.emit();
  ASSERT_TRUE(emitted.outcome);
  EXPECT_EQ(emitted.outcome->kind, OutcomeKind::retry);
  EXPECT_EQ(emitted.outcome->reason, "the plugin made a body of 1099511627776 bytes; 16777216 are taken");
}

TEST(AbiRequest, HeadersThatAreNotThereDoNoHarm) {
  Requested plugin;
  plugin.request.header_count = 2;
  EXPECT_TRUE(plugin.emit().outcome) << "counted, and none given";
  Requested other;
  const beckon_header good{sizeof good, borrow("A"), borrow("b")};
  const beckon_header* const headers[] = {nullptr, &good};
  other.request.headers = headers;
  other.request.header_count = 2;
  ASSERT_TRUE(other.emit().request);
  EXPECT_EQ(other.emitted.request->request.headers, (HttpHeaders{{"A", "b"}}));
}

}  // namespace
}  // namespace beckon::core
