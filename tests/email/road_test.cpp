// From a comment to a mail: the real binary, its own plugin, and a real mail server.
#include "email/mail_server.hpp"
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <optional>

namespace {

using beckon::core::testing::Finished;
using beckon::core::testing::Rig;
using beckon::testing::MailServer;
using beckon::testing::Pki;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class MailRoad : public ::testing::TestWithParam<const char*> {
 protected:
  void configure(const MailServer& server) {
    rig_.configure(
        "[sinks.mail]\nplugin = \"email\"\nisolate = " + std::string(GetParam()) + "\nserver = \"" + server.url() +
        "\"\nusername = \"bot\"\npassword = \"hunter2-the-password\"\nfrom = \"Beckon <beckon@example.com>\"\nca_file "
        "= \"" +
        pki_.ca_file + "\"\n[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"mail\"\n" +
        "target = { to = \"octo@example.com\" }\n");
  }
  Finished status() { return rig_.run({"status", "--json", "--config", rig_.config()}); }

  beckon::testing::Folder folder_;
  Pki pki_{folder_};
  Rig rig_;
};

TEST_P(MailRoad, AMentionBecomesAMail) {
  const MailServer server(folder_, {"--certificate", pki_.server_file, "--login", "bot:hunter2-the-password"});
  configure(server);
  ASSERT_EQ(rig_.once().code, 0) << rig_.read("err");
  rig_.comment("@octocat please look");
  ASSERT_EQ(rig_.once().code, 0) << rig_.read("err");
  const auto taken = server.taken();
  ASSERT_EQ(taken.size(), 1u) << rig_.read("err");
  EXPECT_THAT(taken[0]["headers"].dump(), HasSubstr("[acme/rocket] vera mentioned you in #1: Launch"));
  EXPECT_THAT(taken[0]["parts"][0]["text"].get<std::string>(), HasSubstr("@octocat please look"));
  EXPECT_THAT(rig_.read("err"), Not(HasSubstr("hunter2")));
}

TEST_P(MailRoad, AMailboxThatDoesNotExistEndsItsSubscription) {
  const MailServer server(folder_, {"--certificate", pki_.server_file, "--login", "bot:hunter2-the-password", "--reply",
                                    "RCPT=550 5.1.1 no such user"});
  configure(server);
  ASSERT_EQ(rig_.once().code, 0) << rig_.read("err");
  rig_.comment("@octocat please look");
  rig_.once();
  EXPECT_THAT(status().out, HasSubstr("\"gone\"")) << rig_.read("err");
  EXPECT_THAT(server.taken(), IsEmpty());
}

// The mail server took it, and found out later. What it sends then goes through `beckon bounce`, as from a mail server's pipe.
class ReturnedMail : public MailRoad {
 protected:
  void SetUp() override {
    server_.emplace(folder_, std::vector<std::string>{"--certificate", pki_.server_file, "--login", "bot:hunter2-the-password"});
    configure(*server_);
    daemon_ = rig_.start({"run", "--config", rig_.config()});
    ASSERT_TRUE(rig_.until([&] { return rig_.read("err").find("baseline") != std::string::npos; })) << rig_.read("err");
    rig_.comment("@octocat please look");
    ASSERT_TRUE(rig_.until([&] { return server_->taken().size() == 1; })) << rig_.read("err");
    ASSERT_TRUE(rig_.until([&] { return status().out.find("\"owed\": 0") != std::string::npos; }));
  }
  void TearDown() override {
    ::kill(daemon_, SIGTERM);
    EXPECT_EQ(rig_.finish(daemon_).code, 0) << rig_.read("err");
  }

  // The headers of the mail that was taken, by name.
  std::string header(const std::string& name) const {
    const auto taken = server_->taken();
    for (const auto& field : taken.at(0)["headers"])
      if (field[0] == name) return field[1].get<std::string>();
    return {};
  }
  Finished pipe(const std::string& mail) {
    std::ofstream(folder_.path() / "returned.eml") << mail;
    return rig_.shell("\"$BECKON\" bounce --config \"$CONFIG\" < '" + (folder_.path() / "returned.eml").string() + "'");
  }
  std::string bounce(const std::string& status) const {
    return "To: beckon@example.com\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
           "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
           "Final-Recipient: rfc822; octo@example.com\nAction: failed\nStatus: " + status + "\n\n"
           "--b\nContent-Type: text/rfc822-headers\n\nTo: octo@example.com\nMessage-ID: " + header("Message-ID") + "\n\n--b--\n";
  }

