// The state file in trouble: a full or failing disk, damage, somebody else's hand.
#include "end_to_end/rig.hpp"
#include "faults/receiver.hpp"
#include "faults/shim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int subscribers = 20;

class StateFile : public ::testing::Test {
 protected:
  StateFile() : seed(seed_of("StateFile")), random(seed), shim(rig), receiver(seed) {
    rig.receive = [this](HttpRequest request) { return receiver.take(std::move(request)); };
    std::string toml;
    for (int i = 0; i < subscribers; ++i) {
      toml += fmt::format("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"u{0}\"\nsink = \"team\"\n"
                          "target = {{ webhook_url = \"{1}/services/T1/B1/u{0}\" }}\n", i, rig.slack_origin());
      everybody += fmt::format(" @u{}", i);
    }
    rig.configure(toml);
  }

  pid_t start() {
    const std::size_t before = count("baseline");
    const pid_t daemon = rig.start({"run", "--config", rig.config()});
    EXPECT_TRUE(rig.until([&] { return known || count("baseline") > before; })) << rig.read("err");
    known = true;
    return daemon;
  }
  // Everybody is mentioned.
  void mention() {
    const auto id = rig.comment("please look," + everybody);
    for (int i = 0; i < subscribers; ++i) owed[fmt::format("acme/rocket u{}", i)].insert(id);
  }
  bool all_told(Milliseconds limit = 60s) {
    return rig.until([&] { return receiver.has_all(owed); }, limit);
  }
  std::size_t count(const std::string& words) const {
    const std::string log = rig.read("err");
    std::size_t found = 0;
    for (std::size_t at = log.find(words); at != log.npos; at = log.find(words, at + 1)) ++found;
    return found;
  }
  std::string state() const { return rig.folder() / "state.db"; }
  std::string content(const std::string& suffix = "") const { return rig.read("state.db" + suffix); }
  void write(const std::string& bytes, const std::string& suffix = "") {
    std::ofstream(state() + suffix, std::ios::binary | std::ios::trunc) << bytes;
  }
  Finished once() { return rig.run({"run", "--once", "--deadline", "4s", "--config", rig.config()}); }

  void expect_told_once_and_in_order() {
    const Tally tally = receiver.examine(owed);
    EXPECT_EQ(tally.lost, 0u);
    EXPECT_EQ(tally.duplicates, 0u);
    EXPECT_THAT(tally.complaints, IsEmpty());
  }

  // Breaks the disk in the way of `rule` while mentions are under way, and mends it again.
  void break_and_mend(const std::string& rule, const std::string& sentence) {
    const pid_t daemon = start();
    mention();
    ASSERT_TRUE(all_told()) << rig.last_lines();
    const std::size_t told = receiver.letters.size(), said = count(sentence), before = rig.read("err").size();
    shim.break_disk(rule);
    mention();
    ASSERT_TRUE(rig.until([&] { return count(sentence) > said; })) << rig.last_lines();
    const auto complaints = [&] { return count(" error ") + count(" warn "); };
    const std::size_t lines = complaints();
    rig.serve(3s);                                  // several attempts to write
    EXPECT_TRUE(rig.is_running(daemon)) << rig.last_lines();
    EXPECT_EQ(receiver.letters.size(), told) << "told although it cannot be stored";
    EXPECT_LE(count(sentence) - said, 2u) << "said again and again:\n" << rig.read("err").substr(before);
    EXPECT_LE(complaints() - lines, 2u) << rig.read("err").substr(before);
    shim.mend_disk();
    EXPECT_TRUE(all_told()) << rig.last_lines();
    EXPECT_THAT(rig.read("err").substr(before), AnyOf(HasSubstr("works again"), HasSubstr("can be written again")));
    expect_told_once_and_in_order();
    ::kill(daemon, SIGTERM);
    EXPECT_EQ(rig.finish(daemon).code, 0);
  }

  Rig rig;
  std::uint64_t seed;
  std::mt19937_64 random;
  Shim shim;
  Receiver receiver;
  std::string everybody;
  bool known = false;
  std::map<std::string, std::set<std::int64_t>> owed;
};

