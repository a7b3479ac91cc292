// A plugin for every misdeed, in a process of its own: each costs the delivery a retry, and nobody else anything.
#include "core/sink/isolated_fixture.hpp"

#include "plugins/host/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

namespace beckon::core {
namespace {

using testing::IsolatedRoom;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Deed {
  std::string kind;      // of the sink
  std::string notice;
  std::string code;
  std::string reason;
};
void PrintTo(const Deed& deed, std::ostream* out) { *out << deed.notice; }

class Misdeed : public IsolatedRoom, public ::testing::WithParamInterface<Deed> {};

TEST_P(Misdeed, CostsItsOwnDeliveryARetryAndNobodyElseAnything) {
  const Deed& deed = GetParam();
  const bool runs_into_time = deed.code == "plugin_hung";
  HostTiming timing = patient();
  if (runs_into_time) timing.answer = 2s;
  {
    const auto bad = open(deed.kind, {}, timing);
    const auto isolated = open("webhook"), worker = open("worker");
    // Where time is short, a slow machine may need it twice.
    const auto works = [&] { return deliver(*bad, "").kind == OutcomeKind::delivered; };
    EXPECT_TRUE(runs_into_time ? until(works) : works());

    std::optional<Outcome> outcome;
    begin(*bad, deed.notice, outcome, runs_into_time ? 0ms : 60s);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(deliver(*isolated, "").kind, OutcomeKind::delivered);
      EXPECT_EQ(deliver(*worker, "").kind, OutcomeKind::delivered);
    }
    ASSERT_TRUE(until([&] { return outcome.has_value(); })) << "every delivery gets its outcome";
    EXPECT_EQ(outcome->kind, OutcomeKind::retry);
    EXPECT_EQ(outcome->code, deed.code);
    EXPECT_THAT(outcome->reason, HasSubstr(deed.reason));
    EXPECT_TRUE(outcome->fault);
    const bool process_ended = deed.code != "plugin_threw" && deed.code != "plugin_silent" && deed.code != "plugin_request";
    EXPECT_EQ(outcome->ambiguous, process_ended && !deed.notice.starts_with("render")) << "it may have arrived";

    EXPECT_TRUE(runs_into_time ? until(works) : works()) << "the next one works, after a restart if need be";
    EXPECT_THAT(lines, Not(HasSubstr("rests for")));
  }
  EXPECT_TRUE(no_child_is_left());
}

std::vector<Deed> deeds() {
  std::vector<Deed> all;
  for (const std::string phase : {"render", "interpret", "deliver"}) {
    const std::string kind = phase == "deliver" ? "worker" : "webhook";
    const auto add = [&](const std::string& deed, const std::string& code, const std::string& reason) {
      all.push_back({kind, phase + ":" + deed, code, reason});
    };
    add("crash", "plugin_crashed", "its process crashed (Segmentation fault)");
    add("abort", "plugin_crashed", "its process crashed (Aborted)");
    add("kill", "plugin_crashed", "its process crashed (Killed)");
    add("exit", "plugin_crashed", "its process ended by itself (exit code 0)");
    add("quit", "plugin_crashed", "its process ended by itself (exit code 3)");
    add("hang", "plugin_hung", "gave no answer within 2s");
    add("spin", "plugin_hung", "gave no answer within 2s");
    add("half", "plugin_hung", "gave no answer within 2s");
    add("deaf", "plugin_hung", "gave no answer within 2s");
    add("garbage", "plugin_garbage", "wrote what is no answer");
    add("endless", "plugin_garbage", "wrote what is no answer");
    add("large", "plugin_garbage", "an answer that nobody can have asked for");
    add("throw", "plugin_threw", "the plugin threw while it");
    add("silent", "plugin_silent", "the plugin");
    add("leave a daemon", "plugin_crashed", "its process crashed (Aborted)");
    if (testing::memory_is_limited) {
      add("hog", "plugin_memory", "more memory than memory_limit = \"128MiB\" allows");
      add("hog in C", "plugin_crashed", "its process crashed (Segmentation fault)");
    }
  }
  all.push_back({"webhook", "render:much", "plugin_request", "the plugin made a body of 17825792 bytes"});
  return all;
}

std::string name_of(const ::testing::TestParamInfo<Deed>& info) {
  return std::regex_replace(info.param.notice, std::regex("[^a-z]+"), "_");
}

INSTANTIATE_TEST_SUITE_P(All, Misdeed, ::testing::ValuesIn(deeds()), name_of);

using Isolated = IsolatedRoom;

TEST_F(Isolated, SinksDoWhatTheyDoInThisProcess) {
  const auto webhook = open("webhook");
  EXPECT_EQ(webhook->info().plugin, "misdeeds_webhook");
  EXPECT_EQ(webhook->info().max_batch, 10u);
  EXPECT_EQ(deliver(*webhook, "").code, "ok");
  EXPECT_EQ(client.sent, 1) << "the request is sent here";
  const auto worker = open("worker");
  EXPECT_EQ(worker->info().at_once, 2u);
  EXPECT_EQ(deliver(*worker, "").code, "ok");
  EXPECT_EQ(client.sent, 1);
}

TEST_F(Isolated, ItsProcessIsSeenWithWhatItIsAtAndHowOftenItWasStarted) {
  int restarts = 0;
  OptionValues settings;
  settings["token"].value = secret;
  const auto sink = open_isolated_sink("worker", testing::misdeeds("worker"), settings, std::uint64_t{128} << 20,
                                       SinkHost{client, context.get_executor(), {}, [&] { ++restarts; }}, patient()).value();
  using State = SinkProcess::State;
  const auto state = [&] { return sink->process()->state; };
  EXPECT_EQ(state(), State::starting);
  EXPECT_FALSE(sink->process()->pid);
  ASSERT_TRUE(until([&] { return state() == State::idle; }));
  const SinkProcess first = *sink->process();
  EXPECT_EQ(::kill(static_cast<pid_t>(first.pid.value()), 0), 0);
  EXPECT_LE(first.started.value(), wall_now());
  std::optional<Outcome> outcome;
  begin(*sink, "deliver:say so and hang", outcome);
  // Before the plugin is at it, the next process would be given the same delivery, and hang in it.
  ASSERT_TRUE(until([&] { return lines.find("it hangs now") != std::string::npos; }));
  EXPECT_EQ(state(), State::running);
  ::kill(static_cast<pid_t>(*first.pid), SIGKILL);
  ASSERT_TRUE(until([&] { return state() == State::idle && outcome.has_value(); }));
  EXPECT_NE(sink->process()->pid, first.pid);
  EXPECT_EQ(sink->process()->restarts, 1u);
  EXPECT_EQ(restarts, 1);
  sink->retire();
  EXPECT_EQ(state(), State::ended);
}

TEST_F(Isolated, WhatSurvivesInThisProcessToo) {
  auto opened = plugins::open_here(testing::misdeeds("webhook").path);
  const auto sink = open_sink("bad", *std::get<plugins::Plugin>(opened).table, {}, SinkHost{client, context.get_executor(), {}}).value();
  for (const std::string phase : {"render", "interpret"}) {
    EXPECT_EQ(deliver(*sink, phase + ":throw").code, "plugin_threw");
    EXPECT_EQ(deliver(*sink, phase + ":silent").code, "plugin_silent");
  }
  EXPECT_EQ(deliver(*sink, "render:much").code, "plugin_request");
  EXPECT_EQ(deliver(*sink, "").kind, OutcomeKind::delivered);
}

TEST_F(Isolated, InheritsNoDescriptorAndNoSecret) {
  const int open_one = ::open("/dev/zero", O_RDONLY);   // and not close-on-exec
  ::setenv("SLACK_WEBHOOK_URL", "https://hooks.example.org/secret", 1);
  ::setenv("LC_TIME", "C", 1);
  const auto sink = open("worker");
  const Outcome outcome = deliver(*sink, "deliver:look");
  ::close(open_one);
  ::unsetenv("SLACK_WEBHOOK_URL");
  ::unsetenv("LC_TIME");
  ASSERT_TRUE(outcome.state);
  std::istringstream inventory(*outcome.state);
  std::map<std::string, std::string> descriptors;
  for (std::string line; std::getline(inventory, line);) {
    std::istringstream words(line);
    std::string what, name, target;
    words >> what >> name >> target;
    if (what == "fd") descriptors[name] = target.substr(0, target.find(':'));
    static const std::regex harmless("^(PATH|HOME|LANG|LC_[A-Z]+|TZ|TMPDIR|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|DISPLAY|"
                                     "WAYLAND_DISPLAY|XAUTHORITY|XDG_CURRENT_DESKTOP|XDG_DATA_DIRS)=");
    EXPECT_TRUE(what != "env" || std::regex_search(name, harmless)) << name;
  }
  EXPECT_EQ(descriptors, (std::map<std::string, std::string>{{"0", "/dev/null"}, {"1", "pipe"}, {"2", "pipe"}, {"3", "socket"}}));
  EXPECT_THAT(*outcome.state, HasSubstr("env LC_TIME=C\n"));
  EXPECT_THAT(*outcome.state, HasSubstr("core 0\n"));
  EXPECT_THAT(*outcome.state, HasSubstr("session own\n")) << "Ctrl-C in a terminal is the daemon's alone";
}

TEST_F(Isolated, WhatItPrintsIsLoggedAndItsLastLineIsTheReasonBothWithoutSecrets) {
  const auto sink = open("worker");
  const Outcome outcome = deliver(*sink, "deliver:shout");
  EXPECT_THAT(outcome.reason, HasSubstr("saying \"last words: the token is ***\""));
  EXPECT_THAT(lines, HasSubstr("\"worker\" printed: on stdout: ***"));
  EXPECT_THAT(lines, Not(HasSubstr("hunter2")));
}

TEST_F(Isolated, ALogThatNeverEndsIsCutShort) {
  const auto sink = open("worker");
  EXPECT_EQ(deliver(*sink, "deliver:chatter").kind, OutcomeKind::delivered);
  EXPECT_THAT(lines, HasSubstr("\"worker\": line 0"));
  EXPECT_THAT(lines, HasSubstr("says too much"));
  EXPECT_THAT(lines, Not(HasSubstr("line 9999")));
}

TEST_F(Isolated, WhatItSaidBeforeItsEndCounts) {
  const auto sink = open("worker");
  EXPECT_EQ(deliver(*sink, "deliver:exit after its answer").kind, OutcomeKind::delivered);
  // The next one may still have been taken up by the process that is ending.
  if (deliver(*sink, "").kind != OutcomeKind::delivered) {
    EXPECT_EQ(deliver(*sink, "").kind, OutcomeKind::delivered);
  }
}

// A process that the plugin has started goes with it.
TEST_F(Isolated, ItsChildrenGoWithIt) {
  auto sink = open("worker");
  EXPECT_EQ(deliver(*sink, "deliver:leave a child").kind, OutcomeKind::delivered);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(lines, found, std::regex("child ([0-9]+)\\.")));
  const std::string stat = "/proc/" + found[1].str() + "/stat";
  const auto runs = [&] {
    std::ifstream file(stat);
    std::string number, name, state;
    return file >> number >> name >> state && state != "Z" && state != "X";
  };
  EXPECT_TRUE(runs());
  sink.reset();
  EXPECT_TRUE(until([&] { return !runs(); }));
}

