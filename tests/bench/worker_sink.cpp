// A worker sink that does nothing, four at a time: what is left is what carrying a delivery to it costs.
#include <beckon/sink.hpp>

class Nothing {
 public:
  static constexpr std::uint32_t max_concurrency = 4;
  explicit Nothing(const beckon::Settings&) {}
  beckon::Outcome deliver(const beckon::Delivery&) { return beckon::Outcome::delivered(); }
};

constexpr beckon::Option options[] = {{"unused", beckon::Type::string, 0, "", "nothing"}};

BECKON_SINK(Nothing, "nothing", "1.0.0", options)
