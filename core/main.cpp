#include "base/log.hpp"
#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <map>

namespace {

using namespace beckon::core;

// A duration option, "60s"; CLI11 reports what the transform throws as a usage error.
CLI::Option* add_duration(CLI::App* command, const std::string& name, Milliseconds& value, const std::string& about) {
  return command
      ->add_option_function<std::string>(name, [&value, name](const std::string& text) {
        const auto parsed = parse_duration(text);
        if (!parsed) throw CLI::ValidationError(name, "\"" + text + "\" is no duration; write 90s, 5m, 12h or 7d");
        value = *parsed;
      }, about)
      ->type_name("DURATION");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Tells people where they are @mentioned, in the place where they already are."};
  app.set_version_flag("--version", "beckon " BECKON_VERSION);
  app.require_subcommand(1);
  app.fallthrough();

  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  const std::map<std::string, LogLevel> levels = {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn},
                                                  {"error", LogLevel::error}, {"off", LogLevel::off}};
  const std::map<std::string, LogFormat> formats = {{"text", LogFormat::text}, {"json", LogFormat::json}};
  auto* level_option = app.add_option("--log-level", level, "debug, info, warn, error or off")
                           ->transform(CLI::CheckedTransformer(levels))->option_text("LEVEL");
  app.add_option("--log-format", format, "text or json")->transform(CLI::CheckedTransformer(formats))->option_text("FORMAT");

  int code = 0;
  const auto begin = [&] { log::open(level, format); };

  cli::RunOptions run;
  auto* run_command = app.add_subcommand("run", "the daemon, in the foreground");
  run_command->add_option("--config", run.config, "the configuration file");
  run_command->add_flag("--once", run.once, "poll everything once, deliver what is due, and end");
  add_duration(run_command, "--deadline", run.deadline, "with --once: end by then (default 60s)");
  run_command->callback([&] { begin(); code = cli::run(run); });

  std::string check_config;
  auto* check_command = app.add_subcommand("check", "every error of the configuration at once");
  check_command->add_option("--config", check_config, "the configuration file");
  check_command->callback([&] { begin(); code = cli::check(check_config); });

  cli::WatchOptions watch;
  auto* watch_command = app.add_subcommand("watch", "mentions to the terminal as they come, without a configuration");
  watch_command->add_option("OWNER/REPO", watch.repository)->required();
  watch_command->add_option("LOGIN", watch.login, "a login, or ORG/TEAM")->required();
  add_duration(watch_command, "--since", watch.since, "tell older mentions too, e.g. 7d");
  add_duration(watch_command, "--interval", watch.interval, "time between polls (default 60s)");
  watch_command->add_option("--api-url", watch.api_url, "GitHub Enterprise: https://HOST/api/v3");
  watch_command->add_option("--token-env", watch.token_env, "the environment variable that holds the token (default GITHUB_TOKEN)");
  watch_command->callback([&] { begin(); code = cli::watch(watch); });

  std::string sink_name;
  auto* sinks_command = app.add_subcommand("sinks", "the sinks that are found; with a name, its options");
  sinks_command->add_option("NAME", sink_name);
  sinks_command->callback([&] { begin(); code = cli::sinks(sink_name); });

  std::string markdown_file;
  bool json_lines = false;
  auto* mentions_command = app.add_subcommand("mentions", "who a Markdown text mentions, and whom it does not");
  mentions_command->add_option("FILE", markdown_file, "default: standard input");
  mentions_command->add_flag("--json-lines", json_lines, "{\"body\": \"...\"} a line in, a JSON array a line out");
  mentions_command->callback([&] { begin(); code = cli::mentions(markdown_file, json_lines); });

  auto* demo_command = app.add_subcommand("demo", "the whole road in a few seconds, without a network");
  demo_command->callback([&] {
    if (level_option->count() == 0) level = LogLevel::warn;
    begin();
    code = cli::demo();
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::ok : cli::usage;
  } catch (const std::exception& error) {
    std::cerr << "beckon: " << error.what() << '\n';
    return cli::failed;
  }
  return code;
}
