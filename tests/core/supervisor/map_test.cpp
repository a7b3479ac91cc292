// README.md maps the cases of OTP's suite to tests; a test that is renamed or removed must not leave the map behind.
#include <gtest/gtest.h>

#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> tests_here() {
  std::vector<std::string> names;
  const auto& program = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < program.total_test_suite_count(); ++i) {
    const auto& suite = *program.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j)
      names.push_back(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
  }
  return names;
}

// What stands between backquotes in the second column; ".Name" is of the suite before it.
std::vector<std::string> tests_of(const std::string& row) {
  std::vector<std::string> names;
  std::string suite;
  for (auto open = row.find('`', row.find('|', 1)); open != row.npos;) {
    const auto close = row.find('`', open + 1);
    std::string name = row.substr(open + 1, close - open - 1);
    if (name.starts_with('.')) name = suite + name;
    suite = name.substr(0, name.find('.'));
    if (name.find('.') != name.npos) names.push_back(name);
    open = row.find('`', close + 1);
  }
  return names;
}

TEST(ConformanceMap, NamesOnlyTestsThatExist) {
  std::ifstream map(BECKON_SOURCE_DIR "/tests/core/supervisor/README.md");
  ASSERT_TRUE(map);
  const auto here = tests_here();
  std::size_t named = 0;
  for (std::string row; std::getline(map, row);) {
    if (!row.starts_with('|')) continue;
    for (const std::string& name : tests_of(row)) {
      if (name.starts_with("SupervisedStop.")) continue;   // in tests/core/net
      const auto is = [&](const std::string& test) { return ::fnmatch(name.c_str(), test.c_str(), 0) == 0; };
      EXPECT_TRUE(std::any_of(here.begin(), here.end(), is)) << name << " is no test; correct the row: " << row;
      ++named;
    }
  }
  EXPECT_GT(named, 50u);
}

}  // namespace
