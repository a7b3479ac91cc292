// What the tests of this room share: variables that are put back, files that are taken away, errors as short texts.
#pragma once

#include "config/config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace beckon::core::testing {

// Sets or, with nullptr, unsets a variable for as long as it lives.
class Variable {
 public:
  Variable(std::string name, const char* value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    if (value != nullptr) ::setenv(name_.c_str(), value, 1);
    else ::unsetenv(name_.c_str());
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_) ::setenv(name_.c_str(), before_->c_str(), 1);
    else ::unsetenv(name_.c_str());
  }

 private:
  std::string name_;
  std::optional<std::string> before_;
};

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "beckon-config-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  // Readable by its owner alone, unless `open_to_all`.
  std::filesystem::path write(const std::string& name, std::string_view text, bool open_to_all = false) const {
    using std::filesystem::perms;
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    auto mode = perms::owner_read | perms::owner_write;
    if (open_to_all) mode |= perms::group_read | perms::others_read;
    std::filesystem::permissions(file, mode);
    return file;
  }

 private:
  std::filesystem::path path_;
};

// Of nobody; it only has to be one.
inline constexpr std::string_view certificate = R"(-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUd8oxFT+Eg6n/LK5pX3Wn2prY6AcwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBdDAgFw0yNjExMjUxNTM0NTRaGA8yMTI2MTEwMTE1MzQ1NFow
DDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBFaVcSrguuG
SVYRhAtjzfverWLX3Zqp5MOuGv3XreUwB8gm5ZicHoT1sP1lljTk8OSRk54FoI3c
p6aDblHSLhujUzBRMB0GA1UdDgQWBBTUX8kZxNXBKJwLuTd+dlVrb5EC0TAfBgNV
HSMEGDAWgBTUX8kZxNXBKJwLuTd+dlVrb5EC0TAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIBp77SuYkomAuBET1d2+aSkq4Z7tYwjqQFCSCrPgmirQ
AiBK9KkGsxfUKcdoFTRfrmyhNcS6/lvBiCHpHbwIfff0jQ==
-----END CERTIFICATE-----
)";

// "3:5 message", with "warning " before the message of a warning.
inline std::vector<std::string> short_texts(const std::vector<ConfigError>& errors) {
  std::vector<std::string> texts;
  for (const auto& error : errors)
    texts.push_back(std::to_string(error.place.line) + ":" + std::to_string(error.place.column) + " " +
                    (error.warning ? "warning " : "") + error.message);
  return texts;
}

inline std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += text + "\n";
  return all;
}

// As many errors as expected, in this order; each begins with the place and holds the fragment: "3:5 fragment".
inline void expect_errors(const std::vector<ConfigError>& errors, const std::vector<std::string>& expected) {
  const auto texts = short_texts(errors);
  ASSERT_EQ(texts.size(), expected.size()) << joined(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto space = expected[i].find(' ');
    EXPECT_TRUE(texts[i].starts_with(expected[i].substr(0, space + 1)))
        << "is:       " << texts[i] << "\nexpected: " << expected[i];
    EXPECT_NE(texts[i].find(expected[i].substr(space + 1)), std::string::npos)
        << "is:       " << texts[i] << "\nexpected: " << expected[i];
  }
}

}  // namespace beckon::core::testing
