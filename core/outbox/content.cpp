#include "outbox/content.hpp"

#include <nlohmann/json.hpp>

namespace beckon::core {

using nlohmann::json;

std::string_view cut_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  // A character has at most three continuation bytes; more of them are no UTF-8 and may be cut anywhere.
  std::size_t end = limit;
  for (int back = 0; back < 3 && end > 0 && continues(end); ++back) --end;
  return text.substr(0, continues(end) ? limit : end);
}

std::string pack_content(const Post& post) {
  json content = {{"url", post.url}, {"author", post.author.login}, {"author_url", post.author.url}};
  content["avatar_url"] = post.author.avatar_url;
  if (post.author.is_bot) content["bot"] = true;
  if (post.submitted) content["submitted"] = unix_s(*post.submitted);
  if (post.body.size() > kept_body_bytes) content["truncated"] = true;
  return content.dump(-1, ' ', false, json::error_handler_t::replace);
}

void unpack_content(std::string_view content, DeliveredMention& mention) {
  const json read = json::parse(content, nullptr, false);
  if (!read.is_object()) return;
  const auto text = [&](const char* key) {
    const auto at = read.find(key);
    return at != read.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const auto flag = [&](const char* key) {
    const auto at = read.find(key);
    return at != read.end() && at->is_boolean() && at->get<bool>();
  };
  mention.post.url = text("url");
  mention.post.author.login = text("author");
  mention.post.author.url = text("author_url");
  mention.post.author.avatar_url = text("avatar_url");
  mention.post.author.is_bot = flag("bot");
  mention.truncated = flag("truncated");
  if (const auto at = read.find("submitted"); at != read.end() && at->is_number_integer()) {
    mention.post.submitted = from_unix_s(at->get<std::int64_t>());
  }
}

}  // namespace beckon::core
