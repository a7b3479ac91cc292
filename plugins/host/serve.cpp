#include "plugins/host/serve.hpp"

#include "plugins/table.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

namespace beckon::plugins {
namespace {

using wire::Kind;

std::string_view text_of(const beckon_str& text) { return text.size ? std::string_view(text.data, text.size) : std::string_view(); }

wire::Text text(std::string_view text) { return wire::Text{text}; }

// Receives what the sink emits in one call. The first word counts and is sent at once: if the library ends the process
// before it returns, what it has said still holds.
class Emitted {
 public:
  Emitted(Channel& channel, std::uint64_t call) : channel_(channel), call_(call) {
    emitter_.size = sizeof emitter_;
    emitter_.context = this;
    emitter_.request = [](void* context, const beckon_request* request) noexcept {
      static_cast<Emitted*>(context)->say(Kind::request, request);
    };
    emitter_.outcome = [](void* context, const beckon_outcome* outcome) noexcept {
      static_cast<Emitted*>(context)->say(Kind::outcome, outcome);
    };
  }
  Emitted(const Emitted&) = delete;
  Emitted& operator=(const Emitted&) = delete;

  // A library may throw through its C entry in spite of the contract.
  template <class Call>
  void during(Call call) {
    channel_.send(Kind::taken, call_);
    try {
      call(&emitter_);
    } catch (...) {
      fault("plugin_threw", {});
    }
    fault("plugin_silent", {});
  }

 private:
  template <class Struct>
  void say(Kind kind, const Struct* said) {
    if (said_ || !said) return;
    const auto payload = wire::pack(*said);
    if (!payload) return fault("plugin_request", "the plugin said more than 20 MiB at once");
    said_ = true;
    channel_.send(kind, call_, *payload);
  }
  void fault(std::string_view code, std::string_view reason) {
    if (said_) return;
    said_ = true;
    channel_.send_packed(Kind::fault, call_, text(code), text(reason));
  }
  Channel& channel_;
  std::uint64_t call_;
  beckon_emitter emitter_{};
  bool said_ = false;
};

class Server {
 public:
  Server(Channel& channel, const std::variant<Plugin, Refusal>& opened) : channel_(channel), opened_(opened) {
    if (const auto* plugin = std::get_if<Plugin>(&opened)) table_ = plugin->table;
    host_ = {sizeof host_, BECKON_ABI_MAJOR, BECKON_ABI_MINOR, this, log, is_cancelled, report};
  }

  void run() {
    while (const auto frame = channel_.read()) {
      if (frame->kind == Kind::close) break;
      if (!take(*frame)) break;
    }
    cancelled_ = true;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      jobs_.clear();
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    for (void* sink : sinks_) {
      try {
        table_->close(sink);
      } catch (...) {
        say(BECKON_LOG_WARN, "the plugin threw while it was closed");
      }
    }
  }

 private:
  struct Job {
    std::uint64_t call = 0;
    std::string payload;
  };

  // False: what came makes no sense, so nothing that follows can be trusted.
  bool take(const wire::Frame& frame) {
    switch (frame.kind) {
      case Kind::open: return open(frame);
      case Kind::check: return check(frame);
      case Kind::render: return !sinks_.empty() && table_->render && render(frame);
      case Kind::interpret: return !sinks_.empty() && table_->interpret && interpret(frame);
      case Kind::deliver: return !sinks_.empty() && table_->deliver && queue(frame);
      case Kind::feedback: return !sinks_.empty() && hears_feedback(*table_) && feedback(frame);
      case Kind::cancel: cancelled_ = true; return true;
      default: return false;
    }
  }

  bool refuse(std::uint64_t call, std::string_view sentence) {
    channel_.send_packed(Kind::refused, call, text(sentence));
    return true;
  }

  bool open(const wire::Frame& frame) {
    if (!table_) return refuse(frame.call, std::get<Refusal>(opened_).sentence);
    wire::Decoder decoder(frame.payload);
    beckon_values settings{sizeof settings, nullptr, 0};
    if (!sinks_.empty() || !wire::unpack(decoder, settings)) return false;
    const std::size_t count = table_->deliver ? std::max<std::size_t>(1, table_->max_concurrency) : 1;
    for (std::size_t i = 0; i < count; ++i) {
      std::string complaint;
      void* sink = open_one(settings, complaint);
      if (!sink) return refuse(frame.call, complaint.empty() ? "it refused its settings without saying why" : complaint);
      sinks_.push_back(sink);
    }
    settings_ = frame.payload;
    if (table_->deliver)
      for (void* sink : sinks_) threads_.emplace_back([this, sink] { work(sink); });
    send_table(channel_, Kind::opened, frame.call, *table_);
    return true;
  }

  void* open_one(const beckon_values& settings, std::string& complaint) {
    beckon_complaints complaints{sizeof complaints, &complaint, [](void* context, beckon_str option, beckon_str sentence) {
      auto& said = *static_cast<std::string*>(context);
      if (!said.empty()) said += "; ";
      if (option.size) said.append(text_of(option)).append(": ");
      said.append(text_of(sentence));
    }};
    try {
      return table_->open(&settings, &host_, &complaints);
    } catch (const std::exception& error) {
      complaint = std::string("its open threw: ") + error.what();
    } catch (...) {
      complaint = "its open threw something that is no std::exception";
    }
    return nullptr;
  }

