// Forges and sinks that misbehave on the wire, each kind once, all at the same time: nobody else waits for them, and when
// they are well again everything arrives once and in order.
#include "core/net/certificates.hpp"
#include "end_to_end/rig.hpp"
#include "faults/faulty_host.hpp"
#include "faults/receiver.hpp"
#include "faults/shim.hpp"
#include "forge/code_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Case {
  Case(asio::io_context& context, std::string name, Fault fault, std::unique_ptr<FaultyHost::Tls> tls)
      : name(std::move(name)), fault(fault), over_tls(tls != nullptr), host(context, std::move(tls)) {}

  std::string name;
  Fault fault;
  bool over_tls;
  FaultyHost host;
  std::unique_ptr<CodeHost> forge;     // where the host is one
  bool well = false;
};

class Network : public ::testing::Test {
 protected:
  Network() : authority(make_authority()), stranger(make_authority("Stranger")), ca(authority), receiver(1) {
    rig.receive = [this](HttpRequest request) { return receiver.take(std::move(request)); };
  }

  std::unique_ptr<FaultyHost::Tls> tls() {
    Wish wish;
    wish.names = {"IP:127.0.0.1"};
    const Certificate good = make_certificate(&authority, wish), wrong = make_certificate(&stranger, wish);
    return std::unique_ptr<FaultyHost::Tls>(new FaultyHost::Tls{serve_with(good), serve_with(wrong)});
  }

  // Those that are slow are only noticed at the time limit: half a minute for a sink, a minute for a forge.
  void add_cases(bool slow_ones) {
    for (const Fault fault : {Fault::refused, Fault::reset, Fault::cut_short, Fault::endless_header, Fault::redirect_loop})
      add(fault, nullptr);
    for (const Fault fault : {Fault::cut_handshake, Fault::wrong_certificate, Fault::cut_short}) add(fault, tls());
    if (!slow_ones) return;
    add(Fault::black_hole, nullptr);
    add(Fault::slow_body, nullptr);
    add(Fault::black_hole, tls());
  }
  void add(Fault fault, std::unique_ptr<FaultyHost::Tls> tls) {
    const std::string name = fmt::format("f{}", cases.size());
    cases.push_back(std::make_unique<Case>(rig.context(), name, fault, std::move(tls)));
  }

