#include "sink/host_link.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"
#include "sink/boundary.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace beckon::core {
namespace {

namespace wire = plugins::wire;
using wire::Kind;

constexpr std::size_t most_line = 8192;        // kept of a line that the plugin prints
constexpr std::size_t most_said = 4096;        // of one line that it logs
constexpr std::size_t most_shown = 500;        // logged of it, once what is secret is masked
constexpr unsigned most_lines = 100;           // logged of one plugin in `log_window`
constexpr Milliseconds log_window = 10s;
constexpr Milliseconds time_to_die = 5s;       // from SIGKILL to its end: only the kernel can make it longer

std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most) + "...";
}

bool answers(Kind asked, Kind answer) {
  switch (asked) {
    case Kind::open: return answer == Kind::opened || answer == Kind::refused;
    case Kind::render: return answer == Kind::request || answer == Kind::outcome || answer == Kind::fault;
    case Kind::interpret:
    case Kind::deliver: return answer == Kind::outcome || answer == Kind::fault;
    case Kind::feedback: return answer == Kind::heard;
    default: return false;
  }
}

bool is_sound(const wire::Frame& frame) {
  wire::Decoder decoder(frame.payload);
  beckon_request request{};
  beckon_outcome outcome{};
  beckon_sink_table table{};
  wire::Entries entries;
  wire::Text first, second;
  switch (frame.kind) {
    case Kind::opened: return wire::unpack(decoder, entries, table);
    case Kind::refused: return wire::unpack(decoder, first);
    case Kind::request: return wire::unpack(decoder, request);
    case Kind::outcome: return wire::unpack(decoder, outcome);
    case Kind::fault: return wire::unpack(decoder, first, second);
    case Kind::heard: return wire::unpack(decoder, first, outcome);
    default: return false;
  }
}

// Whatever can be read at once; nothing when there is none at the moment, or none any more.
std::string read_rest(int fd, std::size_t most) {
  std::string bytes;
  char some[16 * 1024];
  while (bytes.size() < most) {
    const ssize_t got = ::read(fd, some, sizeof some);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes.append(some, static_cast<std::size_t>(got));
  }
  return bytes;
}

}  // namespace

// A call as long as its frame waits for it.
class HostLink::Listed {
 public:
  Listed(HostLink& link, Call& call) : link_(link), id_(++link.last_call_) { link_.calls_.emplace(id_, &call); }
  ~Listed() {
    link_.calls_.erase(id_);
    link_.begin_next();
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  std::uint64_t id() const { return id_; }

 private:
  HostLink& link_;
  std::uint64_t id_;
};

Result<std::shared_ptr<HostLink>> HostLink::start(Executor executor, Options options) {
  auto started = plugins::HostProcess::start(options.process);
  if (const auto* why = std::get_if<std::string>(&started))
    return fail(fmt::format("its library {} {}", options.process.library.string(), *why));
  auto link = std::make_shared<HostLink>(executor, std::move(options), std::move(std::get<plugins::HostProcess>(started)));
  link->listen();
  return link;
}

HostLink::HostLink(Executor executor, Options options, plugins::HostProcess process)
    : executor_(executor),
      options_(std::move(options)),
      process_(std::move(process)),
      pid_(process_.pid()),
      socket_(executor, asio::local::stream_protocol(), process_.socket.release()),
      output_(executor, process_.output.release()),
      exit_(executor, ::fcntl(process_.exit_event(), F_DUPFD_CLOEXEC, 3)) {}

void HostLink::listen() {
  read();
  read_output();
  exit_.async_wait(Stream::wait_read, [self = shared_from_this()](boost::system::error_code failure) {
    if (!failure) self->on_exit();
  });
}

// ---- calls ----------------------------------------------------------------------------------------------------------

task<HostAnswer> HostLink::call(std::shared_ptr<HostLink> self, Kind kind, std::shared_ptr<const std::string> payload,
                                Milliseconds limit) {
  HostAnswer gone;
  if (self->fault_) {
    gone.fault = self->fault_;
    co_return gone;
  }
  Timer timer(co_await asio::this_coro::executor, limit);
  Call call;
  call.kind = kind;
  call.timer = &timer;
  const Listed listed(*self, call);
  self->begin_next();
  self->send(wire::frame(kind, listed.id(), *payload));
  boost::system::error_code ignored;
  while (!call.answer) {
    auto wait = timer.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none && !call.answer)
      throw boost::system::system_error(asio::error::operation_aborted);
    if (call.answer) break;
    // The time counts from when the host could take it up, not from when it was put into its queue.
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime due = call.begun.value_or(now) + limit;
    if (due > now) {
      timer.expires_at(due);
    } else if (!self->cause_) {
      self->end("plugin_hung", fmt::format("its process gave no answer within {} and was ended", format_duration(limit)));
      timer.expires_after(time_to_die);
    } else if (timer.expiry() <= now) {
      gone.fault = self->cause_;
      gone.was_under_way = call.taken;
      co_return gone;
    }
  }
  co_return std::move(*call.answer);
}

