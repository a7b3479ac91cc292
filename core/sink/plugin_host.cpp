#include "sink/plugin_host.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"
#include "sink/boundary.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <stdexcept>

namespace beckon::core {
namespace {

using plugins::wire::Kind;

// How often a call that only waited behind others is made again when the process ends under it.
constexpr int most_tries = 3;

Outcome told(OutcomeKind kind, Scope scope, std::string code, std::string reason) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.scope = scope;
  outcome.code = std::move(code);
  outcome.reason = std::move(reason);
  return outcome;
}

}  // namespace

std::shared_ptr<PluginHost> PluginHost::start(Executor executor, Options options) {
  auto host = std::make_shared<PluginHost>(executor, std::move(options));
  // Goes with the frames: whoever closes us then has no io_context any more.
  const auto frames = std::make_shared<char>();
  host->frames_ = frames;
  auto keeping = [host, frames] { return keep(host); };
  auto ended = [host](std::exception_ptr failure) {
    if (failure && !host->closed_) std::rethrow_exception(failure);
  };
  asio::co_spawn(executor, shielded(std::move(keeping)), asio::bind_cancellation_slot(host->stop_.slot(), std::move(ended)));
  return host;
}

// Waits while the process is being started, and looks again at every change.
class PluginHost::Waiting {
 public:
  Waiting(PluginHost& host, Timer& timer) : host_(host), timer_(timer) { host_.waiting_.push_back(&timer_); }
  ~Waiting() { std::erase(host_.waiting_, &timer_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  PluginHost& host_;
  Timer& timer_;
};

void PluginHost::notify() {
  for (Timer* timer : waiting_) timer->cancel();
}

task<void> PluginHost::settled(std::shared_ptr<PluginHost> self) {
  Timer timer(co_await asio::this_coro::executor, self->options_.timing.open);
  const Waiting listed(*self, timer);
  boost::system::error_code ignored;
  while (!self->is_settled() && timer.expiry() > std::chrono::steady_clock::now()) {
    auto wait = timer.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
  }
}

task<HostReply> PluginHost::ask(std::shared_ptr<PluginHost> self, Kind kind, std::shared_ptr<const std::string> payload,
                                Milliseconds limit) {
  HostReply reply;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (!self->is_settled()) {
      auto settling = settled(self);
      co_await std::move(settling);
    }
    const auto link = self->ready_;
    if (!link) {
      reply.trouble = self->trouble();
      co_return reply;
    }
    auto calling = HostLink::call(link, kind, payload, limit);
    HostAnswer answer = co_await std::move(calling);
    if (!answer.fault) {
      self->served_ = true;
      reply.trouble.reset();
      reply.kind = answer.kind;
      reply.payload = std::move(answer.payload);
      co_return reply;
    }
    // Its end may be heard here first.
    if (self->ready_ == link) self->ready_.reset();
    if (answer.was_under_way) {
      reply.trouble = plugin_fault(answer.fault->code, answer.fault->reason);
      co_return reply;
    }
    reply.trouble = told(OutcomeKind::retry, Scope::delivery, answer.fault->code,
                         answer.fault->reason + ", before this delivery had its turn");
  }
  co_return reply;
}

Outcome PluginHost::trouble() const {
  if (!refused_.empty()) return told(OutcomeKind::misconfigured, Scope::sink, "plugin_refused", refused_);
  std::string why = "the process of its plugin does not get ready";
  if (closed_) why = "its sink is closed";
  else if (!down_.empty()) why = "its plugin fails too often and rests: " + down_;
  return told(OutcomeKind::retry, Scope::sink, "plugin_down", std::move(why));
}

// ---- the process under its supervisor ---------------------------------------------------------------------------------

task<void> PluginHost::keep(std::shared_ptr<PluginHost> self) {
  const HostTiming timing = self->options_.timing;
  SupervisorFlags flags;
  flags.intensity = timing.intensity;
  flags.period = timing.period;
  const std::string name = fmt::format("the process of sink \"{}\"", self->options_.link.name);
  for (Milliseconds pause = timing.pause; !self->closed_; pause = std::min(2 * pause, timing.longest_pause)) {
    TreeChild child;
    child.rules.name = "plugin";
    child.start = [self] { return begin(self); };
    std::vector<TreeChild> children;
    children.push_back(std::move(child));
    const auto tree = make_tree(self->executor_, name, flags, std::move(children));
    auto starting = tree->start();
    const Result<void> started = co_await std::move(starting);
    std::string why;
    if (started) {
      auto waiting = tree->wait();
      why = co_await std::move(waiting);
    } else {
      why = started.error().message;
    }
    if (self->closed_) co_return;
    if (std::exchange(self->served_, false)) pause = timing.pause;
    self->down_ = redact(why);
    log::error("sink", "\"{}\": its plugin rests for {}, and its deliveries wait: {}. Replace {} (by renaming, never in place), "
               "and it works again", self->options_.link.name, format_duration(pause), self->down_,
               self->options_.link.process.library.string());
    self->notify();
    co_await sleep_for(pause);
    self->down_.clear();
  }
}

task<Result<ChildBody>> PluginHost::begin(std::shared_ptr<PluginHost> self) {
  if (self->closed_) co_return ChildBody();
  if (self->starts_++ > 0 && self->options_.restarted) self->options_.restarted();
  auto started = HostLink::start(self->executor_, self->options_.link);
  if (!started) co_return started.error();
  self->link_ = *started;
  self->started_ = wall_now();
  ChildBody body = [self, link = *started] { return serve(self, link); };
  co_return body;
}

task<Farewell> PluginHost::serve(std::shared_ptr<PluginHost> self, std::shared_ptr<HostLink> link) {
  // However it leaves: asked to end by the supervisor, or with the process.
  struct Leaving {
    PluginHost& host;
    HostLink& link;
    ~Leaving() {
      if (host.ready_.get() == &link) host.ready_.reset();
      link.end("plugin_down", "its sink is closed");
    }
  } const leaving{*self, *link};
  const auto settings = std::make_shared<const std::string>(self->options_.settings);
  auto opening = HostLink::call(link, Kind::open, settings, self->options_.timing.open);
  const HostAnswer answer = co_await std::move(opening);
  if (!answer.fault) {
    std::string refusal = self->objection(answer);
    if (!refusal.empty()) {
      auto resting = rest(self, link, std::move(refusal));
      co_await std::move(resting);
    }
    self->refusal_pause_ = 0ms;
    self->ready_ = link;
    self->notify();
  }
  auto ending = HostLink::ended(link);
  const HostFault fault = co_await std::move(ending);
  if (self->closed_ || self->retired_) co_await sleep_for(24h);   // until the supervisor ends with the sink
  throw std::runtime_error(fault.reason);
}

// Why this plugin cannot serve; empty when it can.
std::string PluginHost::objection(const HostAnswer& answer) const {
  if (answer.kind == Kind::refused) {
    plugins::wire::Decoder decoder(answer.payload);
    plugins::wire::Text sentence;
    plugins::wire::unpack(decoder, sentence);
    return redact(sentence.text.substr(0, 1000));
  }
  const auto now = plugins::Description::read(answer.payload);
  if (!now) return "its table has become a broken one; build it again";
  if (options_.known && !options_.known->fits(*now))
    return "its library was replaced by one with other options, which the configuration has not been checked against: reload "
           "it (SIGHUP), or start Beckon again";
  return {};
}

// A refusal will be the same in a moment. Ends by throwing, so that the supervisor starts it anew.
task<void> PluginHost::rest(std::shared_ptr<PluginHost> self, std::shared_ptr<HostLink> link, std::string refusal) {
  const HostTiming& timing = self->options_.timing;
  self->refusal_pause_ = std::clamp(2 * self->refusal_pause_, timing.pause, timing.longest_pause);
  link->end("plugin_refused", refusal);
  self->refused_ = refusal;
  self->notify();
  log::error("sink", "\"{}\" could not be opened: {}; next try in {}", self->options_.link.name, refusal,
             format_duration(self->refusal_pause_));
  co_await sleep_for(self->refusal_pause_);
  self->refused_.clear();
  throw std::runtime_error("it was refused: " + refusal);
}

SinkProcess PluginHost::process() const {
  using State = SinkProcess::State;
  SinkProcess process;
  process.restarts = starts_ > 0 ? starts_ - 1 : 0;
  process.started = started_;
  if (const auto link = link_.lock(); link && !link->has_ended()) process.pid = link->pid();
  if (closed_ || retired_) {
    process.state = State::ended;
  } else if (!refused_.empty()) {
    process.state = State::refused;
    process.reason = refused_;
  } else if (!down_.empty()) {
    process.state = State::crashed;
    process.reason = down_;
  } else if (ready_) {
    process.state = ready_->is_at_work() ? State::running : State::idle;
  }
  return process;
}

std::string_view to_string(SinkProcess::State state) {
  using State = SinkProcess::State;
  switch (state) {
    case State::starting: return "starting";
    case State::idle: return "idle";
    case State::running: return "running";
    case State::crashed: return "crashed";
    case State::refused: return "refused";
    case State::ended: break;
  }
  return "ended";
}

void PluginHost::hurry() {
  if (const auto link = link_.lock()) link->hurry();
}

void PluginHost::retire() {
  if (closed_ || std::exchange(retired_, true)) return;
  ready_.reset();
  if (const auto link = link_.lock()) link->ask_to_end();
}

void PluginHost::close() {
  if (std::exchange(closed_, true)) return;
  ready_.reset();
  if (const auto link = link_.lock()) link->close(options_.timing.close);
  notify();
  if (frames_.expired()) return;
  // Emitting resumes whoever waits, on the spot; who closes may be one of them.
  asio::post(executor_, [self = shared_from_this()] { self->stop_.emit(asio::cancellation_type::terminal); });
}

}  // namespace beckon::core
