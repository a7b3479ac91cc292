#include "forge/github_json.hpp"

#include "forge/json_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace beckon::core {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 64;  // GitHub's own answers stay under ten levels

// Why an element cannot be read; caught where the element is.
struct Unreadable {
  std::string reason;
};

std::optional<Json> parse(std::string body) {
  if (nests_deeper_than(body, deepest)) return std::nullopt;
  Json json = Json::parse(repair_json_text(std::move(body)), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

const Json& member(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text_or_empty(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// Only web addresses: a link from the network ends up in people's chat windows.
std::string link_or_empty(const Json& value) {
  std::string link = text_or_empty(value);
  const bool web = link.starts_with("https://") || link.starts_with("http://");
  const bool clean = std::ranges::none_of(link, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
  return web && clean ? link : std::string();
}

std::optional<std::int64_t> positive(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number <= 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> positive(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > 0 && number <= static_cast<std::uint64_t>(INT64_MAX)) return static_cast<std::int64_t>(number);
  }
  if (value.is_string()) return positive(std::string_view(value.get_ref<const std::string&>()));
  return std::nullopt;
}

std::optional<ForgeTime> time_of(const Json& value) {
  return value.is_string() ? parse_iso_time(value.get_ref<const std::string&>()) : std::nullopt;
}

std::string body_of(const Json& element) {
  const Json& body = member(element, "body");
  if (body.is_null()) return {};
  if (!body.is_string()) throw Unreadable{fmt::format("its body is a JSON {}, not text", body.type_name())};
  return body.get<std::string>();
}

Author author_of(const Json& user) {
  Author author;
  author.login = text_or_empty(member(user, "login"));
  author.url = link_or_empty(member(user, "html_url"));
  author.avatar_url = link_or_empty(member(user, "avatar_url"));
  author.is_bot = text_or_empty(member(user, "type")) == "Bot" || author.login.ends_with("[bot]");
  return author;
}

// The number at the end of ".../issues/17" or ".../pulls/17".
std::optional<std::int64_t> last_number(const Json& link) {
  if (!link.is_string()) return std::nullopt;
  const std::string_view url = link.get_ref<const std::string&>();
  return positive(url.substr(url.rfind('/') + 1));
}

// The number in ".../pull/17#issuecomment-4".
std::optional<std::int64_t> number_in_page(std::string_view url) {
  url = url.substr(0, url.find_first_of("#?"));
  return positive(url.substr(url.rfind('/') + 1));
}

bool lists_bodies(SourceKind source) { return source == SourceKind::bodies || source == SourceKind::pull_requests; }

Thread thread_of(const Json& element, SourceKind source, const Post& post) {
  Thread thread;
  thread.number = post.thread_number;
  thread.url = post.url.substr(0, post.url.find('#'));
  thread.is_pull_request = source == SourceKind::review_comments || source == SourceKind::reviews ||
                           source == SourceKind::pull_requests ||
                           thread.url.find("/pull/") != std::string::npos ||
                           member(element, "pull_request").is_object();
  if (lists_bodies(source)) {
    thread.title = text_or_empty(member(element, "title"));
    thread.updated = post.updated;
  }
  return thread;
}

PostKind kind_of(SourceKind source) {
  switch (source) {
    case SourceKind::bodies:
    case SourceKind::pull_requests: return PostKind::body;
    case SourceKind::comments: return PostKind::comment;
    case SourceKind::review_comments: return PostKind::review_comment;
    case SourceKind::reviews: return PostKind::review;
  }
  return PostKind::comment;
}

std::int64_t thread_number_of(const Json& element, SourceKind source, const std::string& url, std::int64_t known) {
  if (known != 0) return known;
  const char* link = source == SourceKind::comments ? "issue_url" : "pull_request_url";
  const auto number =
      lists_bodies(source) ? positive(member(element, "number")) : last_number(member(element, link));
  if (number) return *number;
  if (const auto in_page = number_in_page(url)) return *in_page;
  throw Unreadable{"it does not say which issue or pull request it belongs to"};
}

Post post_of(const Json& element, SourceKind source, std::int64_t thread) {
  if (!element.is_object()) throw Unreadable{fmt::format("it is a JSON {}, not an object", element.type_name())};
  Post post;
  post.kind = kind_of(source);
  const auto id = positive(member(element, "id"));
  if (!id) throw Unreadable{"it has no numeric id"};
  post.id = *id;
  post.url = link_or_empty(member(element, "html_url"));
  post.thread_number = thread_number_of(element, source, post.url, thread);
  if (lists_bodies(source)) post.id = post.thread_number;
  post.author = author_of(member(element, "user"));
  post.body = body_of(element);
  post.submitted = time_of(member(element, "submitted_at"));
  auto created = time_of(member(element, "created_at"));
  auto updated = time_of(member(element, "updated_at"));
  if (!created) created = post.submitted ? post.submitted : updated;
  if (!updated) updated = created;
  if (!created) throw Unreadable{"it does not say when it was written"};
  post.created = *created;
  post.updated = *updated;
  if (source != SourceKind::reviews) post.submitted.reset();
  return post;
}

// Drafts are the token owner's own, not yet said to anybody; an approval without words mentions nobody.
bool is_silent_review(const Json& element) {
  const bool draft = text_or_empty(member(element, "state")) == "PENDING";
  const Json& body = member(element, "body");
  return draft || body.is_null() || (body.is_string() && body.get_ref<const std::string&>().empty());
}

std::string_view noun(SourceKind source) {
  switch (source) {
    case SourceKind::bodies: return "issue";
    case SourceKind::pull_requests: return "pull request";
    case SourceKind::comments: return "comment";
    case SourceKind::review_comments: return "review comment";
    case SourceKind::reviews: return "review";
  }
  return "post";
}

std::string describe(const Json& element, SourceKind source, std::size_t index, const std::string& reason) {
  const auto id = positive(member(element, "id"));
  if (id) return fmt::format("{} {} cannot be read: {}", noun(source), *id, reason);
  return fmt::format("{} no. {} of a page cannot be read: {}", noun(source), index + 1, reason);
}

}  // namespace

Result<PostList> read_posts(std::string body, SourceKind source, std::int64_t thread) {
  const auto json = parse(std::move(body));
  if (!json) return fail("the answer is no readable JSON");
  if (!json->is_array()) return fail(fmt::format("the answer is a JSON {}, not a list", json->type_name()));
  PostList list;
  for (std::size_t index = 0; index < json->size(); ++index) {
    const Json& element = (*json)[index];
    const auto updated = time_of(member(element, "updated_at"));
    if (updated) list.newest = std::max(list.newest.value_or(*updated), *updated);
    if (source == SourceKind::reviews && is_silent_review(element)) continue;
    try {
      Post post = post_of(element, source, thread);
      list.newest = std::max(list.newest.value_or(post.updated), post.updated);
      if (source != SourceKind::reviews) list.threads.push_back(thread_of(element, source, post));
      list.posts.push_back(std::move(post));
    } catch (const Unreadable& unreadable) {
      list.unreadable.push_back(describe(element, source, index, unreadable.reason));
    }
  }
  std::ranges::sort(list.posts, {}, [](const Post& post) { return std::pair(post.updated, post.id); });
  return list;
}

Result<RepositoryText> read_repository(std::string body) {
  const auto json = parse(std::move(body));
  if (!json || !json->is_object()) return fail("the answer is no readable JSON object");
  RepositoryText text;
  const auto id = positive(member(*json, "id"));
  text.repository.full_name = text_or_empty(member(*json, "full_name"));
  if (!id || text.repository.full_name.find('/') == std::string::npos)
    return fail("the answer names no repository (it needs `id` and `full_name`)");
  text.repository.forge_id = *id;
  text.repository.url = link_or_empty(member(*json, "html_url"));
  const Json& is_private = member(*json, "private");
  const Json& has_issues = member(*json, "has_issues");
  text.repository.is_private = is_private.is_boolean() && is_private.get<bool>();
  text.has_issues = !has_issues.is_boolean() || has_issues.get<bool>();
  return text;
}

Result<std::string> read_login(std::string body) {
  const auto json = parse(std::move(body));
  std::string login = json ? one_line(text_or_empty(member(*json, "login")), 100) : std::string();
  if (login.empty()) return fail("the answer names no user (it needs `login`)");
  return login;
}

std::string read_error_message(std::string body) {
  if (body.size() > (64u << 10)) return {};
  const auto json = parse(std::move(body));
  return json ? one_line(text_or_empty(member(*json, "message")), 200) : std::string();
}

}  // namespace beckon::core
