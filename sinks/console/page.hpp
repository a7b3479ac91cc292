// A delivery as a page of terminal text. Pure.
#pragma once

#include <beckon/sink.hpp>
#include <beckon/when.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace beckon::console {

struct Look {
  bool colour = false;
  std::size_t width = 100;                                  // columns
  std::function<std::string(std::int64_t)> clock = when::minute_utc;  // Unix ms in words
};

// All mentions of the delivery, oldest first, each with a blank line behind it. No control character but line feeds
// and, with colour, our own sequences.
std::string page(const Delivery& delivery, const Look& look);

}  // namespace beckon::console
