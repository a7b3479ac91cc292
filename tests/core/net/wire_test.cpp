#include "net/wire.hpp"

#include <gmock/gmock.h>

namespace beckon::core::wire {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;name=value\r\nwiki\r\n5\r\npedia\r\n0\r\nX-Sum: 9\r\n\r\n";

ResponseReader reader(bool headless = false) { return ResponseReader(Bounds(), headless); }

TEST(ResponseReader, TakesAMessageInOnePiece) {
  auto response = reader();
  ASSERT_EQ(response.feed("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-A: b\r\nx-a: c\r\n\r\nok"), Progress::done);
  EXPECT_TRUE(response.reusable());
  const auto message = response.take();
  EXPECT_EQ(message.status, 201);
  EXPECT_EQ(message.body, "ok");
  EXPECT_EQ(find_header(message.headers, "X-a"), "b");
  EXPECT_EQ(message.headers.size(), 3u);
}

TEST(ResponseReader, TakesAMessageByteByByte) {
  auto response = reader();
  for (std::size_t i = 0; i + 1 < chunked.size(); ++i)
    ASSERT_EQ(response.feed(chunked.substr(i, 1)), Progress::more) << i;
  ASSERT_EQ(response.feed(chunked.substr(chunked.size() - 1)), Progress::done);
  EXPECT_TRUE(response.reusable());
  EXPECT_EQ(response.take().body, "wikipedia");
}

TEST(ResponseReader, TakesAnEmptyChunkedMessageByteByByte) {
  auto response = reader();
  auto progress = Progress::more;
  for (const char& c : std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
    ASSERT_EQ(progress, Progress::more);
    progress = response.feed({&c, 1});
  }
  ASSERT_EQ(progress, Progress::done);
  EXPECT_EQ(response.take().body, "");
}

TEST(ResponseReader, TakesAMessageCutAnywhere) {
  for (std::size_t cut = 1; cut < chunked.size(); ++cut) {
    auto response = reader();
    ASSERT_EQ(response.feed(chunked.substr(0, cut)), Progress::more) << cut;
    ASSERT_EQ(response.feed(chunked.substr(cut)), Progress::done) << cut;
    EXPECT_EQ(response.take().body, "wikipedia");
  }
}

TEST(ResponseReader, SkipsInterimAnswers) {
  auto response = reader();
  ASSERT_EQ(response.feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), Progress::more);
  ASSERT_EQ(response.feed("HTTP/1.1 204 No Content\r\n\r\n"), Progress::done);
  EXPECT_EQ(response.take().status, 204);
}

TEST(ResponseReader, EndlessInterimAnswersAreMalformed) {
  auto response = reader();
  auto progress = Progress::more;
  for (int i = 0; i < 100 && progress == Progress::more; ++i)
    progress = response.feed("HTTP/1.1 102 Processing\r\n\r\n");
  EXPECT_EQ(progress, Progress::malformed);
}

TEST(ResponseReader, SwitchingProtocolsIsMalformed) {
  auto response = reader();
  EXPECT_EQ(response.feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), Progress::malformed);
}

