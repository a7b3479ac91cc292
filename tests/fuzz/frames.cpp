// What the daemon and the host of a sink write to each other, in pieces cut anywhere: frames, and in each the structs that its
// kind promises. The first byte chooses: 'd' makes sound structs of the bytes behind it, damages one byte of them and looks
// what becomes of it; else the bytes are the stream itself. The second seeds the cuts.
#include "fuzz/require.hpp"
#include "fuzz/wire_coders.hpp"

#include "base/log.hpp"
#include "plugins/host/describe.hpp"
#include "plugins/table.hpp"
#include "plugins/wire/frame.hpp"
#include "sink/boundary.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <tuple>
#include <vector>

namespace beckon::fuzz {
namespace {

using wire::Kind;

// What decoders take from the heap.
class Counting final : public std::pmr::memory_resource {
 public:
  std::size_t taken = 0;

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    taken += size;
    return std::pmr::new_delete_resource()->allocate(size, alignment);
  }
  void do_deallocate(void* where, std::size_t size, std::size_t alignment) override {
    std::pmr::new_delete_resource()->deallocate(where, size, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

Counting& heap() {
  static Counting heap;
  static const auto* const before = std::pmr::set_default_resource(&heap);
  static_cast<void>(before);
  return heap;
}

// ---- one payload ----------------------------------------------------------------------------------------------------

template <class Struct>
void prepare(Struct& made) {
  if constexpr (requires { made.size; }) made.size = sizeof made;
}

// On a copy of exactly its size, so that a byte read beyond its end is seen.
template <class... Structs, class Use>
bool read(std::string_view payload, Use use) {
  const std::size_t before = heap().taken;
  const auto copy = std::make_unique<char[]>(payload.size());
  std::copy(payload.begin(), payload.end(), copy.get());
  const std::string_view bytes(copy.get(), payload.size());
  wire::Decoder decoder(bytes);
  std::tuple<Structs...> structs{};
  const bool whole = std::apply([&](auto&... each) {
    (prepare(each), ...);
    return wire::unpack(decoder, each...);
  }, structs);
  require(heap().taken - before <= 32 * payload.size() + 4096, "a payload takes no more memory than a few times its size");
  if (!whole) {
    const bool failed = !decoder.good();
    std::uint64_t more = 1;
    decoder.number(more);
    require(!failed || (more == 0 && !decoder.finished()), "behind a failure everything fails");
    return false;
  }
  std::apply([&](const auto&... each) { use(bytes, each...); }, structs);
  return true;
}

template <class... Structs>
bool reads_as(std::string_view payload) {
  return read<Structs...>(payload, [](const auto&...) {});
}

// `use` sees what was read.
template <class... Structs, class Use>
bool check_with(std::string_view payload, std::uint32_t seed, Use use) {
  const bool whole = read<Structs...>(payload, [&](std::string_view bytes, const Structs&... structs) {
    Walker walker(bytes);
    (wire::fields(walker, structs), ...);
    require(walker.things <= bytes.size() / 4 + 1, "nothing is there that took no bytes");
    const auto again = wire::pack(structs...);
    require(again.has_value(), "what was read can be said again");
    require(*again == bytes, "said again, it is the same");
    use(structs...);
  });
  if (!whole) return false;
  if (!payload.empty()) require(!reads_as<Structs...>(payload.substr(0, seed % payload.size())), "what is cut is refused");
  require(!reads_as<Structs...>(std::string(payload) + '\0'), "what has more is refused");
  return true;
}

template <class... Structs>
bool check(std::string_view payload, std::uint32_t seed) {
  return check_with<Structs...>(payload, seed, [](const auto&...) {});
}

void check_outcome(const core::Outcome& outcome) {
  using namespace std::chrono_literals;
  const auto in_range = [](const auto& time) { return !time || (*time >= 0ms && *time <= 24h); };
  require(outcome.kind >= core::OutcomeKind::delivered && outcome.kind <= core::OutcomeKind::gone, "an outcome is known");
  require(outcome.scope >= core::Scope::delivery && outcome.scope <= core::Scope::origin, "a scope is known");
  require(in_range(outcome.retry_after) && in_range(outcome.not_before) && in_range(outcome.ask_again_after),
          "a wait is at most a day");
  require(outcome.code.size() <= 64 && outcome.reason.size() <= 500, "words are short");
  require(!outcome.state || outcome.state->size() <= 4096, "a state is small");
  require(outcome.retarget.size() <= 4096 && outcome.external_id.size() <= 500, "what is kept is small");
}

template <class Struct>
void check_emitted(const Struct& said) {
  constexpr std::size_t mentions = 3;
  core::Emitted emitted(mentions);
  if constexpr (std::is_same_v<Struct, beckon_request>) emitted.emitter()->request(emitted.emitter()->context, &said);
  else emitted.emitter()->outcome(emitted.emitter()->context, &said);
  require(emitted.anything(), "what is said is heard");
  if (emitted.outcome) check_outcome(*emitted.outcome);
  if (!emitted.request) return;
  const auto& prepared = *emitted.request;
  require(prepared.covered >= 1 && prepared.covered <= mentions, "a request covers what there is");
  require(prepared.request.url.size() <= 16u << 10 && prepared.request.headers.size() <= 100, "a request is bounded");
}

void check_table(std::string_view payload, std::uint32_t seed) {
  std::optional<std::string> wrong;
  const bool sound = check_with<wire::Entries, beckon_sink_table>(payload, seed, [&](const wire::Entries&, const auto& table) {
    wrong = plugins::why_not_described(table);
  });
  const auto description = plugins::Description::read(std::string(payload));
  require((description != nullptr) == (sound && !wrong), "a description is what is sound and obeys the rules");
  if (wrong) require_sentence(*wrong, "a refusal");
  if (!description) return;
  const auto again = wire::pack(description->entries(), description->table());
  require(again && *again == payload, "a description can be said again");
  require(description->fits(*description), "a description fits itself");
  require(plugins::Description::read(*again)->fits(*description), "and another of the same words");
}

// Whether it can be what it says.
bool check_payload(Kind kind, std::string_view payload, std::uint32_t seed) {
  const auto emitted = [](const auto& said) { check_emitted(said); };
  switch (kind) {
    case Kind::open: return check<beckon_values>(payload, seed);
    case Kind::check: return check<beckon_values, beckon_values>(payload, seed);
    case Kind::render:
    case Kind::deliver: return check<beckon_delivery>(payload, seed);
    case Kind::interpret: return check<beckon_delivery, beckon_response>(payload, seed);
    case Kind::described:
    case Kind::opened: check_table(payload, seed); return reads_as<wire::Entries, beckon_sink_table>(payload);
    case Kind::refused: return check<wire::Text>(payload, seed);
    case Kind::complaint:
    case Kind::fault: return check<wire::Text, wire::Text>(payload, seed);
    case Kind::request: return check_with<beckon_request>(payload, seed, emitted);
    case Kind::outcome: return check_with<beckon_outcome>(payload, seed, emitted);
    case Kind::log: return check<wire::Level, wire::Text>(payload, seed);
    case Kind::report:
    case Kind::heard:
      return check_with<wire::Text, beckon_outcome>(payload, seed, [&](const auto&, const auto& said) { check_emitted(said); });
    case Kind::passed_over:
    case Kind::feedback: return check<wire::Text>(payload, seed);
    case Kind::try_out: return check<wire::Level, beckon_values, beckon_values>(payload, seed);
    case Kind::begun: return check<wire::Level>(payload, seed);
    case Kind::finding: return check<wire::Level, wire::Text, wire::Text>(payload, seed);
    case Kind::tried:
    case Kind::cancel:
    case Kind::close:
    case Kind::checked:
    case Kind::taken: return payload.empty();
  }
  require(false, "a frame is of a known kind");
  return false;
}

// ---- a stream -------------------------------------------------------------------------------------------------------

struct Seen {
  std::vector<std::string> frames;   // whole, as they came
  bool garbage = false;
  friend bool operator==(const Seen&, const Seen&) = default;
};

// Takes what there is after each piece, as the daemon does. `seed` 0: all at once; 1: byte by byte.
Seen take(std::string_view stream, std::uint32_t seed) {
  Seen seen;
  std::string buffer;
  while (!stream.empty() && !seen.garbage) {
    std::size_t length = seed == 0 ? stream.size() : 1;
    if (seed > 1) {
      seed = seed * 1664525u + 1013904223u;
      length = std::min<std::size_t>(stream.size(), 1 + (seed >> 16) % 61);
    }
    buffer.append(stream.substr(0, length));
    stream.remove_prefix(length);
    for (;;) {
      const wire::Next next = wire::next_frame(buffer);
      seen.garbage = next.state == wire::Next::State::garbage;
      if (next.state == wire::Next::State::partial) {
        require(next.size == 0 ? buffer.size() < 4 : next.size > buffer.size() && next.size <= wire::most_frame,
                "what is needed is more than there is, and within the limit");
      }
      if (next.state != wire::Next::State::whole) break;
      const auto& [kind, call, payload] = next.frame;
      require(next.size <= buffer.size() && payload.size() == next.size - wire::header_size &&
                  payload.data() == buffer.data() + wire::header_size,
              "a payload is what stands behind its header");
      require(wire::frame(kind, call, payload) == std::string_view(buffer).substr(0, next.size), "a frame can be said again");
      seen.frames.push_back(buffer.substr(0, next.size));
      buffer.erase(0, next.size);
    }
  }
  return seen;
}

void check_stream(std::string_view stream, std::uint32_t seed) {
  const Seen whole = take(stream, 0);
  require(take(stream, seed | 2) == whole, "pieces read as the whole does");
  if (stream.size() <= 2048) require(take(stream, 1) == whole, "bytes read as the whole does");
  for (const std::string& bytes : whole.frames) {
    const wire::Frame frame = wire::next_frame(bytes).frame;
    check_payload(frame.kind, frame.payload, seed);
  }
}

// ---- sound structs, and then not quite ------------------------------------------------------------------------------

template <class... Structs>
std::string dreamt(Dreamer& dreamer) {
  std::tuple<Structs...> structs{};
  return std::apply([&](auto&... each) {
    (prepare(each), ...);
    (wire::fields(dreamer, each), ...);
    const auto payload = wire::pack(each...);
    require(payload.has_value(), "what is small fits");
    return *payload;
  }, structs);
}

std::string dreamt_payload(Kind kind, Dreamer& dreamer) {
  switch (kind) {
    case Kind::open: return dreamt<beckon_values>(dreamer);
    case Kind::check: return dreamt<beckon_values, beckon_values>(dreamer);
    case Kind::render:
    case Kind::deliver: return dreamt<beckon_delivery>(dreamer);
    case Kind::interpret: return dreamt<beckon_delivery, beckon_response>(dreamer);
    case Kind::described:
    case Kind::opened: return dreamt<wire::Entries, beckon_sink_table>(dreamer);
    case Kind::refused: return dreamt<wire::Text>(dreamer);
    case Kind::complaint:
    case Kind::fault: return dreamt<wire::Text, wire::Text>(dreamer);
    case Kind::request: return dreamt<beckon_request>(dreamer);
    case Kind::outcome: return dreamt<beckon_outcome>(dreamer);
    case Kind::log: return dreamt<wire::Level, wire::Text>(dreamer);
    case Kind::passed_over:
    case Kind::feedback: return dreamt<wire::Text>(dreamer);
    case Kind::try_out: return dreamt<wire::Level, beckon_values, beckon_values>(dreamer);
    case Kind::begun: return dreamt<wire::Level>(dreamer);
    case Kind::finding: return dreamt<wire::Level, wire::Text, wire::Text>(dreamer);
    case Kind::heard:
    case Kind::report: return dreamt<wire::Text, beckon_outcome>(dreamer);
    default: return {};
  }
}

Kind any_kind(unsigned dice) {
  constexpr unsigned from_daemon = unsigned(Kind::feedback) - unsigned(Kind::open) + 1;
  constexpr unsigned from_host = unsigned(Kind::heard) - unsigned(Kind::described) + 1;
  constexpr unsigned of_trials = unsigned(Kind::tried) - unsigned(Kind::try_out) + 1;
  dice %= from_daemon + from_host + of_trials;
  if (dice < from_daemon) return Kind(unsigned(Kind::open) + dice);
  if (dice < from_daemon + from_host) return Kind(unsigned(Kind::described) + dice - from_daemon);
  return Kind(unsigned(Kind::try_out) + dice - from_daemon - from_host);
}

void check_dream(std::string_view bytes, std::uint32_t seed) {
  Dreamer dreamer(bytes);
  std::string stream;
  for (unsigned frames = 1 + dreamer.byte() % 3; frames > 0; --frames) {
    const Kind kind = any_kind(dreamer.byte());
    const std::uint64_t call = dreamer.byte();
    std::string payload = dreamt_payload(kind, dreamer);
    require(check_payload(kind, payload, seed), "what was said can be read");
    stream += wire::frame(kind, call, payload);
    if (payload.empty()) continue;
    const std::size_t at = (dreamer.byte() << 8 | dreamer.byte()) % payload.size();
    payload[at] = static_cast<char>(dreamer.byte());
    check_payload(kind, payload, seed);
  }
  const Seen seen = take(stream, 0);
  std::string joined;
  for (const std::string& frame : seen.frames) joined += frame;
  require(!seen.garbage && joined == stream, "what was said is heard");
  check_stream(stream, seed);
}

}  // namespace
}  // namespace beckon::fuzz

// What is warned of is expected, and an input can say it a thousand times.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  beckon::core::log::open(beckon::core::LogLevel::error, beckon::core::LogFormat::text);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beckon::fuzz;
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::uint32_t seed = data[1] * 2654435761u;
  if (input[0] == 'd') check_dream(input.substr(2), seed);
  else check_stream(input.substr(2), seed);
  return 0;
}
