// One run after the other, as a timer starts them: what the forge asked for is kept, and a long way is gone to its end.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

struct Waits : ::testing::Test {
  Rig rig;
};

TEST_F(Waits, TheNextRunDoesNotAskAForgeThatAskedToWait) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  rig.forge->set_interception([](const HttpRequest&) -> std::optional<HttpResponse> {
    HttpResponse response;
    response.status = 429;
    response.headers = {{"Retry-After", "3600"}};
    return response;
  });
  EXPECT_EQ(rig.once().code, 1);
  rig.forge->set_interception({});
  const std::size_t asked = rig.forge->requests().size();
  const auto run = rig.once();
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("Beckon waits 1h, until "));
  EXPECT_EQ(rig.forge->requests().size(), asked);
}

TEST_F(Waits, OneRunReadsAllOfALongBackfill) {
  const ForgeTime begin = Rig::now() - std::chrono::hours(10);
  for (int i = 0; i < 3200; ++i) rig.comment("nothing", begin + std::chrono::seconds(i));
  const auto last = rig.comment("@octocat at last", begin + std::chrono::hours(1));
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\nbackfill = \"1d\"\n");
  const auto run = rig.once();
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{last, 1}}));
  EXPECT_THAT(run.err, HasSubstr("baseline: 3202 known, those of the last 1d are told"));
}

}  // namespace
}  // namespace beckon::core::testing
