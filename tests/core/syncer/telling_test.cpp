#include "syncer/telling.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

Claim mentions(std::size_t count) {
  OwedMention one;
  one.mention.repository.full_name = "acme/rocket";
  one.mention.thread.number = 7;
  one.mention.post.author.login = "vera";
  one.mention.post.url = "https://forge.example/acme/rocket/issues/7#issuecomment-1";
  Claim claim;
  claim.mentions = std::vector<OwedMention>(count, one);
  return claim;
}

Outcome said(OutcomeKind kind) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.code = "code";
  outcome.reason = "Slack asks for a pause (429)";
  return outcome;
}

std::string line(OutcomeKind kind, Verdict verdict, std::size_t count = 1) {
  return tell_attempt("ada", "team", mentions(count), said(kind), verdict).text;
}

Verdict settled(Settlement::Kind kind) { return {Verdict::Do::settle, kind, 2500ms}; }

TEST(Telling, AnAttemptInOneLine) {
  EXPECT_EQ(line(OutcomeKind::delivered, settled(Settlement::Kind::delivered), 2), "\"ada\": told 2 mentions through team");
  EXPECT_EQ(line(OutcomeKind::retry, settled(Settlement::Kind::retry)),
            "\"ada\": team did not deliver: Slack asks for a pause (429) [code]; again in 3s");
  EXPECT_EQ(line(OutcomeKind::misconfigured, settled(Settlement::Kind::retry)),
            "\"ada\": team cannot deliver: Slack asks for a pause (429) [code]; kept, and tried again in 3s");
  EXPECT_EQ(line(OutcomeKind::gone, settled(Settlement::Kind::retry)),
            "\"ada\": team may have lost its subscriber: Slack asks for a pause (429) [code]; kept, and asked again in 3s");
  EXPECT_EQ(line(OutcomeKind::gone, {Verdict::Do::bury, Settlement::Kind::retry, 0ms}),
            "\"ada\": the subscriber at team is gone: Slack asks for a pause (429) [code]; letting go");
  EXPECT_EQ(line(OutcomeKind::rejected, settled(Settlement::Kind::split), 3),
            "\"ada\": team refused a digest: Slack asks for a pause (429) [code]; sending its 3 mentions one by one");
}

TEST(Telling, ADeadLetterIsFoundAgainByItsAddress) {
  const std::string address = "acme/rocket#7 by vera, https://forge.example/acme/rocket/issues/7#issuecomment-1";
  for (const auto kind : {Settlement::Kind::plain, Settlement::Kind::held, Settlement::Kind::dead})
    EXPECT_NE(line(OutcomeKind::rejected, settled(kind)).find(address), std::string::npos) << line(OutcomeKind::rejected, settled(kind));
}

TEST(Telling, ASecretTargetIsNotShown) {
  SinkInfo sink;
  sink.name = "team";
  sink.target_option = "webhook_url";
  EXPECT_NE(tell_move("ada", sink, "https://new").text.find("webhook_url = \"https://new\""), std::string::npos);
  sink.target_secret = true;
  const std::string text = tell_move("ada", sink, "https://new").text;
  EXPECT_EQ(text.find("https://new"), std::string::npos);
  EXPECT_NE(text.find("webhook_url"), std::string::npos);
}

}  // namespace
}  // namespace beckon::core
