#include "metrics/process.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beckon::core {
namespace {

TEST(Process, OursIsThereWithItsMemoryAndItsStart) {
  const auto before = read_process(::getpid());
  ASSERT_TRUE(before);
  EXPECT_GT(before->resident_bytes, 1u << 20);
  EXPECT_LT(before->resident_bytes, std::uint64_t{1} << 40);
  EXPECT_LT(before->started, wall_now() + 2s);
  EXPECT_GT(before->started, wall_now() - 1h) << "ticks were taken for another unit";
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto after = read_process(::getpid());
  ::close(file);
  ASSERT_TRUE(after && after->open_files && before->open_files);
  EXPECT_EQ(*after->open_files, *before->open_files + 1);
}

TEST(Process, ANameWithBracketsAndBlanksHidesNothing) {
  char before[16] = {};
  ::prctl(PR_GET_NAME, before);
  ::prctl(PR_SET_NAME, "a) S 1 (b");
  const auto facts = read_process(::getpid());
  ::prctl(PR_SET_NAME, before);
  ASSERT_TRUE(facts);
  EXPECT_GT(facts->resident_bytes, 1u << 20);
}

TEST(Process, OneThatHasEndedIsNotThere) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(read_process(child));
}

}  // namespace
}  // namespace beckon::core
