// What comes back of deliveries is read by the plugin, in this process or in one of its own, and means the same.
#include "core/sink/isolated_fixture.hpp"

#include "plugins/loader.hpp"
#include "sink/sink.hpp"

namespace beckon::core {
namespace {

using testing::AlwaysFine;
using ::testing::HasSubstr;
using ::testing::Not;

class FeedbackSink : public testing::IsolatedRoom {
 protected:
  std::unique_ptr<Sink> open_in_this_process(const std::string& kind) {
    auto opened = plugins::open_here(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds" / (kind + ".so"));
    OptionValues values;
    values["token"].value = secret;
    return open_sink(kind, *std::get<plugins::Plugin>(opened).table, values, SinkHost{client, context.get_executor(), {}}).value();
  }
};

TEST_F(FeedbackSink, SaysWhatBecameOfWhichDelivery) {
  for (const std::string kind : {"webhook", "worker"}) {
    for (const auto& sink : {open(kind), open_in_this_process(kind)}) {
      ASSERT_TRUE(sink->info().hears_feedback);
      const auto heard = feedback(*sink, "delivery 7f is gone");
      ASSERT_TRUE(heard) << kind;
      EXPECT_EQ(heard->delivery, "7f") << "the first word counts";
      EXPECT_EQ(heard->outcome.kind, OutcomeKind::gone);
      EXPECT_EQ(heard->outcome.certainty, Certainty::exact);
      EXPECT_EQ(heard->outcome.scope, Scope::target);
      EXPECT_EQ(heard->outcome.code, "no_mailbox");
      EXPECT_THAT(heard->outcome.reason, HasSubstr("nobody lives there, says ")) << "it has the sink's settings";
      EXPECT_THAT(heard->outcome.reason, Not(HasSubstr(secret)));
      EXPECT_FALSE(feedback(*sink, "an advertisement"));
      EXPECT_FALSE(feedback(*sink, ""));
      EXPECT_FALSE(feedback(*sink, std::string(1 << 20, '\0')));
    }
  }
}

TEST_F(FeedbackSink, OfAPluginThatThrowsOrCrashesIsNothing) {
  const auto here = open_in_this_process("worker");
  EXPECT_FALSE(feedback(*here, "throw"));
  EXPECT_TRUE(feedback(*here, "delivery 7f is gone"));
  const auto isolated = open("worker");
  for (const std::string deed : {"throw", "crash", "exit"}) EXPECT_FALSE(feedback(*isolated, deed)) << deed;
  EXPECT_TRUE(feedback(*isolated, "delivery 7f is gone"));
}

TEST_F(FeedbackSink, OfATableOfTheFirstVersionIsNothing) {
  auto opened = plugins::open_here(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds" / "webhook.so");
  beckon_sink_table old = *std::get<plugins::Plugin>(opened).table;
  old.minor = 0;
  old.size = offsetof(beckon_sink_table, feedback);
  const auto sink = open_sink("old", old, {}, SinkHost{client, context.get_executor(), {}}).value();
  EXPECT_FALSE(sink->info().hears_feedback);
  EXPECT_FALSE(feedback(*sink, "delivery 7f is gone"));
}

}  // namespace
}  // namespace beckon::core
