// What answers of mail servers mean.
#include "sinks/email/dialogue.hpp"
#include "sinks/email/reply.hpp"

#include <beckon/text.hpp>

#include <gmock/gmock.h>

#include <array>
#include <ostream>

namespace {

using namespace beckon;
using namespace beckon::email;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array all_commands = {Command::greeting, Command::hello, Command::starttls, Command::auth,    Command::mail,
                                     Command::rcpt,     Command::data,  Command::content,  Command::notification};

Outcome of(Command command, const std::string& line, std::uint32_t attempt = 1) {
  return outcome_of(read_reply(command, {line}), attempt);
}

enum class Is { gone, maybe_gone, retry, rejected, misconfigured };

void PrintTo(Is is, std::ostream* out) {
  *out << std::array{"gone", "maybe_gone", "retry", "rejected", "misconfigured"}[static_cast<std::size_t>(is)];
}

Is kind_of(const Outcome& outcome) {
  switch (outcome.kind) {
    case BECKON_GONE: return outcome.certainty == BECKON_EXACT ? Is::gone : Is::maybe_gone;
    case BECKON_RETRY: return Is::retry;
    case BECKON_REJECTED: return Is::rejected;
    default: return Is::misconfigured;
  }
}

TEST(EmailReply, TheAnswerToRcptIsReadByItsStatus) {
  const std::vector<std::pair<std::string, Is>> answers = {
      {"550 5.1.1 <octo@example.com>: Recipient address rejected: User unknown", Is::gone},
      {"550 5.1.1 <octo@spam.blocked.example>: no such user", Is::gone},
      {"550 5.1.6 moved", Is::gone},
      {"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", Is::gone},
      {"556 5.1.10 recipient address has null MX", Is::gone},
      {"550 5.7.17 new owner", Is::gone},
      {"550 5.7.18 new owner", Is::gone},
      {"550 5.1.0 address unknown", Is::maybe_gone},
      {"550 #5.1.0 Address rejected.", Is::maybe_gone},
      {"550 5.1.2 bad destination system", Is::maybe_gone},
      {"550 5.1.4 ambiguous", Is::maybe_gone},
      {"550 5.2.1 The email account that you tried to reach is inactive", Is::maybe_gone},
      {"550 5.4.1 Recipient address rejected: Access denied", Is::maybe_gone},
      {"550 5.4.4 no route", Is::maybe_gone},
      {"525 5.7.13 account disabled", Is::maybe_gone},
      {"550 User unknown", Is::maybe_gone},
      {"550 No such user here", Is::maybe_gone},
      {"551 user not found", Is::maybe_gone},
      {"553 unknown recipient", Is::maybe_gone},
      {"556 no mail here", Is::maybe_gone},
      {"550 5.1.1 blocked by our spam policy", Is::maybe_gone},
      {"552 5.2.2 mailbox full", Is::retry},
      {"552 mailbox full", Is::retry},
      {"550 quota exceeded", Is::retry},
      {"552 5.2.3 too long", Is::rejected},
      {"552 5.3.4 too big", Is::rejected},
      {"554 5.6.0 content", Is::rejected},
      {"501 5.1.3 bad syntax", Is::misconfigured},
      {"553 5.6.7 SMTPUTF8 required", Is::misconfigured},
      {"550 5.1.0 <beckon@example.com>: Sender address rejected: User unknown in virtual mailbox table", Is::misconfigured},
      {"550 5.1.1 sender address rejected", Is::misconfigured},
      {"550 Sender address does not exist", Is::misconfigured},
      {"550 5.7.1 relaying denied", Is::misconfigured},
      {"550 5.7.26 unauthenticated mail", Is::misconfigured},
      {"550 5.7.27 sender has null MX", Is::misconfigured},
      {"554 5.7.0 spam", Is::misconfigured},
      {"550 no", Is::misconfigured},
      {"554 rejected", Is::misconfigured},
      {"530 5.7.0 authentication required", Is::misconfigured},
      {"503 5.5.1 bad sequence", Is::misconfigured},
      {"550 5.3.0 trouble", Is::retry},
      {"421 4.3.2 closing", Is::retry},
      {"450 4.7.1 greylisted", Is::retry},
      {"450 4.1.1 unverified recipient", Is::retry},
      {"451 try again", Is::retry},
      {"452 4.2.2 full", Is::retry},
      {"550 4.1.1 contradicts itself", Is::retry},
      {"450 5.1.1 contradicts itself", Is::retry},
  };
  for (const auto& [answer, is] : answers) EXPECT_EQ(kind_of(of(Command::rcpt, answer)), is) << answer;
}

TEST(EmailReply, OnlyAnAnswerAboutTheRecipientCanSayThatItIsGone) {
  for (const Command command : all_commands) {
    const bool may = command == Command::rcpt || command == Command::content || command == Command::notification;
    for (int subject = 0; subject < 8; ++subject) {
      for (int detail = 0; detail < 40; ++detail) {
        const std::string status = "5." + std::to_string(subject) + "." + std::to_string(detail);
        const Outcome outcome = of(command, "550 " + status + " user unknown");
        EXPECT_TRUE(may || outcome.kind != BECKON_GONE) << name_of(command) << " " << status;
        if (subject == 7 && detail != 13 && detail != 17 && detail != 18) {
          EXPECT_EQ(kind_of(outcome), Is::misconfigured) << name_of(command) << " " << status;
        }
      }
    }
  }
}

TEST(EmailReply, OnlyAPermanentAnswerIsFinal) {
  for (const Command command : all_commands) {
    for (unsigned code = 100; code < 500; ++code) {
      EXPECT_EQ(kind_of(of(command, std::to_string(code) + " user unknown")), Is::retry) << name_of(command) << " " << code;
    }
  }
}

TEST(EmailReply, EveryAnswerIsAValidOutcome) {
  const std::string long_text(2'000, 'x');
  for (const Command command : all_commands) {
    for (unsigned code = 0; code < 700; ++code) {
      for (const std::string& text : {std::string(), std::string(" "), std::string(" 5.1.1"), " 5.7.1 " + long_text,
                                      std::string(" 4.2.2 Wait. Then. Go..."), std::string(" 5.6.0 \x1b[31m\xff\r\nX: y"),
                                      std::string("-5.9.9 ...")}) {
        const Outcome outcome = of(command, std::to_string(code) + text);
        const std::string when = outcome.code + ": " + outcome.reason;
        EXPECT_EQ(outcome.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << when;
        EXPECT_FALSE(outcome.reason.empty());
        EXPECT_LE(outcome.reason.size(), 500u) << when;
        EXPECT_EQ(text::clean_line(outcome.reason), outcome.reason);
        EXPECT_THAT(outcome.reason, Not(HasSubstr(". ")));
        EXPECT_EQ(outcome.ask_again_after_ms > 0, outcome.certainty == BECKON_MAYBE) << when;
        EXPECT_NE(outcome.kind, std::uint32_t{BECKON_DELIVERED});
      }
    }
  }
}

TEST(EmailReply, AGreylistGetsItsFiveMinutesAndThenHalfAnHour) {
  EXPECT_EQ(of(Command::rcpt, "450 4.7.1 greylisted", 1).retry_after_ms, 5 * 60'000);
  EXPECT_EQ(of(Command::rcpt, "450 4.7.1 greylisted", 2).retry_after_ms, 30 * 60'000);
  EXPECT_EQ(of(Command::rcpt, "452 4.2.2 full", 2).retry_after_ms, 4 * 3'600'000);
  EXPECT_EQ(of(Command::rcpt, "550 5.2.1 disabled").ask_again_after_ms, 24 * 3'600'000);
}

TEST(EmailReply, WhatIsRefusedBeforeTheRecipientConcernsTheWholeSink) {
  for (const Command command : {Command::greeting, Command::hello, Command::starttls, Command::auth, Command::mail})
    EXPECT_EQ(of(command, "550 5.7.1 no").scope, std::uint32_t{BECKON_SCOPE_SINK}) << name_of(command);
  for (const Command command : {Command::rcpt, Command::data, Command::content})
    EXPECT_EQ(of(command, "550 5.7.1 no").scope, std::uint32_t{BECKON_SCOPE_TARGET}) << name_of(command);
}

TEST(EmailReply, TheAnswerToALoginIsNotRepeated) {
  EXPECT_THAT(of(Command::auth, "535 5.7.8 wrong password hunter2").reason, Not(HasSubstr("hunter2")));
  EXPECT_THAT(of(Command::rcpt, "550 5.1.1 no Octo here").reason, HasSubstr("no Octo here"));
}

TEST(EmailReply, ThePlainThreeDigitsAtTheEndOfAMessageAreAboutTheMessage) {
  EXPECT_EQ(kind_of(of(Command::content, "554 transaction failed")), Is::rejected);
  EXPECT_EQ(kind_of(of(Command::content, "552 too much")), Is::rejected);
  EXPECT_EQ(kind_of(of(Command::content, "550 this is spam")), Is::misconfigured);
  EXPECT_EQ(kind_of(of(Command::mail, "552 too much")), Is::rejected);
}

TEST(EmailReply, LinesAreOneReply) {
  const Reply reply = read_reply(Command::rcpt, {"550-5.1.1 The account", "550-5.1.1 that you tried", "550 5.1.1 is no more"});
  EXPECT_EQ(reply.code, 550u);
  EXPECT_EQ(reply.enhanced, "5.1.1");
  EXPECT_EQ(reply.text, "The account that you tried is no more");
}

TEST(EmailReply, AnEnhancedCodeIsOneOrIsNone) {
  for (const char* text : {"5.1.1", " 5.1.1 x", "#5.1.1", "5.1.1: x", "5.1.1, x", "5.1.1)"})
    EXPECT_EQ(enhanced_code(text), "5.1.1") << text;
  for (const char* text : {"", "5", "5.", "5.1", "5.1.", "5.1.1.2 listed", "3.1.1", "5.1111.1", "x 5.1.1", "5.1.x"})
    EXPECT_EQ(enhanced_code(text), "") << text;
}

TEST(EmailDialogue, ALoginIsNotTakenForCommands) {
  Dialogue dialogue;
  EXPECT_TRUE(dialogue.received("220 mail.test\r\n"));
  dialogue.sent("EHLO me\r\n");
  EXPECT_FALSE(dialogue.received("250-mail.test\r\n"));
  EXPECT_TRUE(dialogue.received("250 SMTPUTF8\r\n"));
  EXPECT_TRUE(dialogue.offers_smtputf8());
  dialogue.sent("AUTH LOGIN\r\n");
  EXPECT_TRUE(dialogue.received("334 VXNlcm5hbWU6\r\n"));
  dialogue.sent("DATA\r\n");  // somebody's name in base64
  EXPECT_TRUE(dialogue.received("535 5.7.8 no\r\n"));
  EXPECT_EQ(dialogue.last().command, Command::auth);
}

TEST(EmailDialogue, TheMessageIsInDoubtFromTheInvitationToTheAnswer) {
  Dialogue dialogue;
  dialogue.received("220 hello\r\n");
  dialogue.sent("DATA\r\n");
  EXPECT_FALSE(dialogue.content_is_due());
  dialogue.received("354 go\r\n");
  EXPECT_TRUE(dialogue.content_is_due());
  dialogue.sent("QUIT\r\n");
  EXPECT_TRUE(dialogue.content_is_due());
  Dialogue answered = dialogue;
  answered.received("221 bye\r\n");
  EXPECT_FALSE(answered.content_was_taken());
}

TEST(EmailDialogue, TheAnswerToQuitChangesNothing) {
  Dialogue dialogue;
  dialogue.received("220 hello\r\n");
  dialogue.sent("DATA\r\n");
  dialogue.received("354 go\r\n");
  dialogue.received("250 2.0.0 taken\r\n");
  dialogue.sent("QUIT\r\n");
  dialogue.received("421 4.4.2 too late\r\n");
  EXPECT_TRUE(dialogue.content_was_taken());
}

TEST(EmailDialogue, AServerThatNeverStopsTalkingFillsNothing) {
  Dialogue dialogue;
  for (int i = 0; i < 200'000; ++i) dialogue.received("220-" + std::string(2'000, 'x'));
  EXPECT_TRUE(dialogue.received("220 5.1.1 end\r\n"));
  EXPECT_LE(dialogue.last().text.size(), 8'192u);
}

}  // namespace
