// The words in which our sinks tell of a mention, so that one mention reads alike everywhere. For authors of sinks;
// header-only, any thread. Everything returned is clean, on one line, bounded, and not escaped for any medium.
#pragma once

#include <beckon/sink.hpp>
#include <beckon/text.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::wording {

// The longest name or title is far shorter than what is looked at.
inline std::string line(std::string_view raw) { return text::clean_line(text::clip(raw, 4'096)); }

// "alice"; an account that is gone has no login, and GitHub shows it as "ghost".
inline std::string author(const Mention& mention) {
  const std::string login = text::cut(line(mention.author.login), 64);
  return login.empty() ? "ghost" : login;
}

// "@octocat", "@org/team"
inline std::string whom(const Mention& mention) { return "@" + text::cut(line(mention.name), 140); }

// "a comment on"
inline std::string place(const Mention& mention) {
  switch (mention.post.kind) {
    case PostKind::body: return "the description of";
    case PostKind::comment: return "a comment on";
    case PostKind::review_comment: return "a review comment on";
    case PostKind::review: return "a review of";
  }
  return "a post on";
}

// "owner/name#12"
inline std::string thread(const Mention& mention) {
  std::string name = text::cut(line(mention.repository.name), 140);
  if (mention.thread.number > 0) name += "#" + std::to_string(mention.thread.number);
  return name;
}

inline std::string title(const Mention& mention, std::size_t units) {
  return text::cut(line(mention.thread.title), units);
}

// The time at which the mention appeared: later than the post's when an edit added it.
inline std::int64_t time_ms(const Mention& mention) noexcept {
  return mention.post.appeared_ms > 0 ? mention.post.appeared_ms : mention.post.created_ms;
}

// "(edited)", "bot", "private repository": what else a reader should know.
inline std::vector<std::string> remarks(const Mention& mention) {
  std::vector<std::string> remarks;
  if (mention.post.edited) remarks.emplace_back("(edited)");
  if (mention.author.is_bot) remarks.emplace_back("bot");
  if (mention.repository.is_private) remarks.emplace_back("private repository");
  return remarks;
}

// "3 mentions of @octocat"; of several names: "3 mentions of @octocat and @org/team".
inline std::string summary(const Mention* mentions, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = whom(mentions[i]);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string words = std::to_string(count) + (count == 1 ? " mention" : " mentions");
  if (names.size() > 3) return words;
  for (std::size_t i = 0; i < names.size(); ++i) {
    words += (i == 0 ? " of " : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return words;
}

inline std::string more(std::uint32_t owed) {
  return owed == 1 ? "1 more mention follows" : std::to_string(owed) + " more mentions follow";
}

// The indices of the first `count` mentions, in the order in which they happened.
inline std::vector<std::size_t> by_time(const std::vector<Mention>& mentions, std::size_t count) {
  std::vector<std::size_t> order(std::min(count, mentions.size()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return time_ms(mentions[a]) < time_ms(mentions[b]); });
  return order;
}

}  // namespace beckon::wording
