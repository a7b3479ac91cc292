#include "net/unix_socket.hpp"

#include "support/run.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

task<HttpResponse> echo(HttpRequest request) {
  HttpResponse response;
  response.status = 200;
  response.body = request.method + " " + request.url + "|" + request.body;
  co_return response;
}

struct UnixSocket : ::testing::Test {
  UnixSocket() {
    std::string name = fs::temp_directory_path() / "beckon-net-XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for the test");
    folder = name;
    path = folder / "beckon.db.sock";
  }
  ~UnixSocket() override {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }

  Result<std::unique_ptr<HttpServer>> serve(HttpHandler handler = echo) {
    return serve_http_at(context.get_executor(), std::move(handler), path);
  }
  // The caller blocks, so it has a thread of its own.
  Result<std::optional<HttpResponse>> ask(HttpRequest request = get("/"), Milliseconds limit = 20s) {
    Result<std::optional<HttpResponse>> answer = fail("not asked");
    std::thread caller([&] {
      answer = ask_http_at(path, request, limit);
      asio::post(context, [this] { context.stop(); });
    });
    context.restart();
    const auto work = asio::make_work_guard(context);
    context.run();
    caller.join();
    return answer;
  }
  static HttpRequest get(std::string target) {
    HttpRequest request;
    request.url = std::move(target);
    return request;
  }
  static std::string sentence(const Result<std::unique_ptr<HttpServer>>& result) {
    return result ? "(no error)" : result.error().message;
  }
  // As a process that was killed leaves it.
  void leave_stale_socket() const {
    asio::io_context other(1);
    asio::local::stream_protocol::acceptor acceptor(other, asio::local::stream_protocol::endpoint(path.string()));
  }

  fs::path folder;
  fs::path path;
  asio::io_context context{1};
};

TEST_F(UnixSocket, CarriesARequestAndItsAnswer) {
  const auto server = serve();
  ASSERT_TRUE(server) << sentence(server);
  HttpRequest request = get("/a%20b?c=d");
  request.method = "POST";
  request.body = std::string(300'000, 'x');
  const auto answer = ask(request);
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->status, 200);
  EXPECT_EQ((*answer)->body, "POST /a%20b?c=d|" + request.body);
  EXPECT_EQ((*server)->port(), 0);
}

TEST_F(UnixSocket, ALargeAnswerArrivesWhole) {
  const auto server = serve([](HttpRequest) -> task<HttpResponse> {
    HttpResponse response;
    response.status = 200;
    response.body = std::string(20u << 20, 'y');
    co_return response;
  });
  const auto answer = ask();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->body.size(), 20u << 20);
}

TEST_F(UnixSocket, ABodyOfMoreThanAMegabyteIsRefused) {
  const auto server = serve();
  HttpRequest request = get("/");
  request.method = "POST";
  request.body = std::string(2u << 20, 'x');
  const auto answer = ask(request);
  ASSERT_TRUE(answer && *answer) << (answer ? "" : answer.error().message);
  EXPECT_EQ((*answer)->status, 413);
}

