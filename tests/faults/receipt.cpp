// A sink for the fault suite: its request carries the delivery's id, so that a receiver can tell a repeated delivery from a
// second one. Otherwise as plain as a webhook can be.
#include <beckon/retry_after.hpp>
#include <beckon/sink.hpp>

#include <string>

namespace {

constexpr beckon::Option options[] = {
    {"webhook_url", beckon::Type::url, beckon::required | beckon::secret | beckon::target, "", "where receipts go"},
};

class Receipt {
 public:
  static constexpr std::string_view about = "the delivery's id and the links of its mentions";
  static constexpr std::uint32_t max_batch = 10;

  explicit Receipt(const beckon::Settings&) {}

  beckon::Rendered render(const beckon::Delivery& delivery) const {
    beckon::Request request;
    request.url = delivery.target.text("webhook_url");
    request.headers = {{"Content-Type", "text/plain"}, {"X-Delivery", std::string(delivery.id)}};
    for (const beckon::Mention& mention : delivery.mentions) request.body.append(mention.post.url).append("\n");
    return request;
  }

  beckon::Outcome interpret(const beckon::Delivery& delivery, const beckon::Response& response) const {
    if (response.status == 200) return beckon::Outcome::delivered();
    beckon::Outcome again = beckon::Outcome::retry("status", "the receiver answered " + std::to_string(response.status));
    if (const auto wait = beckon::retry_after_ms(response, delivery.now_ms)) again.retry_after_ms = *wait;
    return again;
  }
};

}  // namespace

BECKON_SINK(Receipt, "receipt", "1.0.0", options)
