// Values that stand outside the file: { env = "NAME" }, { file = "..." } and { credential = "NAME" }. What is read is
// remembered for redaction.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace beckon::core {

// Fails for what can be no name of an environment variable, or looks like a secret itself; never quotes it.
Result<void> check_variable_name(const std::string& name);
Result<std::string> secret_from_environment(const std::string& name);
// One trailing line break is dropped. At most 1 MiB.
Result<std::string> secret_from_file(const std::filesystem::path& file);
// The file NAME in $CREDENTIALS_DIRECTORY, where systemd puts what LoadCredential= names; read as `secret_from_file` does.
Result<std::string> secret_from_credential(const std::string& name);
// Fails for what can be no name of one (a plain file name), or looks like a secret itself; never quotes it.
Result<void> check_credential_name(const std::string& name);

// May anybody but the owner read it? False for a file that does not exist.
bool readable_by_others(const std::filesystem::path& file);

// The bytes of `file`; fails with the system's own word, or when there are more than `limit`.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit);

}  // namespace beckon::core
