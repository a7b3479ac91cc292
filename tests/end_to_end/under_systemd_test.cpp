// What systemd hears of the real binary: the test is the service manager, behind a socket of its own.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

class NotifySocket {
 public:
  explicit NotifySocket(const std::filesystem::path& path) : path_(path) {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no socket at " + path.string());
  }
  ~NotifySocket() { ::close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // All lines so far, in order.
  const std::vector<std::string>& lines() {
    std::array<char, 4096> bytes;
    for (ssize_t size; (size = ::recv(socket_, bytes.data(), bytes.size(), 0)) >= 0;) {
      std::istringstream datagram(std::string(bytes.data(), static_cast<std::size_t>(size)));
      for (std::string line; std::getline(datagram, line);) lines_.push_back(line);
    }
    return lines_;
  }
  std::ptrdiff_t count(const std::string& line) {
    const auto& all = lines();
    return std::count(all.begin(), all.end(), line);
  }
  // Of the first line that begins so, at or behind `from`; -1: none.
  std::ptrdiff_t find(const std::string& beginning, std::ptrdiff_t from = 0) {
    const auto& all = lines();
    const auto at = std::find_if(all.begin() + from, all.end(), [&](const auto& line) { return line.starts_with(beginning); });
    return at == all.end() ? -1 : at - all.begin();
  }
  std::string all() {
    std::string text;
    for (const std::string& line : lines()) text += line + "\n";
    return text;
  }

 private:
  std::filesystem::path path_;
  int socket_ = -1;
  std::vector<std::string> lines_;
};

struct UnderSystemd : ::testing::Test {
  void start(const std::string& watchdog_microseconds = "60000000") {
    rig.environment = {"NOTIFY_SOCKET=" + manager.path().string(), "WATCHDOG_USEC=" + watchdog_microseconds};
    daemon = rig.start({"run", "--config", rig.config()});
    ASSERT_TRUE(rig.until([&] { return manager.find("READY=1") >= 0; })) << manager.all() << rig.read("err");
  }
  bool hears(const std::string& beginning, std::ptrdiff_t from = 0) {
    return rig.until([&] { return manager.find(beginning, from) >= 0; });
  }
  Finished stop() {
    ::kill(daemon, SIGTERM);
    return rig.finish(daemon);
  }

  Rig rig;
  NotifySocket manager{rig.folder() / "notify"};
  pid_t daemon = -1;
};

TEST_F(UnderSystemd, IsReadyWhenItsOperatorIsServed) {
  rig.subscribe_octocat();
  start();
  const auto status = rig.run({"status", "--config", rig.config()});
  EXPECT_EQ(status.code, 0);
  EXPECT_TRUE(std::filesystem::is_socket(rig.folder() / "state.db.sock"));
  EXPECT_EQ(stop().code, 0);
}

TEST_F(UnderSystemd, IsNeverReadyWhereItsPageCannotBeOpened) {
  const std::string taken = rig.slack_origin().substr(std::strlen("http://"));
  rig.configure("[web]\nlisten = \"" + taken + "\"\n");
  rig.environment = {"NOTIFY_SOCKET=" + manager.path().string()};
  const Finished finished = rig.finish(rig.start({"run", "--config", rig.config()}));
  EXPECT_NE(finished.code, 0);
  EXPECT_THAT(rig.read("err"), HasSubstr("the page cannot be served"));
  EXPECT_EQ(manager.find("READY=1"), -1) << manager.all();
}

TEST_F(UnderSystemd, IsAliveAsOftenAsItsManagerWantsToHear) {
  rig.subscribe_octocat();
  start("200000");
  EXPECT_TRUE(rig.until([&] { return manager.count("WATCHDOG=1") >= 5; })) << manager.all();
  EXPECT_EQ(stop().code, 0);
}

TEST_F(UnderSystemd, WhoseLoopIsStuckIsNotAlive) {
  std::filesystem::create_directory(rig.folder() / "plugins");
  std::filesystem::copy_file(BECKON_BINARY_DIR "/misdeeds/worker.so", rig.folder() / "plugins" / "worker.so");
  rig.configure("[sinks.bad]\nplugin = \"misdeeds_worker\"\nisolate = false\n"
                "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"bad\"\n");
  std::string text = rig.read("config.toml");
  text.insert(text.find("interval"), "plugins = [\"plugins\"]\n");
  std::ofstream(rig.folder() / "config.toml") << text;
  start("100000");
  ASSERT_TRUE(rig.until([&] { return manager.count("WATCHDOG=1") >= 2; })) << manager.all();
  // A plugin in this process that never comes back from reading a mail, on the daemon's own thread.
  const std::string program = BECKON_BINARY_DIR "/bin/beckon";
  const pid_t mail = rig.start_program({"/bin/sh", "-c", "printf hang | exec " + program + " bounce --config " + rig.config()});
  bool silent = false;
  for (int second = 0; second < 30 && !silent; ++second) {
    const auto before = manager.count("WATCHDOG=1");
    rig.serve(1s);
    silent = manager.count("WATCHDOG=1") == before;
  }
  EXPECT_TRUE(silent);
  EXPECT_TRUE(rig.is_running(daemon));
  rig.kill_hard(daemon);
  rig.finish(mail);
}

TEST_F(UnderSystemd, SaysWhatItWatchesAndWhatItOwes) {
  rig.subscribe_octocat();
  rig.hang = true;
  start();
  EXPECT_TRUE(hears("STATUS=watching for 1 subscription; nothing is owed")) << manager.all();
  const auto comment = rig.comment("@octocat please look");
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; })) << rig.read("err");
  ::kill(daemon, SIGHUP);   // what is new is told at once
  EXPECT_TRUE(hears("STATUS=watching for 1 subscription; 1 is owed something")) << manager.all();
  rig.hang = false;
  ASSERT_TRUE(rig.until([&] { return rig.told()[comment] == 1; }));
  EXPECT_EQ(stop().code, 0);
}

