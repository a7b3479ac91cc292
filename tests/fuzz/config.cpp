// A configuration file as somebody may write it: read, checked against a plugin's options, and its errors shown.
#include "fuzz/forgetful_redaction.hpp"
#include "fuzz/require.hpp"

#include "config/config.hpp"
#include "config/options.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <tuple>

#include <stdlib.h>

namespace beckon::fuzz {
namespace {

using core::ConfigError;
namespace fs = std::filesystem;

constexpr std::string_view secret = "correct-horse-battery";

// A folder with the one file that is written anew for each input, and a secret for { file = "secret" } and { env = "SECRET" }.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "beckon-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    write("secret", secret);
    for (const char* variable : {"HOME", "STATE_DIRECTORY", "XDG_STATE_HOME"}) ::setenv(variable, name.c_str(), 1);
    ::setenv("SECRET", std::string(secret).c_str(), 1);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path write(const char* name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  fs::path path_;
};

const Folder& folder() {
  static const Folder folder;
  return folder;
}

// A plugin with one option of each type; they are called as in the corpus.
class Plugin {
 public:
  Plugin() {
    add("text", BECKON_STRING, BECKON_TARGET);
    add("count", BECKON_INT, BECKON_TARGET);
    add("flag", BECKON_BOOL, 0, "false");
    add("wait", BECKON_DURATION, 0, "30s");
    add("url", BECKON_URL, BECKON_SECRET | BECKON_REQUIRED | BECKON_TARGET);
    add("path", BECKON_PATH);
    add("level", BECKON_ENUM);
    add("list", BECKON_LIST, BECKON_TARGET);
    add("map", BECKON_MAP, BECKON_SECRET);
    rows_[6].choices = choices_.data();
    rows_[6].choice_count = choices_.size();
    for (std::size_t i = 0; i < count_; ++i) pointers_[i] = &rows_[i];
    table_.size = sizeof table_;
    table_.major = BECKON_ABI_MAJOR;
    table_.name = str("fake");
    table_.options = pointers_.data();
    table_.option_count = count_;
  }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  const beckon_sink_table& table() const { return table_; }

 private:
  static beckon_str str(std::string_view text) { return {text.data(), text.size()}; }
  void add(const char* name, std::uint32_t type, std::uint32_t flags = 0, const char* by_default = "") {
    auto& row = rows_[count_++];
    row.size = sizeof row;
    row.name = str(name);
    row.type = type;
    row.flags = flags;
    row.default_value = str(by_default);
    row.doc = str("what it is for");
  }
  std::array<beckon_option, 9> rows_{};
  std::size_t count_ = 0;
  std::array<const beckon_option*, 9> pointers_{};
  const beckon_str high_ = str("high"), low_ = str("low");
  const std::array<const beckon_str*, 2> choices_{&high_, &low_};
  beckon_sink_table table_{};
};

const Plugin& plugin() {
  static const Plugin plugin;
  return plugin;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) { return c >> 6 != 2; }));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void check_places(const std::vector<ConfigError>& errors, std::string_view text) {
  const auto lines = lines_of(text);
  for (const auto& error : errors) {
    require(!error.message.empty() && is_utf8(error.message), "what is wrong is said, in UTF-8", error.message);
    const auto [line, column, source] = error.place;
    if (line == 0) {
      require(error.warning, "only what is missing altogether has no place", error.message);
      continue;
    }
    require(line <= lines.size(), "a place is within the file", error.message);
    require(column >= 1 && column <= characters(lines[line - 1]) + 1, "a place is within its line", error.message);
  }
}

void check_rendered(std::string_view rendered, std::size_t errors, std::string_view text) {
  const auto lines = lines_of(rendered);
  require(lines.back().empty(), "the last line is ended");
  require(lines.size() - 1 >= errors && lines.size() - 1 <= 3 * errors, "an error takes one to three lines", rendered);
  for (const auto line : lines) {
    require(is_utf8(line), "what is shown is UTF-8", line);
    require(!holds_control(line), "what is shown holds no control character", line);
    for (const auto& known : secrets()) require(line.find(known) == line.npos, "no secret is shown", line);
  }
  if (text.find(secret) == text.npos) require(rendered.find(secret) == rendered.npos, "no secret is shown", rendered);
}

void check_config(const core::Config& config) {
  const auto has = [](const auto& list, const std::string& name) {
    return std::any_of(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
  };
  require(config.state == ":memory:" || config.state.is_absolute(), "the state's path is absolute");
  require(config.plugin_folders.size() == config.plugin_places.size(), "each folder has a place");
  require(has(config.forges, "github"), "there is always the forge called github");
  for (const auto& subscription : config.subscriptions) {
    require(!subscription.name.empty(), "a subscription has a name");
    require(has(config.sinks, subscription.sink) && has(config.forges, subscription.forge), "what it names exists");
    require(std::count(subscription.repository.begin(), subscription.repository.end(), '/') == 1, "a repository is one",
            subscription.repository);
    require(!subscription.login.empty() && !holds_control(subscription.login) && is_utf8(subscription.login) &&
                std::none_of(subscription.login.begin(), subscription.login.end(),
                             [](char c) { return c >= 'A' && c <= 'Z'; }),
            "a login is in lower case", subscription.login);
    require(subscription.interval >= std::chrono::seconds(1), "an interval is one", subscription.name);
    require(subscription.filter != nullptr, "a subscription has a filter");
  }
}

}  // namespace
}  // namespace beckon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beckon;
  fuzz::forget_secrets();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = fuzz::folder().write("config.toml", text);
  auto loaded = core::load_config(file);
  if (loaded.ok()) {
    fuzz::check_config(loaded.config);
    const auto& table = fuzz::plugin().table();
    for (const auto& sink : loaded.config.sinks) {
      const auto options = core::check_sink(sink, table, file.parent_path(), loaded.errors);
      for (const auto& subscription : loaded.config.subscriptions) {
        if (subscription.sink != sink.name) continue;
        const auto target = core::check_target(subscription, options, table, file.parent_path(), loaded.errors);
        core::endpoint_identity(table, options.settings, target);
      }
    }
  }
  core::sort_errors(loaded.errors);
  fuzz::check_places(loaded.errors, text);
  fuzz::check_rendered(core::render_errors(file, loaded.errors, {"text"}), loaded.errors.size(), text);
  return 0;
}