TEST_F(Isolated, WhoOnlyWaitedForItsTurnIsNotToBlame) {
  const auto sink = open("webhook");
  ASSERT_EQ(deliver(*sink, "").kind, OutcomeKind::delivered);
  std::optional<Outcome> culprit;
  std::vector<std::optional<Outcome>> others(8);
  begin(*sink, "render:crash", culprit);
  for (auto& other : others) begin(*sink, "", other);
  ASSERT_TRUE(until([&] {
    return culprit && std::all_of(others.begin(), others.end(), [](const auto& other) { return other.has_value(); });
  }));
  EXPECT_EQ(culprit->code, "plugin_crashed");
  for (const auto& other : others) EXPECT_EQ(other->code, "ok") << other->reason;
  EXPECT_EQ(client.sent, 9) << "each of them sent once";
}

TEST_F(Isolated, TooManyEndsLetItRestAndThenItIsTriedAgain) {
  HostTiming timing = patient();
  timing.intensity = 2;
  timing.pause = 3s;
  const auto sink = open("worker", {}, timing);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(deliver(*sink, "deliver:crash").code, "plugin_crashed");
  const Outcome resting = deliver(*sink, "");
  EXPECT_EQ(resting.code, "plugin_down");
  EXPECT_EQ(resting.kind, OutcomeKind::retry);
  EXPECT_FALSE(resting.fault) << "that is not the delivery's doing";
  EXPECT_FALSE(resting.ambiguous);
  EXPECT_THAT(lines, HasSubstr("\"worker\": its plugin rests for 3s"));
  EXPECT_TRUE(until([&] { return deliver(*sink, "").kind == OutcomeKind::delivered; })) << "it heals by itself";
}

