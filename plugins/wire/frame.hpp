// What the daemon and the host of one sink (plugins/host) say to each other: frames over a stream. A frame is the size of
// what follows (4 bytes), its kind (4), the number of the call it belongs to (8), and its payload. Pure.
#pragma once

#include "plugins/wire/abi.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beckon::plugins::wire {

enum class Kind : std::uint32_t {
  // from the daemon
  open = 1,      // values: the settings. Answered by opened or refused
  check,         // values, values: settings and target. Answered by complaints, then checked
  render,        // delivery. Answered by request, outcome or fault
  interpret,     // delivery, response. Answered by outcome or fault
  deliver,       // delivery. Answered by outcome or fault
  cancel,        // nothing: host->cancelled answers 1 from here on
  close,         // nothing: finish, close the sink, end
  feedback,      // text: a message. Answered by heard

  // from the host
  described = 33,  // entries, table
  opened,          // entries, table
  refused,         // text: a sentence
  complaint,       // text, text: an option's name or nothing, and a sentence
  checked,         // nothing
  request,         // request
  outcome,         // outcome
  fault,           // text, text: a code and a reason: the plugin broke the rules of its boundary
  taken,           // nothing: the plugin is at it from here on
  log,             // number, text: level and message; of no call
  report,          // text, outcome: a subscription, and what became of it; of no call
  heard,           // text, outcome: a delivery, and what became of it; without a delivery nothing was understood

  // between `beckon try-sink` and a host that tries a library out (contract/try_out.hpp)
  try_out = 65,    // level, values, values: from which check on, settings and target. Answered by the next four, or refused
  begun,           // level: the number of the check under way from here on
  passed_over,     // text: why that one is left out
  finding,         // level, text, text: of that check: its weight, what was seen, and the way out
  tried            // nothing: that was the last
};

// Which entries a table has.
struct Entries {
  bool is_worker = false;
  bool has_check = false;
  bool hears_feedback = false;
  friend bool operator==(const Entries&, const Entries&) = default;
};
template <class Coder>
void fields(Coder& coder, Of<Coder, Entries>& entries) {
  coder.number(entries.is_worker);
  coder.number(entries.has_check);
  coder.number(entries.hears_feedback);
}
struct Text {
  std::string_view text;
};
template <class Coder>
void fields(Coder& coder, Of<Coder, Text>& text) {
  coder.text(text.text);
}
struct Level {
  std::uint32_t level = 0;
};
template <class Coder>
void fields(Coder& coder, Of<Coder, Level>& level) {
  coder.number(level.level);
}

// The largest body that a sink may make is 16 MiB (sink/boundary.cpp); the rest of a request fits beside it.
constexpr std::size_t most_frame = std::size_t{20} << 20;
constexpr std::size_t header_size = 16;

struct Frame {
  Kind kind{};
  std::uint64_t call = 0;
  std::string_view payload;   // of the buffer that was read
};

struct Next {
  enum class State : std::uint8_t { whole, partial, garbage } state{};
  Frame frame;             // of whole
  std::size_t size = 0;    // of whole: what to take away from the buffer; of partial: what is needed, 0 when unknown
};
// The first frame of `buffer`. A size beyond the limit or an unknown kind is garbage as soon as it can be seen.
Next next_frame(std::string_view buffer);

// A payload; nothing when it would be over the limit.
template <class... Structs>
std::optional<std::string> pack(const Structs&... structs) {
  Encoder encoder(most_frame - header_size);
  (fields(encoder, structs), ...);
  if (!encoder.fits()) return std::nullopt;
  return encoder.take();
}
// A whole frame. `payload` must be within the limit.
std::string frame(Kind kind, std::uint64_t call, std::string_view payload = {});

// Strict: false unless the decoder's bytes are exactly these.
template <class... Structs>
bool unpack(Decoder& decoder, Structs&... structs) {
  (fields(decoder, structs), ...);
  return decoder.finished();
}

}  // namespace beckon::plugins::wire
