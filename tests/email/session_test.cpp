// The mail sink against a real mail server.
#include "email/mail_server.hpp"
#include "sinks/hostile.hpp"
#include "sinks/rig.hpp"

#include "sinks/email/session.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <thread>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using json = nlohmann::json;

constexpr char password[] = "s3cret-Password";

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class Mail : public ::testing::Test {
 protected:
  void serve(std::vector<std::string> options = {}) { server_.emplace(folder_, std::move(options)); }
  void serve_with_starttls(std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--certificate", pki_.server_file});
    serve(std::move(options));
    settings["tls"] = "starttls";
    settings["ca_file"] = pki_.ca_file;
  }
  Outcome deliver(SampleDelivery sample = {}) {
    settings.try_emplace("server", server_->url());
    sample.target.try_emplace("to", "octo@example.com");
    sample.now_ms = now_ms();
    sample.deadline_ms = sample.now_ms + time_ms;
    const Instance sink(email_sink(), settings);
    EXPECT_TRUE(sink.is_open());
    if (!sink.is_open()) return {};
    const Emitted emitted = sink.deliver(sample);
    EXPECT_EQ(emitted.count, 1);
    EXPECT_THAT(emitted.outcome->reason, Not(HasSubstr(password)));
    EXPECT_THAT(emitted.outcome->reason, Not(HasSubstr(". ")));
    EXPECT_LE(emitted.outcome->reason.size(), 500u);
    return *emitted.outcome;
  }
  Outcome probe() {
    SampleDelivery sample;
    sample.purpose = Purpose::probe;
    sample.mentions.clear();
    return deliver(sample);
  }
  json only_message() {
    const auto all = server_->taken();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? json() : all.front();
  }

  Folder folder_;
  Pki pki_{folder_};
  std::optional<MailServer> server_;
  SampleValues settings = {{"from", "Beckon <beckon@example.com>"}, {"tls", "none"}};
  std::int64_t time_ms = 20'000;
};

std::vector<std::string> all_of(const json& message, const std::string& name) {
  std::vector<std::string> values;
  for (const json& header : message["headers"]) {
    if (header[0] == name) values.push_back(header[1]);
  }
  return values;
}

TEST_F(Mail, AMessageArrivesAsAnotherProgramReadsIt) {
  serve();
  EXPECT_EQ(deliver().kind, std::uint32_t{BECKON_DELIVERED});
  const json message = only_message();
  EXPECT_EQ(message["from"], "beckon@example.com");
  EXPECT_EQ(message["to"], json({"octo@example.com"}));
  EXPECT_EQ(message["type"], "multipart/alternative");
  EXPECT_EQ(message["defects"], json::array());
  EXPECT_EQ(message["bare_line_ends"], 0);
  EXPECT_THAT(all_of(message, "Subject"), ElementsAre("[octo-org/hello] alice mentioned you in #12: Closing the socket hangs"));
  EXPECT_THAT(all_of(message, "From"), ElementsAre("Beckon <beckon@example.com>"));
  EXPECT_THAT(all_of(message, "To"), ElementsAre("octo@example.com"));
  EXPECT_THAT(all_of(message, "Message-ID"), ElementsAre("<beckon.delivery-1@example.com>"));
  EXPECT_THAT(all_of(message, "In-Reply-To"), ElementsAre("<beckon-thread.1=2F12.subscription-1@example.com>"));
  EXPECT_EQ(all_of(message, "References"), all_of(message, "In-Reply-To"));
  EXPECT_THAT(all_of(message, "Auto-Submitted"), ElementsAre("auto-generated"));
  EXPECT_THAT(all_of(message, "List-Id"), ElementsAre(HasSubstr("<hello.octo-org.example.com>")));
  EXPECT_THAT(all_of(message, "List-Unsubscribe"),
              ElementsAre("<mailto:beckon@example.com?subject=unsubscribe%20delivery-1>"));
  EXPECT_EQ(all_of(message, "Date").size(), 1u);
  ASSERT_EQ(message["parts"].size(), 2u);
  EXPECT_EQ(message["parts"][0]["type"], "text/plain");
  EXPECT_THAT(message["parts"][0]["text"], HasSubstr("I think @octocat knows why."));
  EXPECT_EQ(message["parts"][1]["type"], "text/html");
  EXPECT_THAT(message["parts"][1]["text"].get<std::string>(), HasSubstr("I think <strong>@octocat</strong> knows why."));
}

TEST_F(Mail, ThePlainFormHasTextAlone) {
  serve();
  SampleDelivery sample;
  sample.form = Form::plain;
  EXPECT_EQ(deliver(sample).kind, std::uint32_t{BECKON_DELIVERED});
  const json message = only_message();
  ASSERT_EQ(message["parts"].size(), 1u);
  EXPECT_EQ(message["parts"][0]["type"], "text/plain");
}