TEST_F(Isolated, ALibraryThatCannotBeOpenedIsTriedAgainAndItsDeliveriesSayWhy) {
  HostTiming timing = patient();
  timing.pause = 20ms;
  const auto sink = open("worker", {{"open", "refuse"}}, timing);
  const Outcome outcome = deliver(*sink, "");
  EXPECT_EQ(outcome.kind, OutcomeKind::misconfigured);
  EXPECT_EQ(outcome.code, "plugin_refused");
  EXPECT_EQ(outcome.reason, "open: it is of no use with ***");
  EXPECT_THAT(lines, HasSubstr("\"worker\" could not be opened: open: it is of no use with ***"));
  const auto crashing = open("worker", {{"open", "crash"}}, timing);
  EXPECT_EQ(deliver(*crashing, "").code, "plugin_down");
}

// By renaming, as one should; the process that runs keeps the old one.
TEST_F(Isolated, AReplacedLibraryHealsTheSinkIfItHasTheSameOptions) {
  const auto folder = std::filesystem::temp_directory_path() / ("beckon-replace-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto put = [&](const std::string& kind) {
    std::filesystem::copy_file(testing::misdeeds(kind).path, folder / "new");
    std::filesystem::rename(folder / "new", folder / "sink.so");
  };
  put("worker");
  HostTiming timing = patient();
  timing.pause = 20ms;
  auto plugin = std::get<plugins::Plugin>(plugins::describe_plugin(folder / "sink.so"));
  {
    const auto sink = open_isolated_sink("replaced", plugin, {}, plugins::default_memory_limit,
                                         SinkHost{client, context.get_executor(), {}}, timing).value();
    EXPECT_EQ(deliver(*sink, "").kind, OutcomeKind::delivered);
    put("webhook");
    EXPECT_EQ(deliver(*sink, "deliver:exit").code, "plugin_crashed");
    const Outcome other = deliver(*sink, "");
    EXPECT_EQ(other.code, "plugin_refused");
    EXPECT_THAT(other.reason, HasSubstr("replaced by one with other options"));
    put("worker");
    EXPECT_TRUE(until([&] { return deliver(*sink, "").kind == OutcomeKind::delivered; }));
  }
  std::filesystem::remove_all(folder);
}

