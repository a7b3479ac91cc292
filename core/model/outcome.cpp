#include "model/outcome.hpp"

namespace beckon::core {

std::string_view to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::delivered: return "delivered";
    case OutcomeKind::retry: return "retry";
    case OutcomeKind::rejected: return "rejected";
    case OutcomeKind::misconfigured: return "misconfigured";
    case OutcomeKind::gone: return "gone";
  }
  return "unknown";
}

}  // namespace beckon::core
