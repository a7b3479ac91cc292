// Anybody's own receiver, by Standard Webhooks: JSON, signed. Source: github.com/standard-webhooks/standard-webhooks,
// "Specification". What the JSON holds: README.md.
#include "../answer_json.hpp"
#include "signature.hpp"

#include <beckon/answer.hpp>
#include <beckon/message.hpp>
#include <beckon/sink.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/when.hpp>
#include <beckon/wording.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace beckon::webhook {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"url", Type::url, required | secret | target, "", "where to post: https://example.com/hooks/beckon"},
    {"secret", Type::string, secret | target, "",
     "whsec_ and the base64 of 24 to 64 bytes, to sign with; several, with blanks between them, while you change it"},
};

constexpr std::string_view not_a_secret =
    "a secret is whsec_ and the base64 of 24 to 64 bytes: echo whsec_$(openssl rand -base64 32); several have blanks between "
    "them";

constexpr std::size_t largest_body = 19'000;  // bytes; receivers need not take 20 kB
constexpr std::size_t longest_markdown = 4'000;
constexpr std::size_t longest_in_digest = 1'000;
constexpr std::size_t longest_notice = 1'000;
constexpr std::size_t longest_url = 500;

std::string url_of(std::string_view url) { return weburl::safe(url, longest_url); }

const char* kind_of(PostKind kind) {
  switch (kind) {
    case PostKind::body: return "body";
    case PostKind::comment: return "comment";
    case PostKind::review_comment: return "review_comment";
    case PostKind::review: return "review";
  }
  return "post";
}

json told(const Mention& m, std::size_t longest) {
  const std::string_view kept = text::clip(m.markdown, longest);
  return {{"name", text::cut(wording::line(m.name), 140)},
          {"team", m.is_team},
          {"repository",
           {{"name", text::cut(wording::line(m.repository.name), 140)},
            {"url", url_of(m.repository.url)},
            {"private", m.repository.is_private}}},
          {"thread",
           {{"number", m.thread.number},
            {"title", wording::title(m, 250)},
            {"url", url_of(m.thread.url)},
            {"pull_request", m.thread.is_pull_request}}},
          {"post",
           {{"kind", kind_of(m.post.kind)},
            {"id", text::cut(wording::line(m.post.id), 64)},
            {"url", weburl::safe(m.post.url)},
            {"created_at", when::iso8601(m.post.created_ms)},
            {"mentioned_at", when::iso8601(wording::time_ms(m))},
            {"edited", m.post.edited},
            {"markdown", text::clean(kept)},
            {"truncated", m.truncated || kept.size() < m.markdown.size()}}},
          {"author",
           {{"login", wording::author(m)},
            {"url", url_of(m.author.url)},
            {"avatar_url", url_of(m.author.avatar)},
            {"bot", m.author.is_bot}}}};
}

const char* type_of(Purpose purpose) {
  return purpose == Purpose::mention ? "mention" : purpose == Purpose::test ? "test" : "notice";
}

}  // namespace

class Webhook {
 public:
  static constexpr std::string_view about = "signed JSON to a receiver of your own, by Standard Webhooks";
  static constexpr std::uint32_t max_batch = 10;

  explicit Webhook(const Settings&) {}

  static void check(const Values&, const Values& target, const Complain& complain) {
    if (!read_secrets(target.text("secret"))) complain("secret", not_a_secret);
  }

  Rendered render(const Delivery& delivery) const {
    Request request;
    request.url = delivery.target.text("url");
    const auto keys = read_secrets(delivery.target.text("secret"));
    if (request.url.empty())
      return Outcome::misconfigured("no_url", "there is no url for this subscription; give one in the sink, or in the "
                                              "subscription's target");
    if (!keys) return Outcome::misconfigured("bad_secret", "secret: " + std::string(not_a_secret));
    if (is_empty(delivery)) return nothing_to_tell();
    request.body = payload(delivery, request.covered);
    const std::string timestamp = std::to_string(when::unix_seconds(delivery.now_ms));
    request.headers = {
        {"Content-Type", "application/json"}, {"webhook-id", std::string(delivery.id)}, {"webhook-timestamp", timestamp}};
    if (!keys->empty()) request.headers.push_back({"webhook-signature", signatures(*keys, delivery.id, timestamp, request.body)});
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    if (response.status >= 200 && response.status < 300) return Outcome::delivered();
    if (response.status == 410)
      return Outcome::gone("gone", "the receiver answered 410: it wants no more messages; when it does again, beckon revive");
    return answer::by_status(delivery, response, "the receiver");
  }

 private:
  static std::string payload(const Delivery& delivery, std::size_t& covered) {
    json data = {{"subscription", delivery.subscription}, {"mentions", json::array()}, {"more_owed", delivery.more_owed}};
    const std::string notice = text::clean(text::clip(delivery.notice, longest_notice));
    if (!notice.empty()) data["notice"] = notice;
    std::size_t used = answer::written(data).size();
    std::int64_t latest = 0;
    for (const Mention& mention : delivery.mentions) {
      json one = told(mention, delivery.mentions.size() == 1 ? longest_markdown : longest_in_digest);
      used += answer::written(one).size() + 1;
      if (covered > 0 && (used > largest_body || covered == max_batch)) break;
      latest = std::max(latest, wording::time_ms(mention));
      data["mentions"].push_back(std::move(one));
      ++covered;
    }
    return answer::written({{"type", type_of(delivery.purpose)},
                            {"timestamp", when::iso8601(latest ? latest : delivery.now_ms)},
                            {"data", data}});
  }
};

}  // namespace beckon::webhook

BECKON_SINK(beckon::webhook::Webhook, "webhook", BECKON_VERSION, beckon::webhook::options)
