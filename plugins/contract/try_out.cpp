#include "plugins/contract/try_out.hpp"

#include "plugins/host/conversation.hpp"

#include <algorithm>
#include <optional>

namespace beckon::plugins::contract {
namespace {

using wire::Kind;
using Heard = Conversation::Heard;

constexpr const char* mend = "run `beckon-sink-host --try-out` on it in a debugger, or build it with a sanitizer";

// One process, from check `first` on. Answers which check comes next: behind the last when all are done.
class Run {
 public:
  Run(const TryOut& how, std::uint32_t first) : how_(how), next_(first) {}

  std::uint32_t next() const { return next_; }
  std::optional<std::string> failure() const { return failure_; }

  void go(Conversation& conversation) {
    while (!over_) {
      wire::Frame frame;
      switch (conversation.next(std::chrono::steady_clock::now() + how_.limit, frame)) {
        case Heard::frame: take(frame); break;
        case Heard::garbage: lost("it wrote into descriptors that are not its own", "leave descriptors alone that you have not opened"); break;
        case Heard::nothing:
          lost("it did not return within " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(how_.limit).count()) + " s",
               "every call returns, in time");
          leave_out("it hangs");
          break;
        case Heard::end: {
          std::string how = conversation.how_it_ended();
          lost(how + conversation.last_words(), mend);
          break;
        }
      }
    }
  }

 private:
  void take(const wire::Frame& frame) {
    wire::Decoder decoder(frame.payload);
    wire::Level number;
    wire::Text first, second;
    if (frame.kind == Kind::refused && wire::unpack(decoder, first)) {
      failure_ = std::string(first.text);
      over_ = true;
    } else if (frame.kind == Kind::begun && wire::unpack(decoder, number) && number.level == next_ && next_ < all_checks().size()) {
      finish();
      if (over_) return;
      under_way_ = Tried{&all_checks()[next_++], {}, {}};
    } else if (frame.kind == Kind::passed_over && under_way_ && wire::unpack(decoder, first)) {
      under_way_->passed_over = std::string(first.text);
    } else if (frame.kind == Kind::finding && under_way_ && wire::unpack(decoder, number, first, second)) {
      under_way_->findings.push_back({number.level == 0 ? Weight::fault : Weight::advice, std::string(first.text), std::string(second.text)});
    } else if (frame.kind == Kind::tried && frame.payload.empty() && next_ == all_checks().size()) {
      finish();
      over_ = true;
    } else {
      lost("its process said what nobody can have asked for", "leave descriptors alone that you have not opened");
    }
  }

  void finish() {
    if (!under_way_) return;
    how_.on_each(*under_way_);
    const auto& found = under_way_->findings;
    const bool does_not_open = under_way_->check->name == "opens" &&
        std::any_of(found.begin(), found.end(), [](const Finding& finding) { return finding.weight == Weight::fault; });
    under_way_.reset();
    if (does_not_open) leave_out("it does not open");
  }

  void leave_out(const char* why) {
    over_ = true;
    for (; next_ < all_checks().size(); ++next_) how_.on_each({&all_checks()[next_], why, {}});
  }

  // The process is of no more use. Before the first check there is nobody to blame but the library as a whole.
  void lost(std::string sentence, std::string way_out) {
    over_ = true;
    if (!under_way_) {
      failure_ = "cannot be tried: " + sentence;
      return;
    }
    under_way_->findings.push_back({Weight::fault, std::move(sentence), std::move(way_out)});
    finish();
  }

  const TryOut& how_;
  std::uint32_t next_;
  std::optional<Tried> under_way_;
  std::optional<std::string> failure_;
  bool over_ = false;
};

}  // namespace

std::optional<std::string> try_out(const TryOut& how, const beckon_values& settings, const beckon_values& target) {
  for (std::uint32_t next = 0; next < all_checks().size();) {
    const auto payload = wire::pack(wire::Level{next}, settings, target);
    if (!payload) return "cannot be tried: these options are too large";
    HostProcess::Options options;
    options.library = how.library;
    options.memory_limit = how.memory_limit;
    options.job = HostProcess::Job::try_out;
    auto started = HostProcess::start(options);
    if (auto* why = std::get_if<std::string>(&started)) return *why;
    Conversation conversation(std::move(std::get<HostProcess>(started)));
    conversation.ask(Kind::try_out, *payload);
    Run run(how, next);
    run.go(conversation);
    if (run.failure()) return run.failure();
    next = run.next();
  }
  return std::nullopt;
}

}  // namespace beckon::plugins::contract
