// What children leave on the heap. Coroutine frames are measured by the benchmark: a debug build makes them larger.
#include "supervised.hpp"

#include <malloc.h>

namespace beckon::core {
namespace {

using namespace testing;
using ChildMemory = Supervised;

// 0 under the address sanitizer, which has a heap of its own.
std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST_F(ChildMemory, ParkedChildTakesAtMost200Bytes) {
  constexpr ChildId many = 100'000;
  supervise();
  const std::size_t before = allocated();
  if (before == 0) GTEST_SKIP() << "this heap does not count";
  for (ChildId id = 1; id <= many; ++id) supervisor->start_child(id, true);
  EXPECT_LE((allocated() - before) / many, 200u);
  EXPECT_EQ(supervisor->counts().parked, static_cast<std::size_t>(many));
}

TEST_F(ChildMemory, RunLeavesNothingBehind) {
  body = [](ChildId) -> task<Farewell> { co_return idle(); };
  supervise();
  supervisor->start_child(1, true);
  const auto run_often = [this](int times) {
    for (int i = 0; i < times; ++i) {
      supervisor->wake(1);
      turn();
    }
    return allocated();
  };
  const std::size_t before = run_often(100);
  if (before == 0) GTEST_SKIP() << "this heap does not count";
  EXPECT_LT(run_often(10'000), before + 10'000) << "less than a byte a run";
  EXPECT_EQ(starts[1], 10'100u);
}

}  // namespace
}  // namespace beckon::core
