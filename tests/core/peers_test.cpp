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
  const Forge& forge = peers->forge("work");
  EXPECT_EQ(forge.origin(), "https://forge.example");
  EXPECT_EQ(forge.credential(), "work");
  EXPECT_TRUE(forge.authenticated());
  EXPECT_EQ(forge.token_variable(), "WORK_TOKEN") << "the words of errors name it";
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
