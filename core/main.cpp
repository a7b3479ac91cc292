#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "config/values.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <exception>
#include <functional>
#include <map>

namespace {

using namespace beckon::core;

constexpr Milliseconds longest_duration = 24h * 365;

// Whoever starts us with one of them closed would find the state file, or a connection, under its number.
void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) (void)!::open("/dev/null", O_RDWR);
}

// CLI11 reports what a value's function throws as a usage error.
CLI::Option* add_text(CLI::App* command, const std::string& name, const std::string& type, const std::string& about,
                      std::function<void(const std::string&)> take) {
  return command->add_option_function<std::string>(name, std::move(take), about)->type_name(type);
}

// A duration option, "60s", with the bounds of the configuration.
CLI::Option* add_duration(CLI::App* command, const std::string& name, Milliseconds& value, const std::string& about,
                          Milliseconds least = 0s) {
  return add_text(command, name, "DURATION", about, [&value, name, least](const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed && !is_endless_duration(text))
      throw CLI::ValidationError(name, in_quotes(text) + " is no duration; write 90s, 5m, 12h or 7d");
    if (!parsed || *parsed < least || *parsed > longest_duration)
      throw CLI::ValidationError(name, in_quotes(text) + " is out of range; at least " + format_duration(least) +
                                           ", at most " + format_duration(longest_duration));
    value = *parsed;
  });
}

CLI::Option* add_config(CLI::App* command, std::string& file) {
  return add_text(command, "--config", "FILE", "the configuration (default: ./config.toml, ~/.config/beckon/, /etc/beckon/)",
                  [&file](const std::string& text) {
                    if (text.empty()) throw CLI::ValidationError("--config", "names no file");
                    file = text;
                  });
}

template <class T>
CLI::Option* add_choice(CLI::App* app, const std::string& name, const std::string& type, const std::string& kind,
                        const std::string& choices, std::map<std::string, T> values, T& value) {
  return add_text(app, name, type, choices, [=, &value](const std::string& text) {
    const auto found = values.find(text);
    if (found == values.end()) throw CLI::ValidationError(name, in_quotes(text) + " is no " + kind + ": " + choices);
    value = found->second;
  });
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const std::string meant = closest(word, known);
  return meant.empty() ? std::string() : "; did you mean \"" + meant + "\"?";
}

std::string unknown_word(const CLI::App& app, const CLI::App* command, const std::string& word) {
  if (!word.starts_with('-')) {
    if (command && command->get_subcommands({}).empty()) return "there is one argument too many: " + in_quotes(word);
    std::vector<std::string> names;
    for (const CLI::App* known : (command ? *command : app).get_subcommands({})) names.push_back(known->get_name());
    return "unknown command " + in_quotes(word) + did_you_mean(word, names);
  }
  std::vector<std::string> names;
  for (const CLI::App* one : {command, &app})
    if (one)
      for (const CLI::Option* option : one->get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::string name = word.substr(0, word.find('='));
  return "unknown option " + in_quotes(name) + did_you_mean(name, names);
}

// "dead list"
std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  const bool nested = parent && parent->get_parent();
  return (nested ? full_name(*parent) + " " : "") + command.get_name();
}

