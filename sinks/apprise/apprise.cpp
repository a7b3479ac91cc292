// Any of the services that Apprise knows, by an Apprise API server. Source: github.com/caronc/apprise-api, README and
// api/views.py.
#include "../answer_json.hpp"

#include <beckon/answer.hpp>
#include <beckon/message.hpp>
#include <beckon/plain.hpp>
#include <beckon/sink.hpp>

#include <string>
#include <string_view>

namespace beckon::apprise {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"api_url", Type::url, required, "", "the Apprise API server: http://127.0.0.1:8000"},
    {"urls", Type::string, required | secret | target, "",
     "one Apprise URL, such as discord://ID/TOKEN; for a second service make a second subscription"},
};

constexpr std::size_t longest_text = 2'000;      // less than most services take; Apprise cuts or splits what is longer
constexpr std::int64_t answers_within_ms = 60'000;  // it answers when the service has answered

constexpr std::string_view one_url =
    "these are several addresses; give one a subscription, because when one of them fails all would get the message again";
constexpr std::string_view not_a_url =
    "this is not an Apprise URL, which begins with the name of its service: discord://ID/TOKEN";

// Nobody knows what will read the text, so it must be plain to all: nothing that calls names, no "<!", no "[a](b)".
class Anywhere final : public PlainText {
 public:
  std::string span(const Span& span, std::string_view text, const Around& around) const override {
    std::string url;  // an address has another way to say the same
    for (const char c : span.url) url += c == '@' ? std::string("%40") : c == '!' ? std::string("%21") : std::string(1, c);
    return quiet(PlainText::span({span.kind, span.depth, span.text, url}, text, around));
  }
  std::string code_block(std::string_view code, std::string_view) const override { return quiet(code); }

  static std::string quiet(std::string_view clean) {
    constexpr std::string_view joiner = "\u200C";
    std::string out;
    for (std::size_t i = 0; i < clean.size(); ++i) {
      out += clean[i];
      const bool done = clean.substr(i + 1, joiner.size()) == joiner;
      if (!done && std::string_view("@!<]").find(clean[i]) != std::string_view::npos) out += joiner;
    }
    return out;
  }
};

std::string wrong_urls(std::string_view urls) {
  const std::size_t scheme = urls.find("://");
  if (scheme == std::string_view::npos || scheme == 0 || text::clean_line(urls) != urls) return std::string(not_a_url);
  for (std::size_t at = scheme; (at = urls.find_first_of(", ", at)) != std::string_view::npos; ++at) {
    if (urls.find("://", at) != std::string_view::npos) return std::string(one_url);
  }
  return {};
}

}  // namespace

class Apprise {
 public:
  static constexpr std::string_view about = "any of the services that Apprise knows, by an Apprise API server";
  static constexpr std::uint32_t max_batch = 10;

  explicit Apprise(const Settings& settings) : api_url_(settings.text("api_url")) {}

  static void check(const Values&, const Values& target, const Complain& complain) {
    if (!target.has("urls")) return;
    if (const std::string wrong = wrong_urls(target.text("urls")); !wrong.empty()) complain("urls", wrong);
  }

  Rendered render(const Delivery& delivery) const {
    const std::string urls = delivery.target.text("urls");
    if (const std::string wrong = wrong_urls(urls); !wrong.empty()) return Outcome::misconfigured("bad_urls", "urls: " + wrong);
    if (is_empty(delivery)) return nothing_to_tell();
    const Message text = compose(delivery, Anywhere(), longest_text);
    Request request;
    request.url = weburl::under(api_url_, "/notify/");
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = answer::written({{"urls", urls},
                                    {"title", Anywhere::quiet(headline(delivery, text.covered))},
                                    {"body", text.text},
                                    {"type", "info"},
                                    {"format", "text"}});
    request.covered = text.covered;
    request.timeout_ms = answers_within_ms;
    request.limit_key = urls;
    request.hold_if_ambiguous = true;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    switch (response.status) {
      case 200: return Outcome::delivered();
      case 204:
        return Outcome::misconfigured(
            "nothing_to_notify",
            "Apprise answered 204: it knows no service by this address, so nothing was sent; check urls");
      case 424:
        return answer::again(delivery, response, "not_sent",
                             "Apprise answered 424: the service behind it did not take the message; its log has the reason");
      case 400:
        if (!answer::text_of(answer::object_of(response.body), "error").empty())
          return Outcome::rejected("refused", "Apprise answered 400: the message was refused");
        break;
      default: break;
    }
    return answer::by_status(delivery, response, "Apprise");
  }

 private:
  std::string api_url_;
};

}  // namespace beckon::apprise

BECKON_SINK(beckon::apprise::Apprise, "apprise", BECKON_VERSION, beckon::apprise::options)
