// HTTP/1.1 as it comes from strangers, in pieces cut anywhere; and URLs. The first line chooses what is read, by letters: "u" a URL,
// "r" a request, else an answer: "h" without a body, "e" ended by the peer, "s" under small bounds. All of it seeds the cuts.
#include "fuzz/require.hpp"

#include "net/url.hpp"
#include "net/wire.hpp"

#include <algorithm>
#include <cstdint>

namespace beckon::fuzz {
namespace {

using core::wire::Bounds;
using core::wire::Progress;

struct Plan {
  Bounds bounds;
  bool headless = false;
  bool ends = false;  // the peer closes behind the last byte
};

struct Seen {
  Progress progress = Progress::more;
  int status = 0;
  std::string method, url;
  core::HttpHeaders headers;
  std::string body;
  bool again = false;  // the connection may carry another
};

// What is refused may be refused sooner or later: Beast waits for a header's end before it looks a second time. But what one
// cut makes an answer is the same answer by every other.
bool equal(const Seen& a, const Seen& b) {
  if (a.progress != Progress::done && b.progress != Progress::done) return true;
  return a.progress == b.progress && a.status == b.status && a.method == b.method && a.url == b.url &&
         a.headers == b.headers && a.body == b.body;
}

std::size_t size_of(const core::HttpHeaders& headers) {
  std::size_t size = 0;
  for (const auto& [name, value] : headers) size += name.size() + value.size() + 2;
  return size;
}

void check_bounds(const Seen& seen, const Bounds& bounds) {
  require(seen.body.size() <= bounds.body, "no body is larger than its bound");
  require(size_of(seen.headers) <= bounds.header, "no header is larger than its bound");
  for (const auto& [name, value] : seen.headers) {
    require(!name.empty() && !holds_control(name), "a header's name is one", name);
    require(value.find('\r') == value.npos && value.find('\n') == value.npos, "a header's value is one line", value);
  }
}

// Calls `feed` with one piece after the other. `seed` 0: all at once; 1: byte by byte.
template <class Feed>
Progress feed_pieces(std::string_view stream, std::uint32_t seed, Feed feed) {
  auto progress = Progress::more;
  while (!stream.empty() && progress == Progress::more) {
    std::size_t length = seed == 0 ? stream.size() : 1;
    if (seed > 1) {
      seed = seed * 1664525u + 1013904223u;
      length = std::min<std::size_t>(stream.size(), 1 + (seed >> 16) % 61);
    }
    progress = feed(stream.substr(0, length));
    stream.remove_prefix(length);
  }
  return progress;
}

Seen read_response(std::string_view stream, const Plan& plan, std::uint32_t seed) {
  core::wire::ResponseReader reader(plan.bounds, plan.headless);
  Seen seen;
  seen.progress = feed_pieces(stream, seed, [&](std::string_view piece) { return reader.feed(piece); });
  require(reader.started() == !stream.empty(), "a reader that was given a byte has started");
  if (seen.progress == Progress::more && plan.ends) {
    seen.progress = reader.end();
    require(seen.progress == Progress::done || seen.progress == Progress::malformed, "a stream's end ends the answer");
  }
  if (seen.progress != Progress::done) return seen;
  seen.again = reader.reusable();
  require(!seen.again || !reader.left_over(), "no connection goes on behind bytes that nobody asked for");
  auto response = reader.take();
  seen.status = response.status;
  seen.headers = std::move(response.headers);
  seen.body = std::move(response.body);
  require(seen.status >= 200 && seen.status <= 999, "an answer is final");
  require(!plan.headless || seen.body.empty(), "an answer without a body has none");
  check_bounds(seen, plan.bounds);
  return seen;
}

Seen read_request(std::string_view stream, const Plan& plan, std::uint32_t seed) {
  core::wire::RequestReader reader(plan.bounds);
  Seen seen;
  seen.progress = feed_pieces(stream, seed, [&](std::string_view piece) { return reader.feed(piece); });
  if (seen.progress != Progress::done) return seen;
  seen.again = reader.keep_alive();
  auto request = reader.take();
  seen.method = std::move(request.method);
  seen.url = std::move(request.url);
  seen.headers = std::move(request.headers);
  seen.body = std::move(request.body);
  require(!seen.method.empty() && !holds_control(seen.method), "a method is one", seen.method);
  require(!holds_control(seen.url), "a request's target is one", seen.url);
  check_bounds(seen, plan.bounds);
  return seen;
}

std::string describe(const Seen& seen) {
  constexpr std::string_view names[] = {"more", "done", "too large", "malformed"};
  std::string text(names[static_cast<std::size_t>(seen.progress)]);
  text += " " + std::to_string(seen.status) + " " + seen.method + " " + seen.url + "\n";
  for (const auto& [name, value] : seen.headers) text += name + ": " + value + "\n";
  return text + "\n" + seen.body;
}

template <class Read>
void check_cuts(std::string_view stream, const Plan& plan, std::uint32_t seed, Read read) {
  const auto whole = read(stream, plan, 0u);
  const auto check = [&](const Seen& pieces, std::string_view what) {
    if (!equal(whole, pieces)) require(false, what, "whole: " + describe(whole) + "\npieces: " + describe(pieces));
  };
  check(read(stream, plan, seed), "pieces read as the whole does");
  if (stream.size() <= 2048) check(read(stream, plan, 1u), "bytes read as the whole does");
}

void check_url(std::string_view text) {
  const auto url = core::parse_url(text);
  if (!url) {
    require_sentence(url.error().message, "a refusal");
    require(core::origin(text).empty() && !core::same_origin(text, text), "what is refused has no origin");
    return;
  }
  require(url->scheme == "http" || url->scheme == "https", "only http and https are called", url->scheme);
  require(url->port != 0, "a port is one");
  require(!url->host.empty() && url->host.find_first_of("/@?#[]%\\ ") == std::string::npos, "a host is one", url->host);
  require(url->ipv6 == (url->host.find(':') != std::string::npos), "only an IPv6 address has colons", url->host);
  require(std::none_of(url->host.begin(), url->host.end(),
                       [](unsigned char c) { return c <= 0x20 || c >= 0x7f || (c >= 'A' && c <= 'Z'); }),
          "a host is in lower case, in ASCII", url->host);
  require(url->target.starts_with('/') && url->target.find('#') == std::string::npos, "a target is one", url->target);
  require(!holds_control(url->target) && url->target.find(' ') == std::string::npos, "a target ends no line", url->target);
  require(core::same_origin(text, text), "a URL is of its own origin");
  // What stands in the request line and what the connection goes to is, read again, the same.
  const auto again = core::parse_url(url->origin() + url->target);
  require(again.has_value(), "the canonical form can be read", url->origin() + url->target);
  require(again->origin() == url->origin() && again->host == url->host && again->port == url->port &&
              again->target == url->target && again->userinfo.empty(),
          "the canonical form reads as the URL did", url->origin() + url->target);
}

}  // namespace
}  // namespace beckon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beckon::fuzz;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto first = std::min(input.find('\n'), input.size());
  std::string_view words = input.substr(0, first);
  input.remove_prefix(std::min(first + 1, input.size()));
  if (words.starts_with('u')) {
    check_url(input);
    return 0;
  }
  Plan plan;
  std::uint32_t seed = 2;
  for (const char c : words) {
    if (c == 'h') plan.headless = true;
    if (c == 'e') plan.ends = true;
    if (c == 's') plan.bounds = {.header = 128, .body = 64};
    seed = seed * 31 + static_cast<unsigned char>(c);
  }
  seed |= 2;
  if (words.starts_with('r')) check_cuts(input, plan, seed, read_request);
  else check_cuts(input, plan, seed, read_response);
  return 0;
}