// A mail for each would take long: three mentions of each text make one digest.
TEST_F(Mail, HostileTextsAddNoHeaderAndBreakNoLine) {
  serve();
  int sent = 0;
  for (const std::string& text : hostile_texts()) {
    SampleDelivery sample;
    sample.mentions.clear();
    for (const SpanKind kind : {SpanKind::text, SpanKind::code_block, SpanKind::link})
      sample.mentions.push_back(hostile_mention(text, kind));
    sample.notice = text;
    if (++sent % 2) sample.mentions.resize(1);
    ASSERT_EQ(deliver(sample).kind, std::uint32_t{BECKON_DELIVERED}) << text.substr(0, 40);
  }
  const auto messages = server_->taken();
  ASSERT_EQ(messages.size(), hostile_texts().size());
  for (const json& message : messages) {
    EXPECT_EQ(message["defects"], json::array()) << message["headers"];
    EXPECT_LE(message["longest_line"], 998);
    EXPECT_EQ(message["bare_line_ends"], 0);
    EXPECT_TRUE(message["ascii"]);
    EXPECT_THAT(all_of(message, "Bcc"), IsEmpty());
    EXPECT_THAT(all_of(message, "Subject").size(), 1u);
    EXPECT_EQ(message["to"], json({"octo@example.com"}));
    std::vector<std::string> names;
    for (const json& header : message["headers"]) names.push_back(header[0]);
    EXPECT_THAT(names, Each(::testing::AnyOf("Date", "From", "To", "Subject", "Message-ID", "List-Id", "List-Unsubscribe",
                                             "Auto-Submitted", "X-Auto-Response-Suppress", "In-Reply-To", "References",
                                             "Mime-Version", "Content-Type")));
  }
}

TEST_F(Mail, ALineThatIsADotAndLettersOfAllScriptsArriveWhole) {
  serve();
  SampleDelivery sample;
  sample.mentions[0].title =
      "Überraschung 😀 für alle, und zwar eine ganz lange, die gefaltet werden muss: 東京 東京 東京";
  sample.mentions[0].spans = {{SpanKind::paragraph, ""}, {SpanKind::code_block, ".\n..\n.\r\n.\nFrom here\n東京"}};
  EXPECT_EQ(deliver(sample).kind, std::uint32_t{BECKON_DELIVERED});
  const json message = only_message();
  EXPECT_THAT(all_of(message, "Subject"),
              ElementsAre("[octo-org/hello] alice mentioned you in #12: " + sample.mentions[0].title));
  EXPECT_THAT(message["parts"][1]["text"].get<std::string>(), HasSubstr("<code>.\n..\n.\n.\nFrom here\n東京</code>"));
}