// The first of those that wait are those that the host can be at.
void HostLink::begin_next() {
  std::size_t place = 0;
  for (auto& [id, call] : calls_) {
    if (call->answer) continue;
    if (place++ == options_.at_work) return;
    if (!call->begun) call->begun = std::chrono::steady_clock::now();
  }
}

void HostLink::send(std::string bytes) {
  if (fault_ || cause_) return;
  unsent_.push_back(std::move(bytes));
  if (unsent_.size() == 1) write();
}

void HostLink::write() {
  asio::async_write(socket_, asio::buffer(unsent_.front()),
                    [self = shared_from_this()](boost::system::error_code failure, std::size_t) {
                      if (failure) return;   // its end will be heard
                      self->unsent_.pop_front();
                      if (!self->unsent_.empty()) self->write();
                    });
}

void HostLink::read() {
  socket_.async_read_some(asio::buffer(read_bytes_),
                          [self = shared_from_this()](boost::system::error_code failure, std::size_t size) {
                            if (failure || self->fault_) return;
                            self->buffer_.append(self->read_bytes_.data(), size);
                            self->take_frames();
                            self->read();
                          });
}

void HostLink::take_frames() {
  std::size_t taken = 0;
  while (!cause_) {
    const wire::Next next = wire::next_frame(std::string_view(buffer_).substr(taken));
    if (next.state == wire::Next::State::garbage) end("plugin_garbage", "its process wrote what is no answer into its socket");
    if (next.state != wire::Next::State::whole) break;
    take(next.frame);
    taken += next.size;
  }
  buffer_.erase(0, taken);
}

void HostLink::take(const wire::Frame& frame) {
  if (frame.kind == Kind::log) return hear_log(frame);
  if (frame.kind == Kind::report) return hear_report(frame);
  const auto found = calls_.find(frame.call);
  const bool late = found == calls_.end() && frame.call != 0 && frame.call <= last_call_;
  if (late || (found != calls_.end() && found->second->answer)) return;   // nobody waits for it any more
  if (found != calls_.end() && frame.kind == Kind::taken && frame.payload.empty()) {
    found->second->taken = true;
    return;
  }
  if (found == calls_.end() || !answers(found->second->kind, frame.kind) || !is_sound(frame))
    return end("plugin_garbage", "its process gave an answer that nobody can have asked for");
  Call& call = *found->second;
  call.answer.emplace();
  call.answer->kind = frame.kind;
  call.answer->payload = std::string(frame.payload);
  call.timer->cancel();
  begin_next();
}

// ---- what it says of itself -----------------------------------------------------------------------------------------

void HostLink::hear_log(const wire::Frame& frame) {
  wire::Decoder decoder(frame.payload);
  wire::Level level;
  wire::Text text;
  if (!wire::unpack(decoder, level, text)) return end("plugin_garbage", "its process logged what is no text");
  const LogLevel said = level.level >= BECKON_LOG_ERROR  ? LogLevel::error
                        : level.level == BECKON_LOG_WARN ? LogLevel::warn
                        : level.level == BECKON_LOG_INFO ? LogLevel::info
                                                         : LogLevel::debug;
  if (log::enabled(said) && may_log()) log::write(said, "sink", fmt::format("\"{}\": {}", options_.name, cut(redact(text.text.substr(0, most_line)), most_said)));
}

void HostLink::hear_report(const wire::Frame& frame) {
  wire::Decoder decoder(frame.payload);
  wire::Text who;
  beckon_outcome what{};
  what.size = sizeof what;
  if (!wire::unpack(decoder, who, what)) return end("plugin_garbage", "its process reported what is no outcome");
  if (options_.report) options_.report(std::string(who.text), outcome_of(what));
}

