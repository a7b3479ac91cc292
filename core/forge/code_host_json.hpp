// The embedded forge's answers, in GitHub's shapes. Pure.
#pragma once

#include "forge/code_host.hpp"

#include <string>

namespace beckon::core {

// Whoever has the token.
std::string user_json();
std::string repository_json(const HostedRepository& repository, const std::string& base_url);
// `of_pulls`: as the list of pull requests shows it, under another id than the list of issues.
std::string post_json(const HostedRepository& repository, const HostedPost& post, const std::string& base_url,
                      bool of_pulls = false);
std::string error_json(const std::string& message);

}  // namespace beckon::core