TEST_F(Isolated, IsClosedInOrderOrByForce) {
  open("worker").reset();   // while it still starts
  auto orderly = open("worker");
  EXPECT_EQ(deliver(*orderly, "").kind, OutcomeKind::delivered);
  orderly.reset();
  HostTiming timing = patient();
  timing.close = 50ms;
  auto hanging = open("worker", {{"token", "hang in close"}}, timing);
  EXPECT_EQ(deliver(*hanging, "").kind, OutcomeKind::delivered);
  hanging.reset();
  EXPECT_TRUE(no_child_is_left());
  EXPECT_THAT(lines, HasSubstr("closed in order"));
  context.restart();
  context.run_for(5s);   // returns when nobody waits for anything any more
  EXPECT_TRUE(context.stopped());
}

TEST_F(Isolated, MayOutliveItsContext) {
  auto context = std::make_unique<asio::io_context>(1);
  auto sink = open_isolated_sink("late", testing::misdeeds("worker"), {}, plugins::default_memory_limit,
                                 SinkHost{client, context->get_executor(), {}}, patient()).value();
  EXPECT_EQ(testing::run(*context, [&] { return through(*sink, delivery("")); }).kind, OutcomeKind::delivered);
  context.reset();
  EXPECT_TRUE(no_child_is_left());
  sink.reset();
}

TEST_F(Isolated, ADeliveryThatIsCutOffIsLetGo) {
  const auto sink = open("worker");
  asio::cancellation_signal cut;
  bool ended = false;
  auto heard = [&](std::exception_ptr, Outcome) { ended = true; };
  asio::co_spawn(context.get_executor(), through(*sink, delivery("deliver:hang")),
                 asio::bind_cancellation_slot(cut.slot(), std::move(heard)));
  EXPECT_EQ(deliver(*sink, "").kind, OutcomeKind::delivered);   // the other thread of its two
  cut.emit(asio::cancellation_type::terminal);
  EXPECT_TRUE(until([&] { return ended; }));
  EXPECT_EQ(deliver(*sink, "").kind, OutcomeKind::delivered);
}

TEST_F(Isolated, WithoutTheHostProgramSaysSo) {
  const auto plugin = testing::misdeeds("worker");
  ::setenv("BECKON_SINK_HOST", "/absent/beckon-sink-host", 1);
  HostTiming timing = patient();
  {
    const auto sink = open_isolated_sink("lost", plugin, {}, plugins::default_memory_limit,
                                         SinkHost{client, context.get_executor(), {}}, timing).value();
    const Outcome outcome = deliver(*sink, "");
    EXPECT_EQ(outcome.code, "plugin_down");
    EXPECT_THAT(outcome.reason, HasSubstr("/absent/beckon-sink-host"));
  }
  ::unsetenv("BECKON_SINK_HOST");
}

}  // namespace
}  // namespace beckon::core
