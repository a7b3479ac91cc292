#include "core/config/tables.hpp"

#include "base/redaction.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

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
  const auto result = checked(every_type(), "txet = \"t\"\ninsecrue = true\nzzzzzz = 1\nisolat = true\n");
  expect_errors(result.errors, {"3:1 unknown option \"txet\" of the plugin \"fake\": did you mean \"text\"?",
                                "4:1 unknown option \"insecrue\" of the plugin \"fake\": did you mean \"insecure\"?",
                                "5:1 unknown option \"zzzzzz\" of the plugin \"fake\": it has text, count, loud",
                                "6:1 unknown option \"isolat\" of the plugin \"fake\": did you mean \"isolate\"?"});
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

TEST(CheckSink, APluginThatConnectsItselfTrustsWhatTheHostTrusts) {
  Table table;
  table.option("ca_file", BECKON_PATH);
  SinkConfig sink;
  std::vector<ConfigError> errors;
  EXPECT_FALSE(check_sink(sink, table.get(), "/", errors).settings.contains("ca_file"));
  sink.ca_file = "/etc/our-ca.pem";
  EXPECT_EQ(get<std::string>(check_sink(sink, table.get(), "/", errors).settings, "ca_file"), "/etc/our-ca.pem");
  EXPECT_THAT(short_texts(errors), IsEmpty());
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

TEST(CheckSink, AnEndlessDurationIsTooLarge) {
  expect_errors(checked(every_type(), "wait = \"99999999999999999d\"\n").errors, {"3:8 is too large"});
}

}  // namespace
}  // namespace beckon::core