void HostLink::read_output() {
  output_.async_read_some(asio::buffer(output_bytes_),
                          [self = shared_from_this()](boost::system::error_code failure, std::size_t size) {
                            if (failure || self->fault_) return;
                            self->take_output(std::string_view(self->output_bytes_.data(), size));
                            self->read_output();
                          });
}

// Line by line, so that a secret is seen in one piece; of a line without an end, only the beginning.
void HostLink::take_output(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    line_.append(bytes.substr(0, std::min(end, most_line - std::min(most_line, line_.size()))));
    if (end == bytes.size()) return;
    bytes.remove_prefix(end + 1);
    say(line_);
    line_.clear();
  }
}

void HostLink::say(std::string_view line) {
  const std::string masked = cut(redact(line), most_shown);
  const std::string shown = plugins::last_line(masked);
  if (shown.empty()) return;
  last_line_ = shown;
  if (may_log()) log::info("sink", "\"{}\" printed: {}", options_.name, masked);
}

bool HostLink::may_log() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now - log_window_ > log_window) {
    log_window_ = now;
    logged_ = 0;
  }
  if (++logged_ == most_lines)
    log::warn("sink", "\"{}\": its plugin says too much; the rest of these {} are left out", options_.name, format_duration(log_window));
  return logged_ < most_lines;
}

// ---- its end --------------------------------------------------------------------------------------------------------

void HostLink::end(std::string code, std::string reason) {
  if (cause_ || fault_) return;
  cause_ = HostFault{std::move(code), std::move(reason)};
  process_.kill();
}

void HostLink::on_exit() {
  plugins::ExitStatus status;
  if (!process_.wait(0ms, status)) return;
  finish(status);
}

void HostLink::finish(plugins::ExitStatus status) {
  // What it said before counts: an outcome may have come just before its end.
  if (socket_.is_open()) buffer_ += read_rest(socket_.native_handle(), 2 * wire::most_frame);
  take_frames();
  if (output_.is_open()) take_output(read_rest(output_.native_handle(), 1u << 20));
  if (!line_.empty()) say(line_);
  HostFault fault;
  if (cause_) {
    fault = *cause_;
  } else if (closing_) {
    fault = {"plugin_down", "its sink is closed"};
  } else if (status.out_of_memory()) {
    fault = {"plugin_memory", fmt::format("its process wanted more memory than memory_limit = \"{}MiB\" allows",
                                          options_.process.memory_limit >> 20)};
  } else if (status.by_signal()) {
    fault = {"plugin_crashed", "its process crashed " + status.in_brackets()};
  } else {
    fault = {"plugin_crashed", "its process ended by itself " + status.in_brackets()};
  }
  if (!last_line_.empty()) fault.reason += fmt::format(", saying \"{}\"", last_line_);
  fault_ = std::move(fault);
  boost::system::error_code ignored;
  socket_.close(ignored);
  output_.close(ignored);
  exit_.close(ignored);
  for (auto& [id, call] : calls_) {
    if (call->answer) continue;
    call->answer.emplace();
    call->answer->fault = fault_;
    call->answer->was_under_way = call->taken;
    call->timer->cancel();
  }
  waiters_.notify();
}

task<HostFault> HostLink::ended(std::shared_ptr<HostLink> self) {
  auto waiting = self->waiters_.until<HostLink>(self, [](const HostLink& link) { return link.fault_.has_value(); });
  co_await std::move(waiting);
  co_return *self->fault_;
}

void HostLink::hurry() {
  if (!fault_ && !cause_ && !closing_) send(wire::frame(Kind::cancel, 0));
}

void HostLink::ask_to_end() {
  if (fault_ || asked_to_end_) return;
  asked_to_end_ = std::chrono::steady_clock::now();
  closing_ = true;
  // A frame that is half out would swallow these two; then the end of the stream says the same.
  if (!cause_ && unsent_.empty()) {
    const std::string farewell = wire::frame(Kind::cancel, 0) + wire::frame(Kind::close, 0);
    ::send(socket_.native_handle(), farewell.data(), farewell.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

void HostLink::close(Milliseconds patience) {
  if (fault_) return;
  ask_to_end();
  const auto asked = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - *asked_to_end_);
  plugins::ExitStatus status;
  if (cause_ || !process_.wait(std::max(patience - asked, 0ms), status)) {
    end("plugin_hung", fmt::format("its process did not end within {} and was ended", format_duration(patience)));
    process_.wait(time_to_die, status);
  }
  finish(status);
}

}  // namespace beckon::core
