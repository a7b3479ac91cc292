// The desktop sink on a session bus of the test's own, with a stand-in for the notification server.
#include "sinks/rig.hpp"
#include "support/session_bus.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char all_capabilities[] = "actions body body-hyperlinks body-markup sound";

// What the server was asked, as it came over the bus.
struct Notify {
  std::string app;
  std::uint32_t replaces = 0;
  std::string icon, summary, body;
  std::vector<std::string> actions;
  std::map<std::string, sdbus::Variant> hints;
  std::int32_t timeout_ms = 0;
};

class DesktopBus : public ::testing::Test {
 protected:
  void serve(const std::string& capabilities = all_capabilities) {
    server_.clear();
    server_.push_back(bus.serve_notifications(capabilities));
    ASSERT_TRUE(soon([&] { return is_ready(); })) << bus.read("server.log");
  }
  void end_server() { server_.clear(); }

  static Emitted deliver(const Instance& sink, SampleDelivery sample = {}, std::int64_t time_ms = 20'000) {
    using namespace std::chrono;
    sample.deadline_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + time_ms;
    return sink.deliver(sample);
  }
  static SampleDelivery second() {
    SampleDelivery sample;
    sample.id = "delivery-2";
    sample.mentions[0].url = "https://github.example/second";
    return sample;
  }

  std::vector<Notify> notified() {
    std::vector<Notify> all;
    for (const auto& call : calls("Notify")) {
      const auto& a = call.get<1>();
      all.push_back({a[0].get<std::string>(), a[1].get<std::uint32_t>(), a[2].get<std::string>(), a[3].get<std::string>(),
                     a[4].get<std::string>(), a[5].get<std::vector<std::string>>(),
                     a[6].get<std::map<std::string, sdbus::Variant>>(), a[7].get<std::int32_t>()});
    }
    return all;
  }
  std::size_t count(const std::string& method) { return calls(method).size(); }

  template <class Second>
  void emit(const std::string& signal, const std::string& signature, std::uint32_t id, Second value) {
    const std::vector<sdbus::Variant> arguments{sdbus::Variant(id), sdbus::Variant(value)};
    mock()->callMethod("EmitSignal").onInterface("org.freedesktop.DBus.Mock")
        .withArguments("org.freedesktop.Notifications", signal, signature, arguments);
  }
  void act(std::uint32_t id, const std::string& action) { emit("ActionInvoked", "us", id, action); }

  // From now on Notify does this, in Python.
  void teach_notify(const std::string& code) {
    mock()->callMethod("AddMethod").onInterface("org.freedesktop.DBus.Mock")
        .withArguments("org.freedesktop.Notifications", "Notify", "susssasa{sv}i", "u", code);
  }

  void put_xdg_open() { setenv("PATH", (bus.stand_in_for_xdg_open() + ":" + path_).c_str(), 1); }
  void TearDown() override { setenv("PATH", path_.c_str(), 1); }

  SessionBus bus;

 private:
  using Calls = std::vector<sdbus::Struct<std::uint64_t, std::vector<sdbus::Variant>>>;

  static std::unique_ptr<sdbus::IProxy> mock() {
    return sdbus::createProxy(sdbus::createSessionBusConnection(), "org.freedesktop.Notifications",
                              "/org/freedesktop/Notifications");
  }
  static Calls calls(const std::string& method) {
    Calls calls;
    mock()->callMethod("GetMethodCalls").onInterface("org.freedesktop.DBus.Mock").withArguments(method).storeResultsTo(calls);
    return calls;
  }
  static bool is_ready() {
    try {
      std::vector<std::string> names;
      mock()->callMethod("GetCapabilities").onInterface("org.freedesktop.Notifications").storeResultsTo(names);
      mock()->callMethod("ClearCalls").onInterface("org.freedesktop.DBus.Mock");
      return true;
    } catch (const sdbus::Error&) {
      return false;
    }
  }

  std::vector<Child> server_;  // one or none
  const std::string path_ = std::getenv("PATH");
};

