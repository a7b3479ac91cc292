// Every sentence that a configuration can earn, with its place.
#include "core/config/support.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using testing::expect_errors;
using testing::Variable;

struct Case {
  const char* name;
  std::string text;
  std::vector<std::string> errors;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class ConfigErrors : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigErrors, AreToldWithTheirPlace) {
  const Variable unset("BECKON_TEST_UNSET", nullptr);
  const Variable empty("BECKON_TEST_EMPTY", "");
  const Variable none("CREDENTIALS_DIRECTORY", nullptr);
  const Variable state("STATE_DIRECTORY", "/var/lib/beckon");
  const auto loaded = parse_config(GetParam().text, "/nowhere/config.toml");
  expect_errors(loaded.errors, GetParam().errors);
  EXPECT_FALSE(loaded.ok());
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

// A subscription that is right but for the lines that a case adds; it begins at line 3.
std::string with(const std::string& lines) { return "[sinks.team]\nplugin = \"slack\"\n[[subscriptions]]\n" + lines; }
std::string rest(const std::string& but) {
  std::string lines;
  if (but != "repo") lines += "repo = \"boostorg/beast\"\n";
  if (but != "user") lines += "user = \"octocat\"\n";
  if (but != "sink") lines += "sink = \"team\"\n";
  return lines;
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, ConfigErrors,
    ::testing::Values(
        Case{"UnquotedText", "[bot]\nstate = beckon.db\n", {"2:9 a text goes in quotes"}},
        Case{"UnquotedDuration",
             "[bot]\ninterval = 60s\n",
             {"2:14 a duration goes in quotes, as in interval = \"60s\""}},
        Case{"OpenQuote", "[bot]\nstate = \"x\nproxy = 1\n", {"2:11 a quote is missing"}},
        Case{"OpenHeader", "[bot\n", {"1:5 a ] is missing"}},
        Case{"RepeatedKey", "[bot]\nstate = \"a\"\n  state = \"b\"\n", {"3:3 state is already defined above"}},
        Case{"RepeatedHeader", "[bot]\n[bot]\n", {"2:1 [bot] is already defined above"}},
        Case{"TwoValues", "a = \"x\" y", {"1:9 something stands after the value"}},
        Case{"NoEquals", "[bot]\nstate \"x\"\n", {"2:7 a key is followed by ="}},
        Case{"Capital", "a = True\n", {"1:5 neither true nor false"}},
        Case{"Backslash", "a = \"C:\\q\"\n", {"1:9 write it twice"}},
        Case{"BrokenInlineTable", "a = { b = 1\n}\n", {"1:12 must stand on one line"}},
        Case{"DanglingComma", "a = { b = 1, }\n", {"1:14 there is nothing after this comma"}},
        Case{"OpenList", "a = [1,\n", {"1:8 its closing ] is missing"}},
        Case{"NoValue", "a = \n", {"1:5 the value is missing"}},
        Case{"BareWord", "a = 12three\n", {"1:5 this is no value"}},
        Case{"NotUtf8", "[bot]\n# \xc3\xa9\xff\n", {"2:4 not UTF-8"}},
        Case{"Utf16", std::string("\xff\xfe[\0b\0", 6), {"1:1 UTF-16"}},
        Case{"EndlessKey",
             [] {
               std::string t;
               for (int i = 0; i < 100'000; ++i) t += "a.";
               return t + "a = 1\n";
             }(),
             {"1:258 a key of more than 128 parts"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Bot, ConfigErrors,
    ::testing::Values(
        Case{"UnknownKey",
             "[bot]\nintervall = \"60s\"\n",
             {"2:1 unknown key \"intervall\" in [bot]: did you mean \"interval\"?"}},
        Case{"UnknownKeyUnlikeAny",
             "[bot]\nzzz = 1\n",
             {"2:1 unknown key \"zzz\" in [bot]: known are state, plugins, alerts, interval"}},
        Case{"UnknownTable", "[bots]\n", {"1:2 unknown key \"bots\" at the top of the file: did you mean \"bot\"?"}},
        Case{"KeyOutsideItsTable", "interval = \"60s\"\n", {"1:1 interval belongs under [bot]"}},
        Case{"NoTable", "bot = 1\n", {"1:7 bot: expected a table [bot], found an integer"}},
        Case{"DurationType",
             "[bot]\ninterval = 60\n",
             {"2:12 interval: expected a duration such as \"60s\", found an integer"}},
        Case{"EndlessDuration", "[bot]\nbackfill = \"99999999999999999d\"\n", {"2:12 is out of range: at least"}},
        Case{"SocksProxy", "[bot]\nproxy = \"socks5://h:1080\"\n", {"2:9 socks5:// is not spoken here"}},
        Case{"DurationText", "[bot]\nbackfill = \"a week\"\n", {"2:12 backfill: \"a week\" is no duration"}},
        Case{"DurationTooShort", "[bot]\ninterval = \"10ms\"\n", {"2:12 at least \"1s\""}},
        Case{"DurationTooLong", "[bot]\nbackfill = \"366d\"\n", {"2:12 at most \"365d\""}},
        Case{"FlagType",
             "[bot]\ninclude_own = \"yes\"\n",
             {"2:15 include_own: expected true or false (without quotes), found a string"}},
        Case{"ListType", "[bot]\nplugins = \"sinks\"\n", {"2:11 plugins: expected a list of folders, found a string"}},
        Case{"ListItem",
             "[bot]\nplugins = [\"a\", 2, \"\"]\n",
             {"2:17 plugins: expected a string in the list, found an integer",
              "2:20 plugins: an empty string in the list"}},
        Case{"Author", "[bot]\nignore_authors = [\"a b\"]\n", {"2:19 ignore_authors: \"a b\" is no login"}},
        Case{"Postgres",
             "[bot]\nstate = \"postgresql://u:hunter22@db/x\"\n",
             {"2:9 PostgreSQL is not supported by this version"}},
        Case{"StateUrl", "[bot]\nstate = \"file:///x\"\n", {"2:9 found a URL"}},
        Case{"StateFolder", "[bot]\nstate = \"data/\"\n", {"2:9 \"data/\" is a folder"}},
        Case{"StateType",
             "[bot]\nstate = 2024-01-01\n",
             {"2:9 state: expected the path of a file, found a date or time"}},
        Case{"Proxy",
             "[bot]\nproxy = \"socks5://localhost:1\"\n",
             {"2:9 proxy: a proxy is written \"http://host:port\""}},
        Case{"CaFile",
             "[bot]\nca_file = \"absent.pem\"\n",
             {"2:11 cannot read \"/nowhere/absent.pem\": No such file or directory"}},
        Case{
            "AllAtOnceInTheOrderOfTheFile",
            "[sinks.a]\nplugin = 1\n[bot]\nx_y_z = 1\ninterval = 1\n[forges.github]\napi_url = \"x\"\n",
            {"2:10 plugin: expected", "4:1 unknown key", "5:12 interval: expected", "7:11 api_url: a URL must begin"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Forges, ConfigErrors,
    ::testing::Values(
        Case{"Scheme",
             "[forges.github]\napi_url = \"api.github.com\"\n",
             {"2:11 api_url: a URL must begin with https:// or http://"}},
        Case{"NoHost", "[forges.github]\napi_url = \"https:///x\"\n", {"2:11 names no valid host"}},
        Case{"Port", "[forges.github]\napi_url = \"https://h:99999\"\n", {"2:11 the port of this URL"}},
        Case{"Space", "[forges.github]\napi_url = \"https://h/a b\"\n", {"2:11 holds a space"}},
        Case{"User",
             "[forges.github]\napi_url = \"https://me:hunter22@h\"\n",
             {"2:11 a user name or password does not belong"}},
        Case{"Query", "[forges.github]\napi_url = \"https://h/?a=b\"\n", {"2:11 must end before"}},
        Case{"PlainHttp",
             "[forges.github]\napi_url = \"http://git.example.com/api/v3\"\n",
             {"2:11 plain http can be read by everybody"}},
        Case{"LoopbackLookalike", "[forges.github]\napi_url = \"http://127.0.0.1.example.com\"\n", {"2:11 plain http"}},
        Case{"WebSite",
             "[forges.github]\napi_url = \"https://github.com/\"\n",
             {"2:11 its API is \"https://api.github.com\""}},
        Case{"Kind", "[forges.x]\nkind = \"gitlab\"\n", {"2:8 kind: \"gitlab\" is no kind of forge"}},
        Case{"TokenType",
             "[forges.github]\ntoken = 12345678\n",
             {"2:9 token: expected a string, { env = \"NAME\" }, { file = \"PATH\" } or { credential = \"NAME\" }, found an integer"}},
        Case{"TokenTable", "[forges.github]\ntoken = { evn = \"X\" }\n", {"2:9 token: expected a string, { env"}},
        Case{"TokenBoth",
             "[forges.github]\ntoken = { env = \"A\", file = \"b\" }\n",
             {"2:9 token: either env or file or credential, not several"}},
        Case{"CredentialWithoutSystemd",
             "[forges.github]\ntoken = { credential = \"github\" }\n",
             {"2:24 token: systemd has passed no credentials ($CREDENTIALS_DIRECTORY is not set): add LoadCredential=github:/PATH"}},
        Case{"CredentialType",
             "[forges.github]\ntoken = { credential = 1 }\n",
             {"2:24 token: expected the name of a systemd credential, found an integer"}},
        Case{"CredentialIsEmpty",
             "[forges.github]\ntoken = { credential = \"\" }\n",
             {"2:24 token: expected the name of a systemd credential, found an empty string"}},
        Case{"CredentialIsAPath",
             "[forges.github]\ntoken = { credential = \"../github\" }\n",
             {"2:24 token: credential takes the name of a systemd credential"}},
        Case{"CredentialIsTheFolder",
             "[forges.github]\ntoken = { credential = \"..\" }\n",
             {"2:24 token: credential takes the name of a systemd credential"}},
        Case{"CredentialIsTheValue",
             "[forges.github]\ntoken = { credential = \"ghp_0123456789abcdef\" }\n",
             {"2:24 neither a path nor the value itself"}},
        Case{"EnvUnset",
             "[forges.github]\ntoken = { env = \"BECKON_TEST_UNSET\" }\n",
             {"2:17 token: the environment variable BECKON_TEST_UNSET is not set: export it"}},
        Case{"EnvEmpty",
             "[forges.github]\ntoken = { env = \"BECKON_TEST_EMPTY\" }\n",
             {"2:17 token: the environment variable BECKON_TEST_EMPTY is empty"}},
        Case{"EnvType",
             "[forges.github]\ntoken = { env = 1 }\n",
             {"2:17 token: expected the name of an environment variable, found an integer"}},
        Case{"EnvIsTheValue",
             "[forges.github]\ntoken = { env = \"ghp_0123456789abcdef\" }\n",
             {"2:17 not the value itself"}},
        Case{"FileAbsent",
             "[forges.github]\ntoken = { file = \"secret\" }\n",
             {"2:18 token: cannot read \"/nowhere/secret\": No such file or directory"}},
        Case{"FileIsFolder",
             "[forges.github]\ntoken = { file = \"/tmp\" }\n",
             {"2:18 token: cannot read \"/tmp\": Is a directory"}},
        Case{"TokenWithBreak",
             "[forges.github]\ntoken = \"abc\\r\\nX-Evil: 1\"\n",
             {"2:9 token: a token cannot hold spaces, line breaks"}},
        Case{"UnknownKey",
             "[forges.github]\napi_ulr = \"https://h\"\n",
             {"2:1 in [forges.github]: did you mean \"api_url\"?"}},
        Case{"NotATable",
             "[forges]\ngithub = \"https://h\"\n",
             {"2:1 \"github\": expected a table, found a string: put it under [forges.NAME]"}},
        Case{"EmptyName", "[forges.\"\"]\n", {"1:9 a forge needs a name"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Sinks, ConfigErrors,
    ::testing::Values(Case{"NoPlugin",
                           "[sinks.team]\nwebhook_url = \"https://h/x\"\n",
                           {"1:1 [sinks.team]: plugin is missing: add plugin"}},
                      Case{"DoubleBrackets",
                           "[[sinks]]\nplugin = \"slack\"\n",
                           {"1:1 sinks: expected tables [sinks.NAME], found a list"}},
                      Case{"SettingOfNoType",
                           "[sinks.team]\nplugin = \"x\"\nratio = 1.5\n",
                           {"3:9 ratio: expected a string, a whole number"}},
                      Case{"SettingEnvUnset",
                           "[sinks.team]\nplugin = \"x\"\nheaders = { A = { env = \"BECKON_TEST_UNSET\" } }\n",
                           {"3:25 headers: the environment variable BECKON_TEST_UNSET is not set"}},
                      Case{"ListOfNumbers",
                           "[sinks.team]\nplugin = \"x\"\nto = [\"a\", 2]\n",
                           {"3:12 to: expected only strings in it, found an integer"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Subscriptions, ConfigErrors,
    ::testing::Values(
        Case{"NothingInIt",
             with(""),
             {"3:1 repo is missing: add repo = \"owner/name\"", "3:1 user is missing: add user = \"octocat\"",
              "3:1 sink is missing: add sink = \"NAME\""}},
        Case{"SingleBrackets", "[subscriptions]\nrepo = \"a/b\"\n", {"1:1 write [[subscriptions]], with two brackets"}},
        Case{"Misnamed", "[[subscription]]\n", {"1:3 did you mean \"subscriptions\"?"}},
        Case{"UnknownKey",
             with(rest("") + "usr = \"x\"\n"),
             {"7:1 unknown key \"usr\" in [[subscriptions]]: did you mean \"user\"?"}},
        Case{"RepoAndRepos",
             with("repo = \"a/b\"\nrepos = [\"a/c\"]\n" + rest("repo")),
             {"5:1 either repo or repos, not both"}},
        Case{"UserAndUsers",
             with("user = \"a\"\nusers = [\"b\"]\n" + rest("user")),
             {"5:1 either user or users, not both"}},
        Case{"SinkAndSinks",
             with("sink = \"team\"\nsinks = [\"team\"]\n" + rest("sink")),
             {"5:1 either sink or sinks, not both"}},
        Case{"RepoAsList",
             with("repo = [\"a/b\"]\n" + rest("repo")),
             {"4:8 repo: expected \"owner/name\" (for several there is repos = [...])"}},
        Case{"ReposAsText",
             with("repos = \"a/b\"\n" + rest("repo")),
             {"4:9 repos: expected a list of \"owner/name\" (for a single one there is repo)"}},
        Case{"EmptyRepos", with("repos = []\n" + rest("repo")), {"4:1 repos: the list is empty"}},
        Case{"Repo",
             with("repo = \"beast\"\n" + rest("repo")),
             {"4:8 repo: \"beast\" is no repository name: write \"owner/name\""}},
        Case{"RepoUrl",
             with("repo = \"https://github.com/boostorg/beast/issues\"\n" + rest("repo")),
             {"4:8 write \"boostorg/beast\""}},
        Case{"RepoSsh",
             with("repo = \"git@github.com:boostorg/beast.git\"\n" + rest("repo")),
             {"4:8 write \"boostorg/beast\""}},
        Case{"RepoDots", with("repo = \"boostorg/..\"\n" + rest("repo")), {"4:8 is no repository name"}},
        Case{"RepoInList",
             with("repos = [\"a/b\", \"a b/c\"]\n" + rest("repo")),
             {"4:17 repos: \"a b/c\" is no repository name"}},
        Case{"RepoTwice",
             with("repos = [\"a/b\", \"A/B\"]\n" + rest("repo")),
             {"4:17 repos: \"A/B\" stands twice in this list"}},
        Case{"User", with("user = \"octo cat\"\n" + rest("user")), {"4:8 user: \"octo cat\" is no login"}},
        Case{"EmptyUser", with("user = \"\"\n" + rest("user")), {"4:8 user: expected \"octocat\" or \"org/team\""}},
        Case{"UserUrl", with("user = \"a/b/c\"\n" + rest("user")), {"4:8 user: \"a/b/c\" is no login"}},
        Case{"UserTwice",
             with("users = [\"octocat\", \"@Octocat\"]\n" + rest("user")),
             {"4:21 users: \"@Octocat\" stands twice"}},
        Case{"UnknownSink",
             with("sink = \"taem\"\n" + rest("sink")),
             {"4:8 sink: there is no sink \"taem\": did you mean \"team\"? (known: team)"}},
        Case{"UnknownSinkUnlikeAny",
             with("sink = \"zzzzzz\"\n" + rest("sink")),
             {"4:8 there is no sink \"zzzzzz\": known: team"}},
        Case{"NoSinks",
             "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"c\"\nsink = \"team\"\n",
             {"4:8 there is no sink yet: add [sinks.team]"}},
        Case{"SinkAsTable", with("sink = { name = \"team\" }\n" + rest("sink")), {"4:8 its options go into target"}},
        Case{"SinksEntry", with("sinks = [1]\n" + rest("sink")), {"4:10 sinks: expected a string or a table { name"}},
        Case{"SinksEntryUnknown",
             with("sinks = [\"team\", \"tean\"]\n" + rest("sink")),
             {"4:18 did you mean \"team\"?"}},
        Case{"SinksEntryWithoutName",
             with("sinks = [{ to = \"x\" }]\n" + rest("sink")),
             {"4:10 this entry lacks the sink's name"}},
        Case{"SinksEmpty", with("sinks = []\n" + rest("sink")), {"4:1 sinks: the list is empty"}},
        Case{"SinkTwice",
             with("sinks = [\"team\", \"team\"]\n" + rest("sink")),
             {"4:18 boostorg/beast for octocat to team is already subscribed at line 4"}},
        Case{"TargetWithSinks",
             with("sinks = [\"team\", { name = \"team\", to = \"x\" }]\ntarget = { to = \"y\" }\n" + rest("sink")),
             {"5:1 target: only with a single sink"}},
        Case{"TargetType",
             with(rest("") + "target = \"x\"\n"),
             {"7:10 target: expected a table { ... }, found a string"}},
        Case{"UnknownForge",
             with(rest("") + "forge = \"gihtub\"\n"),
             {"7:9 forge: there is no forge \"gihtub\": did you mean \"github\"?"}},
        Case{"Interval", with(rest("") + "interval = \"0s\"\n"), {"7:12 interval: \"0s\" is out of range"}},
        Case{"NameTwice",
             with(rest("") + "name = \"n\"\n[[subscriptions]]\nname = \"n\"\nuser = \"hubot\"\n" + rest("user")),
             {"9:8 name: \"n\" is already the name of the subscription at line 7"}},
        Case{"NameOfAnother",
             with(rest("") + "[[subscriptions]]\nname = \"boostorg/beast octocat team\"\nuser = \"hubot\"\n" +
                  rest("user")),
             {"8:8 is also what the subscription at line 3 is called by itself"}},
        Case{"TheSameTwice",
             with(rest("") + "[[subscriptions]]\nrepo = \"BoostOrg/Beast\"\nuser = \"@OctoCat\"\nsink = \"team\"\n"),
             {"7:1 BoostOrg/Beast for octocat to team is already subscribed at line 3"}},
        Case{"TheSameTwiceInTargets",
             with(rest("") + "target = { a = \"1\", b = 2 }\n[[subscriptions]]\n" + rest("") +
                  "target = { b = 2, a = \"1\" }\n"),
             {"8:1 is already subscribed at line 3"}}),
    name_of);

}  // namespace
}  // namespace beckon::core