TEST(ResponseReader, BodilessAnswersEndWithTheirHeader) {
  for (const auto* text : {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"x\"\r\n\r\n",
                           "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}) {
    auto response = reader();
    EXPECT_EQ(response.feed(text), Progress::done) << text;
    EXPECT_TRUE(response.reusable()) << text;
  }
  auto head = reader(true);
  EXPECT_EQ(head.feed("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"), Progress::done);
  EXPECT_TRUE(head.reusable());
}

TEST(ResponseReader, BodyWithoutALengthEndsWithTheStream) {
  auto response = reader();
  ASSERT_EQ(response.feed("HTTP/1.1 200 OK\r\n\r\nall there is"), Progress::more);
  ASSERT_EQ(response.end(), Progress::done);
  EXPECT_FALSE(response.reusable());
  EXPECT_EQ(response.take().body, "all there is");
}

TEST(ResponseReader, EarlyEndOfTheStreamIsNoEndOfTheMessage) {
  for (const auto* text : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n"}) {
    auto response = reader();
    ASSERT_EQ(response.feed(text), Progress::more) << text;
    EXPECT_EQ(response.end(), Progress::malformed) << text;
  }
}

TEST(ResponseReader, StatusBelow100NeverIsAnAnswer) {
  auto response = reader();
  ASSERT_EQ(response.feed("HTTP/1.1 099 Low\r\n\r\nbody"), Progress::more);
  EXPECT_EQ(response.end(), Progress::malformed);
}

TEST(ResponseReader, ConnectionIsNotReusedAgainstThePeersWord) {
  auto closing = reader();
  closing.feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(closing.reusable());
  auto old = reader();
  old.feed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(old.reusable());
  auto talkative = reader();
  ASSERT_EQ(talkative.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"), Progress::done);
  EXPECT_TRUE(talkative.left_over());
  EXPECT_FALSE(talkative.reusable());
}

TEST(ResponseReader, WhatIsNotHttpIsMalformed) {
  for (const auto* text : {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
                           "<html>\r\n\r\n", "HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"}) {
    auto response = reader();
    EXPECT_EQ(response.feed(text), Progress::malformed) << text;
  }
}

Bounds small() {
  Bounds bounds;
  bounds.header = 256;
  bounds.body = 64;
  return bounds;
}

TEST(ResponseReader, AnnouncedBodyAboveTheBoundIsTooLarge) {
  ResponseReader response(small(), false);
  EXPECT_EQ(response.feed("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n"), Progress::too_large);
  ResponseReader exact(small(), false);
  EXPECT_EQ(exact.feed("HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + std::string(64, 'x')), Progress::done);
}

Progress feed_for_ever(ResponseReader& response, std::string_view piece) {
  auto progress = Progress::more;
  for (int i = 0; i < 1000 && progress == Progress::more; ++i) progress = response.feed(piece);
  return progress;
}

TEST(ResponseReader, EndlessAnythingIsTooLarge) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string chunks = head + "Transfer-Encoding: chunked\r\n\r\n";
  const std::pair<std::string, std::string> streams[] = {
      {"HTTP/1.1 200 ", "because"},               // a reason
      {head, "A: b\r\n"},                         // headers
      {head + "A: ", "bbbb"},                     // one header
      {head + "\r\n", "bbbb"},                    // a body without a length
      {chunks, "4\r\nwiki\r\n"},                  // chunks
      {chunks + "4;", "extension"},               // a chunk's extension
      {chunks + "0\r\n", "Trailer: field\r\n"}};  // trailers
  for (const auto& [opening, rest] : streams) {
    ResponseReader response(small(), false);
    ASSERT_EQ(response.feed(opening), Progress::more) << opening;
    EXPECT_EQ(feed_for_ever(response, rest), Progress::too_large) << opening << rest;
  }
}

TEST(ResponseReader, WhatIsTooLargeDoesNotHangOnTheCut) {
  const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string fill(small().header, 'b');
  for (const auto& stream : {"HTTP/1.1 200 OK\r\nA: " + fill.substr(10) + "\r\n\r\n",    // a header
                             chunks + "1;" + fill + "\r\nx\r\n0\r\n\r\n",               // a chunk's extension
                             chunks + "0\r\nA: " + fill + "\r\n\r\n"}) {                 // a trailer
    ResponseReader whole(small(), false), pieces(small(), false);
    EXPECT_EQ(whole.feed(stream), Progress::too_large) << stream;
    auto progress = Progress::more;
    for (const char& c : stream)
      if (progress == Progress::more) progress = pieces.feed({&c, 1});
    EXPECT_EQ(progress, Progress::too_large) << stream;
  }
}

TEST(RequestReader, TakesPipelinedRequestsOneByOne) {
  RequestReader requests{Bounds()};
  const std::string first = "POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";
  ASSERT_EQ(requests.feed(first + "GET /d HTTP/1.0\r\n\r\n"), Progress::done);
  EXPECT_TRUE(requests.keep_alive());
  auto request = requests.take();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "/a?b=c");
  EXPECT_EQ(request.body, "hi");
  ASSERT_EQ(requests.feed({}), Progress::done);
  EXPECT_FALSE(requests.keep_alive());
  request = requests.take();
  EXPECT_EQ(request.url, "/d");
  EXPECT_EQ(requests.feed({}), Progress::more);
}

HttpRequest with_header(std::string name, std::string value) {
  HttpRequest request;
  request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}

TEST(Objection, SmuggledLinesAreRefusedWithoutTheValue) {
  for (const auto* value : {"a\r\nEvil: sesame", "sesame\n", "sesame\r", "\x01sesame", "sesame\x7f"}) {
    const auto why = objection(with_header("X-A", value));
    EXPECT_THAT(why, HasSubstr("X-A"));
    EXPECT_THAT(why, Not(HasSubstr("sesame")));
  }
  EXPECT_THAT(objection(with_header("X-A", std::string("a\0b", 3))), Not(IsEmpty()));
  EXPECT_THAT(objection(with_header("X A", "b")), Not(IsEmpty()));
  EXPECT_THAT(objection(with_header("X-A:", "b")), Not(IsEmpty()));
  EXPECT_THAT(objection(with_header("", "b")), Not(IsEmpty()));
}

TEST(Objection, FramingHeadersAreOurs) {
  for (const auto* name : {"host", "CONTENT-LENGTH", "Transfer-Encoding", "Connection", "Accept-Encoding", "Upgrade",
                           "Proxy-Authorization"})
    EXPECT_THAT(objection(with_header(name, "x")), HasSubstr("leave it out")) << name;
}

TEST(Objection, OrdinaryRequestsPass) {
  EXPECT_THAT(objection(with_header("Authorization", "Bearer abc")), IsEmpty());
  EXPECT_THAT(objection(with_header("X-Title", "caf\xc3\xa9\tau lait")), IsEmpty());
  HttpRequest odd;
  odd.method = "GET /x HTTP/1.1\r\nEvil:";
  EXPECT_THAT(objection(odd), Not(IsEmpty()));
  odd.method = "CONNECT";
  EXPECT_THAT(objection(odd), Not(IsEmpty()));
  odd.method = "REPORT";
  EXPECT_THAT(objection(odd), IsEmpty());
}

TEST(RequestText, SetsWhatIsOurs) {
  auto request = with_header("X-A", "b");
  const HttpHeaders ours = {{"User-Agent", "beckon"}};
  EXPECT_EQ(request_text(request, "/p?q", "h:8", ours),
            "GET /p?q HTTP/1.1\r\nHost: h:8\r\nUser-Agent: beckon\r\nX-A: b\r\n\r\n");
  request.method = "POST";
  EXPECT_THAT(request_text(request, "/", "h", ours), HasSubstr("Content-Length: 0\r\n"));
  request.body = "body";
  EXPECT_THAT(request_text(request, "/", "h", ours), HasSubstr("Content-Length: 4\r\n\r\nbody"));
}

TEST(RequestText, CallersUserAgentTakesThePlaceOfOurs) {
  const auto text = request_text(with_header("user-agent", "mine"), "/", "h", {{"User-Agent", "beckon"}});
  EXPECT_THAT(text, HasSubstr("user-agent: mine\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("beckon")));
}

TEST(ResponseText, LengthIsTheServersWord) {
  HttpResponse response;
  response.status = 200;
  response.headers = {{"content-length", "9999"}, {"ETag", "\"x\""}};
  response.body = "ok";
  EXPECT_EQ(response_text(response, false, true), "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(response_text(response, true, false), HasSubstr("Content-Length: 2\r\nConnection: close\r\n\r\n"));
  response.status = 304;
  EXPECT_THAT(response_text(response, false, true), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(response_text(response, false, true), StartsWith("HTTP/1.1 304 Not Modified\r\n"));
}

}  // namespace
}  // namespace beckon::core::wire
