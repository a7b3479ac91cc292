#include "core/config/support.hpp"

#include "base/redaction.hpp"

#include <gmock/gmock.h>

#include <ctime>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using testing::expect_errors;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::joined;
using testing::short_texts;
using ::testing::SizeIs;
using testing::Variable;

Config good(std::string_view text, const std::filesystem::path& file = "/etc/beckon/config.toml") {
  const Variable state("STATE_DIRECTORY", "/var/lib/beckon");
  auto loaded = parse_config(text, file);
  EXPECT_THAT(loaded.errors, IsEmpty()) << joined(short_texts(loaded.errors));
  return std::move(loaded.config);
}

std::vector<std::string> names(const Config& config) {
  std::vector<std::string> result;
  for (const auto& subscription : config.subscriptions) result.push_back(subscription.name);
  return result;
}

constexpr std::string_view team = "[sinks.team]\nplugin = \"slack\"\n[sinks.mail]\nplugin = \"email\"\n";

std::string with(std::string_view lines) { return std::string(team) + std::string(lines); }

TEST(Config, ReadsThePageOfTheDesign) {
  const Variable token("GITHUB_TOKEN", "ghp_design_page");
  const Variable hook("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/designpage");
  const auto config = good(R"(
[bot]
state = "beckon.db"
plugins = ["/usr/local/lib/beckon/sinks", "mine"]
interval = "90s"
backfill = "7d"

[forges.github]
api_url = "https://api.github.com/"
token = { env = "GITHUB_TOKEN" }

[sinks.team]
plugin = "slack"
webhook_url = { env = "SLACK_WEBHOOK_URL" }

[sinks.mail]
plugin = "email"

[[subscriptions]]
name = "beast"
repo = "boostorg/Beast"
user = "OctoCat"
sink = "team"
target = { }

[[subscriptions]]
repo = "boostorg/asio"
user = "@Org/Team"
sinks = ["team", { name = "mail", to = "octo@example.com" }]
)");
  EXPECT_EQ(config.state, "/etc/beckon/beckon.db");
  EXPECT_THAT(config.plugin_folders, ElementsAre("/usr/local/lib/beckon/sinks", "/etc/beckon/mine"));
  ASSERT_THAT(config.forges, SizeIs(1));
  EXPECT_EQ(config.forges[0].api_url, "https://api.github.com");
  EXPECT_EQ(config.forges[0].token, "ghp_design_page");
  ASSERT_THAT(config.sinks, SizeIs(2));
  EXPECT_EQ(config.sinks[0].name, "team");
  EXPECT_EQ(config.sinks[0].plugin, "slack");
  ASSERT_THAT(config.sinks[0].settings, SizeIs(1));
  const auto& setting = config.sinks[0].settings[0];
  EXPECT_EQ(setting.name, "webhook_url");
  EXPECT_EQ(std::get<std::string>(setting.value.value), "https://hooks.slack.com/services/T0/B0/designpage");
  EXPECT_TRUE(setting.from_secret_source);
  EXPECT_EQ(setting.place.line, 14u);
  EXPECT_EQ(setting.value_place.column, 15u);

  ASSERT_THAT(names(config), ElementsAre("beast", "boostorg/asio org/team team", "boostorg/asio org/team mail"));
  const auto& beast = config.subscriptions[0];
  EXPECT_EQ(beast.repository, "boostorg/Beast");
  EXPECT_EQ(beast.login, "octocat");
  EXPECT_EQ(beast.forge, "github");
  EXPECT_EQ(beast.interval, 90s);
  EXPECT_EQ(beast.backfill, 24h * 7);
  EXPECT_THAT(beast.target, IsEmpty());
  EXPECT_EQ(beast.place.line, 19u);
  const auto& mail = config.subscriptions[2];
  ASSERT_THAT(mail.target, SizeIs(1));
  EXPECT_EQ(mail.target[0].name, "to");
  EXPECT_EQ(std::get<std::string>(mail.target[0].value.value), "octo@example.com");
  EXPECT_EQ(mail.place.line, 29u);
  EXPECT_EQ(mail.place.column, 18u);
}

