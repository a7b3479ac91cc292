// From a comment to a mail: the real binary, its own plugin, and a real mail server.
#include "email/mail_server.hpp"
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>

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

INSTANTIATE_TEST_SUITE_P(Isolate, MailRoad, ::testing::Values("false", "true"), [](const auto& info) { return info.param; });

}  // namespace
