#include "net/unix_address.hpp"
#include "net/unix_socket.hpp"
#include "net/wire.hpp"

#include <spdlog/fmt/fmt.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace beckon::core {
namespace {

using Clock = std::chrono::steady_clock;

// False when the time is over.
bool wait_for(int socket, short events, SteadyTime end) {
  pollfd waiting{socket, events, 0};
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now());
    if (left <= 0ms) return false;
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<Milliseconds>(left, 1h).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;   // the next call says what is wrong
  }
}

class Call {
 public:
  Call(const std::filesystem::path& path, int socket, Milliseconds limit)
      : path_(path), socket_(socket), limit_(limit), end_(Clock::now() + limit) {}

  Result<void> send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) text.remove_prefix(static_cast<std::size_t>(sent));
      else if (errno == EPIPE || errno == ECONNRESET) return {};   // it may have answered before it hung up
      else if (errno != EINTR && errno != EAGAIN) return trouble(std::strerror(errno));
      else if (!wait_for(socket_, POLLOUT, end_)) return late();
    }
    return {};
  }

  Result<HttpResponse> receive(wire::ResponseReader& reader) {
    std::array<char, 64 << 10> bytes;
    for (auto progress = wire::Progress::more;;) {
      const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        if (!wait_for(socket_, POLLIN, end_)) return late();
        continue;
      }
      if (count > 0) progress = reader.feed({bytes.data(), static_cast<std::size_t>(count)});
      else if (!reader.started()) return trouble("it hung up without an answer");
      else progress = reader.end();
      if (progress == wire::Progress::done) return reader.take();
      if (progress != wire::Progress::more) return trouble("its answer is no HTTP");
    }
  }

 private:
  Error trouble(std::string_view what) const {
    return fail(fmt::format("what listens at {} cannot be asked: {}", path_.string(), what));
  }
  Error late() const {
    return fail(fmt::format("what listens at {} did not answer within {}", path_.string(), format_duration(limit_)));
  }

  const std::filesystem::path& path_;
  const int socket_;
  const Milliseconds limit_;
  const SteadyTime end_;
};

}  // namespace

Result<std::optional<HttpResponse>> ask_http_at(const std::filesystem::path& path, const HttpRequest& request,
                                                Milliseconds limit) {
  auto address = unix_address(path);
  if (!address) return std::optional<HttpResponse>();   // no socket can have such a name
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || ::connect(socket.number(), address->data(), address->size) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return std::optional<HttpResponse>();
    return fail(fmt::format("{} cannot be reached ({}): be the user who runs the daemon, or root", path.string(), std::strerror(errno)));
  }
  wire::Bounds bounds;
  bounds.body = 512u << 20;   // of many subscriptions
  wire::ResponseReader reader(bounds, request.method == "HEAD");
  Call call(path, socket.number(), limit);
  const HttpHeaders ours = {{"Connection", "close"}};
  if (auto sent = call.send(wire::request_text(request, request.url, "localhost", ours)); !sent) return sent.error();
  auto answer = call.receive(reader);
  if (!answer) return answer.error();
  return std::optional<HttpResponse>(std::move(*answer));
}

}  // namespace beckon::core
