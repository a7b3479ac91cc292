#include "plugins/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

namespace beckon::plugins {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

beckon_str str(std::string_view text) { return {text.data(), text.size()}; }

// A whole webhook sink with one option of each interesting type; each test spoils it in one way.
class Table : public ::testing::Test {
 protected:
  Table() {
    table.size = sizeof table;
    table.major = BECKON_ABI_MAJOR;
    table.name = str("sample");
    table.version = str("1.0.0");
    table.open = [](const beckon_values*, const beckon_host*, const beckon_complaints*) -> void* { return nullptr; };
    table.close = [](void*) {};
    table.render = [](void*, const beckon_delivery*, const beckon_emitter*) {};
    table.interpret = [](void*, const beckon_delivery*, const beckon_response*, const beckon_emitter*) {};
    url.size = mode.size = sizeof url;
    url.name = str("webhook_url");
    url.type = BECKON_URL;
    url.flags = BECKON_REQUIRED | BECKON_SECRET | BECKON_TARGET;
    mode.name = str("mode");
    mode.type = BECKON_ENUM;
    mode.default_value = str("short");
    mode.choices = choices;
    mode.choice_count = 2;
    table.options = options;
    table.option_count = 2;
  }

  std::string refusal() const {
    const auto checked = check_table(&table, "sample.so");
    const auto* refusal = std::get_if<Refusal>(&checked);
    return refusal ? refusal->sentence : "(not refused)";
  }

  beckon_sink_table table{};
  beckon_option url{};
  beckon_option mode{};
  beckon_str short_text = str("short");
  beckon_str long_text = str("long");
  const beckon_str* choices[2] = {&short_text, &long_text};
  const beckon_option* options[2] = {&url, &mode};
};

TEST_F(Table, ThatWantsTooManyThreadsIsRefused) {
  table.max_concurrency = 64;
  EXPECT_EQ(refusal(), "(not refused)");
  table.max_concurrency = 65;
  EXPECT_EQ(refusal(), "wants 65 threads; ask for 64 at most in `max_concurrency`");
}

TEST_F(Table, ThatIsWholeIsTaken) {
  const auto checked = check_table(&table, "sample.so");
  ASSERT_TRUE(std::holds_alternative<Plugin>(checked)) << refusal();
  EXPECT_EQ(std::get<Plugin>(checked).name, "sample");
  EXPECT_FALSE(std::get<Plugin>(checked).is_worker);
  EXPECT_EQ(std::get<Plugin>(checked).table, &table);
}

TEST_F(Table, OfALaterMinorIsLargerAndTaken) {
  struct { beckon_sink_table known; void* more[8]; } later{table, {}};
  later.known.size = sizeof later;
  later.known.minor = 5;
  EXPECT_TRUE(std::holds_alternative<Plugin>(check_table(&later.known, "sample.so")));
}

TEST_F(Table, ThatIsNullIsRefused) {
  const auto checked = check_table(nullptr, "sample.so");
  ASSERT_TRUE(std::holds_alternative<Refusal>(checked));
  EXPECT_THAT(std::get<Refusal>(checked).sentence, HasSubstr("returned null"));
  EXPECT_EQ(std::get<Refusal>(checked).path, "sample.so");
}

TEST_F(Table, ThatIsTooSmallIsRefusedWithBothSizes) {
  table.size = 144;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("a table of 144 bytes"), HasSubstr("version 1.0 has 152")));
  table.size = 152;   // without `feedback`
  EXPECT_EQ(refusal(), "(not refused)");
  table.size = 4;
  EXPECT_THAT(refusal(), HasSubstr("too small"));
}

TEST_F(Table, OfAnotherMajorIsRefusedBeforeItsSizeIsJudged) {
  table.major = 2;
  table.size = 64;
  EXPECT_THAT(refusal(), HasSubstr("is built for plugin major 2, this Beckon speaks 1"));
}

TEST_F(Table, ThatNeedsANewerHostIsRefusedWithBothVersions) {
  table.needs_host_minor = 4;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("1.4"), HasSubstr("1.1")));
}

