#include "core/config/support.hpp"

#include "base/redaction.hpp"
#include "config/options.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using testing::expect_errors;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::joined;
using ::testing::Not;
using testing::short_texts;
using ::testing::SizeIs;
using testing::Variable;

beckon_str str(std::string_view text) { return {text.data(), text.size()}; }

// A plugin's table, made by hand; what it is given must be literals.
class Table {
 public:
  Table() = default;
  Table(Table&&) = default;  // never copied: the rows are pointed to
  Table& operator=(Table&&) = delete;
  Table& option(const char* name, std::uint32_t type, std::uint32_t flags = 0, const char* by_default = "",
                std::initializer_list<const char*> choices = {}) {
    beckon_option row{};
    row.size = sizeof row;
    row.name = str(name);
    row.type = type;
    row.flags = flags;
    row.default_value = str(by_default);
    row.doc = str("what it is for");
    lists_.emplace_back();
    for (const auto* choice : choices) {
      texts_.push_back(str(choice));
      lists_.back().push_back(&texts_.back());
    }
    row.choices = lists_.back().data();
    row.choice_count = lists_.back().size();
    rows_.push_back(row);
    pointers_.push_back(&rows_.back());
    return *this;
  }
  void check(decltype(beckon_sink_table::check) check) { check_ = check; }
  beckon_sink_table get() const {
    beckon_sink_table table{};
    table.size = sizeof table;
    table.major = BECKON_ABI_MAJOR;
    table.name = str("fake");
    table.options = pointers_.data();
    table.option_count = pointers_.size();
    table.check = check_;
    return table;
  }

 private:
  std::deque<beckon_option> rows_;
  std::deque<beckon_str> texts_;
  std::deque<std::vector<const beckon_str*>> lists_;
  std::vector<const beckon_option*> pointers_;
  decltype(beckon_sink_table::check) check_ = nullptr;
};

struct Checked {
  Config config;
  SinkOptions sink;
  std::vector<OptionValues> targets;
  std::vector<ConfigError> errors;
};

// [sinks.x] with `settings` (from line 3 on), then `subscriptions`, all against the table.
Checked checked(const Table& made, const std::string& settings, const std::string& subscriptions = "",
                const std::filesystem::path& file = "/etc/beckon/config.toml") {
  const Variable state("STATE_DIRECTORY", "/var/lib/beckon");
  const auto table = made.get();
  auto loaded =
      parse_config("[sinks.x]\nplugin = \"fake\"\n" + settings + (subscriptions.empty() ? "" : subscriptions), file);
  EXPECT_TRUE(loaded.ok()) << joined(short_texts(loaded.errors));
  Checked result;
  result.config = std::move(loaded.config);
  result.sink = check_sink(result.config.sinks.at(0), table, file.parent_path(), result.errors);
  for (const auto& subscription : result.config.subscriptions)
    result.targets.push_back(check_target(subscription, result.sink, table, file.parent_path(), result.errors));
  sort_errors(result.errors);
  return result;
}

std::string watching(const std::string& user, const std::string& more = "") {
  return "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"" + user + "\"\nsink = \"x\"\n" + more;
}

template <class T>
T get(const OptionValues& values, std::string_view name) {
  const auto found = values.find(name);
  if (found == values.end()) throw std::out_of_range(std::string(name));
  return std::get<T>(found->second.value);
}

Table every_type() {
  Table table;
  table.option("text", BECKON_STRING)
      .option("count", BECKON_INT)
      .option("loud", BECKON_BOOL)
      .option("wait", BECKON_DURATION);
  table.option("url", BECKON_URL)
      .option("path", BECKON_PATH)
      .option("color", BECKON_ENUM, 0, "", {"auto", "always", "never"});
  table.option("to", BECKON_LIST).option("headers", BECKON_MAP);
  return table;
}

