#include "plugins/wire/frame.hpp"

namespace beckon::plugins::wire {
namespace {

bool is_known(std::uint32_t kind) {
  const auto within = [kind](Kind first, Kind last) {
    return kind >= static_cast<std::uint32_t>(first) && kind <= static_cast<std::uint32_t>(last);
  };
  return within(Kind::open, Kind::feedback) || within(Kind::described, Kind::heard) || within(Kind::try_out, Kind::tried);
}

}  // namespace

Next next_frame(std::string_view buffer) {
  Next next;
  next.state = Next::State::partial;
  std::uint32_t size = 0, kind = 0;
  if (buffer.size() < sizeof size) return next;
  Decoder decoder(buffer.substr(0, header_size));
  decoder.number(size);
  const std::size_t whole = sizeof size + std::size_t{size};
  if (whole < header_size || whole > most_frame) {
    next.state = Next::State::garbage;
    return next;
  }
  next.size = whole;
  if (buffer.size() < sizeof size + sizeof kind) return next;
  decoder.number(kind);
  if (!is_known(kind)) {
    next.state = Next::State::garbage;
    return next;
  }
  if (buffer.size() < whole) return next;
  next.state = Next::State::whole;
  next.frame.kind = static_cast<Kind>(kind);
  decoder.number(next.frame.call);
  next.frame.payload = buffer.substr(header_size, whole - header_size);
  return next;
}

std::string frame(Kind kind, std::uint64_t call, std::string_view payload) {
  Encoder encoder(most_frame);
  encoder.number(static_cast<std::uint32_t>(header_size - sizeof(std::uint32_t) + payload.size()));
  encoder.number(static_cast<std::uint32_t>(kind));
  encoder.number(call);
  std::string bytes = encoder.take();
  bytes.append(payload);
  return bytes;
}

}  // namespace beckon::plugins::wire