  bool check(const wire::Frame& frame) {
    if (!table_) return refuse(frame.call, std::get<Refusal>(opened_).sentence);
    wire::Decoder decoder(frame.payload);
    beckon_values settings{sizeof settings, nullptr, 0}, target{sizeof target, nullptr, 0};
    if (!wire::unpack(decoder, settings, target)) return false;
    struct Asked {
      Channel& channel;
      std::uint64_t call;
    } asked{channel_, frame.call};
    beckon_complaints complaints{sizeof complaints, &asked, [](void* context, beckon_str option, beckon_str sentence) {
      auto& [channel, call] = *static_cast<Asked*>(context);
      channel.send_packed(Kind::complaint, call, text(text_of(option)), text(text_of(sentence)));
    }};
    try {
      if (table_->check) table_->check(&settings, &target, &complaints);
    } catch (...) {
      return refuse(frame.call, "it threw while it checked these options");
    }
    channel_.send(Kind::checked, frame.call);
    return true;
  }

  bool render(const wire::Frame& frame) {
    wire::Decoder decoder(frame.payload);
    beckon_delivery delivery{};
    delivery.size = sizeof delivery;
    if (!wire::unpack(decoder, delivery)) return false;
    Emitted(channel_, frame.call).during([&](auto* emitter) { table_->render(sinks_.front(), &delivery, emitter); });
    return true;
  }

  bool interpret(const wire::Frame& frame) {
    wire::Decoder decoder(frame.payload);
    beckon_delivery delivery{};
    delivery.size = sizeof delivery;
    beckon_response response{};
    response.size = sizeof response;
    if (!wire::unpack(decoder, delivery, response)) return false;
    Emitted(channel_, frame.call).during([&](auto* emitter) {
      table_->interpret(sinks_.front(), &delivery, &response, emitter);
    });
    return true;
  }

  bool feedback(const wire::Frame& frame) {
    wire::Decoder kept(settings_), decoder(frame.payload);
    beckon_values settings{sizeof settings, nullptr, 0};
    wire::Text message;
    if (!wire::unpack(kept, settings) || !wire::unpack(decoder, message)) return false;
    struct Heard {
      Channel& channel;
      std::uint64_t call;
      bool said;
    } heard{channel_, frame.call, false};
    const beckon_feedback_emitter emitter{
        sizeof emitter, &heard, [](void* context, beckon_str delivery, const beckon_outcome* outcome) {
          auto& [channel, call, said] = *static_cast<Heard*>(context);
          if (!outcome || !delivery.size || std::exchange(said, true)) return;
          channel.send_packed(Kind::heard, call, text(text_of(delivery)), *outcome);
        }};
    channel_.send(Kind::taken, frame.call);
    try {
      table_->feedback(&settings, {message.text.data(), message.text.size()}, &emitter);
    } catch (...) {
      say(BECKON_LOG_WARN, "the plugin threw while it read what came back");
    }
    if (!heard.said) channel_.send_packed(Kind::heard, frame.call, text({}), beckon_outcome{sizeof(beckon_outcome)});
    return true;
  }

  bool queue(const wire::Frame& frame) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({frame.call, std::string(frame.payload)});
    }
    ready_.notify_one();
    return true;
  }

  void work(void* sink) {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      wire::Decoder decoder(job.payload);
      beckon_delivery delivery{};
      delivery.size = sizeof delivery;
      const bool sound = wire::unpack(decoder, delivery);
      Emitted(channel_, job.call).during([&](auto* emitter) {
        if (sound) table_->deliver(sink, &delivery, emitter);
      });
    }
  }

  void say(std::uint32_t level, std::string_view message) {
    channel_.send_packed(Kind::log, 0, wire::Level{level}, text(message.substr(0, 8192)));
  }

  static void log(void* context, std::uint32_t level, beckon_str message) {
    static_cast<Server*>(context)->say(level, text_of(message));
  }
  static int is_cancelled(void* context) { return static_cast<Server*>(context)->cancelled_ ? 1 : 0; }
  static void report(void* context, beckon_str subscription, const beckon_outcome* outcome) {
    if (outcome) static_cast<Server*>(context)->channel_.send_packed(Kind::report, 0, text(text_of(subscription)), *outcome);
  }

  Channel& channel_;
  const std::variant<Plugin, Refusal>& opened_;
  const beckon_sink_table* table_ = nullptr;
  beckon_host host_{};
  std::atomic<bool> cancelled_{false};
  std::vector<void*> sinks_;
  std::string settings_;   // the payload that the sinks were opened with
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

void send_table(Channel& channel, wire::Kind kind, std::uint64_t call, const beckon_sink_table& table) {
  channel.send_packed(kind, call, wire::Entries{table.deliver != nullptr, table.check != nullptr, hears_feedback(table)}, table);
}

void serve(Channel& channel, const std::variant<Plugin, Refusal>& opened) {
  Server(channel, opened).run();
}

}  // namespace beckon::plugins
