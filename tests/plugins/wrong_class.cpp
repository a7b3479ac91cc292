// Compiled by a test for each WRONG, which expects the compiler to say what is wrong with the class.
#include <beckon/sink.hpp>

struct Sink {
#if WRONG != 1
  explicit Sink(const beckon::Settings&) {}
#endif
#if WRONG == 2  // a value where a reference and a Response belong
  beckon::Rendered render(const beckon::Delivery&) const { return beckon::Request(); }
  beckon::Outcome interpret(int) const { return {}; }
#elif WRONG == 3  // half a kind
  beckon::Rendered render(const beckon::Delivery&) const { return beckon::Request(); }
#elif WRONG == 4  // render is not const
  beckon::Rendered render(const beckon::Delivery&) { return beckon::Request(); }
  beckon::Outcome interpret(const beckon::Delivery&, const beckon::Response&) const { return {}; }
#elif WRONG == 5  // nothing at all
#elif WRONG == 6  // both kinds
  beckon::Request render(const beckon::Delivery&) const { return {}; }
  beckon::Outcome interpret(const beckon::Delivery&, const beckon::Response&) const { return {}; }
  beckon::Outcome deliver(const beckon::Delivery&) { return {}; }
#elif WRONG == 7  // deliver says nothing
  void deliver(const beckon::Delivery&) {}
#elif WRONG == 8  // check is no static member
  beckon::Outcome deliver(const beckon::Delivery&) { return {}; }
  void check(const beckon::Values&, const beckon::Values&) {}
#elif WRONG == 9  // feedback is no static member
  beckon::Outcome deliver(const beckon::Delivery&) { return {}; }
  std::optional<beckon::Feedback> feedback(const beckon::Values&, std::string_view) { return {}; }
#else
  beckon::Outcome deliver(const beckon::Delivery&) { return {}; }
#endif
};

BECKON_SINK(Sink, "wrong", "1.0.0", beckon::no_options)
