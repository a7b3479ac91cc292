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
  std::vector<std::unique_ptr<Sink>> both(const std::string& kind) {
    std::vector<std::unique_ptr<Sink>> sinks;
    sinks.push_back(open(kind));
    sinks.push_back(open_in_this_process(kind));
    return sinks;
  }
};

TEST_F(FeedbackSink, SaysWhatBecameOfWhichDelivery) {
  for (const std::string kind : {"webhook", "worker"}) {
    for (const auto& sink : both(kind)) {
      ASSERT_TRUE(sink->info().hears_feedback);
      const auto heard = feedback(*sink, "delivery 7f is gone").value();
      ASSERT_TRUE(heard) << kind;
      EXPECT_EQ(heard->delivery, "7f") << "the first word counts";
      EXPECT_EQ(heard->outcome.kind, OutcomeKind::gone);
      EXPECT_EQ(heard->outcome.certainty, Certainty::exact);
      EXPECT_EQ(heard->outcome.scope, Scope::target);
      EXPECT_EQ(heard->outcome.code, "no_mailbox");
      EXPECT_THAT(heard->outcome.reason, HasSubstr("nobody lives there, says ")) << "it has the sink's settings";
      EXPECT_THAT(heard->outcome.reason, Not(HasSubstr(secret)));
      EXPECT_FALSE(feedback(*sink, "an advertisement").value());
      EXPECT_FALSE(feedback(*sink, "").value());
      EXPECT_FALSE(feedback(*sink, std::string(1 << 20, '\0')).value());
    }
  }
}

TEST_F(FeedbackSink, OfAPluginThatThrowsIsNothing) {
  for (const auto& sink : both("worker")) {
    EXPECT_FALSE(feedback(*sink, "throw").value());
    EXPECT_TRUE(feedback(*sink, "delivery 7f is gone").value());
  }
}

TEST_F(FeedbackSink, OfAPluginThatCrashesIsToComeAgain) {
  const auto isolated = open("worker");
  for (const std::string deed : {"crash", "exit"}) {
    const auto heard = feedback(*isolated, deed);
    ASSERT_FALSE(heard) << deed;
    EXPECT_THAT(heard.error().message, HasSubstr("its process")) << deed;
  }
  EXPECT_TRUE(feedback(*isolated, "delivery 7f is gone").value());
}

TEST_F(FeedbackSink, OfATableOfTheFirstVersionIsNothing) {
  auto opened = plugins::open_here(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds" / "webhook.so");
  beckon_sink_table old = *std::get<plugins::Plugin>(opened).table;
  old.minor = 0;
  old.size = offsetof(beckon_sink_table, feedback);
  const auto sink = open_sink("old", old, {}, SinkHost{client, context.get_executor(), {}}).value();
  EXPECT_FALSE(sink->info().hears_feedback);
  EXPECT_FALSE(feedback(*sink, "delivery 7f is gone").value());
}

}  // namespace
}  // namespace beckon::core