TEST_F(DesktopBus, NotifyIsCalledAsTheSpecificationSays) {
  serve();
  const Instance sink(desktop_sink(), {{"timeout", "7000"}});
  EXPECT_EQ(deliver(sink).outcome->kind, BECKON_DELIVERED);
  const auto all = notified();
  ASSERT_EQ(all.size(), 1u);
  const Notify& notify = all[0];
  EXPECT_EQ(notify.app, "Beckon");
  EXPECT_EQ(notify.icon, "beckon");
  EXPECT_EQ(notify.replaces, 0u);
  EXPECT_EQ(notify.summary, "alice mentioned @octocat in octo-org/hello#12");
  EXPECT_EQ(notify.body, "<b>Closing the socket hangs</b>\nI think <b>@octocat</b> knows why.");
  EXPECT_THAT(notify.actions, ElementsAre("default", "Open", "open", "Open", "unsubscribe", "Unsubscribe"));
  EXPECT_EQ(notify.timeout_ms, 7'000);
  EXPECT_EQ(notify.hints.size(), 3u);
  EXPECT_EQ(notify.hints.at("urgency").get<std::uint8_t>(), 1) << "of type BYTE";
  EXPECT_EQ(notify.hints.at("category").get<std::string>(), "im.received");
  EXPECT_EQ(notify.hints.at("desktop-entry").get<std::string>(), "beckon");
}

TEST_F(DesktopBus, TheServersOwnTimeAndNoSoundUnlessAskedFor) {
  serve();
  EXPECT_EQ(deliver(Instance(desktop_sink())).outcome->kind, BECKON_DELIVERED);
  EXPECT_EQ(deliver(Instance(desktop_sink(), {{"sound", "1"}}), second()).outcome->kind, BECKON_DELIVERED);
  const auto all = notified();
  EXPECT_EQ(all.at(0).timeout_ms, -1);
  EXPECT_EQ(all.at(0).hints.count("sound-name"), 0u);
  EXPECT_EQ(all.at(1).hints.at("sound-name").get<std::string>(), "message-new-instant");
}

TEST_F(DesktopBus, AServerWithoutActionsAndMarkupGetsTextWithTheAddress) {
  serve("body");
  EXPECT_EQ(deliver(Instance(desktop_sink())).outcome->kind, BECKON_DELIVERED);
  const auto all = notified();
  EXPECT_THAT(all.at(0).actions, IsEmpty());
  EXPECT_EQ(all.at(0).body, "Closing the socket hangs\nI think @octocat knows why.\n"
                            "https://github.example/octo-org/hello/issues/12#issuecomment-7");
}

TEST_F(DesktopBus, ASecondMentionOfTheThreadReplacesTheFirstUntilThatIsClosed) {
  serve();
  const Instance sink(desktop_sink());
  deliver(sink);
  deliver(sink, second());
  auto all = notified();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].replaces, 1u);
  EXPECT_EQ(all[1].summary, "2 mentions in octo-org/hello#12");

  emit("NotificationClosed", "uu", 1, std::uint32_t{2});
  SampleDelivery third = second();
  ASSERT_TRUE(soon([&] {  // the signal may come later than the call's end
    third.id += "+";
    deliver(sink, third);
    all = notified();
    return all.back().replaces == 0;
  }));
  EXPECT_EQ(all.back().summary, "alice mentioned @octocat in octo-org/hello#12");
}

TEST_F(DesktopBus, AClickOpensTheLinkWithTheActivationsToken) {
  serve();
  put_xdg_open();
  const Instance sink(desktop_sink());
  SampleDelivery sample;
  ASSERT_EQ(dup2(0, 200), 200);  // not to be passed on
  sample.mentions[0].url = "https://github.example/$(touch x);`x`&a=b c";
  deliver(sink, sample);
  emit("ActivationToken", "us", 1, std::string("token-1"));
  act(1, "default");
  ASSERT_TRUE(soon([&] { return !bus.read("opened").empty(); }));
  EXPECT_EQ(bus.read("opened"), "https://github.example/$%28touch%20x%29;%60x%60&a=b%20c\ntoken token-1 token-1\n");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0) << "a dead child that nobody waited for";
}

TEST_F(DesktopBus, WhatOthersShowedIsNoneOfOurs) {
  serve();
  put_xdg_open();
  const Instance sink(desktop_sink());
  deliver(sink);
  act(99, "unsubscribe");
  act(99, "open");
  act(1, "no-such-action");
  act(1, "open");
  ASSERT_TRUE(soon([&] { return !bus.read("opened").empty(); }));
  EXPECT_THAT(bus.read("opened"), HasSubstr("issuecomment-7\n"));
  EXPECT_THAT(sink.reported(), IsEmpty());
}

TEST_F(DesktopBus, UnsubscribeReportsTheSubscriberGone) {
  serve();
  const Instance sink(desktop_sink());
  deliver(sink);
  act(1, "unsubscribe");
  ASSERT_TRUE(soon([&] { return !sink.reported().empty(); }));
  const Reported reported = sink.reported()[0];
  EXPECT_EQ(reported.subscription, "subscription-1");
  EXPECT_EQ(reported.outcome.kind, BECKON_GONE);
  EXPECT_EQ(reported.outcome.certainty, BECKON_EXACT);
  EXPECT_EQ(reported.outcome.scope, BECKON_SCOPE_SUBSCRIPTION);
  EXPECT_EQ(reported.outcome.code, "unsubscribed");
}

