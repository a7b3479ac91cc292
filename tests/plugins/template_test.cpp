// Run by package.cmake, with the folder into which the template was installed.
#include "plugins/face_host.hpp"
#include "plugins/loader.hpp"
#include "plugins/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace beckon::plugins {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Template, IsFoundAndAppendsAMentionToItsFile) {
  const char* folder = std::getenv("BECKON_TEMPLATE_SINKS");
  ASSERT_TRUE(folder) << "run through ctest";
  const Found found = find_plugins({folder});
  EXPECT_THAT(found.refusals, IsEmpty());
  ASSERT_THAT(found.plugins, SizeIs(1));
  EXPECT_EQ(found.plugins[0].name, "logfile");
  const auto opened = open_here(found.plugins[0].path);
  const beckon_sink_table& table = *std::get<Plugin>(opened).table;

  const TemporaryFolder place;
  const std::string file = (place.path() / "mentions.log").string();
  ValueTable settings, target;
  target.text("path", file.c_str());
  Complaints complaints;
  void* sink = table.open(settings.get(), nullptr, complaints.get());
  ASSERT_TRUE(sink);

  beckon_mention mention{};
  mention.size = sizeof mention;
  mention.repository_name = str("boostorg/beast");
  mention.post_appeared = 1'700'000'000'000;
  mention.author_login = str("octo\ncat");
  mention.name = str("hubot");
  mention.post_url = str("https://example.com/1");
  const beckon_mention* mentions[] = {&mention};
  beckon_delivery delivery = delivery_for(target.get());
  delivery.mentions = mentions;
  delivery.mention_count = 1;
  Emitted emitted;
  table.deliver(sink, &delivery, emitted.emitter());
  table.close(sink);

  EXPECT_EQ(emitted.outcomes, 1);
  EXPECT_EQ(emitted.outcome.kind, static_cast<std::uint32_t>(BECKON_DELIVERED)) << emitted.reason;
  std::ifstream in(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}),
            "2023-11-14T22:13:20Z boostorg/beast octo cat @hubot https://example.com/1\n");
}

TEST(Template, SaysWhyAFileCannotBeOpened) {
  const char* folder = std::getenv("BECKON_TEMPLATE_SINKS");
  ASSERT_TRUE(folder) << "run through ctest";
  const Found found = find_plugins({folder});
  ASSERT_THAT(found.plugins, SizeIs(1));
  const auto opened = open_here(found.plugins[0].path);
  const beckon_sink_table& table = *std::get<Plugin>(opened).table;
  ValueTable settings, target;
  target.text("path", "/proc/absent/mentions.log");
  void* sink = table.open(settings.get(), nullptr, Complaints().get());
  const beckon_delivery delivery = delivery_for(target.get());
  Emitted emitted;
  table.deliver(sink, &delivery, emitted.emitter());
  table.close(sink);
  EXPECT_EQ(emitted.outcome.kind, static_cast<std::uint32_t>(BECKON_MISCONFIGURED));
  EXPECT_EQ(emitted.reason, "the file cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace beckon::plugins
