// Who of the sinks speaks for a message that came back.
#include "base/log.hpp"
#include "feedback.hpp"

#include "core/outbox/fixture.hpp"

#include <gmock/gmock.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

// Says of each message the same.
struct Reader final : Sink {
  Reader(std::string name, Result<std::optional<LateOutcome>> says) : says(std::move(says)) {
    about.name = std::move(name);
    about.hears_feedback = true;
  }
  const SinkInfo& info() const override { return about; }
  task<Prepared> prepare(std::shared_ptr<const Delivery>) override { co_return Prepared(); }
  task<Outcome> deliver(std::shared_ptr<const Delivery>, Prepared) override { co_return Outcome(); }
  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string>) override {
    ++asked;
    co_return says;
  }
  SinkInfo about;
  Result<std::optional<LateOutcome>> says;
  int asked = 0;
};

class TakeFeedback : public OutboxDeliveries {
 protected:
  void SetUp() override {
    OutboxDeliveries::SetUp();
    log::open(LogLevel::off, LogFormat::text);
    mention(feed, "octocat", 1);
    const Claim claimed = claim(me);
    freeze(me, claimed);
    Settlement settled = settlement(me, Settlement::Kind::delivered);
    settled.may_come_back = true;
    get(outbox->settle(std::move(settled), 10));
    sent = claimed.batch_id;
  }
  static std::optional<LateOutcome> gone(std::string delivery) {
    LateOutcome late{std::move(delivery), {}};
    late.outcome.kind = OutcomeKind::gone;
    late.outcome.scope = Scope::target;
    late.outcome.reason = "nobody lives there";
    return late;
  }
  static std::shared_ptr<Reader> reader(std::string name, Result<std::optional<LateOutcome>> says) {
    return std::make_shared<Reader>(std::move(name), std::move(says));
  }
  Result<FeedbackReport> take(std::vector<std::shared_ptr<Sink>> sinks) {
    return ask(take_feedback(*outbox, std::move(sinks), "message"));
  }
  std::string sent;
};

TEST_F(TakeFeedback, TheFirstThatSentTheDeliverySpeaks) {
  const auto silent = reader("silent", std::optional<LateOutcome>());
  const auto other = reader("other", gone(sent)), team = reader("team", gone(sent)), late = reader("late", gone(sent));
  const FeedbackReport report = good(take({silent, other, team, late}));
  EXPECT_TRUE(report.change.known) << "two sinks may send from one address: `other` did not send it";
  EXPECT_EQ(report.sink, "team");
  EXPECT_EQ(report.delivery, sent);
  EXPECT_EQ(report.outcome, OutcomeKind::gone);
  EXPECT_EQ(report.change.ended.size(), 1u);
  EXPECT_EQ(late->asked, 0);
}

TEST_F(TakeFeedback, OneThatCannotBeAskedMayBeTheOneThatIsMeant) {
  const auto down = reader("down", fail("its process rests"));
  const auto silent = reader("silent", std::optional<LateOutcome>());
  EXPECT_THAT(sentence(take({down, silent})), HasSubstr("sink \"down\" cannot read it now: its process rests"));
  EXPECT_TRUE(good(take({down, reader("team", gone(sent))})).change.known);
}

TEST_F(TakeFeedback, WhatNobodyUnderstandsOrKnowsChangesNothing) {
  EXPECT_FALSE(good(take({})).understood);
  EXPECT_FALSE(good(take({reader("silent", std::optional<LateOutcome>())})).understood);
  const FeedbackReport report = good(take({reader("team", gone("another"))}));
  EXPECT_TRUE(report.understood);
  EXPECT_FALSE(report.change.known);
  EXPECT_FALSE(claim(me).gone);
}

}  // namespace
}  // namespace beckon::core::testing
