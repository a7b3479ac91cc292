// A supervised child may be asked to end anywhere within a request, and ends at once: neither a peer that says nothing nor a
// name that is never found holds a stop. No limit here could end the request, and none of the supervisor's its child.
#include "core/net/asleep.hpp"
#include "core/net/tls_fixture.hpp"

#include "base/log.hpp"
#include "supervisor/supervisor.hpp"
#include "supervisor/tree.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SupervisedStop : public TlsTest {
 protected:
  SupervisedStop() {
    log::capture(&lines);
    bed.awake = false;
  }
  ~SupervisedStop() override {
    bed.wake();
    log::capture(nullptr);
  }

  task<Farewell> request() {
    HttpRequest request;
    request.url = url;
    HttpLimits limits;
    limits.connect = limits.total = 24h;
    ++begun;
    auto sending = client->send(request, limits);
    const auto result = co_await std::move(sending);
    answered = result.has_value();
    co_return Farewell();
  }

  void stop_dynamic(std::function<bool()> in_the_middle) {
    client = make_http_client(context.get_executor(), options).value();
    ChildSpec spec;
    spec.kind = "syncer";
    spec.shutdown = Milliseconds::max();
    spec.run = [this](ChildId) { return request(); };
    std::vector<ChildEnd> ends;
    const auto supervisor =
        make_supervisor(context.get_executor(), spec, [&](ChildEnd end) { ends.push_back(std::move(end)); });
    supervisor->start_child(1, false);
    go_on(in_the_middle);
    run(context, [&] { return supervisor->stop(); });
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].why, ChildEnd::Why::shutdown);
    EXPECT_EQ(ends[0].reason, "") << "in order";
    expect_quiet();
  }

  void stop_static(std::function<bool()> in_the_middle) {
    client = make_http_client(context.get_executor(), options).value();
    TreeChild child;
    child.rules.name = "feed";
    child.rules.shutdown = Shutdown::infinity;
    child.start = [this]() -> task<Result<ChildBody>> {
      ChildBody body = [this] { return request(); };
      co_return body;
    };
    const auto tree = make_tree(context.get_executor(), "root", SupervisorFlags(), {child});
    const auto started = run(context, [&] { return tree->start(); });
    ASSERT_TRUE(started);
    std::vector<ChildDown::Why> downs;
    tree->monitor("feed", [&](const ChildDown& down) { downs.push_back(down.why); });
    go_on(in_the_middle);
    run(context, [&] { return tree->stop(); });
    EXPECT_THAT(downs, ElementsAre(ChildDown::Why::shutdown));
    expect_quiet();
  }

  void stop_in_handshake(bool dynamic) {
    bool hello = false;
    RawServer silent(context, [&hello](Socket& socket, int) -> task<void> {
      std::array<char, 64> some;
      const auto into = asio::buffer(some);
      co_await socket.async_read_some(into, use_task);
      hello = true;                    // and no word in return
      co_await until_closed(socket);
    });
    url = silent.url("/", "https", "localhost");
    const auto in_the_middle = [&hello] { return hello; };
    if (dynamic) stop_dynamic(in_the_middle);
    else stop_static(in_the_middle);
    go_on([&silent] { return silent.closed() == 1; });   // its connection went with it
  }

  void stop_in_dns(bool dynamic) {
    url = "https://asleep.test/";
    const auto in_the_middle = [this] { return begun > 0 && bed.someone_sleeps(); };
    if (dynamic) stop_dynamic(in_the_middle);
    else stop_static(in_the_middle);
    EXPECT_TRUE(bed.someone_sleeps()) << "the look-up ends by itself, later";
  }

  std::string url;
  std::string lines;
  int begun = 0;
  bool answered = false;

 private:
  void go_on(const std::function<bool()>& until) {
    context.restart();
    while (!until()) ASSERT_GT(context.run_one_for(5s), 0u);
  }
  void expect_quiet() {
    EXPECT_EQ(begun, 1) << "it is not restarted";
    EXPECT_FALSE(answered);
    EXPECT_THAT(lines, IsEmpty()) << "nothing was killed, abandoned or amiss";
  }
};

TEST_F(SupervisedStop, OfADynamicChildInTheTlsHandshakeIsOverAtOnce) { stop_in_handshake(true); }
TEST_F(SupervisedStop, OfAStaticChildInTheTlsHandshakeIsOverAtOnce) { stop_in_handshake(false); }
TEST_F(SupervisedStop, OfADynamicChildInDnsIsOverAtOnce) { stop_in_dns(true); }
TEST_F(SupervisedStop, OfAStaticChildInDnsIsOverAtOnce) { stop_in_dns(false); }

}  // namespace
}  // namespace beckon::core