TEST(Config, TheExampleFileIsRight) {
  const Variable token("GITHUB_TOKEN", "ghp_of_the_example");
  const Variable hook("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/example");
  const Variable state("STATE_DIRECTORY", "/var/lib/beckon");
  const auto loaded = load_config(BECKON_SOURCE_DIR "/config.example.toml");
  EXPECT_THAT(loaded.errors, IsEmpty()) << joined(short_texts(loaded.errors));
  EXPECT_THAT(loaded.config.subscriptions, SizeIs(5));
  EXPECT_EQ(loaded.config.state, "/var/lib/beckon/beckon.db");
}

TEST(Config, AForgeCalledGithubIsThereByItself) {
  const auto config = good("[forges.ghe]\napi_url = \"https://git.example.com/api/v3/\"\n" +
                           with("[[subscriptions]]\nrepo = \"a/b\"\nuser = \"c\"\nsink = \"team\"\nforge = \"ghe\"\n"));
  ASSERT_THAT(config.forges, SizeIs(2));
  EXPECT_EQ(config.forges[0].name, "github");
  EXPECT_EQ(config.forges[0].api_url, "https://api.github.com");
  EXPECT_EQ(config.forges[0].token, "");
  EXPECT_EQ(config.forges[1].api_url, "https://git.example.com/api/v3");
  EXPECT_EQ(config.subscriptions.at(0).forge, "ghe");
  EXPECT_THAT(names(config), ElementsAre("ghe:a/b c team"));
}

TEST(Config, PlainHttpGoesToThisMachineOrWhereItIsAskedFor) {
  for (const auto* url : {"http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/api", "http://a.localhost/x"}) {
    const auto config = good("subscriptions = []\n[forges.github]\napi_url = \"" + std::string(url) + "\"\n");
    EXPECT_EQ(config.forges[0].api_url, url);
  }
  const auto config = good("subscriptions = []\n[forges.github]\napi_url = \"http://git.lan\"\ninsecure = true\n");
  EXPECT_TRUE(config.forges[0].insecure);
}

TEST(Config, ListsAreMultipliedOut) {
  const auto config = good(with(
      "[[subscriptions]]\nrepos = [\"a/b\", \"a/c\"]\nusers = [\"x\", \"org/y\"]\nsinks = [\"team\", \"mail\"]\n"));
  EXPECT_THAT(names(config), ElementsAre("a/b x team", "a/b x mail", "a/b org/y team", "a/b org/y mail", "a/c x team",
                                         "a/c x mail", "a/c org/y team", "a/c org/y mail"));
}

TEST(Config, AGivenNameOfSeveralIsMadeUnique) {
  const auto config =
      good(with("[[subscriptions]]\nname = \"crew\"\nrepo = \"a/b\"\nusers = [\"x\", \"y\"]\nsink = \"team\"\n"));
  EXPECT_THAT(names(config), ElementsAre("crew (a/b x team)", "crew (a/b y team)"));
}

TEST(Config, NamesThatMeetAreToldApartByTheirTargetWhateverTheirOrder) {
  const std::string one =
      "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"x\"\nsink = \"mail\"\ntarget = { to = \"one@example.com\" }\n";
  const std::string two =
      "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"x\"\nsink = \"mail\"\ntarget = { to = \"two@example.com\" }\n";
  const auto forth = names(parse_config(with(one + two), "c.toml").config);
  const auto back = names(parse_config(with(two + one), "c.toml").config);
  ASSERT_THAT(forth, SizeIs(2));
  EXPECT_NE(forth[0], forth[1]);
  EXPECT_THAT(forth[0], HasSubstr("a/b x mail #"));
  EXPECT_EQ(forth[0], back.at(1));
  EXPECT_EQ(forth[1], back.at(0));
  EXPECT_THAT(names(good(with(two))), ElementsAre("a/b x mail"));
}

TEST(Config, NamesThatAreNoHelpEarnOneWarning) {
  std::string all;
  for (const char* to : {"one", "two", "three"})
    all += std::string("[[subscriptions]]\nrepo = \"a/b\"\nuser = \"x\"\nsink = \"mail\"\ntarget = { to = \"") + to + "\" }\n";
  expect_errors(parse_config(with(all), "c.toml").errors,
                {"5:1 warning 3 subscriptions differ only in their target, so this one is called \"a/b x mail #"});
}

