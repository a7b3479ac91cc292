// What crosses to a sink's host and back: everything the ABI's structs carry, and nothing that is not exactly that.
#include "plugins/wire/frame.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace beckon::plugins::wire {
namespace {

// A different value for every member of a struct, by the pinned layout: a member that is appended to the ABI and left out
// of wire/abi.hpp comes back empty.
class Filler {
 public:
  template <class Struct>
  void fill(Struct& filled) {
    filled.size = sizeof filled;
#define SIZE(type, bytes)
#define VALUE(name, number)
#define MEMBER(type, member, offset) \
  if constexpr (std::is_same_v<Struct, type>) set(filled.member, #member);
#include "abi_layout.inc"
#undef MEMBER
  }

 private:
  static bool is_left_out(std::string_view name) {
    return name == "size" || name.starts_with("reserved") || name.ends_with("_count");
  }
  void set(beckon_str& text, std::string_view name) {
    const std::string& made = texts_.emplace_back(std::string(name) + std::to_string(++last_) + std::string("\0\xff", 2));
    text = {made.data(), made.size()};
  }
  template <class Member>
  void set([[maybe_unused]] Member& member, [[maybe_unused]] std::string_view name) {
    if constexpr (std::is_integral_v<Member>)
      if (!is_left_out(name)) member = static_cast<Member>(std::is_signed_v<Member> ? -1'000'000'000'000 - ++last_ : 1'000'000 + ++last_);
  }
  std::deque<std::string> texts_;
  int last_ = 0;
};

std::string_view view(const beckon_str& text) { return text.size ? std::string_view(text.data, text.size) : std::string_view(); }

void same(const beckon_str& a, const beckon_str& b, const char* what) { EXPECT_EQ(view(a), view(b)) << what; }

template <class Struct>
void expect_same(const Struct& a, const Struct& b);

template <class Item>
void same_lists(const Item* const* a, std::size_t a_count, const Item* const* b, std::size_t b_count, const char* what) {
  ASSERT_EQ(a_count, b_count) << what;
  for (std::size_t i = 0; i < a_count; ++i) {
    if constexpr (std::is_same_v<Item, beckon_str>) same(*a[i], *b[i], what);
    else expect_same(*a[i], *b[i]);
  }
}

template <class Member>
void same([[maybe_unused]] const Member& a, [[maybe_unused]] const Member& b, [[maybe_unused]] const char* what) {
  if constexpr (std::is_integral_v<Member>) {
    EXPECT_EQ(a, b) << what;
  }
}

template <class Struct>
void expect_same(const Struct& a, const Struct& b) {
#define MEMBER(type, member, offset) \
  if constexpr (std::is_same_v<Struct, type>) same(a.member, b.member, #type "." #member);
#include "abi_layout.inc"
#undef MEMBER
  if constexpr (std::is_same_v<Struct, beckon_value>) same_lists(a.items, a.item_count, b.items, b.item_count, "items");
  if constexpr (std::is_same_v<Struct, beckon_values>) same_lists(a.values, a.value_count, b.values, b.value_count, "values");
  if constexpr (std::is_same_v<Struct, beckon_mention>) same_lists(a.spans, a.span_count, b.spans, b.span_count, "spans");
  if constexpr (std::is_same_v<Struct, beckon_request> || std::is_same_v<Struct, beckon_response>)
    same_lists(a.headers, a.header_count, b.headers, b.header_count, "headers");
  if constexpr (std::is_same_v<Struct, beckon_option>) same_lists(a.choices, a.choice_count, b.choices, b.choice_count, "choices");
  if constexpr (std::is_same_v<Struct, beckon_sink_table>) same_lists(a.options, a.option_count, b.options, b.option_count, "options");
  if constexpr (std::is_same_v<Struct, beckon_delivery>) {
    same_lists(a.mentions, a.mention_count, b.mentions, b.mention_count, "mentions");
    ASSERT_EQ(a.target == nullptr, b.target == nullptr);
    if (a.target) expect_same(*a.target, *b.target);
  }
}

template <class Struct>
void round_trip(const Struct& sent) {
  const auto payload = pack(sent);
  ASSERT_TRUE(payload);
  Decoder decoder(*payload);
  Struct received{};
  received.size = sizeof received;
  ASSERT_TRUE(unpack(decoder, received));
  expect_same(sent, received);
}

// Every struct with two of each in its lists.
struct Everything {
  template <class Struct>
  std::vector<const Struct*> two(std::deque<Struct>& rows) {
    std::vector<const Struct*> pointers;
    for (int i = 0; i < 2; ++i) {
      filler.fill(rows.emplace_back());
      pointers.push_back(&rows.back());
    }
    return pointers;
  }
  Everything() {
    for (auto& value : value_rows) value.items = texts.data(), value.item_count = 2;
    values = {sizeof values, value_list.data(), 2};
    for (auto& mention : mention_rows) mention.spans = span_list.data(), mention.span_count = 2;
    filler.fill(delivery);
    delivery.target = &values;
    delivery.mentions = mention_list.data();
    delivery.mention_count = 2;
    filler.fill(request);
    request.headers = header_list.data();
    request.header_count = 2;
    filler.fill(response);
    response.headers = header_list.data();
    response.header_count = 2;
    filler.fill(outcome);
    for (auto& option : option_rows) option.choices = texts.data(), option.choice_count = 2;
    filler.fill(table);
    table.options = option_list.data();
    table.option_count = 2;
  }
  Filler filler;
  beckon_str one{"one", 3}, other{"other", 5};
  std::vector<const beckon_str*> texts{&one, &other};
  std::deque<beckon_value> value_rows;
  std::vector<const beckon_value*> value_list = two(value_rows);
  std::deque<beckon_span> span_rows;
  std::vector<const beckon_span*> span_list = two(span_rows);
  std::deque<beckon_mention> mention_rows;
  std::vector<const beckon_mention*> mention_list = two(mention_rows);
  std::deque<beckon_header> header_rows;
  std::vector<const beckon_header*> header_list = two(header_rows);
  std::deque<beckon_option> option_rows;
  std::vector<const beckon_option*> option_list = two(option_rows);
  beckon_values values{};
  beckon_delivery delivery{};
  beckon_request request{};
  beckon_response response{};
  beckon_outcome outcome{};
  beckon_sink_table table{};
};

TEST(Wire, CarriesEverythingThatTheStructsHave) {
  const Everything all;
  round_trip(all.values);
  round_trip(all.delivery);
  round_trip(all.request);
  round_trip(all.response);
  round_trip(all.outcome);
  round_trip(all.table);
}

TEST(Wire, CarriesEmptyStructsToo) {
  beckon_delivery nothing{};
  nothing.size = sizeof nothing;
  round_trip(nothing);
  round_trip(beckon_request{sizeof(beckon_request)});
  round_trip(beckon_outcome{sizeof(beckon_outcome)});
}

// Every prefix of a payload, and the payload with a byte too many.
TEST(Wire, TakesNoPayloadThatIsCutOrHasMore) {
  const Everything all;
  const std::string payload = *pack(all.delivery);
  const auto reads = [](std::string_view bytes) {
    Decoder decoder(bytes);
    beckon_delivery delivery{};
    delivery.size = sizeof delivery;
    return unpack(decoder, delivery);
  };
  ASSERT_TRUE(reads(payload));
  for (std::size_t size = 0; size < payload.size(); ++size) ASSERT_FALSE(reads(std::string(payload, 0, size))) << size;
  EXPECT_FALSE(reads(payload + '\0'));
}

TEST(Wire, ACountThatTheBytesCannotHoldIsRefusedBeforeAnythingIsMade) {
  Encoder encoder(most_frame);
  encoder.number(std::uint64_t{0xffff'ffff'ffff'ffff});
  const std::string bytes = encoder.take() + std::string(64, '\0');
  Decoder list(bytes);
  beckon_values values{};
  EXPECT_FALSE(unpack(list, values));
  EXPECT_EQ(values.values, nullptr);
  Decoder text(bytes);
  Text words;
  EXPECT_FALSE(unpack(text, words));
}

TEST(Wire, AListHasSoManyItemsAndNotOneMore) {
  const auto reads = [](std::uint64_t count) {
    Encoder encoder(most_frame);
    encoder.number(count);
    const std::string bytes = encoder.take() + std::string(count * 36, '\0');   // an empty value is 36 zeros
    Decoder decoder(bytes);
    beckon_values values{};
    return unpack(decoder, values) && values.value_count == count;
  };
  EXPECT_TRUE(reads(most_items));
  EXPECT_FALSE(reads(most_items + 1));
  const beckon_value empty{sizeof empty};
  const std::vector<const beckon_value*> many(most_items + 1, &empty);
  EXPECT_TRUE(pack(beckon_values{sizeof(beckon_values), many.data(), most_items}));
  EXPECT_FALSE(pack(beckon_values{sizeof(beckon_values), many.data(), most_items + 1}));
}

TEST(Wire, RandomBytesDoNoHarm) {
  std::minstd_rand dice(7);
  const Everything all;
  const std::string good = *pack(all.delivery, all.response);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int i = 0; i < 3; ++i) bytes[dice() % bytes.size()] = static_cast<char>(dice());
    bytes.resize(bytes.size() - dice() % 3);
    Decoder decoder(bytes);
    beckon_delivery delivery{};
    beckon_response response{};
    const bool read = unpack(decoder, delivery, response);
    EXPECT_TRUE(!read || pack(delivery, response)) << "what was read can be said again";
  }
}

TEST(Wire, WhatIsTooLargeIsNotEvenCopied) {
  beckon_request request{};
  request.size = sizeof request;
  request.body = {"", std::size_t{1} << 40};
  EXPECT_FALSE(pack(request));
  request.body = {};
  request.headers = nullptr;
  request.header_count = 5;
  EXPECT_TRUE(pack(request)) << "counted, and none given";
}

TEST(Frames, AreTakenOneByOneFromWhateverHasArrived) {
  const std::string both = frame(Kind::render, 7, "abc") + frame(Kind::outcome, 8);
  for (std::size_t size = 0; size < header_size + 3; ++size)
    ASSERT_EQ(next_frame(both.substr(0, size)).state, Next::State::partial) << size;
  const Next first = next_frame(both);
  ASSERT_EQ(first.state, Next::State::whole);
  EXPECT_EQ(first.frame.kind, Kind::render);
  EXPECT_EQ(first.frame.call, 7u);
  EXPECT_EQ(first.frame.payload, "abc");
  const Next second = next_frame(std::string_view(both).substr(first.size));
  ASSERT_EQ(second.state, Next::State::whole);
  EXPECT_EQ(second.frame.kind, Kind::outcome);
  EXPECT_EQ(first.size + second.size, both.size());
}

TEST(Frames, GarbageIsSeenAtItsFirstBytes) {
  EXPECT_EQ(next_frame("HTTP/1.1 200 OK").state, Next::State::garbage) << "a size beyond the limit";
  EXPECT_EQ(next_frame(std::string(4, '\0')).state, Next::State::garbage) << "a size below a header's";
  std::string unknown = frame(Kind::render, 1);
  unknown[4] = 99;
  EXPECT_EQ(next_frame(unknown.substr(0, 8)).state, Next::State::garbage) << "an unknown kind";
  std::string largest = frame(Kind::render, 1);
  const auto size = static_cast<std::uint32_t>(most_frame - 4);
  std::memcpy(largest.data(), &size, sizeof size);
  EXPECT_EQ(next_frame(largest).state, Next::State::partial);
  EXPECT_EQ(next_frame(largest).size, most_frame);
}

}  // namespace
}  // namespace beckon::plugins::wire
