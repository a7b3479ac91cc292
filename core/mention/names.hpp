// Which "@name" in a piece of rendered text is a mention. Pure matching on one text run; Markdown is not known
// here. A user follows html-pipeline's boundaries: nothing of [0-9A-Za-z_] before the "@"; after the name no "/",
// and no "." with a word behind it ("@github.com"). Logins may have double or trailing hyphens (legacy accounts)
// and one inner underscore (enterprise accounts, IDP-USERNAME_SHORTCODE). A backtick that touches the token is
// half of somebody's code: no mention.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace beckon::core {

// text[begin, end) is "@name".
struct NameAt {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The first mention that begins at or after `from`. Linear over a whole text when called again with the last `end`.
std::optional<NameAt> next_name(std::string_view text, std::size_t from);

// False only if no reading of this Markdown can hold a mention: no "@", written or as an entity, where a name
// could begin.
bool may_mention(std::string_view markdown);

// Distinct names, lower case, in order of first appearance.
class Names {
 public:
  void add(std::string_view name);  // without the "@"
  std::vector<std::string> take() { return std::move(order_); }

 private:
  std::vector<std::string> order_;
  std::unordered_set<std::string> known_;
};

}  // namespace beckon::core