  std::optional<MailServer> server_;
  pid_t daemon_ = -1;
};

TEST_P(ReturnedMail, ThatNamesAMissingMailboxEndsTheSubscriptionAndKeepsTheMention) {
  const Finished said = pipe(bounce("5.1.1"));
  EXPECT_EQ(said.code, 0) << rig_.read("err");
  EXPECT_THAT(said.out, HasSubstr("came back (a delivery status notification says 550 5.1.1: this mailbox does not exist); 1 mention is a dead letter "
                                  "now; its subscription has ended"));
  EXPECT_THAT(status().out, HasSubstr("\"gone\""));
  EXPECT_THAT(rig_.run({"dead", "list", "--config", rig_.config()}).out, HasSubstr("this mailbox does not exist"));
  EXPECT_THAT(rig_.read("err"), HasSubstr("its subscription is let go"));
  EXPECT_THAT(pipe(bounce("5.1.1")).out, HasSubstr("had come back before"));
  // Revived, it is told again.
  EXPECT_EQ(rig_.run({"revive", "acme/rocket octocat mail", "--config", rig_.config()}).code, 0);
  EXPECT_EQ(rig_.run({"dead", "retry", "--all", "--config", rig_.config()}).code, 0);
  EXPECT_TRUE(rig_.until([&] { return server_->taken().size() == 2; })) << rig_.read("err");
}

TEST_P(ReturnedMail, OfAPolicyLosesTheDeliveryAlone) {
  EXPECT_THAT(pipe(bounce("5.7.1")).out, HasSubstr("1 mention is a dead letter now"));
  EXPECT_THAT(status().out, HasSubstr("\"active\""));
}

TEST_P(ReturnedMail, OfListUnsubscribeEndsTheSubscriptionAlone) {
  const std::string link = header("List-Unsubscribe");
  const auto at = link.find("unsubscribe%20");
  ASSERT_NE(at, std::string::npos) << link;
  const std::string id = link.substr(at + 14, link.find('>') - at - 14);
  const Finished said = pipe("From: octo@example.com\nTo: beckon@example.com\nSubject: unsubscribe " + id + "\n\n");
  EXPECT_THAT(said.out, HasSubstr("was answered (the subscriber unsubscribed by mail); its subscription has ended"));
  EXPECT_THAT(status().out, HasSubstr("\"gone\""));
  EXPECT_THAT(rig_.run({"dead", "list", "--config", rig_.config()}).out, HasSubstr("no dead letters"));
}

TEST_P(ReturnedMail, ThatIsNoneOfOursChangesNothing) {
  EXPECT_THAT(pipe("Subject: a holiday\n\nI am away.\n").out, HasSubstr("nothing was changed"));
  EXPECT_EQ(pipe("").code, 2);
  EXPECT_EQ(rig_.shell("\"$BECKON\" bounce --config \"$CONFIG\" < /tmp").code, 75) << "a mail that cannot be read may be tomorrow";
  EXPECT_EQ(rig_.shell("echo x | \"$BECKON\" bounce --config \"$CONFIG\" > /dev/full").code, 0) << "it is taken all the same";
  EXPECT_THAT(status().out, HasSubstr("\"active\""));
}

TEST_P(MailRoad, AMailThatComesBackWaitsForTheDaemon) {
  const MailServer server(folder_, {"--certificate", pki_.server_file, "--login", "bot:hunter2-the-password"});
  configure(server);
  ASSERT_EQ(rig_.once().code, 0) << rig_.read("err");
  std::ofstream(folder_.path() / "returned.eml") << "Subject: returned\n\n";
  const Finished said = rig_.shell("\"$BECKON\" bounce --config \"$CONFIG\" < '" + (folder_.path() / "returned.eml").string() + "'");
  EXPECT_EQ(said.code, 75) << "so that a mail server keeps it and tries again";
  EXPECT_THAT(rig_.read("err"), HasSubstr("no daemon is running"));
}

INSTANTIATE_TEST_SUITE_P(Isolate, ReturnedMail, ::testing::Values("false", "true"), [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(Isolate, MailRoad, ::testing::Values("false", "true"), [](const auto& info) { return info.param; });

}  // namespace