TEST(Config, FiltersAreInheritedAndShared) {
  const auto config =
      good("[bot]\nignore_authors = [\"@Dependabot[bot]\", \"b\", \"a\"]\ninclude_bots = false\n" + with(R"(
[[subscriptions]]
repo = "a/b"
users = ["x", "y"]
sink = "team"
[[subscriptions]]
repo = "a/b"
user = "*"
sink = "team"
ignore_authors = ["b", "A", "dependabot[bot]", "a"]
[[subscriptions]]
repo = "a/b"
user = "z"
sink = "team"
include_own = true
ignore_authors = []
interval = "5m"
)"));
  ASSERT_THAT(config.subscriptions, SizeIs(4));
  const auto& filter = config.subscriptions[0].filter;
  EXPECT_THAT(filter->ignore_authors, ElementsAre("a", "b", "dependabot[bot]"));
  EXPECT_FALSE(filter->include_bots);
  EXPECT_FALSE(filter->include_own);
  EXPECT_EQ(filter, config.subscriptions[1].filter);
  EXPECT_EQ(filter, config.subscriptions[2].filter);
  EXPECT_EQ(config.subscriptions[2].login, "*");
  const auto& last = config.subscriptions[3];
  EXPECT_THAT(last.filter->ignore_authors, IsEmpty());
  EXPECT_TRUE(last.filter->include_own);
  EXPECT_FALSE(last.filter->include_bots);
  EXPECT_EQ(last.interval, 5min);
}

TEST(Config, OddLoginsOfRealAccountsAreAllowed) {
  const auto config =
      good(with("[[subscriptions]]\nrepo = \"a_b/.github\"\nusers = [\"w-\", \"D--a--s-h\", \"mona-cat_octo\"]\nsink = "
                "\"team\"\n"));
  EXPECT_EQ(config.subscriptions.at(1).login, "d--a--s-h");
  EXPECT_EQ(config.subscriptions.at(2).login, "mona-cat_octo");
}

TEST(Config, SettingsKeepTheirTypes) {
  const Variable header("BECKON_TEST_HEADER", "Bearer abcdef");
  const auto config = good(
      "subscriptions = []\n[sinks.x]\nplugin = \"p\"\na = \"t\"\nb = 7\nc = true\nd = [\"u\", \"v\"]\n"
      "[sinks.x.e]\nAuthorization = { env = \"BECKON_TEST_HEADER\" }\nAccept = \"*/*\"\n");
  const auto& settings = config.sinks.at(0).settings;
  ASSERT_THAT(settings, SizeIs(5));
  EXPECT_EQ(std::get<std::string>(settings[0].value.value), "t");
  EXPECT_EQ(std::get<std::int64_t>(settings[1].value.value), 7);
  EXPECT_EQ(std::get<bool>(settings[2].value.value), true);
  EXPECT_THAT(std::get<std::vector<std::string>>(settings[3].value.value), ElementsAre("u", "v"));
  EXPECT_EQ((std::get<std::map<std::string, std::string>>(settings[4].value.value)),
            (std::map<std::string, std::string>{{"Accept", "*/*"}, {"Authorization", "Bearer abcdef"}}));
  EXPECT_TRUE(settings[4].from_secret_source);
  EXPECT_FALSE(settings[3].from_secret_source);
}

TEST(Config, ACaFileMustHoldCertificates) {
  const Folder folder;
  folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
  expect_errors(parse_config("subscriptions = []\n[bot]\nstate = \":memory:\"\nca_file = \"ca.pem\"\n", folder.path() / "c.toml").errors,
                {"4:11 holds no certificates in PEM form"});
}

TEST(Config, ProxyAndCaFileAreInheritedFromTheBot) {
  const Folder folder;
  folder.write("ca.pem", testing::certificate);
  const auto file = folder.path() / "c.toml";
  const auto config = good(
      "subscriptions = []\n[bot]\nproxy = \"http://u:proxypass9@p:3128\"\nca_file = \"ca.pem\"\n"
      "[sinks.x]\nplugin = \"p\"\nproxy = \"http://q:1\"\ninsecure = true\n",
      file);
  EXPECT_EQ(config.forges.at(0).proxy, "http://u:proxypass9@p:3128");
  EXPECT_EQ(config.forges.at(0).ca_file, folder.path() / "ca.pem");
  EXPECT_EQ(config.sinks.at(0).proxy, "http://q:1");
  EXPECT_EQ(config.sinks.at(0).ca_file, folder.path() / "ca.pem");
  EXPECT_TRUE(config.sinks.at(0).insecure);
  EXPECT_THAT(config.sinks.at(0).settings, IsEmpty());
  EXPECT_EQ(redact("as proxypass9 says"), "as *** says");
}

TEST(Secrets, AreReadFromFilesWithoutTheirLastLineBreakAndRemembered) {
  const Folder folder;
  folder.write("token", "ghp_from_a_file\r\n");
  const auto config =
      good("subscriptions = []\n[forges.github]\ntoken = { file = \"token\" }\n", folder.path() / "c.toml");
  EXPECT_EQ(config.forges.at(0).token, "ghp_from_a_file");
  EXPECT_EQ(redact("<ghp_from_a_file>"), "<***>");
}

TEST(Secrets, ACredentialIsAFileInTheFolderThatSystemdNames) {
  const Folder folder;
  folder.write("github", "ghp_from_systemd\n");
  folder.write("slack.hook", "https://hooks.invalid/by-systemd");
  const Variable place("CREDENTIALS_DIRECTORY", folder.path().c_str());
  const auto config = good(
      "subscriptions = []\n[forges.github]\ntoken = { credential = \"github\" }\n"
      "[sinks.x]\nplugin = \"p\"\nhook = { credential = \"slack.hook\" }\n"
      "headers = { A = { credential = \"github\" } }\n",
      "/x/config.toml");
  EXPECT_EQ(config.forges.at(0).token, "ghp_from_systemd");
  const Setting& hook = config.sinks.at(0).settings.at(0);
  EXPECT_EQ(std::get<std::string>(hook.value.value), "https://hooks.invalid/by-systemd");
  EXPECT_TRUE(hook.from_secret_source);
  EXPECT_TRUE(config.sinks.at(0).settings.at(1).from_secret_source);
  EXPECT_EQ(redact("<ghp_from_systemd>"), "<***>");
}

TEST(Secrets, ACredentialThatSystemdHasNotPassedIsAnErrorWithAWayOut) {
  const Folder folder;
  const Variable place("CREDENTIALS_DIRECTORY", folder.path().c_str());
  const auto loaded =
      parse_config("subscriptions = []\n[forges.github]\ntoken = { credential = \"github\" }\n", "/x/config.toml");
  expect_errors(loaded.errors, {"3:24 token: systemd has passed no credential of this name: add LoadCredential=github:/PATH"});
}

TEST(Secrets, AnEmptyFileIsAnError) {
  const Folder folder;
  folder.write("token", "\n");
  const auto loaded =
      parse_config("subscriptions = []\n[forges.github]\ntoken = { file = \"token\" }\n", folder.path() / "c.toml");
  expect_errors(loaded.errors, {"3:18 is empty"});
}

TEST(Secrets, InPlainTextAreWarnedAboutWhenOthersCanReadTheFile) {
  const Folder folder;
  const std::string text =
      "subscriptions = []\n[forges.github]\ntoken = \"ghp_in_plain_text\"\n[sinks.x]\nplugin = \"p\"\nkey = \"k\"\n";
  const auto open = load_config(folder.write("open.toml", text, true));
  expect_errors(open.errors, {"3:9 warning token: it stands in plain text in a file that others can read"});
  EXPECT_TRUE(open.ok());
  EXPECT_TRUE(open.config.sinks.at(0).settings.at(0).exposed);
  const auto closed = load_config(folder.write("closed.toml", text));
  EXPECT_THAT(closed.errors, IsEmpty());
  EXPECT_FALSE(closed.config.sinks.at(0).settings.at(0).exposed);
  EXPECT_EQ(redact("ghp_in_plain_text"), "***");
}

TEST(Config, NothingToWatchIsAWarning) {
  const auto loaded = parse_config("[bot]\nstate = \":memory:\"\n", "/x/config.toml");
  expect_errors(loaded.errors, {"0:0 warning there is nothing to watch"});
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config.state, ":memory:");
}

