// new-sink: the template of a sink (plugins/template) as a project of somebody's own.
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/template_files.hpp"
#include "config/values.hpp"

#include "plugins/table.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

namespace beckon::core::cli {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::pair<std::string, std::string>>;

// "build-status" → "BuildStatus"
std::string class_name(const std::string& name) {
  std::string result;
  bool begins = true;
  for (const char c : name) {
    if (c != '_' && c != '-') result += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '_' || c == '-';
  }
  return result;
}

struct Kind {
  const char* source;      // of the template
  const char* extension;
  const char* language;
  const char* option;      // as for --set
  const char* toml;
};

Kind kind_of(SinkTemplate kind) {
  constexpr const char* url = "url=https://service.example/hook";
  constexpr const char* toml = "url = \"https://service.example/hook\"   # or { env = \"NAME\" }: it may be a secret";
  switch (kind) {
    case SinkTemplate::worker: return {"worker.cpp", ".cpp", "CXX", "path=/tmp/mentions.log", "path = \"/tmp/mentions.log\""};
    case SinkTemplate::webhook_c: return {"webhook.c", ".c", "C", url, toml};
    case SinkTemplate::webhook: break;
  }
  return {"webhook.cpp", ".cpp", "CXX", url, toml};
}

std::string filled(std::string_view text, const Words& words) {
  std::string result(text);
  for (const auto& [word, value] : words)
    for (auto at = result.find(word); at != std::string::npos; at = result.find(word, at + value.size())) result.replace(at, word.size(), value);
  return result;
}

std::string because() { return std::strerror(errno); }

// Never over another file.
Result<void> write_new(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return fail(fmt::format("{} cannot be made: {}", in_quotes(file.string()), because()));
  const ssize_t written = ::write(fd, text.data(), text.size());
  std::string why = written < 0 ? because() : "the disk took only a part of it";
  if (::close(fd) == 0 && written == static_cast<ssize_t>(text.size())) return {};
  return fail(fmt::format("{} cannot be written: {}", in_quotes(file.string()), why));
}

std::string in_shell_quotes(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Result<void> make_empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(fmt::format("the folder {} cannot be made: {}", in_quotes(folder.string()), error.message()));
  const bool empty = fs::is_empty(folder, error);
  if (error) return fail(fmt::format("the folder {} cannot be read: {}", in_quotes(folder.string()), error.message()));
  if (!empty) return fail(fmt::format("{} is not empty, and nothing is overwritten: name another folder", in_quotes(folder.string())));
  return {};
}

bool comes_with_beckon(const std::string& name) {
  std::error_code ignored;
  const auto folders = plugins::shipped_folders();
  return std::any_of(folders.begin(), folders.end(), [&](const fs::path& folder) { return fs::exists(folder / (name + ".so"), ignored); });
}

Result<void> write_project(const NewSinkOptions& options, const fs::path& folder) {
  if (auto made = make_empty_folder(folder); !made) return made;
  const Kind kind = kind_of(options.kind);
  const std::string source = options.name + kind.extension;
  const Words words = {{"@SOURCE@", source}, {"@LANGUAGE@", kind.language}, {"@OPTION@", kind.option}, {"@TOML@", kind.toml},
                       {"MySink", class_name(options.name)}, {"mysink", options.name}};
  for (const TemplateFile& file : template_files()) {
    const bool is_source = file.name.ends_with(".c") || file.name.ends_with(".cpp");
    if (is_source && file.name != kind.source) continue;
    if (auto written = write_new(folder / (is_source ? source : std::string(file.name)), filled(file.text, words)); !written) return written;
  }
  return {};
}

}  // namespace

int new_sink(const NewSinkOptions& options) {
  if (!plugins::is_plugin_name(options.name)) {
    complain(fmt::format("{} cannot name a sink{}", in_quotes(options.name), plugins::name_rule));
    return usage;
  }
  if (comes_with_beckon(options.name)) {
    complain(fmt::format("{} is a sink that comes with Beckon; take another name", in_quotes(options.name)));
    return usage;
  }
  const fs::path folder = options.folder.empty() ? fs::path(options.name) : fs::path(options.folder);
  if (const auto written = write_project(options, folder); !written) {
    complain(written.error().message);
    return failed;
  }
  const std::string shown = log::printable(folder.string());
  const bool is_plain = shown.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+") == std::string::npos;
  std::cout << fmt::format("{0}: a sink that builds and works. Next:\n\n"
                           "  cd {4}\n"
                           "  cmake -S . -B build && cmake --build build\n"
                           "  ctest --test-dir build\n"
                           "  {1} try-sink build/sinks/{2}.so --set {3}\n", shown, program(), options.name, kind_of(options.kind).option,
                           is_plain ? shown : in_shell_quotes(shown));
  return ok;
}

}  // namespace beckon::core::cli