TEST_F(Mail, StartTlsComesBeforeTheLogin) {
  serve_with_starttls({"--login", std::string("bot:") + password});
  settings["username"] = "bot";
  settings["password"] = password;
  EXPECT_EQ(deliver().kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_THAT(server_->log(), ElementsAre("EHLO", "EHLO", "AUTH", "PLAIN with TLS", "MAIL", "RCPT", "DATA", "CONTENT", "QUIT"));
}

TEST_F(Mail, TheLoginIsOneThatTheServerOffers) {
  serve_with_starttls({"--login", std::string("bot:") + password, "--without", "PLAIN"});
  settings["username"] = "bot";
  settings["password"] = password;
  EXPECT_EQ(deliver().kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_THAT(server_->log(), Contains("LOGIN with TLS"));
}

TEST_F(Mail, SmtpsIsEncryptedFromTheFirstByte) {
  serve({"--implicit", "--certificate", pki_.server_file});
  settings["server"] = server_->url("smtps");
  settings.erase("tls");
  settings["ca_file"] = pki_.ca_file;
  EXPECT_EQ(deliver().kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_EQ(probe().kind, std::uint32_t{BECKON_DELIVERED});
}

TEST_F(Mail, WithoutStartTlsNothingIsSaid) {
  serve({"--login", std::string("bot:") + password});
  settings["tls"] = "starttls";
  settings["username"] = "bot";
  settings["password"] = password;
  const Outcome outcome = deliver();
  EXPECT_EQ(outcome.kind, std::uint32_t{BECKON_MISCONFIGURED});
  EXPECT_EQ(outcome.code, "no_starttls");
  EXPECT_EQ(outcome.scope, std::uint32_t{BECKON_SCOPE_SINK});
  EXPECT_THAT(server_->log(), ElementsAre("EHLO"));
}

TEST_F(Mail, ACertificateOfNobodyOrOfAnotherNameIsNotTrusted) {
  serve_with_starttls();
  settings.erase("ca_file");
  EXPECT_EQ(deliver().code, "bad_certificate");
  Folder other;
  const Pki pki(other, "DNS:other.test");
  const MailServer server(other, {"--certificate", pki.server_file});
  settings["server"] = server.url();
  settings["ca_file"] = pki.ca_file;
  EXPECT_EQ(deliver().code, "bad_certificate");
  EXPECT_THAT(server.taken(), IsEmpty());
}

TEST_F(Mail, AWrongPasswordIsTheOperatorsAndGoesNowhere) {
  serve_with_starttls({"--login", "bot:another"});
  settings["username"] = "bot";
  settings["password"] = password;
  for (const Outcome& outcome : {deliver(), probe()}) {
    EXPECT_EQ(outcome.kind, std::uint32_t{BECKON_MISCONFIGURED});
    EXPECT_EQ(outcome.scope, std::uint32_t{BECKON_SCOPE_SINK});
    EXPECT_EQ(outcome.code, "login_refused");
  }
}

TEST_F(Mail, OnThisMachineALoginMayGoInClearAndIsNotRepeatedWhenTheServerDoes) {
  serve({"--login", std::string("bot:") + password, "--reply", std::string("RCPT=550 5.7.1 ") + password + " is known to us"});
  settings["username"] = "bot";
  settings["password"] = password;
  EXPECT_EQ(deliver().code, "smtp_5_7_1");  // and `deliver` looks for the password
  EXPECT_THAT(server_->log(), Contains("PLAIN without TLS"));
}

TEST_F(Mail, ADaemonThatStopsWaitsForNoServer) {
  serve({"--stall", "RCPT"});
  settings["server"] = server_->url();
  const CValues values(settings);
  const email::Account account = email::account(Values(values.get()));
  const auto stopping = [] { return true; };
  const CDelivery delivery{SampleDelivery()};
  const email::Message message = email::message(delivery.view(), account.from, email::mailbox("octo@example.com"), account.from.address);
  const email::Patience patience{now_ms() + 60'000, 1, stopping};
  email::prepare_sessions();
  const std::int64_t begin = now_ms();
  EXPECT_EQ(email::send(account, {"beckon@example.com", "octo@example.com"}, message, patience).kind,
            std::uint32_t{BECKON_RETRY});
  EXPECT_EQ(email::ask_for(account, {"beckon@example.com", "octo@example.com"}, patience).kind, std::uint32_t{BECKON_RETRY});
  EXPECT_LT(now_ms() - begin, 10'000);
}

TEST_F(Mail, AnAddressBeyondAsciiNeedsAServerThatTakesIt) {
  serve();
  SampleDelivery sample;
  sample.target["to"] = "jürgen@example.com";
  EXPECT_EQ(deliver(sample).kind, std::uint32_t{BECKON_DELIVERED});
  const json message = only_message();
  EXPECT_EQ(message["to"], json({"jürgen@example.com"}));
  EXPECT_THAT(message["options"].get<std::vector<std::string>>(), Contains("SMTPUTF8"));
  Folder other;
  const MailServer server(other, {"--no-smtputf8"});
  settings["server"] = server.url();
  for (const Purpose purpose : {Purpose::mention, Purpose::probe}) {
    sample.purpose = purpose;
    EXPECT_EQ(deliver(sample).code, "no_smtputf8");
  }
  EXPECT_THAT(server.log(), Each("EHLO"));
}

TEST_F(Mail, OnlyTheRecipientsRefusalIsItsEnd) {
  struct Case {
    std::string reply;
    std::uint32_t kind;
    std::string code;
  };
  for (const Case& c :
       std::vector<Case>{{"RCPT=550 5.1.1 no such user", BECKON_GONE, "smtp_5_1_1"},
                         {"RCPT=550-5.1.1 The account|550-5.1.1 that you tried|550 5.1.1 does not exist", BECKON_GONE,
                          "smtp_5_1_1"},
                         {"CONTENT=550 5.1.1 no such user", BECKON_GONE, "smtp_5_1_1"},
                         {"MAIL=550 5.1.1 no such sender", BECKON_MISCONFIGURED, "smtp_5_1_1"},
                         {"DATA=550 5.1.1 no such user", BECKON_MISCONFIGURED, "smtp_5_1_1"},
                         {"RCPT=550 5.7.1 spam", BECKON_MISCONFIGURED, "smtp_5_7_1"},
                         {"RCPT=452 4.2.2 mailbox full", BECKON_RETRY, "smtp_4_2_2"},
                         {"MAIL=421 4.3.2 closing", BECKON_RETRY, "smtp_4_3_2"},
                         {"CONTENT=552 5.3.4 too big", BECKON_REJECTED, "smtp_5_3_4"}}) {
    Folder folder;
    const MailServer server(folder, {"--reply", c.reply});
    settings["server"] = server.url();
    const Outcome outcome = deliver();
    EXPECT_EQ(outcome.kind, c.kind) << c.reply << ": " << outcome.reason;
    EXPECT_EQ(outcome.code, c.code) << c.reply;
    EXPECT_FALSE(outcome.ambiguous) << c.reply;
  }
}

TEST_F(Mail, AProbeAsksForTheRecipientAndSendsNothing) {
  serve_with_starttls({"--login", std::string("bot:") + password});
  settings["username"] = "bot";
  settings["password"] = password;
  EXPECT_EQ(probe().kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_THAT(server_->log(), Not(Contains("DATA")));
  EXPECT_THAT(server_->log(), Contains("RCPT"));
  EXPECT_THAT(server_->taken(), IsEmpty());
  Folder folder;
  const MailServer refusing(folder, {"--reply", "RCPT=550-5.1.1 no such user|550 5.1.1 here"});
  settings = {{"from", "beckon@example.com"}, {"tls", "none"}, {"server", refusing.url()}};
  const Outcome outcome = probe();
  EXPECT_EQ(outcome.kind, std::uint32_t{BECKON_GONE});
  EXPECT_EQ(outcome.certainty, std::uint32_t{BECKON_EXACT});
}

TEST_F(Mail, AConnectionThatEndsIsARetryAndInDoubtOnlyOnceTheContentWasDue) {
  for (const auto& [step, ambiguous] : std::vector<std::pair<std::string, bool>>{
           {"EHLO", false}, {"MAIL", false}, {"RCPT", false}, {"DATA", false}, {"CONTENT", true}}) {
    Folder folder;
    const MailServer server(folder, {"--cut", step});
    settings["server"] = server.url();
    const Outcome outcome = deliver();
    EXPECT_EQ(outcome.kind, std::uint32_t{BECKON_RETRY}) << step;
    EXPECT_EQ(outcome.ambiguous, ambiguous) << step << ": " << outcome.reason;
  }
}

TEST_F(Mail, ATarpitDoesNotOutlastTheDeadline) {
  time_ms = 3'000;
  for (const auto& [step, ambiguous] :
       std::vector<std::pair<std::string, bool>>{{"EHLO", false}, {"RCPT", false}, {"CONTENT", true}}) {
    Folder folder;
    const MailServer server(folder, {"--stall", step});
    settings["server"] = server.url();
    for (const bool is_probe : {false, true}) {
      if (is_probe && step == "CONTENT") continue;
      const auto begin = std::chrono::steady_clock::now();
      const Outcome outcome = is_probe ? probe() : deliver();
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(time_ms)) << step;
      EXPECT_EQ(outcome.code, "timed_out") << step;
      EXPECT_EQ(outcome.ambiguous, ambiguous) << step;
    }
  }
}

TEST_F(Mail, AServerThatDoesNotSayGoodbyeHasTakenTheMessage) {
  serve({"--stall", "QUIT"});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(deliver().kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Mail, NobodyThereIsARetry) {
  int port = 0;
  {
    Folder folder;
    const MailServer server(folder, {});
    port = std::stoi(server.url().substr(server.url().rfind(':') + 1));
  }
  settings["server"] = "smtp://127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(deliver().code, "no_connection");
  settings["server"] = "smtp://" + std::string(64, 'x') + ".invalid";  // longer than a name may be: nobody is asked
  settings["tls"] = "starttls";
  EXPECT_EQ(deliver().code, "unknown_host");
}

TEST_F(Mail, SeveralAreSentAtOnceAndATarpitHoldsUpNobody) {
  serve_with_starttls();
  Folder other;
  const MailServer tarpit(other, {"--stall", "RCPT"});
  settings["server"] = server_->url();
  SampleValues slow = settings;
  slow["server"] = tarpit.url();
  slow["tls"] = "none";
  SampleDelivery sample;
  sample.target["to"] = "octo@example.com";
  sample.now_ms = now_ms();
  sample.deadline_ms = sample.now_ms + 6'000;
  std::vector<std::thread> threads;
  std::array<Outcome, 4> outcomes;
  std::array<std::int64_t, 4> ended{};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    threads.emplace_back([&, i] {
      const Instance sink(email_sink(), i == 0 ? slow : settings);
      outcomes[i] = *sink.deliver(sample).outcome;
      ended[i] = now_ms();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(outcomes[0].code, "timed_out");
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].kind, std::uint32_t{BECKON_DELIVERED}) << outcomes[i].reason;
    EXPECT_LT(ended[i], ended[0]);
  }
  EXPECT_EQ(server_->taken().size(), 3u);
}

TEST_F(Mail, BouncesGoToTheReturnPath) {
  serve();
  settings["return_path"] = "bounces+{id}@example.com";
  EXPECT_EQ(deliver().kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_EQ(only_message()["from"], "bounces+delivery-1@example.com");
}

}  // namespace
