// kill -9 at random moments while mentions flow.
#include "end_to_end/rig.hpp"
#include "faults/receiver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace beckon::core::testing {
namespace {

const std::vector<std::string> repositories = {"acme/rocket", "acme/lander", "acme/orbit"};

class Killed : public ::testing::Test {
 protected:
  Killed() : seed(seed_of("Killed")), random(seed), receiver(seed) {
    rig.receive = [this](HttpRequest request) { return receiver.take(std::move(request)); };
    for (const std::string& repository : repositories) {
      if (repository != repositories[0]) {
        rig.forge->add_repository(repository);
        rig.forge->open_thread(repository, 1, false, "Launch", "vera", "When?", Rig::now() - std::chrono::hours(100));
      }
      rig.forge->open_thread(repository, 2, true, "Thrust", "vera", "More.", Rig::now() - std::chrono::hours(100));
    }
  }

  // Webhooks of their own, one that three share, one that hears of everybody; a sink that carries the delivery's id.
  void configure() {
    std::string toml = fmt::format(R"([bot]
state = "state.db"
interval = "1s"
plugins = ["{}/faults_sinks"]
[forges.github]
api_url = "{}"
token = {{ env = "E2E_TOKEN" }}
[sinks.team]
plugin = "slack"
[sinks.receipts]
plugin = "receipt"
)", BECKON_BINARY_DIR, rig.forge->api_url());
    for (const std::string& repository : repositories) {
      const std::string name = repository.substr(5);
      for (int i = 0; i < 12; ++i) subscribe(toml, repository, fmt::format("u{}", i), "team", fmt::format("{}-u{}", name, i));
      subscribe(toml, repository, "crew", "team", "shared");
      for (int i = 0; i < 4; ++i) subscribe(toml, repository, fmt::format("r{}", i), "receipts", fmt::format("{}-r{}", name, i));
      subscribe(toml, repository, "*", "receipts", name + "-all");
    }
    std::ofstream(rig.config()) << toml;
    std::filesystem::permissions(rig.config(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  void subscribe(std::string& toml, const std::string& repository, const std::string& user, const std::string& sink,
                 const std::string& hook) {
    toml += fmt::format("[[subscriptions]]\nrepo = \"{}\"\nuser = \"{}\"\nsink = \"{}\"\n"
                        "target = {{ webhook_url = \"{}/services/T1/B1/{}\" }}\n",
                        repository, user, sink, rig.slack_origin(), hook);
    watchers[repository][user].push_back(repository + ' ' + hook);
    owed[repository + ' ' + hook];
    if (user != "*") users.insert(user);
  }

  std::size_t roll(std::size_t below) { return static_cast<std::size_t>(random() % below); }

  void post() {
    const std::string& repository = repositories[roll(repositories.size())];
    std::set<std::string> named;
    for (std::size_t i = 0; i < 1 + roll(4); ++i) named.insert(*std::next(users.begin(), static_cast<long>(roll(users.size()))));
    std::string body = "please look:";
    for (const std::string& user : named) body += " @" + user;
    const bool review = roll(4) == 0;
    const auto id = rig.forge->add_post(repository, review ? PostKind::review_comment : PostKind::comment, review ? 2 : 1,
                                        "vera", body, Rig::now());
    named.insert("*");
    for (const std::string& user : named)
      for (const std::string& subscription : watchers[repository][user]) owed[subscription].insert(id);
  }
  // Most are spread; now and then one person is called so often that it takes several digests.
  void post_some(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) post();
    if (roll(10) != 0) return;
    const std::string& repository = repositories[roll(repositories.size())];
    for (int i = 0; i < 15; ++i) {
      const auto id = rig.forge->add_post(repository, PostKind::comment, 1, "vera", "@u0 again", Rig::now());
      for (const char* user : {"u0", "*"})
        for (const std::string& subscription : watchers[repository][user]) owed[subscription].insert(id);
    }
  }

  // A moment: after some time, after so many questions to the forge, or after so many messages.
  void wait_for_a_moment() {
    const std::size_t kind = roll(3), count = 1 + roll(9);
    const Milliseconds time{static_cast<int>(20 + roll(900))};
    const std::size_t asked = rig.forge->requests().size(), told = receiver.letters.size();
    const auto begun = std::chrono::steady_clock::now();
    bool posted = false;
    rig.until([&] {
      const auto passed = std::chrono::steady_clock::now() - begun;
      if (!posted && passed > time / 2) {
        posted = true;
        post_some(2 + roll(5));
      }
      if (kind == 0) return passed > time;
      if (kind == 1) return rig.forge->requests().size() >= asked + 2 * count;
      return receiver.letters.size() >= told + count;
    }, 4s);
  }

  // What a dead daemon has sent may still lie in a socket.
  void kill(pid_t pid) {
    rig.kill_hard(pid);
    for (int i = 0; i < 3; ++i) rig.context().restart(), rig.context().poll();
    receiver.killed();
    ASSERT_TRUE(rig.until([&] { return rig.slack_connections() == 0; })) << "a connection of a dead daemon stays open";
  }

  Rig rig;
  std::uint64_t seed;
  std::mt19937_64 random;
  Receiver receiver;
  std::set<std::string> users;
  std::map<std::string, std::map<std::string, std::vector<std::string>>> watchers;   // repository, login → subscriptions
  std::map<std::string, std::set<std::int64_t>> owed;
};

TEST_F(Killed, AtRandomMomentsNothingIsLostAndOnlyWhatWasInFlightIsRepeated) {
  const int kills = is_long() ? 200 : 25;
  configure();
  pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] {
    const std::string log = rig.read("err");
    return std::count(log.begin(), log.end(), '\n') > 0 && log.find("rocket: baseline") != log.npos &&
           log.find("lander: baseline") != log.npos && log.find("orbit: baseline") != log.npos;
  })) << rig.read("err");
  kill(daemon);

  receiver.troubled = true;
  for (int round = 0; round < kills; ++round) {
    post_some(5 + roll(10));
    daemon = rig.start({"run", "--config", rig.config()});
    wait_for_a_moment();
    ASSERT_TRUE(rig.is_running(daemon)) << rig.last_lines();
    kill(daemon);
    if (HasFatalFailure()) return;
  }

  receiver.troubled = false;
  daemon = rig.start({"run", "--config", rig.config()});
  EXPECT_TRUE(rig.until([&] { return receiver.has_all(owed); }, 180s));
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);
  const std::size_t deliveries = receiver.letters.size();
  EXPECT_EQ(rig.once().code, 0) << "nothing is owed any more";
  EXPECT_EQ(receiver.letters.size(), deliveries);

  const Tally tally = receiver.examine(owed);
  report(fmt::format("kill -9: {} kills, {} subscriptions, {} mentions, {} deliveries, {} refused; in flight at the kills: {} "
                     "unanswered, {} perhaps not settled; duplicates {} ({} of the unanswered); lost {} (seed {})",
                     kills, owed.size(), tally.mentions, tally.deliveries, receiver.refused, receiver.in_flight,
                     receiver.unsettled, tally.duplicates, tally.unanswered_repeated, tally.lost, seed));
  EXPECT_EQ(tally.lost, 0u);
  EXPECT_THAT(tally.complaints, ::testing::IsEmpty());
  EXPECT_LE(tally.unanswered_repeated, receiver.in_flight);
  EXPECT_LE(tally.duplicates, receiver.in_flight + receiver.unsettled);
  EXPECT_GE(tally.duplicates, 1u) << "no kill met an attempt: this proves too little";
}

}  // namespace
}  // namespace beckon::core::testing
