#include "layout.hpp"

#include <beckon/text.hpp>

#include <algorithm>

namespace beckon::console {
namespace {

constexpr std::string_view reset = "\x1b[0m";

// One of our sequences at that place: its length, else 0.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "\x1b[") return 0;
  const std::size_t end = text.find('m', at);
  return end == std::string_view::npos ? 0 : end + 1 - at;
}

// After Unicode's East Asian Width and what terminals do with emoji.
std::size_t columns_of(char32_t c) {
  if (text::is_attached(c)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xA960 && c <= 0xA97F) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) ||
                    (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F64F) ||
                    (c >= 0x1F680 && c <= 0x1F6FF) || (c >= 0x1F900 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

template <class Count>
std::size_t sum(std::string_view text, const Count& count) {
  std::size_t total = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t length = sequence_at(text, at)) {
      at += length;
    } else {
      total += count(text::next(text, at));
    }
  }
  return total;
}

class Wrapper {
 public:
  Wrapper(std::string_view margin, std::size_t width)
      : margin_(margin), room_(std::max<std::size_t>(width, columns(margin) + 10) - columns(margin)) {}

  std::string wrap(std::string_view text) {
    begin_line();
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == '\n') {
        end_word();
        blanks_ = 0;
        break_line();
        ++at;
      } else if (text[at] == ' ') {
        end_word();
        ++blanks_;
        ++at;
      } else if (const std::size_t length = sequence_at(text, at)) {
        word_ += text.substr(at, length);
        at += length;
      } else {
        const std::size_t begin = at;
        const std::size_t more = columns_of(text::next(text, at));
        if (word_columns_ + more > room_) end_word();
        word_ += text.substr(begin, at - begin);
        word_columns_ += more;
      }
    }
    end_word();
    break_line();
    out_.resize(out_.size() - margin_.size() - active_.size());
    return std::move(out_);
  }

 private:
  void begin_line() {
    out_ += margin_;
    out_ += active_;
    used_ = 0;
  }

  void break_line() {
    if (!active_.empty()) out_ += reset;
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
    begin_line();
  }

  void end_word() {
    if (word_columns_ > 0 && used_ > 0 && used_ + blanks_ + word_columns_ > room_) {
      blanks_ = 0;
      break_line();
    }
    if (word_columns_ > 0) {
      const std::size_t fitting = std::min(blanks_, room_ - std::min(room_, used_ + word_columns_));
      out_.append(fitting, ' ');
      used_ += fitting + word_columns_;
      blanks_ = 0;
    }
    out_ += word_;
    for (std::size_t at = 0; at < word_.size();) {
      const std::size_t length = sequence_at(word_, at);
      if (length) active_ = word_.substr(at, length) == reset ? std::string() : active_ + word_.substr(at, length);
      at += length ? length : 1;
    }
    word_.clear();
    word_columns_ = 0;
  }

  const std::string margin_;
  const std::size_t room_;
  std::string out_;
  std::string active_;  // the sequences in force
  std::string word_;
  std::size_t word_columns_ = 0;
  std::size_t blanks_ = 0;
  std::size_t used_ = 0;
};

}  // namespace

std::string styled(std::string_view text, std::string_view style, bool colour) {
  if (!colour || text.empty()) return std::string(text);
  return std::string("\x1b[").append(style).append("m").append(text).append(reset);
}

std::size_t columns(std::string_view text) {
  return sum(text, [](char32_t c) { return columns_of(c); });
}

std::size_t shown_units(std::string_view text) {
  return sum(text, [](char32_t c) -> std::size_t { return c > 0xFFFF ? 2 : 1; });
}

std::string wrapped(std::string_view text, std::string_view margin, std::size_t width) {
  return Wrapper(margin, width).wrap(text);
}

}  // namespace beckon::console
