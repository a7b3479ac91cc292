#include "config/secrets.hpp"

#include "base/redaction.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace beckon::core {
namespace {

constexpr std::size_t max_secret = 1u << 20;

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

bool is_variable_name(std::string_view name) {
  if (name.empty() || name.size() > 128 || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Narrower than systemd's own rule: what a path, a URL or most tokens are made of is none.
bool is_credential_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

// Somebody who writes { env = "ghp_..." } has put the secret where its variable's name belongs: do not repeat it.
bool looks_like_secret(std::string_view name) {
  for (const std::string_view prefix : {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat", "xoxb", "xoxp"})
    if (name.starts_with(prefix)) return true;
  return false;
}

std::string system_sentence() { return std::system_category().message(errno); }

}  // namespace

Result<void> check_variable_name(const std::string& name) {
  if (is_variable_name(name) && !looks_like_secret(name)) return {};
  return fail("the name of an environment variable belongs here, such as GITHUB_TOKEN, not the value itself");
}

Result<std::string> secret_from_environment(const std::string& name) {
  if (!check_variable_name(name)) {
    remember_secret(name);
    return fail(
        "env takes the name of an environment variable, as in { env = \"GITHUB_TOKEN\" }, not the value itself");
  }
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    return fail(fmt::format(
        "the environment variable {} is not set: export it before beckon starts, or use {{ file = \"...\" }}", name));
  if (*value == '\0')
    return fail(
        fmt::format("the environment variable {} is empty: give it a value, or use {{ file = \"...\" }}", name));
  remember_secret(value);
  return value;
}

Result<void> check_credential_name(const std::string& name) {
  if (is_credential_name(name) && !looks_like_secret(name)) return {};
  return fail("credential takes the name of a systemd credential, as in { credential = \"github\" }: a plain file name of at "
              "most 64 letters, digits, \".\", \"_\" and \"-\", neither a path nor the value itself");
}

Result<std::string> secret_from_credential(const std::string& name) {
  if (const auto good = check_credential_name(name); !good) {
    remember_secret(name);
    return good.error();
  }
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder != '/')
    return fail(fmt::format("systemd has passed no credentials ($CREDENTIALS_DIRECTORY is not set): add LoadCredential={}:/PATH "
                            "to the unit that starts beckon, or use {{ file = \"...\" }}", name));
  const auto file = std::filesystem::path(folder) / name;
  std::error_code ignored;
  if (std::filesystem::status(file, ignored).type() == std::filesystem::file_type::not_found)
    return fail(fmt::format("systemd has passed no credential of this name: add LoadCredential={}:/PATH to the unit that starts "
                            "beckon, and restart it", name));
  return secret_from_file(file);
}

Result<std::string> secret_from_file(const std::filesystem::path& file) {
  auto text = read_file(file, max_secret);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return fail(fmt::format("the file {} is empty", in_quotes(file.native())));
  if (find_invalid_utf8(*text) != std::string::npos || text->find('\0') != std::string::npos)
    return fail(fmt::format("the file {} holds no text in UTF-8", in_quotes(file.native())));
  remember_secret(*text);
  return text;
}

bool readable_by_others(const std::filesystem::path& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 && (facts.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit) {
  const Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  const auto cannot = [&] {
    return fail(fmt::format("cannot read {}: {}", in_quotes(file.native()), system_sentence()));
  };
  if (opened.fd < 0) return cannot();
  std::string text;
  constexpr std::size_t step = 64u << 10;
  for (;;) {
    const auto before = text.size();
    text.resize(before + step);
    const auto got = ::read(opened.fd, text.data() + before, step);
    if (got < 0 && errno == EINTR) {
      text.resize(before);
      continue;
    }
    if (got < 0) return cannot();
    text.resize(before + static_cast<std::size_t>(got));
    if (text.size() > limit)
      return fail(fmt::format("{} is larger than {} MiB", in_quotes(file.native()), limit >> 20));
    if (got == 0) return text;
  }
}

}  // namespace beckon::core
