// config.example.toml is where people look for what they may write: it names every option of every sink that we ship.
#include "sinks/contract.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace {

using namespace beckon;
using namespace beckon::testing;

// The keys of each [sinks.x], whether or not they are commented out, under the name of its plugin.
std::map<std::string, std::set<std::string>> keys_by_plugin() {
  static const std::regex header(R"((# )?\[.*)"), pair(R"((# )?([a-z_]+) = (.*))"), plugin(R"(\"([a-z]+)\".*)");
  std::map<std::string, std::set<std::string>> found;
  std::set<std::string> keys;
  std::string name;
  const auto close = [&] {
    if (!name.empty()) found[name].insert(keys.begin(), keys.end());
    keys.clear();
    name.clear();
  };
  std::ifstream file(BECKON_SOURCE_DIR "/config.example.toml");
  std::smatch match, of_plugin;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, header)) close();
    if (!std::regex_match(line, match, pair)) continue;
    const std::string value = match[3];
    if (match[2] == "plugin" && std::regex_match(value, of_plugin, plugin)) name = of_plugin[1];
    keys.insert(match[2]);
  }
  close();
  return found;
}

TEST(ConfigExample, NamesEveryOptionOfEverySink) {
  const auto keys = keys_by_plugin();
  std::set<std::string> looked_at;
  for (const Contract& sink : all_sinks()) {
    looked_at.insert(sink.name);
    ASSERT_TRUE(keys.count(sink.name)) << sink.name << " has no section";
    const beckon_sink_table* table = sink.entry();
    for (std::size_t i = 0; i < table->option_count; ++i) {
      EXPECT_THAT(keys.at(sink.name), ::testing::Contains(std::string(view(table->options[i]->name)))) << sink.name;
    }
  }
  std::istringstream shipped(BECKON_SINK_NAMES);
  for (std::string name; shipped >> name;) EXPECT_TRUE(looked_at.count(name)) << name << " has no contract";
}

}  // namespace
