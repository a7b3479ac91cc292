// What delivery status notifications say of mails of ours.
#include "sinks/email/bounce.hpp"
#include "sinks/hostile.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::email;
using beckon::testing::repeated;
using ::testing::HasSubstr;

constexpr Origin origin{"example.com", "bounces+{id}@example.com"};
constexpr char id[] = "0123456789abcdef0123456789abcdef";

struct Sample {
  std::string to = "beckon@example.com";
  std::string report_type = "delivery-status";
  std::string recipient =
      "Original-Recipient: rfc822;octo@example.org\r\nFinal-Recipient: rfc822; octo@example.org\r\nAction: failed\r\n"
      "Status: 5.1.1\r\nRemote-MTA: dns; mx.example.org\r\nDiagnostic-Code: smtp; 550 5.1.1 <octo@example.org>:\r\n"
      "    Recipient address rejected: User unknown\r\n";
  std::string returned_type = "message/rfc822";
  std::string returned = "From: Beckon <beckon@example.com>\r\nTo: Octo <octo@example.org>\r\nMessage-ID:\r\n <beckon." +
                         std::string(id) + "@example.com>\r\nSubject: x\r\n\r\nbody\r\n";

  std::string text() const {
    return "From: MAILER-DAEMON@mx.example.net\r\nTo: " + to +
           "\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n" +
           "Content-Type: multipart/report; report-type=" + report_type +
           ";\r\n\tboundary=\"A=_/x\"\r\n\r\nThis is MIME.\r\n\r\n" +
           "--A=_/x\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n\r\n" +
           "--A=_/x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n" +
           "Arrival-Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n\r\n" + recipient + "\r\n" +
           "--A=_/x\r\nContent-Type: " + returned_type + "\r\n\r\n" + returned + "\r\n--A=_/x--\r\n";
  }
  std::optional<Feedback> read() const { return read_bounce(text(), origin); }
};

TEST(Bounce, AFailureNamesTheDeliveryAndSaysWhy) {
  const auto bounce = Sample().read();
  ASSERT_TRUE(bounce);
  EXPECT_EQ(bounce->delivery, id);
  EXPECT_EQ(bounce->outcome.kind, std::uint32_t{BECKON_GONE});
  EXPECT_EQ(bounce->outcome.certainty, std::uint32_t{BECKON_EXACT});
  EXPECT_EQ(bounce->outcome.code, "smtp_5_1_1");
  EXPECT_THAT(bounce->outcome.reason, HasSubstr("a delivery status notification says 550 5.1.1: this mailbox does not exist"));
  EXPECT_THAT(bounce->outcome.reason, HasSubstr("User unknown"));
}

TEST(Bounce, TheReturnedMailMayBeItsHeaderAlone) {
  for (const char* type : {"text/rfc822-headers", "message/global", "message/global-headers; charset=utf-8", "Message/RFC822"}) {
    Sample sample;
    sample.returned_type = type;
    EXPECT_TRUE(sample.read()) << type;
  }
}

TEST(Bounce, TheReturnPathNamesTheDeliveryToo) {
  for (const char* header : {"To", "Delivered-To", "X-Original-To"}) {
    Sample sample;
    sample.to = std::string("postmaster@example.com\r\n") + header + ": <BOUNCES+" + id + "@Example.com>";
    sample.returned = "Subject: nothing of use\r\n";
    const auto bounce = sample.read();
    ASSERT_TRUE(bounce) << header;
    EXPECT_EQ(bounce->delivery, id);
  }
}

TEST(Bounce, WhereTheTwoDisagreeNothingIsBelieved) {
  Sample sample;
  sample.to = "bounces+ffffffffffffffffffffffffffffffff@example.com";
  EXPECT_FALSE(sample.read());
}

TEST(Bounce, OnlyFailuresCount) {
  for (const char* action : {"delayed", "relayed", "delivered", "expanded", "", "FAILED?"}) {
    Sample sample;
    sample.recipient = std::string("Final-Recipient: rfc822; octo@example.org\r\nAction: ") + action + "\r\nStatus: 5.1.1\r\n";
    EXPECT_FALSE(sample.read()) << action;
  }
}