// CLI11's own words are for programmers.
std::string explain(const CLI::App& app, const CLI::App* command, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  const bool is_mismatch = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
  if (!is_mismatch && !left.empty() && (!command || dynamic_cast<const CLI::ExtrasError*>(&error)))
    return unknown_word(app, command, left.front());
  if (!command && dynamic_cast<const CLI::RequiredError*>(&error)) return "a command is missing";
  if (command && dynamic_cast<const CLI::RequiredError*>(&error) && !command->get_subcommands({}).empty()) {
    if (!left.empty()) return unknown_word(app, command, left.front());
    return full_name(*command) + " needs a command";
  }
  if (command && dynamic_cast<const CLI::RequiredError*>(&error))
    for (const CLI::Option* option : command->get_options())
      if (option->get_required() && option->count() == 0) return option->get_name() + " is missing";
  std::string words = error.what();
  if (is_mismatch) return words.substr(0, words.find(':')) + " needs a value";
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  CLI::App app{"Tells people where they are @mentioned, in the place where they already are.", "beckon"};
  app.set_version_flag("--version", "beckon " BECKON_VERSION);
  app.require_subcommand(1);
  app.fallthrough();

  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  auto* level_option = add_choice<LogLevel>(&app, "--log-level", "LEVEL", "log level", "debug, info, warn, error or off",
                                            {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn},
                                             {"error", LogLevel::error}, {"off", LogLevel::off}}, level);
  add_choice<LogFormat>(&app, "--log-format", "FORMAT", "log format", "text or json",
                        {{"text", LogFormat::text}, {"json", LogFormat::json}}, format);

  int code = 0;
  const auto begin = [&] { cli::open_log(level, format); };

  cli::RunOptions run;
  auto* run_command = app.add_subcommand("run", "the daemon, in the foreground");
  add_config(run_command, run.config);
  run_command->add_flag("--once", run.once, "poll everything once, deliver what is due, and end");
  auto* web = run_command->add_option("--web", run.web, fmt::format("serve the live page, on this machine alone (default {}); `listen` in [web] "
                                                                    "of the configuration wins", default_web_listen))
                  ->type_name("[ADDRESS:PORT]")->expected(0, 1)->default_str(default_web_listen);
  auto* deadline = add_duration(run_command, "--deadline", run.deadline, "with --once: end by then (default 60s)");
  run_command->callback([&] {
    if (web->count() > 0 && run.once) throw CLI::ValidationError("--web", "serves until it is stopped, and --once ends");
    if (web->count() > 0 && run.web.empty()) run.web = default_web_listen;
    if (deadline->count() > 0 && !run.once)
      throw CLI::ValidationError("--deadline", "bounds a run with --once; without it there is no end to wait for");
    begin();
    code = cli::run(run);
  });

  const auto warnings_only = [&] {   // unless something else was asked for
    if (level_option->count() == 0) level = LogLevel::warn;
  };
  cli::CheckOptions check;
  auto* check_command = app.add_subcommand("check", "every error of the configuration at once");
  add_config(check_command, check.config);
  auto* online = check_command->add_flag("--online", check.online, "and ask each forge what its token may read, and each sink whether "
                                                                   "its targets are there; nothing is sent");
  check_command->add_flag("--json", check.json, "with --online: for programs")->needs(online);
  check_command->callback([&] {
    if (check.online) warnings_only();
    begin();
    code = cli::check(check);
  });

  cli::SendTestOptions test;
  auto* test_command = app.add_subcommand("send-test", "sends one test through a sink of the configuration, and says how it went");
  add_config(test_command, test.config);
  test_command->add_option("SINK", test.sink, "its name: \"team\" for [sinks.team]")->type_name("")->required();
  add_text(test_command, "--to", "SUBSCRIPTION", "to that subscription's target (default: the sink's own, or the one that all of its "
                                                 "subscriptions share)",
           [&](const std::string& text) { test.to = text; });
  test_command->callback([&] { warnings_only(); begin(); code = cli::send_test(test); });

  std::string status_config;
  bool status_json = false;
  auto* status_command = app.add_subcommand("status", "every subscription: what it is owed, and what is wrong");
  add_config(status_command, status_config);
  status_command->add_flag("--json", status_json, "for programs");
  status_command->callback([&] { begin(); code = cli::status(status_config, status_json); });

  // Each is one word and a name.
  std::string change_config, changed_name;
  for (const auto& [verb, about] : {std::pair("pause", "tell a subscription nothing for now; what it is owed waits"),
                                    std::pair("resume", "end a pause"),
                                    std::pair("revive", "bring back a subscription that is gone or set aside")}) {
    auto* command = app.add_subcommand(verb, about);
    add_config(command, change_config);
    command->add_option("NAME", changed_name, "the subscription, as `beckon status` calls it")->type_name("")->required();
    command->callback([&, verb = std::string(verb)] { begin(); code = cli::change(change_config, verb, changed_name); });
  }

  cli::AddOptions added;
  auto* add_command = app.add_subcommand("add", "one more subscription, at once and for good");
  add_config(add_command, added.config);
  add_command->add_option("OWNER/REPO", added.repository, "the repository, such as boostorg/beast")->type_name("")->required();
  add_command->add_option("LOGIN", added.login, "whose mentions: a login, ORG/TEAM, or \"*\" for everybody")->type_name("")->required();
  add_command->add_option("--sink", added.sink, "through which of the configured sinks")->type_name("NAME")->required();
  add_command->add_option("--name", added.name, "what to call it (default: after these three)")->type_name("NAME");
  add_command->add_option("--set", added.settings, "where to, if the sink does not say it: KEY=VALUE, or KEY=env:NAME or KEY=file:PATH, "
                                                   "because everybody on this machine can read a command line; may be repeated")
      ->type_name("KEY=VALUE")->allow_extra_args(false);
  add_command->add_option("--backfill", added.backfill, "tell older mentions too, e.g. 7d")->type_name("DURATION");
  add_command->add_option("--interval", added.interval, "time between polls")->type_name("DURATION");
  add_command->add_option("--forge", added.forge, "the forge, if it is not github")->type_name("NAME");
  add_command->callback([&] { begin(); code = cli::add(added); });

  auto* remove_command = app.add_subcommand("remove", "takes away a subscription that was added");
  add_config(remove_command, change_config);
  remove_command->add_option("NAME", changed_name, "the subscription, as `beckon status` calls it")->type_name("")->required();
  remove_command->callback([&] { begin(); code = cli::remove(change_config, changed_name); });

  cli::ListOptions listed;
  const auto add_list = [&](CLI::App* command) {
    add_config(command, listed.config);
    command->add_option("NAME", listed.name, "a subscription (default: all)")->type_name("");
    command->add_flag("--json", listed.json, "for programs");
    add_text(command, "--limit", "N", "at most so many (default 1000)", [&](const std::string& text) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), listed.limit);
      if (error != std::errc() || end != text.data() + text.size() || listed.limit < 1 || listed.limit > 100'000)
        throw CLI::ValidationError("--limit", in_quotes(text) + " is no number from 1 to 100000");
    });
  };
  cli::DeadOptions dead;
  const auto add_choice_of_dead = [&](CLI::App* command) {
    add_config(command, dead.config);
    command->add_option("NAME", dead.name, "the subscription, as `beckon status` calls it")->type_name("");
    command->add_option("SEQ", dead.seqs, "which of its dead letters (default: all)")->type_name("");
    command->add_flag("--all", dead.all, "those of all subscriptions");
  };
  const auto check_choice_of_dead = [&] {
    if (dead.all == !dead.name.empty())
      throw CLI::ValidationError("NAME", dead.all ? "and --all exclude one another" : "is missing; or write --all");
  };
  auto* dead_command = app.add_subcommand("dead", "mentions that could not be told: list, retry or drop them");
  dead_command->require_subcommand(1);
  auto* dead_list_command = dead_command->add_subcommand("list", "what could not be told, and why");
  add_list(dead_list_command);
  dead_list_command->callback([&] { begin(); code = cli::dead_list(listed); });
  auto* dead_retry_command = dead_command->add_subcommand("retry", "tell them once more");
  add_choice_of_dead(dead_retry_command);
  dead_retry_command->callback([&] { check_choice_of_dead(); begin(); code = cli::dead_retry(dead); });
  auto* dead_drop_command = dead_command->add_subcommand("drop", "forget them");
  add_choice_of_dead(dead_drop_command);
  dead_drop_command->callback([&] { check_choice_of_dead(); begin(); code = cli::dead_drop(dead); });

  auto* history_command = app.add_subcommand("history", "what was sent in the last 30 days, newest first");
  add_list(history_command);
  history_command->callback([&] { begin(); code = cli::history(listed); });

  std::string bounce_config;
  auto* bounce_command = app.add_subcommand("bounce", "reads a mail that came back from standard input and hands it to the daemon: "
                                                      "for a pipe from the mail server");
  add_config(bounce_command, bounce_config);
  bounce_command->callback([&] { begin(); code = cli::bounce(bounce_config); });

  cli::WatchOptions watch;
  auto* watch_command = app.add_subcommand("watch", "mentions to the terminal as they come, without a configuration");
  watch_command->add_option("OWNER/REPO", watch.repository, "the repository, such as boostorg/beast")->type_name("")->required();
  watch_command->add_option("LOGIN", watch.login, "whose mentions: a login, ORG/TEAM, or \"*\" for everybody")
      ->type_name("")->required();
  add_duration(watch_command, "--since", watch.since, "tell older mentions too, e.g. 7d");
  add_duration(watch_command, "--interval", watch.interval, "time between polls (default 60s)", 1s);
  watch_command->add_option("--api-url", watch.api_url, "GitHub Enterprise: https://HOST/api/v3")->type_name("URL");
  watch_command->add_option("--token-env", watch.token_env, "the environment variable that holds the token (default GITHUB_TOKEN)")
      ->type_name("NAME");
  watch_command->callback([&] { begin(); code = cli::watch(watch); });

  std::string sink_name;
  auto* sinks_command = app.add_subcommand("sinks", "the sinks that are found; with a name, its options");
  sinks_command->add_option("NAME", sink_name, "a sink, such as slack")->type_name("");
  sinks_command->callback([&] { begin(); code = cli::sinks(sink_name); });

  cli::NewSinkOptions new_sink;
  bool as_worker = false, in_c = false;
  auto* new_sink_command = app.add_subcommand("new-sink", "a project for a sink of your own: one source file, CMake, a test");
  new_sink_command->add_option("NAME", new_sink.name, "of the sink, such as pager: a-z, 0-9, _ and -")->type_name("")->required();
  new_sink_command->add_option("DIR", new_sink.folder, "where to (default: ./NAME); nothing is overwritten")->type_name("");
  auto* worker_flag = new_sink_command->add_flag("--worker", as_worker, "one that delivers by itself, instead of a webhook");
  new_sink_command->add_flag("--c", in_c, "in plain C instead of C++")->excludes(worker_flag);
  new_sink_command->callback([&] {
    begin();
    new_sink.kind = in_c ? cli::SinkTemplate::webhook_c : as_worker ? cli::SinkTemplate::worker : cli::SinkTemplate::webhook;
    code = cli::new_sink(new_sink);
  });

  cli::TrySinkOptions try_sink;
  auto* try_sink_command = app.add_subcommand("try-sink", "tests a sink's library against the contract of every sink, and shows what "
                                                          "it would send. It runs in a process of its own");
  try_sink_command->add_option("LIBRARY", try_sink.library, "such as build/sinks/pager.so")->type_name("")->required();
  try_sink_command->add_option("--set", try_sink.settings,
                               "an option of the sink: KEY=VALUE, or KEY=env:NAME or KEY=file:PATH, because everybody on this "
                               "machine can read a command line; may be repeated")
      ->type_name("KEY=VALUE")->allow_extra_args(false);
  try_sink_command->add_flag("--send", try_sink.send, "deliver one test, too");
  try_sink_command->callback([&] {
    warnings_only();
    begin();
    code = cli::try_sink(try_sink);
  });

  std::string markdown_file;
  bool json_lines = false;
  auto* mentions_command = app.add_subcommand("mentions", "whom a Markdown text mentions, one a line");
  mentions_command->add_option("FILE", markdown_file, "the text (default: standard input)")->type_name("");
  mentions_command->add_flag("--json-lines", json_lines,
                             "{\"body\": \"...\"} a line in, a JSON array a line out; null for a line that is none of these, "
                             "and in the end exit code 1");
  mentions_command->callback([&] { begin(); code = cli::mentions(markdown_file, json_lines); });

  auto* demo_command = app.add_subcommand("demo", "the whole road in a few seconds, without a network");
  bool demo_web = false;
  demo_command->add_flag("--web", demo_web, "with the live page, which stays open on a terminal until Ctrl-C");
  demo_command->callback([&] {
    warnings_only();
    begin();
    code = cli::demo(demo_web);
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);  // help, or the version
      return cli::close_output(cli::ok);
    }
    const CLI::App* command = nullptr;
    for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = command->get_subcommands()) command = chosen.front();
    const std::string sentence = explain(app, command, error);
    cli::complain(sentence + (sentence.ends_with('?') ? " See `" : "; see `") + cli::program() +
                  (command ? " " + full_name(*command) : "") + " --help`");
    return cli::usage;
  } catch (const std::exception& error) {
    cli::complain(error.what());
    return cli::failed;
  }
  return cli::close_output(code);
}
