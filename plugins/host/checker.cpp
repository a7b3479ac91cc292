#include "plugins/host/checker.hpp"

#include "plugins/host/conversation.hpp"

#include <utility>

namespace beckon::plugins {

using wire::Kind;

namespace {

constexpr const char* checking = " while it checked these options";
constexpr const char* garbage = "its process gave an answer that nobody can have asked for";

// One answer of many; `done` with the last.
std::optional<std::string> take(const wire::Frame& frame, const beckon_complaints& complaints, bool& done) {
  wire::Decoder decoder(frame.payload);
  wire::Text first, second;
  if (frame.kind == Kind::checked && frame.payload.empty()) {
    done = true;
    return std::nullopt;
  }
  if (frame.kind == Kind::complaint && wire::unpack(decoder, first, second)) {
    complaints.complain(complaints.context, {first.text.data(), first.text.size()}, {second.text.data(), second.text.size()});
    return std::nullopt;
  }
  if (frame.kind == Kind::refused && wire::unpack(decoder, first)) return std::string(first.text);
  return garbage;
}

std::optional<std::string> converse(Conversation& conversation, std::string_view payload, const beckon_complaints& complaints,
                                    std::chrono::milliseconds limit) {
  using Heard = Conversation::Heard;
  const auto end = std::chrono::steady_clock::now() + limit;
  conversation.ask(Kind::check, payload);
  for (bool done = false; !done;) {
    wire::Frame frame;
    const Heard heard = conversation.next(end, frame);
    if (heard == Heard::garbage) return garbage;
    if (heard == Heard::nothing) return std::string("it did not answer").append(checking);
    if (heard == Heard::end) return conversation.how_it_ended() + checking + conversation.last_words();
    if (auto why = take(frame, complaints, done)) return why;
  }
  return std::nullopt;
}

}  // namespace

Checker::Checker(std::filesystem::path library, std::uint64_t memory_limit, std::chrono::milliseconds limit)
    : library_(std::move(library)), memory_limit_(memory_limit), limit_(limit) {}

Checker::~Checker() = default;

std::optional<std::string> Checker::ask(const beckon_values& settings, const beckon_values& target,
                                        const beckon_complaints& complaints) {
  if (failed_) return failed_;
  const auto payload = wire::pack(settings, target);
  if (!payload) return "these options are too large to be checked in a process of its own";
  if (!conversation_) {
    HostProcess::Options options;
    options.library = library_;
    options.memory_limit = memory_limit_;
    auto started = HostProcess::start(options);
    if (auto* why = std::get_if<std::string>(&started)) return failed_ = "it " + *why;
    conversation_ = std::make_unique<Conversation>(std::move(std::get<HostProcess>(started)));
  }
  if (auto why = converse(*conversation_, *payload, complaints, limit_)) {
    conversation_.reset();
    failed_ = std::move(why);
  }
  return failed_;
}

}  // namespace beckon::plugins
