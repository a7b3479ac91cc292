// plugins/README.md is the reference: it leaves nothing out.
#include "plugins/contract/contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace beckon::plugins {
namespace {

using ::testing::HasSubstr;

std::string readme() {
  std::ifstream file(BECKON_SOURCE_DIR "/plugins/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SinkReference, HasALineForEveryHeader) {
  const std::string text = readme();
  for (const auto& entry : std::filesystem::directory_iterator(BECKON_SOURCE_DIR "/plugins/include/beckon")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(text, HasSubstr("| `beckon/" + entry.path().filename().string() + "` | "));
  }
}

TEST(SinkReference, HasALineForEveryPromiseOfTheContract) {
  const std::string text = readme();
  for (const contract::Check& check : contract::all_checks()) EXPECT_THAT(text, HasSubstr("| " + std::string(check.promise) + " | "));
}

TEST(SinkReference, NamesTheVersionOfTheBoundary) {
  const std::string version = std::to_string(BECKON_ABI_MAJOR) + "." + std::to_string(BECKON_ABI_MINOR);
  EXPECT_THAT(readme(), HasSubstr("this is " + version + "."));
}

}  // namespace
}  // namespace beckon::plugins