TEST_F(UnixSocket, IsItsOwnersAloneAndGoesWithTheServer) {
  const auto before = ::umask(0);
  auto server = serve();
  ::umask(before);
  struct stat facts {};
  ASSERT_EQ(::lstat(path.c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  server->reset();
  EXPECT_FALSE(fs::exists(fs::symlink_status(path)));
}

TEST_F(UnixSocket, NobodyThereIsNoError) {
  const auto none = ask();
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  leave_stale_socket();
  ASSERT_TRUE(fs::exists(path));
  const auto stale = ask();
  ASSERT_TRUE(stale) << stale.error().message;
  EXPECT_FALSE(*stale);
}

TEST_F(UnixSocket, OneThatWasLeftBehindIsReplaced) {
  leave_stale_socket();
  const auto server = serve();
  ASSERT_TRUE(server) << sentence(server);
  EXPECT_TRUE(ask().value());
}

TEST_F(UnixSocket, OneThatIsInUseIsLeftAlone) {
  const auto server = serve();
  const auto second = serve();
  EXPECT_THAT(sentence(second), HasSubstr("another process listens at " + path.string()));
  EXPECT_TRUE(ask().value()) << "and the first goes on";
}

TEST_F(UnixSocket, AForeignFileInTheWayIsNotTouched) {
  std::ofstream(path) << "precious";
  EXPECT_THAT(sentence(serve()), HasSubstr("is in the way, and is no socket"));
  EXPECT_EQ(fs::file_size(path), 8u);
  fs::remove(path);
  std::ofstream(folder / "elsewhere") << "precious";
  fs::create_symlink(folder / "elsewhere", path);
  EXPECT_THAT(sentence(serve()), HasSubstr("is in the way, and is no socket"));
  EXPECT_TRUE(fs::is_symlink(path));
  EXPECT_EQ(fs::file_size(folder / "elsewhere"), 8u);
}

TEST_F(UnixSocket, AFileThatTookItsPlaceStaysWhenTheServerGoes) {
  auto server = serve();
  fs::remove(path);
  std::ofstream(path) << "precious";
  server->reset();
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(UnixSocket, APathOfAnyLengthWill) {
  fs::path deep = folder;
  for (int i = 0; i < 4; ++i) deep /= std::string(200, 'd');
  fs::create_directories(deep);
  path = deep / "beckon.db.sock";
  auto server = serve();
  ASSERT_TRUE(server) << sentence(server);
  EXPECT_TRUE(fs::exists(path));
  EXPECT_TRUE(ask().value());
  server->reset();
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(UnixSocket, ANameThatIsTooLongIsSaid) {
  path = folder / (std::string(150, 'n') + ".sock");
  EXPECT_THAT(sentence(serve()), HasSubstr("too long for a socket"));
  EXPECT_FALSE(ask().value());
}

TEST_F(UnixSocket, AFolderThatIsNotThereIsSaid) {
  path = folder / "none" / "beckon.db.sock";
  EXPECT_THAT(sentence(serve()), HasSubstr("cannot be made"));
  EXPECT_FALSE(ask().value());
}

TEST_F(UnixSocket, AnAnswerThatDoesNotComeIsGivenUp) {
  const auto server = serve([](HttpRequest) -> task<HttpResponse> {
    co_await sleep_for(1h);
    co_return HttpResponse();
  });
  const auto answer = ask(get("/"), 50ms);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("did not answer within 50ms"));
}

TEST_F(UnixSocket, ThePeerMayHangUpOrTalkNonsense) {
  for (const char* words : {"", "NONSENSE\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
    fs::remove(path);
    asio::io_context other(1);
    asio::local::stream_protocol::acceptor acceptor(other, asio::local::stream_protocol::endpoint(path.string()));
    std::thread peer([&] {
      asio::local::stream_protocol::socket socket(other);
      acceptor.accept(socket);
      std::array<char, 4096> bytes;
      socket.read_some(asio::buffer(bytes));
      asio::write(socket, asio::buffer(std::string_view(words)));
    });
    const auto answer = ask();
    peer.join();
    ASSERT_FALSE(answer) << words;
    EXPECT_THAT(answer.error().message, HasSubstr("cannot be asked"));
  }
}

TEST_F(UnixSocket, WhoeverOnlyHoldsAPlaceGivesItUpForOthers) {
  const auto server = serve();
  ASSERT_TRUE(server);
  using Stream = asio::local::stream_protocol::socket;
  asio::io_context theirs(1);
  std::vector<Stream> held;
  for (int i = 0; i < 200; ++i) {
    held.emplace_back(theirs);
    held.back().connect(asio::local::stream_protocol::endpoint(path.string()));
    asio::write(held.back(), asio::buffer(std::string("GET / HT")));
    context.restart();
    context.poll();
  }
  const auto answer = ask();
  ASSERT_TRUE(answer && *answer) << "somebody with a question is served";
  EXPECT_EQ((*answer)->status, 200);
  EXPECT_LE((*server)->connections(), 65u);
}

}  // namespace
}  // namespace beckon::core