  std::string head() const {
    return fmt::format("[bot]\nstate = \"state.db\"\ninterval = \"1s\"\n[forges.github]\napi_url = \"{}\"\n"
                       "token = {{ env = \"E2E_TOKEN\" }}\n[sinks.team]\nplugin = \"slack\"\nca_file = \"{}\"\n",
                       rig.forge->api_url(), ca.path());
  }
  void write(const std::string& toml) {
    std::ofstream(rig.config()) << toml;
    std::filesystem::permissions(rig.config(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  static std::string subscription(const std::string& repo, const std::string& user, const std::string& more) {
    return fmt::format("[[subscriptions]]\nrepo = \"{}\"\nuser = \"{}\"\nsink = \"team\"\n{}", repo, user, more);
  }

  std::size_t lines_with(const std::string& words) {
    const std::string log = rig.read("err");
    std::size_t count = 0;
    for (std::size_t at = log.find(words); at != log.npos; at = log.find(words, at + 1)) ++count;
    return count;
  }

  // Whoever has been met twice is well again; a slow one once, for that takes its time.
  bool heal_who_has_been_met() {
    bool all = true;
    for (const auto& one : cases) {
      const bool is_slow = one->fault == Fault::black_hole || one->fault == Fault::slow_body;
      // The log tells of one that refuses.
      const int met = one->fault == Fault::refused ? 2 * static_cast<int>(lines_with("refused")) : one->host.met();
      if (!one->well && met >= (is_slow ? 1 : 2)) {
        one->well = true;
        one->host.set(Fault::none);
      }
      all = all && one->well;
    }
    return all;
  }

  std::string ill() const {
    std::string names;
    for (const auto& one : cases)
      if (!one->well) names += fmt::format(" {} ({}{})", one->name, to_string(one->fault), one->over_tls ? ", TLS" : "");
    return names;
  }

  Rig rig;
  Certificate authority, stranger;
  CaFile ca;
  Receiver receiver;
  std::vector<std::unique_ptr<Case>> cases;
  std::map<std::string, std::set<std::int64_t>> owed;
};

TEST_F(Network, SinksThatMisbehaveKeepNobodyWaitingAndCatchUp) {
  add_cases(true);
  std::string toml = head() + subscription("acme/rocket", "well", fmt::format("target = {{ webhook_url = \"{}/services/T1/B1/well\" }}\n", rig.slack_origin()));
  std::string all = "@well";
  for (const auto& one : cases) {
    one->host.handler = [this](HttpRequest request) { return receiver.take(std::move(request)); };
    toml += subscription("acme/rocket", one->name, fmt::format("target = {{ webhook_url = \"{}/services/T1/B1/{}\" }}\n", one->host.origin(), one->name));
    all += " @" + one->name;
  }
  write(toml);
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");

  for (const auto& one : cases) one->host.set(one->fault);
  const auto tell = [&](const std::string& words) {
    const auto id = rig.comment(all + words);
    owed["acme/rocket well"].insert(id);
    for (const auto& one : cases) owed["acme/rocket " + one->name].insert(id);
  };
  tell(" first");
  EXPECT_TRUE(rig.until([&] { return receiver.letters.size() == 1; })) << "the one that is well waits for others";
  tell(" second");
  EXPECT_TRUE(rig.until([&] { return heal_who_has_been_met(); }, 60s)) << ill() << "\n" << rig.read("err");
  tell(" third");
  EXPECT_TRUE(rig.until([&] { return receiver.has_all(owed); }, 150s)) << rig.read("err");
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);

  const Tally tally = receiver.examine(owed);
  report(fmt::format("sinks that misbehave: {} kinds, {} mentions, {} deliveries, {} duplicates, {} lost", cases.size(),
                     tally.mentions, tally.deliveries, tally.duplicates, tally.lost));
  EXPECT_EQ(tally.lost, 0u);
  EXPECT_EQ(tally.duplicates, 0u) << "none of them had taken what it did not acknowledge";
  EXPECT_THAT(tally.complaints, IsEmpty());
  for (const auto& one : cases) {
    const std::string who = fmt::format("\"acme/rocket {} team\"", one->name);
    EXPECT_GE(lines_with(who), 2u) << who << " " << to_string(one->fault) << ": its trouble, and its end";
    EXPECT_LE(lines_with(who), 6u) << who << " " << to_string(one->fault) << ": the same is told again and again\n" << rig.read("err");
  }
  EXPECT_THAT(rig.read("err"), HasSubstr("certificate"));
}

// A resolver that does not answer for one name: those with other names, and with none, do not wait for it.
TEST_F(Network, ANameThatIsNeverAnsweredDelaysNobodyElse) {
  Shim shim(rig);
  Wish wish;
  wish.names = {"DNS:good.test", "DNS:silent.test"};
  const Certificate certificate = make_certificate(&authority, wish);
  FaultyHost host(rig.context(), std::unique_ptr<FaultyHost::Tls>(new FaultyHost::Tls{serve_with(certificate), serve_with(certificate)}));
  host.handler = [this](HttpRequest request) { return receiver.take(std::move(request)); };
  const std::string port = host.origin().substr(host.origin().rfind(':'));
  std::string toml = head();
  for (const char* name : {"silent", "good"})
    toml += subscription("acme/rocket", name, fmt::format("target = {{ webhook_url = \"https://{0}.test{1}/services/T1/B1/hook-{0}\" }}\n", name, port));
  toml += subscription("acme/rocket", "well", fmt::format("target = {{ webhook_url = \"{}/services/T1/B1/hook-well\" }}\n", rig.slack_origin()));
  write(toml);
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");
  shim.silence_name("silent.test");
  const auto tell = [&](const std::string& logins) {
    const auto id = rig.comment(logins);
    for (const char* name : {"silent", "good", "well"})
      if (logins.find(std::string("@") + name) != std::string::npos) owed[std::string("acme/rocket hook-") + name].insert(id);
  };
  tell("@silent first");
  rig.serve(1500ms);                    // its name is being asked for
  tell("@good @well second");
  EXPECT_TRUE(rig.until([&] { return receiver.letters.size() == 2; }, 60s)) << "they wait for a name that is none of theirs\n" << rig.read("err");
  EXPECT_TRUE(rig.until([&] { return lines_with("\"acme/rocket silent team\"") > 0; })) << rig.read("err");
  EXPECT_THAT(rig.read("err"), HasSubstr("silent.test"));
  shim.answer_names();
  EXPECT_TRUE(rig.until([&] { return receiver.has_all(owed); })) << rig.read("err");
  shim.silence_name("silent.test");
  tell("@silent third");
  rig.serve(1500ms);
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0) << "a name that is never answered holds nobody back from leaving";
  const Tally tally = receiver.examine({});
  EXPECT_EQ(tally.duplicates, 0u);
}

// Again and again: nothing is asked before the pause is over, by the watch of whoever asked for it.
TEST_F(Network, StormsOf429AreObeyedToTheSecondOnBothSides) {
  rig.subscribe_octocat();
  std::vector<SteadyTime> refused;
  SteadyTime not_before{};
  int early = 0, left = 2;
  const auto refuse_for = [&](int seconds, const char* body) -> std::optional<HttpResponse> {
    const auto now = std::chrono::steady_clock::now();
    if (now < not_before) ++early;
    if (left-- <= 0) return std::nullopt;
    refused.push_back(now);
    not_before = now + std::chrono::seconds(seconds);
    return says(429, body, {{"Retry-After", std::to_string(seconds)}});
  };
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");

  rig.forge->set_interception([&](const HttpRequest&) { return refuse_for(2, R"({"message":"slow down"})"); });
  const auto first = rig.comment("@octocat one");
  owed["acme/rocket hook-one"].insert(first);
  EXPECT_TRUE(rig.until([&] { return receiver.has_all(owed); }, 60s)) << rig.read("err");
  EXPECT_EQ(refused.size(), 2u);
  rig.forge->set_interception({});

  left = 3;
  not_before = {};
  rig.receive = [&](HttpRequest request) -> task<HttpResponse> {
    if (auto refusal = refuse_for(2, "rate_limited")) co_return std::move(*refusal);
    auto taking = receiver.take(std::move(request));
    co_return co_await std::move(taking);
  };
  for (int i = 0; i < 5; ++i) owed["acme/rocket hook-one"].insert(rig.comment("@octocat two"));
  EXPECT_TRUE(rig.until([&] { return receiver.has_all(owed); }, 60s)) << rig.read("err");
  EXPECT_EQ(refused.size(), 5u);
  EXPECT_EQ(early, 0);
  EXPECT_EQ(receiver.examine(owed).duplicates, 0u);
  rig.kill_hard(daemon);
}

TEST_F(Network, ForgesThatMisbehaveKeepNobodyWaitingAndAreReadToTheEnd) {
  add_cases(is_long());
  std::string toml = head();
  std::string subscriptions = subscription("acme/rocket", "well", fmt::format("target = {{ webhook_url = \"{}/services/T1/B1/well\" }}\n", rig.slack_origin()));
  for (const auto& one : cases) {
    one->forge = std::make_unique<CodeHost>(one->host.origin());
    one->forge->add_repository("acme/" + one->name);
    HostedPost body;
    body.author = "vera";
    body.created = Rig::now() - std::chrono::hours(100);
    one->forge->open_thread("acme/" + one->name, 1, HostedThread{false, "Launch"}, body);
    one->host.handler = [forge = one->forge.get()](HttpRequest request) -> task<HttpResponse> { co_return forge->answer(request); };
    toml += fmt::format("[forges.{}]\napi_url = \"{}\"\nca_file = \"{}\"\n", one->name, one->host.origin(), ca.path());
    subscriptions += subscription("acme/" + one->name, "octocat", fmt::format("forge = \"{0}\"\ntarget = {{ webhook_url = \"{1}/services/T1/B1/{0}\" }}\n", one->name, rig.slack_origin()));
  }
  write(toml + subscriptions);
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return lines_with("baseline") == cases.size() + 1; })) << rig.read("err");

  for (const auto& one : cases) one->host.set(one->fault);
  const auto tell = [&] {
    owed["acme/rocket well"].insert(rig.comment("@well?"));
    for (const auto& one : cases) {
      HostedPost comment;
      comment.kind = PostKind::comment;
      comment.thread = 1;
      comment.author = "vera";
      comment.body = "@octocat?";
      comment.created = Rig::now();
      owed[fmt::format("acme/{0} {0}", one->name)].insert(one->forge->add_post("acme/" + one->name, comment));
    }
  };
  for (int i = 0; i < 5; ++i) tell();
  EXPECT_TRUE(rig.until([&] { return receiver.letters.size() >= 1; })) << "the one that is well waits for others";
  EXPECT_TRUE(rig.until([&] { return heal_who_has_been_met(); }, 60s)) << ill() << "\n" << rig.read("err");
  tell();
  EXPECT_TRUE(rig.until([&] { return receiver.has_all(owed); }, 150s)) << rig.read("err");
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);

  const Tally tally = receiver.examine(owed);
  report(fmt::format("forges that misbehave: {} kinds, {} mentions, {} deliveries, {} duplicates, {} lost", cases.size(),
                     tally.mentions, tally.deliveries, tally.duplicates, tally.lost));
  EXPECT_EQ(tally.lost, 0u);
  EXPECT_EQ(tally.duplicates, 0u);
  EXPECT_THAT(tally.complaints, IsEmpty());
}

}  // namespace
}  // namespace beckon::core::testing
