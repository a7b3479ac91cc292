// The desk between an operator and a supervisor, over its real socket.
#include "operator_desk.hpp"

#include "control/routes.hpp"
#include "core/outbox/fixture.hpp"
#include "net/unix_socket.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <nlohmann/json.hpp>

#include <thread>

namespace beckon::core::testing {
namespace {

using nlohmann::json;

class Desk : public OutboxDeliveries {
 protected:
  void SetUp() override {
    OutboxDeliveries::SetUp();
    log::open(LogLevel::off, LogFormat::text);
    ChildSpec spec;
    spec.kind = "syncer";
    spec.intensity = 0;
    spec.run = [this](ChildId) { return child(); };
    syncers = make_supervisor(context.get_executor(), std::move(spec), [this](ChildEnd end) {
      ends.push_back(end);
      if (desk) desk->ended(end);
    });
    desk = open_operator_desk(context.get_executor(), file,
                              {*outbox, [this] { return syncers.get(); }, [this](std::int64_t id) { return id == me; },
                               [this] { return polls; }, [] { return std::vector<SubscriptionStatus>(); }, [] { return SinkPlugins{{"team", "slack"}}; },
                               [](std::string) -> task<Result<FeedbackReport>> { co_return FeedbackReport(); },
                               [] { return LiveDaemon{{{"github"}}, {}, std::nullopt, {}}; },
                               []() -> task<Result<std::string>> { co_return std::string("beckon_up 1\n"); },
                               []() -> task<Result<void>> { co_return Result<void>(); }});
  }
  void TearDown() override {
    desk.reset();
    gate.cancel();
    ask(syncers->stop());
    syncers.reset();
    OutboxDeliveries::TearDown();
  }

  task<Farewell> child() {
    ++runs;
    if (crash) throw std::runtime_error("out of tea");
    Farewell last = farewell;
    if (wait) {
      boost::system::error_code opened;
      gate.expires_after(1h);
      auto waiting = gate.async_wait(asio::redirect_error(use_task, opened));
      co_await std::move(waiting);
    }
    co_return last;
  }

  // Lets everything that is ready happen.
  void settle_down() {
    context.restart();
    context.poll();
  }
  json request(std::string method, std::string target) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(target);
    Result<std::optional<HttpResponse>> answer = fail("not asked");
    std::thread operator_([&] {
      answer = ask_http_at(*operator_socket(file), request, 20s);
      asio::post(context, [this] { context.stop(); });
    });
    context.restart();
    const auto work = asio::make_work_guard(context);
    context.run();
    operator_.join();
    if (!answer || !*answer) throw std::runtime_error(answer ? "nobody there" : answer.error().message);
    return json::parse((*answer)->body);
  }
  json status() { return request("GET", "/api/v1/status"); }
  json change(const std::string& verb) { return request("POST", "/api/v1/subscriptions/me/" + verb); }

  std::map<std::int64_t, LiveFeed> polls;
  bool crash = false;
  bool wait = false;
  Farewell farewell{Farewell::Kind::idle, {}};
  int runs = 0;
  std::vector<ChildEnd> ends;
  Timer gate{context.get_executor()};
  std::unique_ptr<Supervisor> syncers;
  std::unique_ptr<OperatorDesk> desk;
};

TEST_F(Desk, OneThatWasSetAsideIsSeenWithItsCrashAndStartsAnewWhenRevived) {
  crash = true;
  syncers->start_child(me, false);
  settle_down();
  ASSERT_EQ(syncers->state(me), ChildState::set_aside);
  const json seen = status().at("subscriptions").at(0);
  EXPECT_EQ(seen.at("state"), "set_aside");
  EXPECT_NE(seen.at("reason").get<std::string>().find("out of tea"), std::string::npos);
  crash = false;
  EXPECT_EQ(change("revive").at("changed"), true);
  settle_down();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(syncers->state(me), ChildState::parked);
  EXPECT_EQ(status().at("subscriptions").at(0).at("state"), "active");
  EXPECT_EQ(change("revive").at("changed"), false);
}

TEST_F(Desk, ResumeWakesOnlyWhereSomethingIsOwed) {
  syncers->start_child(me, true);
  change("pause");
  change("resume");
  settle_down();
  EXPECT_EQ(runs, 0);
  mention(feed, "octocat", 1);
  change("pause");
  change("resume");
  settle_down();
  EXPECT_EQ(runs, 1);
}

TEST_F(Desk, RevivalStartsTheSyncerThatIsNoMore) {
  mention(feed, "octocat", 1);
  get(outbox->bury_endpoint(Database(file.string()).integer("SELECT endpoint_id FROM subscription").value(), "no_service", "removed"));
  EXPECT_EQ(change("revive").at("state"), "active");
  settle_down();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(syncers->state(me), ChildState::parked);
}

TEST_F(Desk, OneOnItsWayOutComesBackWhenItsTombstoneIsTakenAway) {
  wait = true;
  farewell = {Farewell::Kind::gone, "removed"};
  syncers->start_child(me, false);
  settle_down();
  get(outbox->bury_endpoint(Database(file.string()).integer("SELECT endpoint_id FROM subscription").value(), "no_service", "removed"));
  mention(feed, "octocat", 1);
  change("revive");
  EXPECT_EQ(runs, 1);
  wait = false;
  farewell = {Farewell::Kind::idle, {}};
  gate.cancel();
  settle_down();
  EXPECT_EQ(ends.size(), 1u);
  EXPECT_EQ(runs, 2);
}

TEST_F(Desk, FeedsTellWhenTheyWerePolledAndWillBe) {
  EXPECT_TRUE(status().at("feeds").at(0).at("last_poll").is_null());
  polls[feed.id] = {wall_now(), wall_now() + 60s, 42};
  const json polled = status().at("feeds").at(0);
  EXPECT_TRUE(polled.at("last_poll").is_string());
  EXPECT_GT(polled.at("next_poll").get<std::string>(), polled.at("last_poll").get<std::string>());
  EXPECT_EQ(polled.at("quota_left"), 42);
  EXPECT_EQ(status().at("sinks").at(0).at("plugin"), "slack");
}

TEST_F(Desk, AStateInMemoryHasNoSocket) {
  EXPECT_FALSE(operator_socket(":memory:"));
  EXPECT_EQ(*operator_socket("/tmp/x.db"), "/tmp/x.db.sock");
}

}  // namespace
}  // namespace beckon::core::testing
