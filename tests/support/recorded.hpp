// Recorded GitHub data, for tests that use it where it is there: $BECKON_RECORDED, else ../shared/data beside the project.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace beckon::core::testing {

// Empty when absent. The caller skips: `if (recorded_data().empty()) GTEST_SKIP() << "recorded data is absent";`
inline std::filesystem::path recorded_data() {
  std::filesystem::path folder = std::filesystem::path(BECKON_SOURCE_DIR).parent_path() / "shared" / "data";
  if (const char* named = std::getenv("BECKON_RECORDED")) folder = named;
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

}  // namespace beckon::core::testing
