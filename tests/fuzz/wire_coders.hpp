// Two coders of the wire beside its own: one that walks through what was decoded, one that makes what can be encoded.
#pragma once

#include "fuzz/require.hpp"

#include "plugins/wire/frame.hpp"

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <type_traits>

namespace beckon::fuzz {

namespace wire = plugins::wire;

// Looks whether all texts are views of the payload, and how many things there are.
class Walker {
 public:
  static constexpr bool reads = false;
  explicit Walker(std::string_view payload) : payload_(payload) {}

  template <class Number>
  void number(Number) { ++things; }
  void text(std::string_view text) {
    ++things;
    if (text.empty()) return;
    const auto* begin = text.data();
    require(begin >= payload_.data() && begin + text.size() <= payload_.data() + payload_.size(),
            "a text is a view of its payload");
  }
  void text(const beckon_str& text) { this->text(std::string_view(text.size ? text.data : "", text.size)); }
  template <class Item>
  void list(const Item* const* items, std::size_t count) {
    require(count == 0 || items, "a list that has items has a place");
    require(count <= wire::most_items, "no list is longer than its bound");
    for (std::size_t i = 0; i < count; ++i) {
      require(items[i] != nullptr, "no item is missing");
      item(*items[i]);
    }
  }
  template <class Item>
  void one(const Item* item) {
    ++things;
    if (item) this->item(*item);
  }
  std::size_t things = 0;

 private:
  template <class Item>
  void item(const Item& item) {
    if constexpr (std::is_same_v<Item, beckon_str>) {
      text(item);
    } else {
      require(item.size == sizeof(Item), "a struct says its size");
      wire::fields(*this, item);
    }
  }
  std::string_view payload_;
};

// Fills structs with what the fuzzer gives, as a coder that reads: whatever it makes can be said.
class Dreamer {
 public:
  static constexpr bool reads = true;
  explicit Dreamer(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return first;
  }
  void number(std::uint32_t& value) { value = static_cast<std::uint32_t>(wide()); }
  void number(std::uint64_t& value) { value = wide(); }
  void number(std::int64_t& value) { value = static_cast<std::int64_t>(wide()); }
  void number(bool& value) { value = byte() & 1; }
  void text(std::string_view& text) {
    text = bytes_.substr(0, byte() % 32);
    bytes_.remove_prefix(text.size());
  }
  void text(beckon_str& text) {
    std::string_view made;
    this->text(made);
    text = {made.data(), made.size()};
  }
  template <class Item>
  void list(const Item* const*& items, std::size_t& count) {
    count = bytes_.empty() ? 0 : byte() % 5;
    auto** made = static_cast<const Item**>(memory_.allocate(8 * sizeof(Item*), alignof(Item*)));
    for (std::size_t i = 0; i < count; ++i) made[i] = item<Item>();
    items = made;
  }
  template <class Item>
  void one(const Item*& item) { item = byte() & 1 ? this->item<Item>() : nullptr; }

 private:
  // Small ones mostly, and those at the edges.
  std::uint64_t wide() {
    const std::uint8_t first = byte();
    if (first < 0xf0) return first;
    if (first < 0xf8) return ~std::uint64_t{0} >> (8 * (first & 7));
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }
  template <class Item>
  const Item* item() {
    auto* made = new (memory_.allocate(sizeof(Item), alignof(Item))) Item{};
    if constexpr (std::is_same_v<Item, beckon_str>) {
      text(*made);
    } else {
      made->size = sizeof(Item);
      wire::fields(*this, *made);
    }
    return made;
  }
  std::string_view bytes_;
  std::pmr::monotonic_buffer_resource memory_{std::pmr::new_delete_resource()};
};

}  // namespace beckon::fuzz