TEST(CheckSink, EveryTypeIsReadAsWhatItIs) {
  const auto result =
      checked(every_type(),
              "text = \"t\"\ncount = -7\nloud = true\nwait = \"5m\"\nurl = \"https://h/x?y\"\n"
              "path = \"../key.pem\"\ncolor = \"never\"\nto = [\"a\", \"b\"]\nheaders = { A = \"1\" }\n");
  EXPECT_THAT(short_texts(result.errors), IsEmpty());
  const auto& settings = result.sink.settings;
  EXPECT_EQ(get<std::string>(settings, "text"), "t");
  EXPECT_EQ(get<std::int64_t>(settings, "count"), -7);
  EXPECT_TRUE(get<bool>(settings, "loud"));
  EXPECT_EQ(get<Milliseconds>(settings, "wait"), 5min);
  EXPECT_EQ(get<std::string>(settings, "url"), "https://h/x?y");
  EXPECT_EQ(get<std::string>(settings, "path"), "/etc/key.pem");
  EXPECT_EQ(get<std::string>(settings, "color"), "never");
  EXPECT_THAT(get<std::vector<std::string>>(settings, "to"), ElementsAre("a", "b"));
  EXPECT_EQ((get<std::map<std::string, std::string>>(settings, "headers")),
            (std::map<std::string, std::string>{{"A", "1"}}));
}

TEST(CheckSink, EveryTypeSaysWhatItWants) {
  const auto result = checked(every_type(),
                              "text = 1\ncount = \"7\"\nloud = \"yes\"\nwait = 5\nurl = \"ftp://h\"\npath = true\n"
                              "color = \"nevre\"\nto = { a = \"b\" }\nheaders = [\"A: 1\"]\n");
  expect_errors(
      result.errors,
      {"3:8 text: expected a string, found an integer",
       "4:9 count: expected a whole number (without quotes), found a string",
       "5:8 loud: expected true or false (without quotes), found a string",
       "6:8 wait: expected a duration such as \"60s\", found an integer",
       "7:7 url: a URL must begin with https:// or http://", "8:8 path: expected a path, found true or false",
       "9:9 color: \"nevre\" is no choice: did you mean \"never\"? it is one of \"auto\", \"always\", \"never\"",
       "10:6 to: expected a list of strings, found a table",
       "11:11 headers: expected a table of strings { NAME = \"...\" }, found a list"});
}

TEST(CheckSink, AnUnknownOptionIsNamedWithWhatWasMeant) {
  const auto result = checked(every_type(), "txet = \"t\"\ninsecrue = true\nzzzzzz = 1\nisolate = true\n");
  expect_errors(result.errors, {"3:1 unknown option \"txet\" of the plugin \"fake\": did you mean \"text\"?",
                                "4:1 unknown option \"insecrue\" of the plugin \"fake\": did you mean \"insecure\"?",
                                "5:1 unknown option \"zzzzzz\" of the plugin \"fake\": it has text, count, loud",
                                "6:1 isolate: sinks in a process of their own are not supported by this version"});
}

TEST(CheckSink, RequiredOptionsAreMissedAtTheSink) {
  Table table;
  table.option("url", BECKON_URL, BECKON_REQUIRED).option("to", BECKON_STRING, BECKON_REQUIRED | BECKON_TARGET);
  expect_errors(checked(table, "").errors, {"1:1 [sinks.x]: url is missing: add url = a URL (what it is for)"});
  expect_errors(checked(table, "url = \"\"\n").errors, {"3:7 url: expected a URL, found an empty string"});
}

