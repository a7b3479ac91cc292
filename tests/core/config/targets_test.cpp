#include "core/config/tables.hpp"

#include "base/redaction.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

TEST(CheckUnused, APluginIsAskedAboutASinkThatNobodyUsesAsFarAsItGoes) {
  auto table = mail();
  table.check(compare);
  const auto errors_of = [&](const std::string& settings) {
    auto result = checked(table, settings);
    check_unused(result.sink, table.get(), result.errors);
    return result.errors;
  };
  expect_errors(errors_of("host = \"h\"\nto = \"h\"\n"), {"4:1 to: is the host itself"});
  EXPECT_THAT(errors_of("host = \"h\"\n"), IsEmpty()) << "where to is left to the subscriptions";
  expect_errors(errors_of("host = 1\nto = \"h\"\n"), {"3:8 host: expected a string"});
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

// Said by the reader, once; nothing follows from it.
TEST(Unread, AnOptionThatStandsThereIsNotMissing) {
  const Variable unset("BECKON_TEST_UNSET", nullptr);
  const std::string unread = "{ env = \"BECKON_TEST_UNSET\" }";
  const std::string base = "[sinks.x]\nplugin = \"fake\"\n";
  const auto all = [](const std::string& text, const Table& made) {
    const auto table = made.get();
    auto loaded = parse_config(text, "/etc/beckon/config.toml");
    const auto sink = check_sink(loaded.config.sinks.at(0), table, "/", loaded.errors);
    std::vector<std::string> identities;
    for (const auto& subscription : loaded.config.subscriptions) {
      const auto target = check_target(subscription, sink, table, "/", loaded.errors);
      identities.push_back(is_complete(subscription, sink, table, target) ? endpoint_identity(table, sink.settings, target) : "");
    }
    find_duplicates(loaded.config.subscriptions, identities, loaded.errors);
    std::erase_if(loaded.errors, [](const ConfigError& error) { return error.warning; });
    sort_errors(loaded.errors);
    return loaded.errors;
  };
  expect_errors(all(base + "to = " + unread + "\n" + watching("u"), mail()), {"3:14 BECKON_TEST_UNSET is not set"});
  expect_errors(all(base + watching("u", "target = { to = " + unread + " }\n") + watching("u", "target = { to = " + unread + " }\n"), mail()),
                {"7:25 BECKON_TEST_UNSET is not set", "12:25 BECKON_TEST_UNSET is not set"});
  expect_errors(all(base + "host = " + unread + "\n", Table().option("host", BECKON_STRING, BECKON_REQUIRED)),
                {"3:16 BECKON_TEST_UNSET is not set"});
}

TEST(CheckTarget, TwoTargetsThatAreBothWrongAreNotTheSame) {
  const auto result = checked(mail(), "", watching("u", "target = { to = 1 }\n") + watching("u", "target = { to = 2 }\n"));
  const auto table = mail();
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_FALSE(is_complete(result.config.subscriptions.at(i), result.sink, table.get(), result.targets.at(i)));
}

}  // namespace
}  // namespace beckon::core
