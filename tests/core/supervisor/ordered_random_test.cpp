// Whatever happens in whatever order: nothing is lost, nothing is told twice, and a stop comes to an end.
#include "ordered.hpp"

#include <random>
#include <set>

namespace beckon::core::supervision::ordered {
namespace {

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    std::vector<ChildRules> children;
    const Milliseconds limits[] = {Shutdown::brutal_kill, 5s, Shutdown::infinity};
    for (unsigned n = 0; n < 5; ++n) {
      children.push_back(rules(std::string(1, "abcde"[n]), RestartType(pick(3)), limits[pick(3)]));
    }
    machine_.emplace(SupervisorFlags{Strategy(pick(2)), 5, 60s, 1s}, std::move(children));
    send(Boot{});
  }

  void live(unsigned steps) {
    for (unsigned n = 0; n < steps && !ended_; ++n) step(true);
    send(Stop{});
    for (unsigned n = 0; n < 1000 && !ended_; ++n) step(false);
    send(TerminateChild{ask(), "a"});
    EXPECT_TRUE(ended_) << "a stop comes to an end";
    EXPECT_TRUE(alive_.empty()) << "and no child is left";
    EXPECT_TRUE(unanswered_.empty()) << "everybody was answered";
    EXPECT_EQ(machine_->deadline(), std::nullopt);
  }

 private:
  unsigned pick(unsigned many) { return static_cast<unsigned>(random_() % many); }
  RunId any(const std::set<RunId>& runs) { return *std::next(runs.begin(), pick(static_cast<unsigned>(runs.size()))); }
  Request ask() {
    unanswered_.insert(++request_);
    return request_;
  }
  Exit exit() { return Exit{Exit::Kind(pick(5)), "x"}; }

  void step(bool requests) {
    now_ += std::chrono::seconds(pick(4));
    const std::string name(1, "abcdef"[pick(6)]);
    switch (pick(requests ? 9 : 5)) {
      case 0:
      case 1:
        if (starting_) answer_start();
        break;
      case 2:
        if (!alive_.empty()) send(Down{any(alive_), exit()});
        break;
      case 3:
        if (!again_.empty()) send(Again{std::exchange(again_, {}).front()});
        break;
      case 4:
        if (const auto due = machine_->deadline()) now_ = std::max(now_, *due), send(Tick{});
        if (pending_ && alive_.count(*pending_)) send(Down{*pending_, exit()});   // infinity
        if (starting_ && !requests) answer_start();
        break;
      case 5: send(StartChild{ask(), next_++, rules(name, RestartType(pick(3)))}); break;
      case 6: send(TerminateChild{ask(), name}); break;
      case 7: send(RestartChild{ask(), name}); break;
      case 8: send(DeleteChild{ask(), name}); break;
    }
  }
  void answer_start() {
    const RunId run = *starting_;
    switch (pick(5)) {
      case 0: starting_.reset(), send(StartFailed{run, exit()}); break;
      case 1: starting_.reset(), send(Ignored{run}); break;
      default:
        if (pending_ == run) pending_.reset();   // it started though it was asked, and will be asked in its turn
        starting_.reset(), alive_.insert(run), send(Started{run});
    }
  }

  void send(Event event) {
    const Decision decision = machine_->decide(std::move(event), now_);
    for (const Action& action : decision) {
      EXPECT_FALSE(ended_ && !std::holds_alternative<Reply>(action) && !std::holds_alternative<Forget>(action));
      std::visit([this](const auto& what) { see(what); }, action);
    }
    EXPECT_EQ(machine_->count_children().active, alive_.size()) << "it knows who lives";
  }
  void see(const Start& start) {
    EXPECT_FALSE(starting_) << "one at a time";
    EXPECT_FALSE(pending_ && alive_.count(*pending_)) << "and not while another is being ended";
    starting_ = start.run;
  }
  void see(const Ask& ask) { end(ask.run); }
  void see(const Kill& kill) { end(kill.run); }
  void end(RunId run) {
    EXPECT_TRUE(!pending_ || *pending_ == run || !alive_.count(*pending_)) << "one by one";
    EXPECT_TRUE(alive_.count(run) || starting_ == run);
    pending_ = run;
  }
  void see(const Tell& tell) {
    EXPECT_EQ(alive_.erase(tell.run), 1u) << "one DOWN for each run";
    EXPECT_FALSE(tell.exit.kind == Exit::Kind::cancelled && pending_ != tell.run) << "an end unasked is a failure";
  }
  void see(const TryAgain& again) { again_.push_back(again.id); }
  void see(const Reply& reply) { EXPECT_EQ(unanswered_.erase(reply.request), 1u) << "one answer for each request"; }
  void see(const Report& report) {
    if (report.kind == Report::Kind::abandoned && starting_ == pending_) starting_.reset();
  }
  void see(const Ended&) { ended_ = true; }
  void see(const Forget&) {}
  void see(const Booted&) {}

  std::mt19937 random_;
  std::optional<Machine> machine_;
  SteadyTime now_{std::chrono::hours(1)};
  std::set<RunId> alive_;
  std::optional<RunId> starting_, pending_;
  std::deque<ChildId> again_;
  std::set<Request> unanswered_;
  Request request_ = 0;
  ChildId next_ = 5;
  bool ended_ = false;
};

TEST(OrderedMachine, KeepsItsPromisesWhateverHappens) {
  for (unsigned seed = 0; seed < 1000 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    World(seed).live(seed % 100);
  }
}

}  // namespace
}  // namespace beckon::core::supervision::ordered
