// One function a command; each returns the process's exit code.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core::cli {

// sysexits.h's EX_TEMPFAIL and EX_CONFIG; 2 is what shells use for usage.
inline constexpr int ok = 0, failed = 1, usage = 2, later = 75, bad_config = 78;

struct RunOptions {
  std::string config;
  bool once = false;
  Milliseconds deadline{60s};
  std::string web;           // where to serve the page if the configuration says nothing of it; empty: nowhere
};
int run(const RunOptions& options);

struct CheckOptions {
  std::string config;
  bool online = false;       // ask the forges and the sinks, too
  bool json = false;         // what they answer
};
int check(const CheckOptions& options);

struct SendTestOptions {
  std::string config;
  std::string sink;
  std::string to;            // a subscription whose target is meant; empty: see --help
};
int send_test(const SendTestOptions& options);

int status(const std::string& config, bool json);

// `verb`: pause, resume or revive.
int change(const std::string& config, const std::string& verb, const std::string& name);

struct AddOptions {
  std::string config;
  std::string repository;
  std::string login;
  std::string sink;
  std::string name, forge, interval, backfill;   // as in the configuration; empty: not said
  std::vector<std::string> settings;             // of the target: "key=value", "key=env:NAME", "key=file:PATH"
};
int add(const AddOptions& options);
int remove(const std::string& config, const std::string& name);

struct ListOptions {
  std::string config;
  std::string name;          // of one subscription; empty: of all
  bool json = false;
  std::size_t limit = 1000;
};
int dead_list(const ListOptions& options);
int history(const ListOptions& options);

struct DeadOptions {
  std::string config;
  std::string name;
  std::vector<std::int64_t> seqs;   // none: all of that subscription
  bool all = false;                 // of everybody
};
int dead_retry(const DeadOptions& options);
int dead_drop(const DeadOptions& options);

// Standard input is a mail that came back. `later`: the mail server is to keep it and try again.
int bounce(const std::string& config);

struct WatchOptions {
  std::string repository;
  std::string login;
  Milliseconds since{0};
  Milliseconds interval{60s};
  std::string api_url = "https://api.github.com";
  std::string token_env = "GITHUB_TOKEN";
};
int watch(const WatchOptions& options);

int sinks(const std::string& name);

struct TrySinkOptions {
  std::string library;
  std::vector<std::string> settings;   // "key=value" each
  bool send = false;
};
int try_sink(const TrySinkOptions& options);

enum class SinkTemplate { webhook, worker, webhook_c };
struct NewSinkOptions {
  std::string name;
  std::string folder;        // empty: ./NAME
  SinkTemplate kind = SinkTemplate::webhook;
};
int new_sink(const NewSinkOptions& options);

int mentions(const std::string& file, bool json_lines);
// `web`: with the page, which stays open on a terminal.
int demo(bool web);

}  // namespace beckon::core::cli