TEST_F(DesktopBus, WithoutAServerItWaitsAndTellsOnceOneAppears) {
  const Instance sink(desktop_sink());
  auto told = std::async(std::launch::async, [&] { return deliver(sink); });
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  serve();
  EXPECT_EQ(told.get().outcome->kind, BECKON_DELIVERED);
  EXPECT_THAT(bus.read("server.log"), HasSubstr("Notify"));
}

TEST_F(DesktopBus, WithoutAServerUntilTheDeadlineItIsARetry) {
  const Instance sink(desktop_sink());
  const Outcome outcome = *deliver(sink, {}, 1'800).outcome;
  EXPECT_EQ(outcome.kind, BECKON_RETRY);
  EXPECT_EQ(outcome.code, "no_notification_server");
  EXPECT_EQ(outcome.scope, BECKON_SCOPE_SINK);
  EXPECT_FALSE(outcome.ambiguous);
}

TEST_F(DesktopBus, ANewServerIsAskedAnewAndItsIdsAreItsOwn) {
  serve();
  const Instance sink(desktop_sink());
  deliver(sink);
  end_server();
  serve("body");
  EXPECT_EQ(deliver(sink, second()).outcome->kind, BECKON_DELIVERED);
  const auto all = notified();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].replaces, 0u);
  EXPECT_EQ(all[0].body, "Closing the socket hangs\nI think @octocat knows why.\nhttps://github.example/second");
}

TEST_F(DesktopBus, ALostBusIsFoundAgain) {
  serve();
  const Instance sink(desktop_sink());
  deliver(sink);
  end_server();
  bus.stop();
  auto told = std::async(std::launch::async, [&] { return deliver(sink, second()); });
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  bus.start();
  serve();
  EXPECT_EQ(told.get().outcome->kind, BECKON_DELIVERED);
}

TEST_F(DesktopBus, ABusThatEndsWhileWeWaitEndsNothingElse) {
  const Instance sink(desktop_sink());
  auto told = std::async(std::launch::async, [&] { return deliver(sink, {}, 3'000); });
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  bus.stop();
  EXPECT_EQ(told.get().outcome->kind, BECKON_RETRY);
}

TEST_F(DesktopBus, NoBusAtAllIsARetryThatSaysTheWayOut) {
  bus.stop();
  const Outcome outcome = *deliver(Instance(desktop_sink()), {}, 1'800).outcome;
  EXPECT_EQ(outcome.kind, BECKON_RETRY);
  EXPECT_EQ(outcome.code, "no_session_bus");
  EXPECT_THAT(outcome.reason, HasSubstr("systemctl --user"));
}

TEST_F(DesktopBus, AFloodIsARetryAfterAPause) {
  serve();
  teach_notify("raise dbus.exceptions.DBusException('too many',"
               " name='org.freedesktop.Notifications.Error.ExcessNotificationGeneration')");
  const Outcome outcome = *deliver(Instance(desktop_sink())).outcome;
  EXPECT_EQ(outcome.kind, BECKON_RETRY);
  EXPECT_EQ(outcome.code, "too_many");
  EXPECT_EQ(outcome.retry_after_ms, 60'000);
}

TEST_F(DesktopBus, ADaemonThatEndsIsNotHeldUpByAServerThatHangs) {
  serve();
  teach_notify("import time; time.sleep(15); ret = 1");
  Instance sink(desktop_sink());
  const auto begin = std::chrono::steady_clock::now();
  auto told = std::async(std::launch::async, [&] { return deliver(sink); });
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  sink.cancel();
  const Outcome outcome = *told.get().outcome;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(outcome.code, "no_reply");
  EXPECT_TRUE(outcome.ambiguous);
}

TEST_F(DesktopBus, AProbeAsksWhetherTheServerIsThereAndShowsNothing) {
  const Instance sink(desktop_sink());
  SampleDelivery probe;
  probe.purpose = Purpose::probe;
  probe.mentions.clear();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(deliver(sink, probe).outcome->code, "no_notification_server");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10)) << "it does not wait for one";
  serve();
  EXPECT_EQ(deliver(sink, probe).outcome->kind, BECKON_DELIVERED);
  EXPECT_EQ(count("GetServerInformation"), 1u);
  EXPECT_EQ(count("Notify"), 0u);
}

}  // namespace
