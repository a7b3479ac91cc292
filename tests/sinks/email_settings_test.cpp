// What an operator may write for mail, and what the answer is when it cannot work.
#include "sinks/email/account.hpp"
#include "sinks/rig.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::email;
using namespace beckon::testing;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SampleValues good() { return {{"server", "smtp://mail.example.com:587"}, {"from", "Beckon <beckon@example.com>"}}; }

Complaints complaints(const SampleValues& changed, const std::string& to = "octo@example.com") {
  SampleValues settings = good();
  for (const auto& [name, value] : changed) settings[name] = value;
  return check(email_sink(), settings, {{"to", to}});
}

TEST(EmailSettings, GoodOnesAreNotComplainedOf) {
  for (const SampleValues& settings : std::vector<SampleValues>{
           {},
           {{"server", "SMTPS://mail.example.com:465"}},
           {{"server", "smtps://mail.example.com"}, {"tls", "implicit"}},
           {{"server", "smtp://[2001:db8::1]:25"}},
           {{"server", "smtp://localhost"}, {"tls", "none"}},
           {{"server", "smtp://127.0.0.1:25"}, {"tls", "none"}},
           {{"server", "smtp://[::1]:25"}, {"tls", "none"}},
           {{"username", "bot"}, {"password", "secret"}},
           {{"return_path", "bounces+{id}@example.com"}},
           {{"return_path", "bounces@example.com"}}}) {
    EXPECT_THAT(complaints(settings), IsEmpty());
  }
}

TEST(EmailSettings, AServerIsSmtpOrSmtpsWithAHost) {
  for (const char* server : {"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://:25",
                             "smtp://mail.example.com:", "smtp://mail.example.com:0", "smtp://mail.example.com:99999",
                             "smtp://mail.example.com/x", "smtp://a b", "smtp://bot:secret@mail.example.com",
                             "smtp://mail.example.com\r\n", "smtp://[::1", "smtp://ma\xC3\xA4l.example"}) {
    EXPECT_THAT(complaints({{"server", server}}), ElementsAre(Pair("server", HasSubstr("server")))) << server;
  }
}

TEST(EmailSettings, EncryptionFitsTheServer) {
  const auto option = [](const Complaints& found) { return found.size() == 1 ? found[0].first : "not one"; };
  EXPECT_EQ(option(complaints({{"tls", "none"}})), "tls");
  EXPECT_EQ(option(complaints({{"tls", "implicit"}})), "tls");
  EXPECT_EQ(option(complaints({{"server", "smtps://mail.example.com"}, {"tls", "none"}})), "tls");
  EXPECT_EQ(option(complaints({{"server", "smtps://mail.example.com"}, {"tls", "starttls"}})), "tls");
  EXPECT_EQ(option(complaints({{"server", "smtp://127.0.0.1.example.com"}, {"tls", "none"}})), "tls");
}

TEST(EmailSettings, ALoginIsWhole) {
  EXPECT_THAT(complaints({{"username", "bot"}}), ElementsAre(Pair("password", HasSubstr("no password"))));
  EXPECT_THAT(complaints({{"password", "secret"}}), ElementsAre(Pair("username", HasSubstr("there is a password"))));
  EXPECT_THAT(complaints({{"username", "bot"}, {"password", "a\nb"}}), ElementsAre(Pair("password", HasSubstr("line break"))));
}

TEST(EmailSettings, AnAddressIsOneAddress) {
  for (const char* address : {"octo@example.com", "Octo Cat <octo@example.com>", "\"Cat, Octo\" <octo+x@example.com>",
                              "jürgen@bücher.example", " octo@localhost "}) {
    EXPECT_THAT(complaints({}, address), IsEmpty()) << address;
  }
  for (const char* address : {"octo", "@example.com", "octo@", "a@example.com, b@example.com", "octo@example..com",
                              "octo@.com", "octo@example.com\r\nBcc: x@example.com", "Octo\nBcc: x <octo@example.com>",
                              "octo@example.com>", "a b@example.com", "<octo@example.com", "octo@ex\u202Eample.com",
                              "octo@example.com\xff", "\"a b\"@example.com"}) {
    EXPECT_THAT(complaints({}, address), ElementsAre(Pair("to", ::testing::Not("")))) << address;
    EXPECT_THAT(complaints({{"from", address}}), ElementsAre(Pair("from", ::testing::Not("")))) << address;
  }
  EXPECT_THAT(complaints({}, std::string(65, 'x') + "@example.com"), ElementsAre(Pair("to", ::testing::Not(""))));
}

TEST(EmailSettings, TheSendersAddressIsAsciiItsNameNeedNotBe) {
  EXPECT_THAT(complaints({{"from", "Jürgen <juergen@example.com>"}}), IsEmpty());
  EXPECT_THAT(complaints({{"from", "jürgen@example.com"}}), ElementsAre(Pair("from", HasSubstr("ASCII"))));
  EXPECT_THAT(complaints({{"return_path", "b+{id}@bücher.example"}}), ElementsAre(Pair("return_path", HasSubstr("ASCII"))));
}

TEST(EmailSettings, TheReturnPathHasRoomForAnId) {
  EXPECT_THAT(complaints({{"return_path", "bounces+{id}"}}),
              ElementsAre(Pair("return_path", HasSubstr("bounces+{id}@example.com"))));
  EXPECT_THAT(complaints({{"return_path", std::string(30, 'x') + "{id}@example.com"}}),
              ElementsAre(Pair("return_path", HasSubstr("room"))));
  const CValues values(
      {{"server", "smtp://mail.example.com"}, {"from", "beckon@example.com"}, {"return_path", "b+{id}@example.com"}});
  EXPECT_EQ(envelope_sender(account(Values(values.get())), "0123"), "b+0123@example.com");
}

TEST(EmailSettings, WithoutARecipientItSaysWhatIsMissing) {
  const Instance sink(email_sink(), good());
  SampleDelivery sample;
  EXPECT_EQ(sink.deliver(sample).outcome->code, "no_recipient");
  sample.target["to"] = "nobody";
  EXPECT_EQ(sink.deliver(sample).outcome->kind, std::uint32_t{BECKON_MISCONFIGURED});
}

}  // namespace