TEST(Bounce, AMessageThatIsNoNotificationSaysNothing) {
  Sample feedback;
  feedback.report_type = "feedback-report";
  EXPECT_FALSE(feedback.read());
  EXPECT_FALSE(read_bounce("", origin));
  EXPECT_FALSE(read_bounce("Subject: vacation\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", origin));
  std::string mixed = Sample().text();
  mixed.replace(mixed.find("multipart/report"), 16, "multipart/mixed;");
  EXPECT_FALSE(read_bounce(mixed, origin));
}

TEST(Bounce, AMessageIdOfAnotherDomainOrProgramIsNotOurs) {
  for (const char* other : {"<beckon.0123@example.net>", "<0123@example.com>", "<beckon.0=2F@example.com>",
                            "beckon.0123@example.com", "<beckon.@example.com>", "<>"}) {
    Sample sample;
    sample.returned = "To: octo@example.org\r\nMessage-ID: " + std::string(other) + "\r\n\r\n";
    EXPECT_FALSE(sample.read()) << other;
  }
}

TEST(Bounce, OneBehindAListOrAForwardingIsNotWhomWeWroteTo) {
  Sample forwarded;
  forwarded.returned.replace(forwarded.returned.find("octo@"), 5, "team@");
  Sample expanded;
  expanded.recipient.replace(expanded.recipient.find("octo@"), 5, "team@");
  for (const Sample& sample : {forwarded, expanded}) {
    const auto bounce = sample.read();
    ASSERT_TRUE(bounce);
    EXPECT_EQ(bounce->outcome.kind, std::uint32_t{BECKON_GONE});
    EXPECT_EQ(bounce->outcome.certainty, std::uint32_t{BECKON_MAYBE});
    EXPECT_GT(bounce->outcome.ask_again_after_ms, 0);
  }
}

TEST(Bounce, WhereNobodySaysWhomWeWroteToNobodyIsGoneForCertain) {
  Sample sample;
  sample.recipient = "Final-Recipient: rfc822; member@list.example\r\nAction: failed\r\nStatus: 5.1.1\r\n";
  sample.returned = "Message-ID: <beckon." + std::string(id) + "@example.com>\r\n\r\n";
  const auto bounce = sample.read();
  ASSERT_TRUE(bounce);
  EXPECT_EQ(bounce->outcome.certainty, std::uint32_t{BECKON_MAYBE});
}

TEST(Bounce, TheStatusIsReadLikeTheAnswerToRcpt) {
  const auto kind = [](const std::string& fields) {
    Sample sample;
    sample.recipient = "Final-Recipient: rfc822; octo@example.org\r\nAction: Failed\r\n" + fields;
    const auto bounce = sample.read();
    EXPECT_TRUE(bounce) << fields;
    return bounce ? bounce->outcome.kind : 0u;
  };
  EXPECT_EQ(kind("Status: 5.7.1\r\n"), std::uint32_t{BECKON_MISCONFIGURED});
  EXPECT_EQ(kind("Status: 5.2.2 (mailbox full)\r\n"), std::uint32_t{BECKON_RETRY});
  EXPECT_EQ(kind("Status: 4.4.7\r\n"), std::uint32_t{BECKON_RETRY});
  EXPECT_EQ(kind("Status: 5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"), std::uint32_t{BECKON_GONE});
  EXPECT_EQ(kind("Status: 5.1.1\r\nDiagnostic-Code: x-unix; user unknown\r\n"), std::uint32_t{BECKON_GONE});
  EXPECT_EQ(kind("Status: 5.0.0\r\nDiagnostic-Code: smtp; 550-5.7.26 unauthenticated 550 5.7.26 mail\r\n"),
            std::uint32_t{BECKON_MISCONFIGURED});
  EXPECT_EQ(kind("Status: 5.3.4\r\n"), std::uint32_t{BECKON_REJECTED});
  EXPECT_EQ(kind(""), std::uint32_t{BECKON_MISCONFIGURED});
}