TEST_F(StateFile, AFullDiskIsSaidOnceAndWaitedOut) { break_and_mend("ENOSPC write truncate", "is full; free space, nothing is lost"); }
TEST_F(StateFile, AFailingDiskIsSaidOnceAndWaitedOut) { break_and_mend("EIO write truncate", "fails (Input/output error)"); }
TEST_F(StateFile, ADiskThatDoesNotKeepWhatItTookIsSaidOnceAndWaitedOut) { break_and_mend("EIO sync", "fails (Input/output error)"); }

TEST_F(StateFile, AnAnswerThatCannotBeStoredIsStoredLaterAndNobodyIsToldTwice) {
  const pid_t daemon = start();
  bool held = true;
  std::size_t taken = 0;
  rig.receive = [&](HttpRequest request) -> task<HttpResponse> {
    ++taken;
    auto taking = receiver.take(std::move(request));
    HttpResponse response = co_await std::move(taking);
    while (held) co_await sleep_for(5ms);
    co_return response;
  };
  mention();
  ASSERT_TRUE(rig.until([&] { return taken == subscribers; })) << rig.last_lines();
  shim.break_disk("ENOSPC write truncate");
  held = false;
  ASSERT_TRUE(rig.until([&] { return count("is full") > 0; })) << rig.last_lines();
  rig.serve(2s);
  shim.mend_disk();
  mention();
  EXPECT_TRUE(all_told()) << rig.last_lines();
  expect_told_once_and_in_order();
  EXPECT_TRUE(rig.is_running(daemon));
  rig.kill_hard(daemon);
}

// Full and free again at any moment. Without a kill there is no reason to tell anything twice.
TEST_F(StateFile, ADiskThatFillsAtRandomMomentsCausesNeitherLossNorRepeats) {
  const pid_t daemon = start();
  receiver.troubled = true;
  const int rounds = is_long() ? 60 : 8;
  const std::vector<std::string> rules = {"ENOSPC write truncate", "EIO sync", "ENOSPC write", "EIO write sync truncate"};
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < 1 + random() % 3; ++i) mention();
    rig.serve(Milliseconds{static_cast<int>(random() % 700)});
    shim.break_disk(rules[random() % rules.size()]);
    rig.serve(Milliseconds{static_cast<int>(random() % 700)});
    if (random() % 2) mention();
    shim.mend_disk();
  }
  receiver.troubled = false;
  EXPECT_TRUE(all_told(180s)) << rig.last_lines();
  EXPECT_TRUE(rig.is_running(daemon)) << rig.last_lines();
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);
  const Tally tally = receiver.examine(owed);
  report(fmt::format("full disk: {} times, {} mentions, {} deliveries, {} refused, {} duplicates, {} lost (seed {})", rounds,
                     tally.mentions, tally.deliveries, receiver.refused, tally.duplicates, tally.lost, seed));
  expect_told_once_and_in_order();
}

TEST_F(StateFile, KilledWhileTheDiskIsFullNothingIsLost) {
  pid_t daemon = start();
  for (int round = 0; round < (is_long() ? 30 : 5); ++round) {
    mention();
    rig.serve(Milliseconds{static_cast<int>(random() % 1200)});
    shim.break_disk("ENOSPC write truncate");
    mention();
    rig.serve(Milliseconds{static_cast<int>(random() % 500)});
    rig.kill_hard(daemon);
    rig.context().restart();
    rig.context().poll();
    receiver.killed();
    shim.mend_disk();
    daemon = start();
  }
  EXPECT_TRUE(all_told(120s)) << rig.last_lines();
  rig.kill_hard(daemon);
  const Tally tally = receiver.examine(owed);
  EXPECT_EQ(tally.lost, 0u);
  EXPECT_LE(tally.duplicates, receiver.in_flight + receiver.unsettled);
  EXPECT_THAT(tally.complaints, IsEmpty());
}

