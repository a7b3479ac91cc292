// Flat values as bytes: little-endian integers, texts and lists behind their counts, nothing else. Decoding is strict and
// pure: it reads no byte beyond the end, takes no count on trust, and once it has failed, everything after it fails.
#pragma once

#include <beckon/sink_abi.h>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <type_traits>

namespace beckon::plugins::wire {

constexpr std::size_t most_items = std::size_t{1} << 17;   // of one list

class Encoder {
 public:
  static constexpr bool reads = false;
  // Beyond `most` bytes nothing is added any more, and `fits` is false: so a plugin's wild size costs nothing.
  explicit Encoder(std::size_t most) : most_(most) {}

  void number(std::uint32_t value) { integer(value); }
  void number(std::uint64_t value) { integer(value); }
  void number(std::int64_t value) { integer(static_cast<std::uint64_t>(value)); }
  void number(bool value) { integer(static_cast<std::uint32_t>(value)); }
  void text(std::string_view text) {
    number(static_cast<std::uint64_t>(text.size()));
    if (room(text.size())) bytes_.append(text);
  }
  void text(const beckon_str& text) { this->text(std::string_view(text.data ? text.data : "", text.data ? text.size : 0)); }
  // Null entries are left out: the reader has none.
  template <class Item>
  void list(const Item* const* items, std::size_t count) {
    if (!items) count = 0;
    if (count > most_items) fits_ = false;
    if (!fits_) return;
    std::uint64_t there = 0;
    for (std::size_t i = 0; i < count; ++i) there += items[i] ? 1 : 0;
    number(there);
    for (std::size_t i = 0; i < count && fits_; ++i)
      if (items[i]) item(*items[i]);
  }
  template <class Item>
  void one(const Item* item) {
    number(item != nullptr);
    if (item) this->item(*item);
  }

  bool fits() const { return fits_; }
  std::string take() { return std::move(bytes_); }

 private:
  bool room(std::size_t size) { return fits_ = fits_ && size <= most_ - bytes_.size(); }
  template <class Integer>
  void integer(Integer value) {
    if (!room(sizeof value)) return;
    for (std::size_t i = 0; i < sizeof value; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  template <class Item>
  void item(const Item& item) {
    if constexpr (std::is_same_v<Item, beckon_str>) text(item);
    else fields(*this, item);
  }

  std::size_t most_;
  bool fits_ = true;
  std::string bytes_;
};

// Texts of what it reads are views of `bytes`; lists and structs live as long as the decoder.
class Decoder {
 public:
  static constexpr bool reads = true;
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  void number(std::uint32_t& value) { value = integer<std::uint32_t>(); }
  void number(std::uint64_t& value) { value = integer<std::uint64_t>(); }
  void number(std::int64_t& value) { value = static_cast<std::int64_t>(integer<std::uint64_t>()); }
  void number(bool& value) {
    const auto said = integer<std::uint32_t>();
    if (said > 1) fail();
    value = said == 1;
  }
  void text(std::string_view& text) {
    const auto size = integer<std::uint64_t>();
    if (size > bytes_.size()) return fail();
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
  }
  void text(beckon_str& text) {
    std::string_view read;
    this->text(read);
    text = {read.data(), read.size()};
  }
  template <class Item>
  void list(const Item* const*& items, std::size_t& count) {
    items = nullptr;
    count = 0;
    const auto said = integer<std::uint64_t>();
    // Every item takes at least four bytes, so a count cannot ask for more memory than a few times its frame.
    if (said > most_items || said > bytes_.size() / 4) return fail();
    if (said == 0) return;
    auto** made = static_cast<const Item**>(memory_.allocate(said * sizeof(Item*), alignof(Item*)));
    for (std::size_t i = 0; i < said && good_; ++i) made[i] = item<Item>();
    if (!good_) return;
    items = made;
    count = said;
  }
  template <class Item>
  void one(const Item*& item) {
    bool there = false;
    number(there);
    item = there && good_ ? this->item<Item>() : nullptr;
  }

  bool good() const { return good_; }
  // Everything was read, and nothing is left over.
  bool finished() const { return good_ && bytes_.empty(); }

 private:
  void fail() {
    good_ = false;
    bytes_ = {};
  }
  template <class Integer>
  Integer integer() {
    if (bytes_.size() < sizeof(Integer)) {
      fail();
      return 0;
    }
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<Integer>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  template <class Item>
  const Item* item() {
    auto* made = new (memory_.allocate(sizeof(Item), alignof(Item))) Item{};
    if constexpr (std::is_same_v<Item, beckon_str>) {
      text(*made);
    } else {
      made->size = sizeof(Item);
      fields(*this, *made);
    }
    return made;
  }

  std::string_view bytes_;
  bool good_ = true;
  std::pmr::monotonic_buffer_resource memory_;
};

}  // namespace beckon::plugins::wire