TEST(CheckSink, DefaultsAreFilledIn) {
  Table table;
  table.option("text", BECKON_STRING, 0, "hello, you")
      .option("count", BECKON_INT, 0, "3")
      .option("loud", BECKON_BOOL, 0, "true");
  table.option("wait", BECKON_DURATION, 0, "30s").option("color", BECKON_ENUM, 0, "auto", {"auto", "never"});
  table.option("to", BECKON_LIST, 0, "[\"a\", b]").option("headers", BECKON_MAP, 0, "{ A = 1, B = \"2\" }");
  table.option("tone", BECKON_STRING, BECKON_TARGET, "friendly").option("none", BECKON_STRING);
  const auto result = checked(table, "count = 4\n");
  EXPECT_THAT(short_texts(result.errors), IsEmpty());
  const auto& settings = result.sink.settings;
  EXPECT_EQ(get<std::string>(settings, "text"), "hello, you");
  EXPECT_EQ(get<std::int64_t>(settings, "count"), 4);
  EXPECT_TRUE(get<bool>(settings, "loud"));
  EXPECT_EQ(get<Milliseconds>(settings, "wait"), 30s);
  EXPECT_EQ(get<std::string>(settings, "color"), "auto");
  EXPECT_THAT(get<std::vector<std::string>>(settings, "to"), ElementsAre("a", "b"));
  EXPECT_EQ((get<std::map<std::string, std::string>>(settings, "headers")),
            (std::map<std::string, std::string>{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(get<std::string>(result.sink.target, "tone"), "friendly");
  EXPECT_FALSE(settings.contains("tone"));
  EXPECT_FALSE(settings.contains("none"));
}

TEST(CheckSink, AWrongDefaultIsThePluginsFault) {
  Table table;
  table.option("wait", BECKON_DURATION, 0, "soon").option("count", BECKON_INT, 0, "many");
  expect_errors(checked(table, "").errors, {"1:1 the plugin \"fake\" is at fault: its default for wait",
                                            "1:1 the plugin \"fake\" is at fault: its default for count"});
}

TEST(CheckSink, PlainHttpNeedsTheSinksWord) {
  Table table;
  table.option("url", BECKON_URL);
  expect_errors(checked(table, "url = \"http://h/x\"\n").errors, {"3:7 url: plain http can be read by everybody"});
  EXPECT_THAT(checked(table, "url = \"http://h/x\"\ninsecure = true\n").errors, IsEmpty());
  EXPECT_THAT(checked(table, "url = \"http://127.0.0.1:9/x\"\n").errors, IsEmpty());
}

TEST(CheckSink, NumbersAndTruthMayComeOutOfTheEnvironment) {
  const Variable port("BECKON_TEST_PORT", "2525");
  const Variable loud("BECKON_TEST_LOUD", "false");
  const auto result =
      checked(every_type(), "count = { env = \"BECKON_TEST_PORT\" }\nloud = { env = \"BECKON_TEST_LOUD\" }\n");
  EXPECT_THAT(short_texts(result.errors), IsEmpty());
  EXPECT_EQ(get<std::int64_t>(result.sink.settings, "count"), 2525);
  EXPECT_FALSE(get<bool>(result.sink.settings, "loud"));
  expect_errors(checked(every_type(), "loud = { env = \"BECKON_TEST_PORT\" }\n").errors,
                {"3:8 loud: expected true or false"});
}

TEST(CheckSink, ASingleTextIsAListOfOne) {
  const auto result = checked(every_type(), "to = \"octo@example.com\"\n");
  EXPECT_THAT(get<std::vector<std::string>>(result.sink.settings, "to"), ElementsAre("octo@example.com"));
}

TEST(CheckSink, SecretsAreRememberedAndNeverQuoted) {
  Table table;
  table.option("key", BECKON_ENUM, BECKON_SECRET, "", {"a"}).option("hook", BECKON_URL, BECKON_SECRET);
  const auto result = checked(table, "key = \"hunter2hunter2\"\nhook = \"https hunter3hunter3\"\n");
  ASSERT_THAT(result.errors, SizeIs(2));
  EXPECT_THAT(joined(short_texts(result.errors)), Not(HasSubstr("hunter")));
  EXPECT_EQ(redact("hunter2hunter2"), "***");
}

TEST(CheckSink, ASecretInPlainTextIsWarnedAboutWhenOthersCanReadTheFile) {
  Table table;
  table.option("key", BECKON_STRING, BECKON_SECRET)
      .option("text", BECKON_STRING)
      .option("to", BECKON_STRING, BECKON_SECRET | BECKON_TARGET);
  const Variable key("BECKON_TEST_KEY", "key-of-the-test");
  const Folder folder;
  const auto open = folder.write("open.toml", "", true);
  expect_errors(checked(table, "key = \"plain-secret\"\ntext = \"t\"\n",
                        watching("u", "target = { to = \"plain-target\" }\n"), open)
                    .errors,
                {"3:7 warning key: it stands in plain text in a file that others can read",
                 "9:17 warning to: it stands in plain text"});
  EXPECT_THAT(checked(table, "key = { env = \"BECKON_TEST_KEY\" }\n", "", open).errors, IsEmpty());
  EXPECT_THAT(checked(table, "key = \"plain-secret\"\n", "", folder.write("closed.toml", "")).errors, IsEmpty());
}

Table mail() {
  Table table;
  table.option("host", BECKON_STRING).option("to", BECKON_STRING, BECKON_REQUIRED | BECKON_TARGET);
  table.option("tone", BECKON_ENUM, BECKON_TARGET, "calm", {"calm", "loud"});
  return table;
}

TEST(CheckTarget, TheSubscriptionsOwnValuesWin) {
  const auto result = checked(mail(), "to = \"all@example.com\"\n",
                              watching("u") + watching("v", "target = { to = \"v@example.com\", tone = \"loud\" }\n"));
  EXPECT_THAT(short_texts(result.errors), IsEmpty());
  EXPECT_EQ(get<std::string>(result.targets.at(0), "to"), "all@example.com");
  EXPECT_EQ(get<std::string>(result.targets.at(0), "tone"), "calm");
  EXPECT_EQ(get<std::string>(result.targets.at(1), "to"), "v@example.com");
  EXPECT_EQ(get<std::string>(result.targets.at(1), "tone"), "loud");
}

TEST(CheckTarget, WhatBelongsToTheSinkIsSentThere) {
  expect_errors(checked(mail(), "", watching("u", "target = { to = \"x\", host = \"h\" }\n")).errors,
                {"7:22 host is no target option: it belongs into [sinks.x]"});
}

TEST(CheckTarget, AnUnknownTargetOptionIsNamedWithWhatWasMeant) {
  expect_errors(checked(mail(), "", watching("u", "target = { to = \"x\", toen = \"loud\" }\n")).errors,
                {"7:22 unknown target option \"toen\" of the plugin \"fake\": did you mean \"tone\"?"});
  expect_errors(checked(Table().option("host", BECKON_STRING), "", watching("u", "target = { zzz = \"x\" }\n")).errors,
                {"7:12 it has no target options"});
}

TEST(CheckTarget, ARequiredTargetOptionIsMissedAtTheSubscriptionWithBothPlaces) {
  expect_errors(
      checked(mail(), "", watching("u") + watching("v")).errors,
      {"3:1 to is missing for the sink \"x\": add to = a string to this subscription's target, or to [sinks.x] for all",
       "7:1 to is missing"});
}

TEST(CheckTarget, InAListOfSinksTheEntryIsThePlace) {
  const auto result = checked(
      mail(), "", "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"u\"\nsinks = [{ name = \"x\", to = 1 }, \"x\"]\n");
  expect_errors(result.errors,
                {"6:29 to: expected a string, found an integer", "6:34 to is missing for the sink \"x\""});
}

// Complains about `to` and `host` when they are the same, and about nothing in particular when `tone` is loud.
void compare(const beckon_values* settings, const beckon_values* target, const beckon_complaints* complaints) {
  const auto text = [](const beckon_values* values, std::string_view name) {
    for (std::size_t i = 0; i < values->value_count; ++i)
      if (std::string_view(values->values[i]->name.data, values->values[i]->name.size) == name)
        return std::string(values->values[i]->text.data, values->values[i]->text.size);
    return std::string();
  };
  const auto to = text(target, "to");
  if (!to.empty() && to == text(settings, "host"))
    complaints->complain(complaints->context, str("to"), str("is the host itself"));
  if (text(target, "tone") == "loud")
    complaints->complain(complaints->context, str(""), str("too\nloud for secret-of-check"));
}

TEST(CheckTarget, ThePluginsOwnComplaintsStandWhereTheOptionStands) {
  auto table = mail();
  table.check(compare);
  expect_errors(checked(table, "host = \"h\"\n", watching("u", "target = { to = \"h\" }\n")).errors,
                {"8:12 to: is the host itself"});
  expect_errors(checked(table, "host = \"h\"\nto = \"h\"\n", watching("u") + watching("v")).errors,
                {"4:1 to: is the host itself"});
  remember_secret("secret-of-check");
  expect_errors(checked(table, "to = \"x\"\n", watching("u", "target = { tone = \"loud\" }\n")).errors,
                {"4:1 too loud for ***"});
}

void refuse_seven(const beckon_values* settings, const beckon_values*, const beckon_complaints* complaints) {
  for (std::size_t i = 0; i < settings->value_count; ++i) {
    const auto& value = *settings->values[i];
    if (value.type == BECKON_INT && value.number == 7)
      complaints->complain(complaints->context, value.name, str("not seven"));
    if (value.type == BECKON_MAP && value.item_count == 2 &&
        std::string_view(value.items[1]->data, value.items[1]->size) == "1")
      complaints->complain(complaints->context, value.name, str("not one"));
  }
}

TEST(CheckSink, AsksThePluginWhenItHasNoTargetOptions) {
  auto table = every_type();
  table.check(refuse_seven);
  expect_errors(checked(table, "count = 7\nheaders = { A = \"1\" }\n").errors,
                {"3:1 count: not seven", "4:1 headers: not one"});
  // Not before everything else is right: a plugin may rely on its own table.
  expect_errors(checked(table, "count = 7\ntext = 1\n").errors, {"4:8 text: expected a string"});
}

TEST(EndpointIdentity, IsPluginTargetAndSecrets) {
  Table made;
  made.option("key", BECKON_STRING, BECKON_SECRET)
      .option("host", BECKON_STRING)
      .option("to", BECKON_STRING, BECKON_TARGET);
  made.option("cc", BECKON_LIST, BECKON_TARGET);
  const auto table = made.get();
  const auto identity = [&](const char* key, const char* host, const char* to, std::vector<std::string> cc = {}) {
    OptionValues settings{{"key", {std::string(key)}}, {"host", {std::string(host)}}};
    OptionValues target{{"to", {std::string(to)}}, {"cc", {std::move(cc)}}};
    return endpoint_identity(table, settings, target);
  };
  EXPECT_EQ(identity("k", "h", "t"), identity("k", "another host", "t"));
  EXPECT_NE(identity("k", "h", "t"), identity("k2", "h", "t"));
  EXPECT_NE(identity("k", "h", "t"), identity("k", "h", "t2"));
  EXPECT_NE(identity("k", "h", "t", {"a", "b"}), identity("k", "h", "t", {"a,b"}));
  EXPECT_NE(identity("k", "h", "t", {"a", "b"}), identity("k", "h", "t", {"as1:b"}));
}

TEST(FindDuplicates, NamesBothPlaces) {
  const auto result =
      checked(mail(), "",
              watching("u", "target = { to = \"x\" }\n") + watching("u", "target = { to = \"x\", tone = \"calm\" }\n") +
                  watching("u", "target = { to = \"y\" }\n") + watching("v", "target = { to = \"x\" }\n"));
  ASSERT_THAT(short_texts(result.errors), IsEmpty());
  const auto made = mail();
  const auto table = made.get();
  std::vector<std::string> endpoints;
  for (const auto& target : result.targets) endpoints.push_back(endpoint_identity(table, result.sink.settings, target));
  std::vector<ConfigError> errors;
  find_duplicates(result.config.subscriptions, endpoints, errors);
  expect_errors(errors, {"8:1 tells the same place of u in a/b as"});
  EXPECT_THAT(errors.at(0).message, HasSubstr("at line 3"));
  errors.clear();
  find_duplicates(result.config.subscriptions, std::vector<std::string>(4), errors);
  EXPECT_THAT(errors, IsEmpty());
}

}  // namespace
}  // namespace beckon::core
