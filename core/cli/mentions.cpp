#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "mention/mention.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace beckon::core::cli {
namespace {

// Every line in is a line out: `null` for one that cannot be read, which is told with its number.
int scan_lines(std::istream& in) {
  int code = ok;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const auto item = nlohmann::json::parse(line, nullptr, false);
    if (!item.is_object() || !item.contains("body") || !(item["body"].is_string() || item["body"].is_null())) {
      complain(fmt::format("line {} is no JSON object with a \"body\" that is a string or null", number));
      std::cout << "null\n";
      code = failed;
      continue;
    }
    const std::string body = item["body"].is_string() ? item["body"].get<std::string>() : std::string();
    std::cout << nlohmann::json(find_mentions(body)).dump() << '\n';
  }
  return code;
}

}  // namespace

int mentions(const std::string& file, bool json_lines) {
  const bool named = !file.empty() && file != "-";
  const auto cannot = [&](std::string_view why) {
    complain(fmt::format("{} cannot be read: {}", named ? file : "standard input", why));
    return failed;
  };
  std::ifstream opened;
  if (named) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) return cannot("it is a folder");
    errno = 0;
    opened.open(file, std::ios::binary);
    if (!opened) return cannot(errno ? std::strerror(errno) : "it cannot be opened");
  }
  std::istream& in = named ? opened : std::cin;
  errno = 0;
  int code = ok;
  if (json_lines) {
    code = scan_lines(in);
  } else {
    const std::string markdown{std::istreambuf_iterator<char>(in), {}};
    for (const std::string& name : find_mentions(markdown)) std::cout << name << '\n';
  }
  if (in.bad() || (!named && std::ferror(stdin))) return cannot(errno ? std::strerror(errno) : "reading it failed");
  return code;
}

}  // namespace beckon::core::cli
