#include "access_proofs.hpp"

#include "config/values.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Knows one public and one private repository, and one token that may read the private one.
struct ScriptedForge final : Forge {
  ScriptedForge(std::string token, int& asked) : token(std::move(token)), asked(asked) {}

  const std::string& origin() const override { return origin_; }
  const std::string& credential() const override { return origin_; }
  task<ForgeResult<RepositoryAnswer>> repository(std::string full_name, RepositoryMark) override {
    ++asked;
    const std::string name = lower(full_name);
    co_await sleep_for(1ms);
    if (failure) co_return ForgeError{*failure, "a sentence that names [forges.github] and its token", {}};
    RepositoryAnswer answer;
    answer.repository.full_name = name;
    answer.repository.is_private = name == "acme/secret";
    const bool may = name == "acme/rocket" || (name == "acme/secret" && (token.empty() || token == "good"));
    if (!may) co_return ForgeError{ForgeFailure::not_found, "404", {}};
    co_return answer;
  }
  task<ForgeResult<Page>> page(Repository, PageRequest) override { co_return Page(); }
  task<ForgeResult<Page>> reviews(Repository, std::int64_t) override { co_return Page(); }
  task<ForgeResult<Account>> account() override { co_return Account(); }
  Quota quota() const override { return {}; }
  bool authenticated() const override { return true; }

  std::string token;
  int& asked;
  static inline std::optional<ForgeFailure> failure;
  std::string origin_ = "https://forge.test";
};

struct Access : ::testing::Test {
  Access() { ScriptedForge::failure.reset(); }
  std::string prove(std::string repository, std::string token = "", std::string forge = "github") {
    const auto refused = testing::run(context, [&] { return proofs.prove(forge, repository, token); });
    may_pass = refused && refused->may_pass;
    return refused ? refused->sentence : "";
  }

  asio::io_context context{1};
  bool may_pass = false;      // the last refusal
  int asked = 0;
  AccessProofs proofs{context.get_executor(), [this](const std::string& forge, const std::string& token) -> std::shared_ptr<Forge> {
                        return forge == "github" ? std::make_shared<ScriptedForge>(token, asked) : nullptr;
                      }};
};

TEST_F(Access, APublicRepositoryIsShownToEverybody) { EXPECT_EQ(prove("acme/rocket"), ""); }

// Though the daemon's own credential reads it.
TEST_F(Access, APrivateOneIsShownOnlyToThoseWhoseOwnTokenReadsIt) {
  EXPECT_THAT(prove("acme/secret"), HasSubstr("there is no public repository acme/secret"));
  EXPECT_EQ(prove("acme/secret", "good"), "");
  EXPECT_THAT(prove("acme/secret", "other"), HasSubstr("there is no repository acme/secret that you may read"));
}

TEST_F(Access, WhatIsNotThereSoundsLikeWhatMayNotBeSeen) {
  const std::string secret = prove("acme/secret"), nothing = prove("acme/absent");
  EXPECT_EQ(secret.substr(0, 30), nothing.substr(0, 30));
}

TEST_F(Access, OneProofServesAllWhoAskMeanwhileAndForAnHour) {
  int proved = 0;
  for (int i = 0; i < 100; ++i) {
    auto proving = proofs.prove("github", i % 2 ? "acme/rocket" : "ACME/Rocket", "");
    asio::co_spawn(context.get_executor(), std::move(proving), [&](std::exception_ptr, std::optional<AccessProofs::Refusal> refused) { proved += refused ? 0 : 1; });
  }
  context.run_for(5s);
  context.restart();
  EXPECT_EQ(proved, 100);
  EXPECT_EQ(prove("acme/rocket"), "");
  EXPECT_EQ(asked, 1);
}

TEST_F(Access, AProofIsOfOneTokenAlone) {
  EXPECT_EQ(prove("acme/secret", "good"), "");
  EXPECT_NE(prove("acme/secret", "other"), "");
  EXPECT_NE(prove("acme/secret"), "");
}

TEST_F(Access, WhoGoesAwayMeanwhileTakesTheAnswerFromNobody) {
  {
    asio::cancellation_signal leave;
    auto first = proofs.prove("github", "acme/rocket", "");
    asio::co_spawn(context.get_executor(), std::move(first),
                   asio::bind_cancellation_slot(leave.slot(), [](std::exception_ptr, std::optional<AccessProofs::Refusal>) {}));
    context.poll();
    leave.emit(asio::cancellation_type::terminal);
    context.poll();
  }
  context.restart();
  EXPECT_EQ(prove("acme/rocket"), "");
  EXPECT_EQ(asked, 1);
}

TEST_F(Access, ARefusalIsRememberedForAWhileAndThenAskedAgain) {
  EXPECT_NE(prove("acme/absent"), "");
  EXPECT_NE(prove("acme/absent"), "");
  EXPECT_EQ(asked, 1);
  proofs.forget_old(std::chrono::steady_clock::now() + AccessProofs::refused_for + 1s);
  EXPECT_NE(prove("acme/absent"), "");
  EXPECT_EQ(asked, 2);
}

TEST_F(Access, AProofIsAskedForAgainAfterAnHour) {
  EXPECT_EQ(prove("acme/rocket"), "");
  proofs.forget_old(std::chrono::steady_clock::now() + AccessProofs::hour - 1min);
  EXPECT_EQ(prove("acme/rocket"), "");
  EXPECT_EQ(asked, 1);
  proofs.forget_old(std::chrono::steady_clock::now() + AccessProofs::hour + 1s);
  EXPECT_EQ(prove("acme/rocket"), "");
  EXPECT_EQ(asked, 2);
}

TEST_F(Access, TheDaemonsConfigurationIsNoneOfAViewersBusiness) {
  for (const ForgeFailure failure : {ForgeFailure::transport, ForgeFailure::unavailable, ForgeFailure::rate_limited, ForgeFailure::unauthorized,
                                     ForgeFailure::forbidden, ForgeFailure::not_found, ForgeFailure::blocked}) {
    ScriptedForge::failure = failure;
    proofs.forget_old(std::chrono::steady_clock::now() + 2h);
    const std::string said = prove("acme/rocket");
    EXPECT_NE(said, "");
    EXPECT_THAT(said, Not(HasSubstr("[forges")));
  }
}

TEST_F(Access, AForgeThatCannotBeAskedIsNoRefusal) {
  ScriptedForge::failure = ForgeFailure::transport;
  EXPECT_THAT(prove("acme/rocket"), HasSubstr("cannot be reached"));
  EXPECT_TRUE(may_pass);
  ScriptedForge::failure.reset();
  proofs.forget_old(std::chrono::steady_clock::now() + AccessProofs::unknown_for + 1s);
  EXPECT_EQ(prove("acme/rocket"), "");
  EXPECT_NE(prove("acme/absent"), "");
  EXPECT_FALSE(may_pass);
}

TEST_F(Access, AForgeThatIsNotConfiguredIsSaidToBeNone) {
  EXPECT_THAT(prove("acme/rocket", "", "gitlab"), HasSubstr("there is no forge called \"gitlab\" here"));
}

}  // namespace
}  // namespace beckon::core
