// One mention on its whole way to each service that has a sink here, with a stand-in of the service on loopback.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using json = nlohmann::json;

struct Service {
  std::string name;
  std::string sink;        // the rest of [sinks.x]; "{}" is the stand-in's address
  std::string path;        // where it is asked, or the beginning of that
  std::string text;        // the pointer to the text in what it gets
  int status;
  std::string answer;
  std::string secret;      // must not be logged
};

void PrintTo(const Service& service, std::ostream* out) { *out << service.name; }

const std::vector<Service> services = {
    {"telegram", "token = \"123456789:AAsecretsecret\"\nchat_id = \"42\"\napi_url = \"{}\"",
     "/bot123456789:AAsecretsecret/sendMessage", "/text", 200, R"({"ok":true,"result":{"message_id":7}})", "AAsecretsecret"},
    {"matrix", "homeserver = \"{}\"\naccess_token = \"syt_secret\"\nroom_id = \"!a:b\"",
     "/_matrix/client/v3/rooms/%21a%3Ab/send/m.room.message/", "/body", 200, R"({"event_id":"$1"})", "syt_secret"},
    {"mattermost", "webhook_url = \"{}/hooks/secretsecret\"", "/hooks/secretsecret", "/text", 200, "ok", "secretsecret"},
    {"teams", "webhook_url = \"{}/invoke?sig=secretsecret\"", "/invoke?sig=secretsecret",
     "/attachments/0/content/body/0/text", 202, "", "secretsecret"},
    {"ntfy", "server = \"{}\"\ntopic = \"secretsecret\"", "/", "/message", 200, R"({"event":"message"})", "secretsecret"},
    {"apprise", "api_url = \"{}\"\nurls = \"pover://user@secretsecret\"", "/notify/", "/body", 200, R"({"error":null})",
     "secretsecret"},
    {"webhook", "url = \"{}/secretsecret\"\nsecret = \"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\"", "/secretsecret",
     "/data/mentions/0/post/markdown", 204, "", "secretsecret"}};

class Services : public ::testing::TestWithParam<Service> {
 protected:
  void SetUp() override {
    rig.configure(fmt::format("[sinks.other]\nplugin = \"{}\"\n", GetParam().name) +
                  fmt::format(fmt::runtime(GetParam().sink), rig.slack_origin()) +
                  "\n[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"other\"\n");
    ASSERT_EQ(rig.once().code, 0) << rig.read("err");
    rig.comment("@octocat knows *why*");
    rig.receive = [this](HttpRequest request) -> task<HttpResponse> {
      asked.push_back(request);
      HttpResponse response = asked.size() == 1 ? first : HttpResponse{GetParam().status, {}, GetParam().answer};
      co_return response;
    };
  }
  void TearDown() override {
    EXPECT_THAT(rig.read("err") + rig.read("out"), Not(HasSubstr(GetParam().secret)));
  }

  Rig rig;
  HttpResponse first{GetParam().status, {}, GetParam().answer};
  std::vector<HttpRequest> asked;
};

TEST_P(Services, AreToldOfAMention) {
  ASSERT_EQ(rig.once().code, 0) << rig.last_lines();
  ASSERT_EQ(asked.size(), 1u) << rig.last_lines();
  EXPECT_THAT(asked[0].url, HasSubstr(GetParam().path));
  const json body = json::parse(asked[0].body);
  EXPECT_THAT(body.at(json::json_pointer(GetParam().text)).get<std::string>(), HasSubstr("octocat"));
}

TEST_P(Services, AreToldAgainAfterTroubleOfTheirOwn) {
  first = HttpResponse{503, {}, "<html>busy</html>"};
  ASSERT_EQ(rig.once().code, 0) << rig.last_lines();
  ASSERT_EQ(asked.size(), 2u) << rig.last_lines();
  EXPECT_EQ(asked[0].body, asked[1].body);
  EXPECT_EQ(asked[0].url, asked[1].url) << "under the same id, where the address has one";
}

INSTANTIATE_TEST_SUITE_P(Each, Services, ::testing::ValuesIn(services),
                         [](const auto& info) { return info.param.name; });

TEST(TelegramService, AGroupThatMovedGetsTheMessageAtOnceAndAllLaterOnes) {
  Rig rig;
  rig.configure(
      fmt::format("[sinks.bot]\nplugin = \"telegram\"\ntoken = \"1:AAsecretsecret\"\nchat_id = \"-42\"\napi_url = \"{}\"\n"
                  "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"bot\"\n",
                  rig.slack_origin()));
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  std::vector<std::string> chats;
  rig.receive = [&](HttpRequest request) -> task<HttpResponse> {
    chats.push_back(json::parse(request.body)["chat_id"]);
    HttpResponse response{200, {}, R"({"ok":true,"result":{"message_id":7}})"};
    if (chats.back() == "-42")
      response = HttpResponse{400, {}, R"({"ok":false,"description":"x","parameters":{"migrate_to_chat_id":-10042}})"};
    co_return response;
  };
  rig.comment("@octocat one");
  ASSERT_EQ(rig.once().code, 0) << rig.last_lines();
  rig.comment("@octocat two");
  ASSERT_EQ(rig.once().code, 0) << rig.last_lines();
  EXPECT_THAT(chats, ::testing::ElementsAre("-42", "-10042", "-10042"));
  EXPECT_THAT(rig.read("err"), HasSubstr("-10042")) << "the operator is told the new id";
}

}  // namespace
}  // namespace beckon::core::testing