TEST(StatePlace, IsTheFirstThatTheEnvironmentNames) {
  const Variable home("HOME", "/home/octo");
  {
    const Variable systemd("STATE_DIRECTORY", "/var/lib/beckon:/var/lib/other");
    EXPECT_EQ(parse_config("", "c.toml").config.state, "/var/lib/beckon/beckon.db");
  }
  const Variable systemd("STATE_DIRECTORY", nullptr);
  {
    const Variable xdg("XDG_STATE_HOME", "/home/octo/state");
    EXPECT_EQ(parse_config("", "c.toml").config.state, "/home/octo/state/beckon/beckon.db");
  }
  {
    const Variable xdg("XDG_STATE_HOME", "relative/is/ignored");
    EXPECT_EQ(parse_config("", "c.toml").config.state, "/home/octo/.local/state/beckon/beckon.db");
  }
  const Variable xdg("XDG_STATE_HOME", nullptr);
  EXPECT_EQ(parse_config("[bot]\nstate = \"~/b.db\"\n", "c.toml").config.state, "/home/octo/b.db");
  const Variable homeless("HOME", nullptr);
  const auto loaded = parse_config("subscriptions = []\n", "c.toml");
  expect_errors(loaded.errors, {"0:0 there is no place for the state"});
}

TEST(FindConfig, LooksInTheWorkingFolderFirstAndThenWhereXdgSays) {
  const Folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const Variable xdg("XDG_CONFIG_HOME", folder.path().c_str());
  EXPECT_THAT(config_places(),
              ElementsAre("./config.toml", folder.path() / "beckon/config.toml", "/etc/beckon/config.toml"));
  std::filesystem::create_directory("config.toml");  // a folder of that name is no configuration
  const auto there = folder.write("beckon/config.toml", "");
  EXPECT_EQ(find_config(), there);
  std::filesystem::remove("config.toml");
  folder.write("config.toml", "");
  EXPECT_EQ(find_config(), "./config.toml");
  std::filesystem::current_path(before);
}

