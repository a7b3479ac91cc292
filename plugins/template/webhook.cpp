// A sink that posts {"text": "..."} to a URL: what many chat services take.
#include <beckon/retry_after.hpp>
#include <beckon/sink.hpp>
#include <beckon/text.hpp>
#include <beckon/wording.hpp>

#include <string>

namespace {

using beckon::Outcome;

constexpr std::size_t most_text = 4'000;   // of one message

constexpr beckon::Option options[] = {
    {"url", beckon::Type::url, beckon::required | beckon::secret | beckon::target, "", "where to post"},
};

// `clean` leaves nothing else that JSON does not take: valid UTF-8, no control characters but these.
std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : beckon::text::clean(text)) {
    if (c == '"' || c == '\\') json += '\\';
    json += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string(1, c);
  }
  return json + '"';
}

std::string told(const beckon::Mention& mention) {
  namespace wording = beckon::wording;
  return wording::author(mention) + " mentioned " + wording::whom(mention) + " in " + wording::place(mention) + ' ' +
         wording::thread(mention) + ": " + beckon::text::cut(wording::line(mention.markdown), 300) + '\n' +
         std::string(beckon::text::clip(mention.post.url, 500));
}

class MySink {
 public:
  static constexpr std::string_view about = "posts a line for each mention to a URL";
  static constexpr std::uint32_t max_batch = 10;

  explicit MySink(const beckon::Settings&) {}

  beckon::Rendered render(const beckon::Delivery& delivery) const {
    if (delivery.notice.empty() && delivery.mentions.empty()) return Outcome::rejected("empty", "there is nothing to tell");
    std::string text = beckon::text::cut(beckon::text::clip(delivery.notice, 2'000), 1'000);
    beckon::Request request;
    // As many as fit, one at least; the others come with the next delivery.
    for (const beckon::Mention& mention : delivery.mentions) {
      const std::string next = (text.empty() ? "" : "\n\n") + told(mention);
      if (request.covered > 0 && beckon::text::utf16_units(text + next) > most_text) break;
      text += next;
      ++request.covered;
    }
    request.url = delivery.target.text("url");
    request.headers = {{"Content-Type", "application/json"}};
    request.body = "{\"text\":" + json_string(text) + '}';
    return request;
  }

  // Only what the service itself documents may end a subscription (Outcome::gone): a 404 can come from anywhere.
  Outcome interpret(const beckon::Delivery& delivery, const beckon::Response& response) const {
    const std::string answered = "the service answered " + std::to_string(response.status);
    if (response.status >= 200 && response.status < 300) return Outcome::delivered();
    if (response.status == 400 || response.status == 413) return Outcome::rejected("refused", answered + " to this message");
    if (response.status == 401 || response.status == 403) return Outcome::misconfigured("forbidden", answered + "; check the url");
    Outcome later = Outcome::retry("unavailable", answered);
    later.retry_after_ms = beckon::retry_after_ms(response, delivery.now_ms).value_or(-1);
    return later;
  }
};

}  // namespace

BECKON_SINK(MySink, "mysink", "1.0.0", options)
