#include "base/result.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace beckon::core {
namespace {

Result<std::string> name_of(int number) {
  if (number < 0) return fail("there is no name below 0");
  if (number == 0) return "nobody";
  std::string name = "number " + std::to_string(number);
  return name;
}

TEST(Result, AStringIsItsValue) {
  EXPECT_EQ(*name_of(0), "nobody");
  EXPECT_EQ(*name_of(7), "number 7");
  const std::string text = "copied";
  EXPECT_EQ(*Result<std::string>(text), "copied");
}

TEST(Result, AFailureIsAnErrorWithASentence) {
  const Result<std::string> name = name_of(-1);
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().message, "there is no name below 0");
}

TEST(Result, AnErrorIsMadeByFailAndOfNothingElse) {
  EXPECT_FALSE((std::is_constructible_v<Error, std::string>));
  EXPECT_FALSE((std::is_constructible_v<Error, const char*>));
}

TEST(Result, AnUncheckedErrorIsABug) { EXPECT_THROW(name_of(-1).value(), std::logic_error); }

}  // namespace
}  // namespace beckon::core
