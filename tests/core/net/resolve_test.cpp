#include "net/resolve.hpp"

#include "core/net/asleep.hpp"
#include "core/net/client_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

class Resolve : public ClientTest {
 protected:
  Resolve() { bed.awake = false; }
  ~Resolve() override { bed.wake(); }
};

TEST_F(Resolve, AddressesNeedNoResolver) {
  const auto found = run(context, [] { return resolve("::1", 80, 1ms); });
  ASSERT_EQ(found.endpoints.size(), 1u);
  EXPECT_TRUE(found.endpoints[0].address().is_v6());
  EXPECT_EQ(found.endpoints[0].port(), 80);
}

TEST_F(Resolve, LocalhostIsLoopbackWhateverDnsSays) {
  const auto found = run(context, [] { return resolve("api.localhost", 80, 1ms); });
  ASSERT_EQ(found.endpoints.size(), 2u);
  for (const auto& endpoint : found.endpoints) EXPECT_TRUE(endpoint.address().is_loopback());
}

// An empty label: the resolver refuses the name before it asks anybody.
TEST_F(Resolve, BadNameIsAnErrorOfTheResolver) {
  const auto found = run(context, [] { return resolve("no..host", 80, 10s); });
  EXPECT_TRUE(found.error);
  EXPECT_TRUE(found.endpoints.empty());
}

TEST_F(Resolve, IsGivenUpAtTheLimitWhileTheResolverSleeps) {
  const auto found = run(context, [] { return resolve("asleep.test", 80, 20ms); });
  EXPECT_EQ(found.error, asio::error::timed_out);
  EXPECT_TRUE(bed.someone_sleeps());
}

TEST_F(Resolve, OneNameThatIsNeverAnsweredKeepsNoOtherWaiting) {
  run(context, [] { return resolve("asleep.test", 80, 20ms); });
  ASSERT_TRUE(bed.someone_sleeps());
  const auto found = run(context, [] { return resolve("awake.test", 80, 10s); });
  ASSERT_EQ(found.endpoints.size(), 1u) << found.error.message();
  EXPECT_TRUE(found.endpoints[0].address().is_loopback());
}

TEST_F(Resolve, WhoeverAsksForANameThatIsBeingAskedForWaitsForTheSameAnswer) {
  for (int i = 0; i < 3; ++i) run(context, [] { return resolve("asleep.test", 80, 20ms); });
  ASSERT_TRUE(bed.someone_sleeps());
  const auto how_many = [] {
    const std::lock_guard lock(bed.mutex);
    return bed.asleep;
  };
  EXPECT_EQ(how_many(), 1);
  int heard = 0;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(context.get_executor(), resolve("asleep.test", 80, 10s), [&](std::exception_ptr, Resolved answer) {
      if (answer.error == asio::error::host_not_found) ++heard;
    });
  context.restart();
  context.poll();
  EXPECT_EQ(how_many(), 1);
  bed.wake();
  while (heard < 3) ASSERT_GT(context.run_one_for(5s), 0u);
}

TEST_F(Resolve, TheContextMayGoBeforeTheAnswerComes) {
  {
    asio::io_context other(1);
    run(other, [] { return resolve("asleep.test", 80, 20ms); });
    ASSERT_TRUE(bed.someone_sleeps());
  }
  bed.wake();   // into nothing
}

TEST_F(Resolve, IsGivenUpWhenCancelledWhileTheResolverSleeps) {
  asio::cancellation_signal signal;
  bool done = false;
  boost::system::error_code thrown;
  auto ended = [&](std::exception_ptr failure, Resolved) {
    done = true;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      thrown = error.code();
    }
  };
  asio::co_spawn(context.get_executor(), resolve("asleep.test", 80, 1h),
                 asio::bind_cancellation_slot(signal.slot(), ended));
  context.poll();
  ASSERT_TRUE(bed.someone_sleeps());
  signal.emit(asio::cancellation_type::terminal);
  while (!done) ASSERT_GT(context.run_one_for(5s), 0u);
  EXPECT_EQ(thrown, asio::error::operation_aborted);
  EXPECT_TRUE(bed.someone_sleeps());
}

TEST_F(Resolve, TimeForDnsCountsAsTimeToConnect) {
  HttpLimits limits;
  limits.connect = 20ms;
  const auto result = get("https://asleep.test/secret", limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::timeout);
  EXPECT_FALSE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, HasSubstr("asleep.test:443 was not found within 20ms"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
}

TEST_F(Resolve, UnknownHostIsToldByName) {
  bed.wake();
  const auto result = get("https://asleep.test/secret");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::dns);
  EXPECT_FALSE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, HasSubstr("asleep.test:443"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
}

// "localhost" is 127.0.0.1 first, then ::1. The server is at ::1 alone.
class TwoAddresses : public ClientTest {
 protected:
  void SetUp() override {
    try {
      server = std::make_unique<RawServer>(context, answer_each, asio::ip::address_v6::loopback());
    } catch (const boost::system::system_error&) {
      GTEST_SKIP() << "this machine has no IPv6";
    }
  }

  HttpResult ask() {
    HttpLimits limits;
    limits.connect = 600ms;
    return get(server->url("/", "http", "localhost"), limits);
  }

  std::unique_ptr<RawServer> server;
};

TEST_F(TwoAddresses, SecondIsTriedWhenTheFirstRefuses) {
  const auto result = ask();
  ASSERT_TRUE(result) << result.error().message;
}

// A listener whose queue is full answers nothing at all, like a firewall that drops.
TEST_F(TwoAddresses, SilentFirstLeavesTimeForTheSecond) {
  const asio::ip::tcp::endpoint first(asio::ip::address_v4::loopback(), server->port());
  asio::basic_socket_acceptor<asio::ip::tcp, Executor> full(context.get_executor(), first.protocol());
  full.bind(first);
  full.listen(0);
  Socket queued(context.get_executor());
  queued.connect(first);
  const auto result = ask();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(server->accepted(), 1);
}

}  // namespace
}  // namespace beckon::core