TEST(FindConfig, FallsBackToTheHomeFolder) {
  const Variable xdg("XDG_CONFIG_HOME", nullptr);
  const Variable home("HOME", "/home/octo");
  EXPECT_EQ(config_places().at(1), "/home/octo/.config/beckon/config.toml");
}

TEST(Closest, ForgivesOneSlipInThreeLetters) {
  const std::vector<std::string> known{"interval", "repo", "repos", "webhook_url", "ignore_authors", "to"};
  EXPECT_EQ(closest("intervall", known), "interval");
  EXPECT_EQ(closest("itnerval", known), "interval");
  EXPECT_EQ(closest("INTERVAL", known), "interval");
  EXPECT_EQ(closest("rep", known), "repo");
  EXPECT_EQ(closest("rpeos", known), "repos");
  EXPECT_EQ(closest("url", known), "webhook_url");
  EXPECT_EQ(closest("ignore", known), "ignore_authors");
  EXPECT_EQ(closest("banana", known), "");
  EXPECT_EQ(closest("x", known), "");
  EXPECT_EQ(closest("", known), "");
  EXPECT_EQ(closest(std::string(10'000, 'x'), known), "");
  EXPECT_EQ(closest("anything", {}), "");
}

TEST(Config, AHundredThousandSubscriptionsAreReadInSeconds) {
  std::string text(team);
  for (int i = 0; i < 100'000; ++i)
    text += "[[subscriptions]]\nrepo = \"boostorg/beast\"\nuser = \"user" + std::to_string(i) + "\"\nsink = \"team\"\n";
  const auto start = std::clock();  // of this process: what else runs on the machine does not count
  const auto config = good(text);
  const auto seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  ASSERT_THAT(config.subscriptions, SizeIs(100'000));
  EXPECT_EQ(config.subscriptions.front().filter, config.subscriptions.back().filter);
  EXPECT_LT(seconds, 30.0);
}

}  // namespace
}  // namespace beckon::core