TEST_F(StateFile, ThatCannotBeWrittenAtTheStartIsASentenceAndAnExitCode) {
  rig.kill_hard(start());
  for (const auto& [rule, why] : {std::pair("EROFS open write", "Read-only file system"), std::pair("EACCES open write", "Permission denied")}) {
    shim.break_disk(rule);
    const auto ended = once();
    EXPECT_EQ(ended.code, 1) << ended.err;
    EXPECT_THAT(ended.err, AllOf(HasSubstr(state()), HasSubstr("cannot be written"), HasSubstr(why), HasSubstr("let this user write"))) << rule;
  }
  shim.break_disk("ENOSPC write truncate");
  mention();
  const auto full = once();
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.err, AllOf(HasSubstr(state()), HasSubstr("is full")));
  shim.mend_disk();
  EXPECT_EQ(rig.once().code, 0) << rig.last_lines();
  expect_told_once_and_in_order();
}

// Whatever is broken: either it is told with the file's name and the way out, and the file stays as it is; or the file is
// whole enough, and everything is told.
TEST_F(StateFile, DamageIsToldAndNeverStartedOver) {
  const pid_t first = start();
  for (int i = 0; i < 40; ++i) mention();
  ASSERT_TRUE(all_told(90s));
  ::kill(first, SIGTERM);
  ASSERT_EQ(rig.finish(first).code, 0);
  const std::string good = content();
  const std::size_t pages = good.size() / 4096;
  ASSERT_GT(pages, 20u);

  struct Damage {
    std::string what;
    std::function<void(std::string&)> make;
    bool at_start;
  };
  const auto fill = [](std::size_t from, std::size_t to) {
    return [=](std::string& bytes) { std::fill(bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(to), '\x5a'); };
  };
  std::vector<Damage> all = {
      {"magic", fill(0, 16), true},
      {"header", fill(16, 100), true},
      {"first page", fill(100, 4096), true},
      {"cut in the middle", [](std::string& bytes) { bytes.resize(bytes.size() / 2); }, true},
      {"cut to a page", [](std::string& bytes) { bytes.resize(4096); }, true},
      {"cut inside a page", [](std::string& bytes) { bytes.resize(bytes.size() / 2 / 4096 * 4096 + 100); }, true},
      {"all but the first page", fill(4096, good.size()), true},
      {"second half", fill(pages / 2 * 4096, good.size()), false},
  };
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t page = 1 + random() % (pages - 1);
    all.push_back({fmt::format("page {} of {}", page + 1, pages), fill(page * 4096, (page + 1) * 4096), false});
  }
  std::size_t told = 0;
  for (const Damage& damage : all) {
    std::string bad = good;
    damage.make(bad);
    write(bad);
    std::filesystem::remove(state() + "-wal");
    std::filesystem::remove(state() + "-shm");
    const std::size_t before = rig.read("err").size(), letters = receiver.letters.size();
    const auto id = rig.comment("are you there?" + everybody);
    const auto ended = once();
    const std::string said = ended.err.substr(before);
    EXPECT_THAT(said, Not(HasSubstr("baseline"))) << damage.what << ": started anew";
    const bool noticed = said.find("damaged") != said.npos;
    told += noticed;
    if (noticed) {
      EXPECT_NE(ended.code, 0) << damage.what;
      EXPECT_THAT(said, AllOf(HasSubstr(state()), HasSubstr("it is left as it is"))) << damage.what;
    }
    if (damage.at_start) {
      EXPECT_NE(ended.code, 0) << damage.what;
      EXPECT_THAT(said, AllOf(HasSubstr(state()), AnyOf(HasSubstr("damaged"), HasSubstr("of another program")))) << damage.what;
    }
    if (damage.at_start) {
      EXPECT_EQ(content(), bad) << damage.what;
      EXPECT_EQ(receiver.letters.size(), letters) << damage.what;
    }
    rig.forge->delete_post(PostKind::comment, id);
    receiver.letters.resize(letters);
  }
  report(fmt::format("damage: {} kinds, {} of them noticed at the start or while running", all.size(), told));
  write(good);
  std::filesystem::remove(state() + "-wal");
  std::filesystem::remove(state() + "-shm");
  mention();
  EXPECT_EQ(rig.once().code, 0) << rig.last_lines();
}