TEST_F(UnderSystemd, SaysWhenItReloads) {
  rig.subscribe_octocat();
  start();
  const auto up = manager.find("READY=1");
  ::kill(daemon, SIGHUP);
  ASSERT_TRUE(hears("RELOADING=1")) << manager.all();
  const auto reloading = manager.find("RELOADING=1");
  EXPECT_LT(up, reloading);
  ASSERT_TRUE(hears("READY=1", reloading)) << manager.all();
  EXPECT_GE(manager.find("MONOTONIC_USEC=", reloading), 0);
  EXPECT_EQ(stop().code, 0);
}

TEST_F(UnderSystemd, SaysWhenAConfigurationIsNotTakenOverAndWhenOneIsAgain) {
  rig.subscribe_octocat();
  start();
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nusr = \"octocat\"\nsink = \"team\"\n");
  ::kill(daemon, SIGHUP);
  ASSERT_TRUE(rig.until([&] { return manager.all().find("the changed configuration is wrong") != std::string::npos; })) << manager.all();
  const auto wrong = manager.find("RELOADING=1");
  EXPECT_GE(manager.find("READY=1", wrong), 0) << "what was running goes on";
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nusers = [\"octocat\", \"hubot\"]\nsink = \"team\"\n");
  ::kill(daemon, SIGHUP);
  ASSERT_TRUE(hears("STATUS=watching for 2 subscriptions")) << manager.all();
  EXPECT_EQ(manager.lines().back().find("wrong"), std::string::npos) << manager.all();
  EXPECT_EQ(stop().code, 0);
}

TEST_F(UnderSystemd, SaysThatItStops) {
  rig.subscribe_octocat();
  start();
  EXPECT_EQ(stop().code, 0);
  EXPECT_GE(manager.find("STOPPING=1"), 0) << manager.all();
  EXPECT_EQ(manager.find("READY=1", manager.find("STOPPING=1")), -1) << manager.all();
}

TEST_F(UnderSystemd, IsNotReadyWithAConfigurationThatIsWrong) {
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\n");
  rig.environment = {"NOTIFY_SOCKET=" + manager.path().string()};
  EXPECT_EQ(rig.run({"run", "--config", rig.config()}).code, 78);
  EXPECT_EQ(manager.find("READY=1"), -1);
}

TEST_F(UnderSystemd, NeedsNoManager) {
  rig.subscribe_octocat();
  rig.environment = {"NOTIFY_SOCKET=" + (rig.folder() / "nobody").string(), "WATCHDOG_USEC=1000"};
  daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");
  const auto comment = rig.comment("@octocat please look");
  EXPECT_TRUE(rig.until([&] { return rig.told()[comment] == 1; })) << rig.read("err");
  EXPECT_EQ(stop().code, 0);
}

TEST_F(UnderSystemd, GetsItsSecretsAsCredentials) {
  rig.subscribe_octocat();
  std::string text = rig.read("config.toml");
  const std::string by_variable = "{ env = \"E2E_TOKEN\" }";
  text.replace(text.find(by_variable), by_variable.size(), "{ credential = \"github\" }");
  std::ofstream(rig.folder() / "config.toml") << text;
  std::filesystem::create_directory(rig.folder() / "credentials");
  std::ofstream(rig.folder() / "credentials" / "github") << "forge-token\n";
  const auto without = rig.run({"check", "--config", rig.config()});
  EXPECT_EQ(without.code, 78);
  EXPECT_THAT(without.err, HasSubstr("add LoadCredential=github:/PATH to the unit that starts beckon"));
  rig.environment = {"CREDENTIALS_DIRECTORY=" + (rig.folder() / "credentials").string()};
  const auto with = rig.once();
  EXPECT_EQ(with.code, 0) << with.err;
  EXPECT_EQ(with.err.find("forge-token"), std::string::npos);
}

}  // namespace
}  // namespace beckon::core::testing
