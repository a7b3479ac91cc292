// The terminal: mentions on standard output, for people who watch.
#include "page.hpp"
#include "terminal.hpp"
#include "zone.hpp"

#include <beckon/sink.hpp>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <unistd.h>

namespace beckon::console {
namespace {

constexpr std::int64_t narrowest = 20;
constexpr std::int64_t widest = 1000;

const Option options[] = {
    {"color",
     Type::enumeration,
     optional,
     "auto",
     "auto: on a terminal, unless NO_COLOR is set",
     {"auto", "always", "never"}},
    {"width", Type::integer, optional, "0", "columns to wrap at, 20 to 1000; 0: as wide as the terminal"},
};

// Empty when it will do.
std::string wrong_width(std::int64_t width) {
  if (width == 0 || (width >= narrowest && width <= widest)) return {};
  return std::to_string(width) + " is no width to wrap at; give 20 to 1000 columns, or 0 for the terminal's own";
}

Colour colour_named(std::string_view name) {
  return name == "always" ? Colour::always : name == "never" ? Colour::never : Colour::automatic;
}

Outcome not_written(const Written& written) {
  const bool is_closed = written.error == EPIPE || written.error == EBADF;
  if (is_closed) {
    return Outcome::misconfigured("stdout_closed",
                                  "nobody reads standard output any more; start Beckon with its output on a "
                                  "terminal, in a file or in a program that goes on reading",
                                  BECKON_SCOPE_SINK);
  }
  Outcome outcome =
      written.error ? Outcome::retry("stdout_failed",
                                     std::string("writing to standard output failed: ") + std::strerror(written.error))
                    : Outcome::retry("stdout_stalled",
                                     "standard output took no more text in time; if the terminal is paused (Ctrl-S), "
                                     "Ctrl-Q lets it go on");
  outcome.scope = BECKON_SCOPE_SINK;
  outcome.ambiguous = written.bytes > 0;
  return outcome;
}

}  // namespace

class Console {
 public:
  static constexpr std::string_view about = "mentions in the terminal, on standard output";
  static constexpr std::uint32_t max_batch = 50;

  explicit Console(const Settings& settings)
      : host_(settings.host()), colour_(colour_named(settings.text("color"))), width_(settings.number("width")) {
    if (const std::string wrong = wrong_width(width_); !wrong.empty()) throw Complaint("width", wrong);
  }

  static void check(const Values& settings, const Values&, const Complain& complain) {
    if (const std::string wrong = wrong_width(settings.number("width")); !wrong.empty()) complain("width", wrong);
  }

  Outcome deliver(const Delivery& delivery) {
    if (delivery.purpose == Purpose::probe) return Outcome::delivered();
    if (delivery.purpose == Purpose::mention && delivery.mentions.empty()) {
      return Outcome::rejected("empty", "the delivery holds no mention");
    }
    if (delivery.time_zone != zone_name_) {
      zone_name_ = delivery.time_zone;
      zone_ = Zone::named(zone_name_);
    }
    // Asked anew each time: a window may have been made wider.
    const Look look{wants_colour(colour_, STDOUT_FILENO),
                    width_ ? static_cast<std::size_t>(width_) : width_of(STDOUT_FILENO),
                    [this](std::int64_t ms) { return zone_.minute(ms); }};
    const Written written =
        write_all(STDOUT_FILENO, page(delivery, look), delivery.deadline_ms, [this] { return host_.cancelled(); });
    return written.complete ? Outcome::delivered() : not_written(written);
  }

 private:
  const Host host_;
  const Colour colour_;
  const std::int64_t width_;
  std::string zone_name_;
  Zone zone_;
};

}  // namespace beckon::console

BECKON_SINK(beckon::console::Console, "console", BECKON_VERSION, beckon::console::options)
