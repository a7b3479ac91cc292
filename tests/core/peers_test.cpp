#include "peers.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

TEST(Peers, AForgeIsAsTheConfigurationDescribesIt) {
  asio::io_context context(1);
  Plan plan;
  ForgeConfig config;
  config.name = "work";
  config.api_url = "https://forge.example/api/v3";
  config.token = "ghp_token_of_the_test";
  config.token_variable = "WORK_TOKEN";
  plan.forges.push_back(config);
  const auto peers = Peers::open(context.get_executor(), plan, {});
  ASSERT_TRUE(peers) << peers.error().message;
  const auto forge = peers->forge("work");
  EXPECT_EQ(forge->origin(), "https://forge.example");
  EXPECT_EQ(forge->credential(), "work");
  EXPECT_TRUE(forge->authenticated());
  EXPECT_EQ(forge->token_variable(), "WORK_TOKEN") << "the words of errors name it";
}

TEST(Peers, WhoIsUnchangedIsTakenOverAndWhoIsNotIsOpenedAnew) {
  asio::io_context context(1);
  Plan plan;
  for (const char* name : {"home", "work"}) {
    ForgeConfig config;
    config.name = name;
    config.token = "ghp_token_of_the_test";
    plan.forges.push_back(config);
  }
  const auto before = Peers::open(context.get_executor(), plan, {});
  plan.forges[1].token = "ghp_another_token_of_the_test";
  const auto after = Peers::open(context.get_executor(), plan, {}, *before);
  EXPECT_EQ(after->forge("home"), before->forge("home")) << "with what it knows of its quota";
  EXPECT_NE(after->forge("work"), before->forge("work"));
}

TEST(Peers, AnErrorNamesTheForge) {
  asio::io_context context(1);
  Plan plan;
  ForgeConfig config;
  config.name = "work";
  config.ca_file = "/nowhere/ca.pem";
  plan.forges.push_back(config);
  const auto peers = Peers::open(context.get_executor(), plan, {});
  ASSERT_FALSE(peers);
  EXPECT_TRUE(peers.error().message.starts_with("forge \"work\": ")) << peers.error().message;
}

}  // namespace
}  // namespace beckon::core
