// A sink in the C++ face of a released version, built against that version's headers alone.
#include <beckon/sink.hpp>

constexpr beckon::Option options[] = {
    {"url", beckon::Type::url, beckon::required | beckon::secret | beckon::target, "", "where to post"},
    {"greeting", beckon::Type::string, beckon::optional, "hello", "what to begin with"}};

class Released {
 public:
  static constexpr std::string_view about = "keeps what a released version promised";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = 3;

  explicit Released(const beckon::Settings& settings) : greeting_(settings.text("greeting")) {
    settings.host().log(beckon::Level::info, "opened");
  }
  static void check(const beckon::Values& settings, const beckon::Values&) {
    if (settings.text("greeting") == "bye") throw beckon::Complaint("greeting", "this is no greeting");
  }
  beckon::Rendered render(const beckon::Delivery& delivery) const {
    if (delivery.purpose == beckon::Purpose::mention && delivery.mentions.empty()) return beckon::Outcome::rejected("empty", "there is nothing to tell");
    beckon::Request request;
    request.url = delivery.target.text("url");
    request.headers = {{"X-Count", std::to_string(delivery.mentions.size())}};
    request.body = greeting_;
    return request;
  }
  beckon::Outcome interpret(const beckon::Delivery&, const beckon::Response& response) const {
    if (response.status == 200) return beckon::Outcome::delivered();
    beckon::Outcome later = beckon::Outcome::retry("http", "the service answered " + std::to_string(response.status));
    if (response.header("Retry-After") == "7") later.retry_after_ms = 7'000;
    return later;
  }

 private:
  std::string greeting_;
};

BECKON_SINK(Released, "released", "1.0.0", options)