TEST_F(Table, NeedsANameThatCanStandInTheConfiguration) {
  for (const char* name : {"Sample", "two words", "../up", "9lives", "a\nb", "sämple"}) {
    table.name = str(name);
    EXPECT_THAT(refusal(), HasSubstr("unusable name")) << name;
    EXPECT_EQ(refusal().find('\n'), std::string::npos);
  }
  table.name = {nullptr, 5};
  EXPECT_THAT(refusal(), HasSubstr("has no name"));
}

TEST_F(Table, NeedsAVersion) {
  table.version = {};
  EXPECT_THAT(refusal(), HasSubstr("has no version"));
}

TEST_F(Table, NeedsOpenAndClose) {
  const auto open = std::exchange(table.open, nullptr);
  EXPECT_THAT(refusal(), HasSubstr("entry open"));
  table.open = open;
  table.close = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("entry close"));
}

TEST_F(Table, OfHalfAKindIsRefused) {
  const auto interpret = std::exchange(table.interpret, nullptr);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("has render"), HasSubstr("lacks interpret")));
  table.interpret = interpret;
  table.render = nullptr;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("has interpret"), HasSubstr("lacks render")));
}

TEST_F(Table, OfHalfAKindIsRefusedThoughItHasTheOtherKindToo) {
  table.render = nullptr;
  table.deliver = [](void*, const beckon_delivery*, const beckon_emitter*) {};
  EXPECT_THAT(refusal(), HasSubstr("lacks render"));
}

TEST_F(Table, OfNeitherKindIsRefused) {
  table.render = nullptr;
  table.interpret = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("delivers nothing"));
}

TEST_F(Table, OfBothKindsIsRefused) {
  table.deliver = [](void*, const beckon_delivery*, const beckon_emitter*) {};
  EXPECT_THAT(refusal(), HasSubstr("two kinds at once"));
}

TEST_F(Table, OptionsThatAreCountedAreThere) {
  options[1] = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("option 2 is null"));
  table.options = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("says that it has 2 options and has none"));
}

TEST_F(Table, AnOptionIsNotSmallerThanOneOfVersionOne) {
  url.size = 8;
  EXPECT_THAT(refusal(), HasSubstr("option 1 is smaller"));
}

TEST_F(Table, OptionNamesAreUsableAndUnique) {
  mode.name = {};
  EXPECT_THAT(refusal(), HasSubstr("option 2 has no name"));
  mode.name = str("the mode");
  EXPECT_THAT(refusal(), HasSubstr("option \"the mode\" has an unusable name"));
  mode.name = str("webhook_url");
  EXPECT_THAT(refusal(), HasSubstr("option \"webhook_url\" is there twice"));
}

TEST_F(Table, OptionTypesAreKnown) {
  for (const std::uint32_t type : {0u, 10u}) {
    url.type = type;
    EXPECT_THAT(refusal(), HasSubstr("unknown type " + std::to_string(type)));
  }
}

TEST_F(Table, AnEnumerationHasChoicesAndItsDefaultIsOneOfThem) {
  mode.default_value = str("medium");
  EXPECT_THAT(refusal(), HasSubstr("default \"medium\", which is not one of its choices"));
  choices[1] = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("has an empty choice"));
  mode.choice_count = 0;
  EXPECT_THAT(refusal(), HasSubstr("enumeration without choices"));
}

TEST_F(Table, DefaultsFitTheirType) {
  url.flags = 0;
  url.type = BECKON_BOOL;
  url.default_value = str("yes");
  EXPECT_THAT(refusal(), HasSubstr("boolean with the default \"yes\""));
  url.default_value = str("false");
  EXPECT_EQ(refusal(), "(not refused)");
  url.type = BECKON_INT;
  EXPECT_THAT(refusal(), HasSubstr("integer with the default \"false\""));
  url.default_value = str("-12");
  EXPECT_EQ(refusal(), "(not refused)");
}

TEST_F(Table, ARequiredOptionHasNoDefault) {
  url.default_value = str("https://example.com");
  EXPECT_THAT(refusal(), HasSubstr("is required and has a default"));
}

}  // namespace
}  // namespace beckon::plugins