// A page that goes bad under a running daemon: it does not end, and says what to do.
TEST_F(StateFile, DamageThatIsFoundWhileItRunsNamesTheFileAndTheWayOut) {
  const pid_t first = start();
  for (int i = 0; i < 40; ++i) mention();
  ASSERT_TRUE(all_told(90s));
  ::kill(first, SIGTERM);
  ASSERT_EQ(rig.finish(first).code, 0);
  const std::string good = content();
  // Leaves of indexes, beyond those that a look at every table meets.
  std::string bad = good;
  std::size_t spoilt = 0;
  for (std::size_t page = 40; page < bad.size() / 4096; ++page) {
    if (bad[page * 4096] != '\x0a') continue;
    std::fill_n(bad.begin() + static_cast<long>(page * 4096), 4096, '\x5a');
    ++spoilt;
  }
  ASSERT_GT(spoilt, 3u);
  write(bad);
  const std::size_t before = rig.read("err").size();
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  mention();
  rig.until([&] { return rig.read("err").find("damaged", before) != std::string::npos || !rig.is_running(daemon); });
  rig.serve(3s);
  EXPECT_TRUE(rig.is_running(daemon));
  const std::string said = rig.read("err").substr(before);
  EXPECT_THAT(said, AllOf(HasSubstr(state() + " is damaged"), HasSubstr("it is left as it is"), HasSubstr("with beckon stopped"),
                          Not(HasSubstr("nothing is lost"))));
  EXPECT_LE(count("is damaged"), 2u) << "by the store and the feed:\n" << said;
  rig.kill_hard(daemon);
}

// A crash of the machine may tear the log's end off: what it held is told again at worst.
TEST_F(StateFile, ATornLogLosesNothing) {
  pid_t daemon = start();
  for (const std::size_t keep : {3u, 2u, 1u}) {
    for (int i = 0; i < 5; ++i) mention();
    ASSERT_TRUE(all_told(90s)) << rig.last_lines();
    mention();
    rig.serve(Milliseconds{static_cast<int>(random() % 1500)});
    rig.kill_hard(daemon);
    receiver.killed();
    std::string log = content("-wal");
    ASSERT_FALSE(log.empty());
    log.resize(log.size() * keep / 4 + 1000);
    write(log, "-wal");
    const std::size_t baselines = count("baseline");
    daemon = start();
    EXPECT_TRUE(all_told(90s)) << rig.last_lines();
    EXPECT_EQ(count("baseline"), baselines) << "started anew";
  }
  rig.kill_hard(daemon);
  const Tally tally = receiver.examine(owed);
  report(fmt::format("torn log: 3 times, {} mentions, {} deliveries, {} told again, {} lost", tally.mentions, tally.deliveries,
                     tally.duplicates, tally.lost));
  EXPECT_EQ(tally.lost, 0u);
}

TEST_F(StateFile, ThatIsDeletedUnderTheDaemonIsSaidOnce) {
  const pid_t daemon = start();
  mention();
  ASSERT_TRUE(all_told());
  std::filesystem::remove(state());
  EXPECT_TRUE(rig.until([&] { return count("has been deleted or replaced") > 0; }, 60s)) << rig.last_lines();
  mention();
  EXPECT_TRUE(all_told()) << "whoever is owed something is told all the same";
  rig.serve(3s);
  EXPECT_EQ(count("has been deleted or replaced"), 1u);
  EXPECT_THAT(rig.read("err"), HasSubstr(state()));
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);
  // The next start is a start anew, and says so.
  const pid_t next = rig.start({"run", "--config", rig.config()});
  EXPECT_TRUE(rig.until([&] { return count("is made anew") == 1; })) << rig.last_lines();
  rig.kill_hard(next);
}

}  // namespace
}  // namespace beckon::core::testing