TEST(Bounce, PartsMayBeEncodedAndHaveBareLineFeeds) {
  Sample sample;
  sample.returned_type = "message/global-headers\r\nContent-Transfer-Encoding: quoted-printable";
  sample.returned = "To: octo=40example.org\r\nMessage-ID: <beckon.01234567=\r\n89abcdef0123456789abcdef@example.com>\r\n";
  EXPECT_TRUE(sample.read());
  sample.returned_type = "message/global-headers\r\nContent-Transfer-Encoding: BASE64";
  sample.returned = "TWVzc2FnZS1JRDogPGJlY2tv\r\nbi4wMTIzQGV4YW1wbGUuY29tPg0K\r\n";
  const auto bounce = sample.read();
  ASSERT_TRUE(bounce);
  EXPECT_EQ(bounce->delivery, "0123");
  std::string bare = Sample().text();
  bare.erase(std::remove(bare.begin(), bare.end(), '\r'), bare.end());
  EXPECT_TRUE(read_bounce(bare, origin));
}

TEST(Bounce, CutAnywhereItNamesThatDeliveryOrNone) {
  const std::string whole = Sample().text();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto bounce = read_bounce(std::string_view(whole).substr(0, size), origin);
    EXPECT_TRUE(!bounce || bounce->delivery == id) << size;
  }
}

TEST(Bounce, HostileAndHugeMessagesAreReadInTheirTime) {
  const std::string head = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n";
  for (const std::string& text :
       {repeated("a: b\r\n", 400'000), repeated("x", 4'000'000), repeated("\r\n", 1'000'000),
        head + "\r\n" + repeated("--b\r\n", 400'000), "Content-Type: multipart/report" + repeated("; a=b", 400'000),
        head + "To: " + repeated("<a@b>,", 400'000) + "\r\n\r\n--b\r\n",
        head + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\na: b\r\n\r\n" +
            repeated("Action: delayed\r\n\r\n", 100'000),
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"" + repeated("b", 1'000'000) +
            "\"\r\n\r\n",
        "A: b" + repeated("\r\n c", 400'000), std::string(1'000'000, '\0')}) {
    EXPECT_FALSE(read_bounce(text, origin));
  }
}

TEST(Leave, IsTakenByTheMailThatListUnsubscribeMakes) {
  const auto leave = read_leave(std::string("From: octo@example.org\r\nTo: bounces@example.com\r\nSubject: Unsubscribe ") + id + "\r\n\r\n");
  ASSERT_TRUE(leave);
  EXPECT_EQ(leave->delivery, id);
  EXPECT_EQ(leave->outcome.kind, std::uint32_t{BECKON_GONE});
  EXPECT_EQ(leave->outcome.certainty, std::uint32_t{BECKON_EXACT});
  EXPECT_EQ(leave->outcome.scope, std::uint32_t{BECKON_SCOPE_SUBSCRIPTION});
}

TEST(Leave, IsNothingThatOtherMailSays) {
  EXPECT_FALSE(read_leave("Auto-Submitted: auto-replied\r\nSubject: unsubscribe " + std::string(id) + "\r\n\r\n"));
  for (const std::string subject : {"", "unsubscribe", "unsubscribe me", "unsubscribe 7", "Re: unsubscribe 0123456789abcdef0123456789abcdef",
                                    "unsubscribe 0123456789abcdef0123456789abcdef please", "unsubscribe 0123456789abcdef01234567\"89abcdef"})
    EXPECT_FALSE(read_leave("Subject: " + subject + "\r\n\r\nunsubscribe " + id)) << subject;
  EXPECT_FALSE(read_leave(repeated("Subject: unsubscribe", 400'000)));
  EXPECT_FALSE(read_leave(Sample().text()));
}

}  // namespace
