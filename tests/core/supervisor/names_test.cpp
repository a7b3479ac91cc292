#include "supervisor/names.hpp"

#include <gtest/gtest.h>

#include <map>

namespace beckon::core::supervision {
namespace {

class Named : public ::testing::Test {
 protected:
  std::map<ChildId, std::string> called{{1, "beast"}, {2, "asio"}, {3, "beast"}};
  ChildNames names{[this](ChildId id) { return called.at(id); }};
};
using NameIndex = Named;

TEST_F(NameIndex, FindsAChildByName) {
  EXPECT_TRUE(names.add(1));
  EXPECT_TRUE(names.add(2));
  EXPECT_EQ(names.find("beast"), 1);
  EXPECT_EQ(names.find("asio"), 2);
  EXPECT_EQ(names.find("url"), std::nullopt);
}

TEST_F(NameIndex, RefusesANameThatIsTaken) {
  EXPECT_TRUE(names.add(1));
  EXPECT_FALSE(names.add(3));
  EXPECT_EQ(names.find("beast"), 1);
}

TEST_F(NameIndex, NameIsFreeAfterRemoval) {
  names.add(1);
  names.remove(1);
  EXPECT_EQ(names.find("beast"), std::nullopt);
  EXPECT_TRUE(names.add(3));
  EXPECT_EQ(names.find("beast"), 3);
}

TEST_F(NameIndex, RemovesAChildWhoseNameIsNoLongerKnown) {
  names.add(1);
  names.add(2);
  called.erase(1);
  names.remove(1);
  called[1] = "beast";
  EXPECT_EQ(names.find("beast"), std::nullopt);
  EXPECT_EQ(names.find("asio"), 2);
}

TEST_F(NameIndex, RemovesOnlyTheChildItself) {
  names.add(1);
  names.add(2);
  called[2] = "beast";
  names.remove(2);
  EXPECT_EQ(names.find("beast"), 1);
}

TEST_F(NameIndex, CallsAChildByItsNumberWhenItHasNoName) {
  EXPECT_EQ(names.of(1), "beast");
  EXPECT_EQ(names.of(9), "#9");
  EXPECT_EQ(ChildNames(nullptr).of(7), "#7");
}

TEST(NamelessChildren, AreNeitherRefusedNorFound) {
  ChildNames names(nullptr);
  EXPECT_TRUE(names.add(1));
  EXPECT_TRUE(names.add(2));
  EXPECT_EQ(names.find("#1"), std::nullopt);
  names.remove(1);
}

}  // namespace
}  // namespace beckon::core::supervision
