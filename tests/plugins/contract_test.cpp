// The shared contract finds what it is for, and says so in words.
#include "plugins/contract/instance.hpp"
#include "plugins/contract/try_out.hpp"
#include "plugins/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace beckon::plugins {
namespace {

using namespace contract;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string library = BECKON_BINARY_DIR "/faulty_sinks/faulty.so";

const Check& check_called(std::string_view name) {
  for (const Check& check : all_checks())
    if (check.name == name) return check;
  throw std::logic_error("there is no such check");
}

std::vector<Finding> findings(const std::string& check, const std::string& misdeed) {
  static const auto opened = open_here(library);
  const CValues settings(SampleValues{{"misdeed", misdeed}}), target(SampleValues{{"url", "https://service.example/hooks/top-secret"}});
  Subject subject;
  subject.table = std::get<Plugin>(opened).table;
  subject.settings = settings.get();
  subject.target = target.get();
  return run(check_called(check), subject);
}

struct Case {
  const char* misdeed;
  const char* check;
  Weight weight;
  const char* sentence;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.misdeed; }

class Misdeed : public ::testing::TestWithParam<Case> {};

TEST_P(Misdeed, IsFoundByItsCheck) {
  const auto& [misdeed, check, weight, sentence] = GetParam();
  const auto found = findings(check, misdeed);
  EXPECT_THAT(found, Contains(AllOf(Field(&Finding::sentence, HasSubstr(sentence)), Field(&Finding::weight, weight))))
      << (found.empty() ? "nothing was found" : found.front().sentence);
  EXPECT_LE(found.size(), 4u);
  for (const Finding& finding : found) EXPECT_FALSE(finding.way_out.empty());
  EXPECT_THAT(findings(check, ""), IsEmpty()) << "and nothing where nothing is wrong";
}

constexpr Case cases[] = {
    {"refuse", "opens", Weight::fault, "it refused these settings: misdeed: not today"},
    {"refuse in silence", "opens", Weight::fault, "it refused these settings without a word"},
    {"say nothing to a notice", "one_answer", Weight::fault, "a notice: nothing was emitted"},
    {"say everything twice", "one_answer", Weight::fault, "a mention: 2 things were emitted"},
    {"set the host", "sound_requests", Weight::fault, "it sets the header Host, which the host sets"},
    {"post nowhere", "sound_requests", Weight::fault, "the URL does not begin with http:// or https://"},
    {"write bad JSON", "hostile_text", Weight::fault, "the body is called JSON and is none"},
    {"inject headers", "hostile_text", Weight::fault, "the header X-Title holds a line break or another control character"},
    {"cut within characters", "digests", Weight::fault, "what it says is no UTF-8"},
    {"cover too many", "digests", Weight::fault, "it covers 99 of 2 mentions"},
    {"take everything", "without_mentions", Weight::fault, "a purpose that is unknown today is not rejected"},
    {"count", "same_again", Weight::fault, "the same delivery is said differently the second time"},
    {"believe what comes back", "what_comes_back", Weight::fault, "a message that is about no delivery was taken for one"},
    {"believe everything", "any_answer", Weight::fault, "counts as delivered"},
    {"speak in sentences", "any_answer", Weight::advice, "the reason is no clause"},
    {"take gone at its status", "bare_answers", Weight::fault, "an answer 404 without a body ends the subscription for good"},
    {"never wait", "pauses", Weight::fault, "with Retry-After: 7 gives a retry_after of -1 ms, not 7000"},
    {"quote the answer", "echoed_secrets", Weight::fault, "a secret stands in the outcome"},
    {"quote the target", "bare_answers", Weight::fault, "a secret stands in the outcome"}};
INSTANTIATE_TEST_SUITE_P(Contract, Misdeed, ::testing::ValuesIn(cases), [](const auto& info) {
  std::string name;
  for (const char c : std::string(info.param.misdeed) + "_" + info.param.check)
    if (std::isalnum(static_cast<unsigned char>(c))) name += c;
  return name;
});

// ---- in a process of its own ----------------------------------------------------------------------------------------

std::vector<Tried> try_faulty(const std::string& misdeed, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const CValues settings(SampleValues{{"misdeed", misdeed}}), target(SampleValues{{"url", "https://service.example/hooks/top-secret"}});
  std::vector<Tried> all;
  TryOut how;
  how.library = library;
  how.limit = limit;
  how.on_each = [&](const Tried& tried) { all.push_back(tried); };
  const auto why = try_out(how, *settings.get(), *target.get());
  EXPECT_FALSE(why) << *why;
  EXPECT_EQ(all.size(), all_checks().size());
  return all;
}

// Of the check with that name; every other one must be in order.
std::vector<Finding> only(const std::vector<Tried>& all, std::initializer_list<std::string_view> names) {
  std::vector<Finding> found;
  for (const Tried& tried : all) {
    const bool expected = std::find(names.begin(), names.end(), tried.check->name) != names.end();
    if (expected) found.insert(found.end(), tried.findings.begin(), tried.findings.end());
    else EXPECT_THAT(tried.findings, IsEmpty()) << tried.check->name;
  }
  return found;
}

TEST(TryOut, ASinkInOrderPassesEveryCheck) { only(try_faulty(""), {}); }

TEST(TryOut, ACrashIsAFindingAndTheOtherChecksGoOn) {
  const auto found = only(try_faulty("crash at an answer"), {"any_answer", "bare_answers", "echoed_secrets"});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_THAT(found[0].sentence, StartsWith("it crashed (Segmentation fault)"));
}

TEST(TryOut, AHangIsAFinding) {
  const auto found = only(try_faulty("hang at a notice", std::chrono::seconds(5)), {"one_answer"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].sentence, "it did not return within 5 s");
}

TEST(TryOut, AnEndOfItsProcessIsAFinding) {
  const auto found = only(try_faulty("exit at a notice"), {"one_answer"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].sentence, "it ended its process (exit code 3)");
}

TEST(TryOut, WhatItThrowsIsAFinding) {
  const auto found = only(try_faulty("throw at a notice"), {"one_answer"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].sentence, "it threw: what a notice");
}

TEST(TryOut, GarbageInItsSocketIsAFinding) {
  const auto found = only(try_faulty("write garbage at a notice"), {"one_answer"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].sentence, "it wrote into descriptors that are not its own");
}

TEST(TryOut, WhatDoesNotOpenIsTriedNoFurther) {
  for (const Tried& tried : try_faulty("refuse")) {
    if (tried.check->name == "table") continue;
    if (tried.check->name == "opens") EXPECT_EQ(tried.findings.size(), 1u);
    else EXPECT_EQ(tried.passed_over, "it does not open");
  }
}

TEST(TryOut, ALibraryThatIsNoneIsRefused) {
  TryOut how;
  how.library = "/proc/absent/sink.so";
  const CValues none(SampleValues{});
  const auto why = try_out(how, *none.get(), *none.get());
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("does not exist"));
}

}  // namespace
}  // namespace beckon::plugins
