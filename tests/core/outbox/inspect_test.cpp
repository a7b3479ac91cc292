#include "outbox/inspect.hpp"

#include "outbox/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <fstream>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;

struct InspectOutbox : ::testing::Test {
  InspectOutbox() {
    std::string name = (std::filesystem::temp_directory_path() / "beckon-inspect-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder = name;
    file = folder / "state.db";
  }
  ~InspectOutbox() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  static std::string why(const std::filesystem::path& at) {
    const auto fit = inspect_outbox(at);
    return fit ? "" : fit.error().message;
  }
  void sql(const char* script) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, script, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  std::filesystem::path folder, file;
};

TEST_F(InspectOutbox, TakesWhatMayBecomeOrIsOne) {
  EXPECT_EQ(why(file), "");
  EXPECT_EQ(why(folder / "a" / "b" / "state.db"), "");
  EXPECT_FALSE(std::filesystem::exists(folder / "a")) << "it looks only";
  std::ofstream(file).flush();
  EXPECT_EQ(why(file), "") << "an empty file";
  ASSERT_TRUE(open_database(file));
  EXPECT_EQ(why(file), "");
  std::filesystem::remove(file);
  sql("VACUUM");
  EXPECT_EQ(why(file), "") << "an empty database";
}

TEST_F(InspectOutbox, RefusesWhatIsNotOurs) {
  sql("CREATE TABLE t(x)");
  EXPECT_THAT(why(file), HasSubstr("a database of another program"));
  sql("PRAGMA application_id = 1111706446; PRAGMA user_version = 4000");
  EXPECT_THAT(why(file), HasSubstr("written by a newer beckon (its version is 4000"));
  std::ofstream(file) << "notes";
  EXPECT_THAT(why(file), HasSubstr("no state file of beckon"));
  EXPECT_THAT(why(folder), HasSubstr("is a folder: name a file in it"));
  EXPECT_THAT(why(file / "state.db"), HasSubstr("is no folder"));
  EXPECT_THAT(why("/proc/x/state.db"), HasSubstr("the folder /proc/x cannot be made in /proc"));
  EXPECT_THAT(why("/dev/null"), HasSubstr("no regular file"));
}

}  // namespace
}  // namespace beckon::core
