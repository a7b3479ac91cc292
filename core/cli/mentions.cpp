#include "cli/commands.hpp"
#include "mention/mention.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

namespace beckon::core::cli {
namespace {

int scan_lines(std::istream& in) {
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const auto item = nlohmann::json::parse(line, nullptr, false);
    if (!item.is_object() || !item.contains("body") || !(item["body"].is_string() || item["body"].is_null())) {
      std::cerr << "beckon: line " << number << " is no JSON object with a string \"body\"\n";
      return failed;
    }
    const std::string body = item["body"].is_string() ? item["body"].get<std::string>() : std::string();
    std::cout << nlohmann::json(find_mentions(body)).dump() << '\n';
  }
  return ok;
}

}  // namespace

int mentions(const std::string& file, bool json_lines) {
  std::ifstream opened;
  if (!file.empty() && file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) {
      std::cerr << "beckon: cannot read " << file << '\n';
      return failed;
    }
  }
  std::istream& in = opened.is_open() ? opened : std::cin;
  if (json_lines) return scan_lines(in);
  const std::string markdown{std::istreambuf_iterator<char>(in), {}};
  for (const std::string& name : find_mentions(markdown)) std::cout << name << '\n';
  return ok;
}

}  // namespace beckon::core::cli
