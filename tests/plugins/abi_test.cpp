#include <beckon/sink_abi.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C" std::size_t beckon_table_size_in_c(void);

namespace {

struct Row {
  std::string what;
  std::size_t actual;
  std::size_t pinned;
};

const std::vector<Row> rows = {
#define SIZE(type, bytes) {"sizeof " #type, sizeof(type), bytes},
#define MEMBER(type, member, offset) {#type "." #member, offsetof(type, member), offset},
#define VALUE(name, number) {#name, static_cast<std::size_t>(name), number},
#include "abi_layout.inc"
#undef SIZE
#undef MEMBER
#undef VALUE
};

TEST(Abi, LayoutAndValuesOfVersionOneAreAsPinned) {
  static_assert(sizeof(void*) == 8 && sizeof(long) == 8, "the table pins LP64");
  for (const Row& row : rows) EXPECT_EQ(row.actual, row.pinned) << row.what;
}

TEST(Abi, CompilersOfCAndCxxAgree) { EXPECT_EQ(beckon_table_size_in_c(), sizeof(beckon_sink_table)); }

TEST(Abi, EveryStructButTheStringBeginsWithItsSize) {
  for (const Row& row : rows) {
    if (row.what.size() > 5 && row.what.substr(row.what.size() - 5) == ".size" && row.what != "beckon_str.size") {
      EXPECT_EQ(row.actual, 0u) << row.what;
    }
  }
}

TEST(Abi, AMemberIsThereWhenItsLastByteIs) {
  beckon_outcome outcome{};
  outcome.size = offsetof(beckon_outcome, external_id) + sizeof outcome.external_id;
  EXPECT_TRUE(BECKON_HAS(&outcome, beckon_outcome, external_id));
  outcome.size -= 1;
  EXPECT_FALSE(BECKON_HAS(&outcome, beckon_outcome, external_id));
  EXPECT_TRUE(BECKON_HAS(&outcome, beckon_outcome, retarget));
}

}  // namespace
