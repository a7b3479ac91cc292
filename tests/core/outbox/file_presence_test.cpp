#include "outbox/file_presence.hpp"

#include "base/log.hpp"
#include "fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FilePresenceFact : public ::testing::Test {
 protected:
  FilePresenceFact() { std::ofstream(file) << "x"; }
  // A look later than all before.
  bool lost(FilePresence& presence) { return presence.lost(now += FilePresence::looks_every); }
  Folder folder;
  std::filesystem::path file = folder / "state.db";
  SteadyTime now = std::chrono::steady_clock::now();
};

TEST_F(FilePresenceFact, WhatStaysIsNotLostWhateverIsWrittenIntoIt) {
  FilePresence presence(file);
  EXPECT_FALSE(lost(presence));
  std::ofstream(file) << "more";
  EXPECT_FALSE(lost(presence));
}

TEST_F(FilePresenceFact, WhatWasDeletedIsLostOnce) {
  FilePresence presence(file);
  EXPECT_FALSE(lost(presence));
  std::filesystem::remove(file);
  EXPECT_FALSE(presence.lost(now)) << "it looks seldom";
  EXPECT_TRUE(lost(presence));
  EXPECT_FALSE(lost(presence));
}

TEST_F(FilePresenceFact, AnotherFileOfTheNameIsNotThisOne) {
  FilePresence presence(file);
  std::ofstream(file.string() + ".other") << "x";
  std::filesystem::rename(file.string() + ".other", file);
  EXPECT_TRUE(lost(presence));
}

TEST_F(FilePresenceFact, WhatWasNeverThereCannotBeLost) {
  FilePresence memory(":memory:");
  EXPECT_FALSE(lost(memory));
}

TEST_F(OutboxFact, OneThatIsMadeWhereAnotherHasBeenIsToldAndTheFirstIsNot) {
  const auto remove = [&](std::initializer_list<const char*> suffixes) {
    outbox.reset();
    for (const char* suffix : suffixes) std::filesystem::remove(file.string() + suffix);
  };
  remove({"", "-wal", "-shm", ".lock"});
  std::string lines;
  log::capture(&lines);
  open();
  const std::string first = lines;
  outbox.reset();
  open();
  const std::string again = lines;
  remove({"", "-wal", "-shm"});
  open();
  log::capture(nullptr);
  EXPECT_THAT(first, Not(HasSubstr("made anew")));
  EXPECT_THAT(again, Not(HasSubstr("made anew")));
  EXPECT_THAT(lines, HasSubstr(file.string() + " is made anew, although beckon has been here before (" + file.filename().string() + ".lock)"));
}

}  // namespace
}  // namespace beckon::core::testing
