// The recorded posts and cases, read where they are; see support/recorded.hpp.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace beckon::core::testing {

// Lines of a gzip file, through gzip itself.
inline std::vector<nlohmann::json> json_lines(const std::filesystem::path& file) {
  const std::string command = "gzip -cd '" + file.string() + "'";
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot start gzip");
  std::string text;
  char block[65536];
  for (std::size_t n; (n = fread(block, 1, sizeof block, pipe)) > 0;) text.append(block, n);
  if (pclose(pipe) != 0) throw std::runtime_error("gzip could not read " + file.string());
  std::vector<nlohmann::json> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    lines.push_back(nlohmann::json::parse(text.substr(begin, end - begin)));
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

inline std::string body_of(const nlohmann::json& post) {
  return post.at("body").is_string() ? post.at("body").get<std::string>() : std::string();
}

}  // namespace beckon::core::testing
