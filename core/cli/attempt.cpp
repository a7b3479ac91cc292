#include "cli/attempt.hpp"

#include "syncer/turn.hpp"

#include <spdlog/fmt/fmt.h>

#include <memory>
#include <utility>

namespace beckon::core::cli {
namespace {

constexpr Milliseconds time_to_prepare = 30s;

}  // namespace

task<Outcome> attempt(Sink& sink, Delivery delivery) {
  const auto shared = std::make_shared<Delivery>(std::move(delivery));
  stamp(*shared, time_to_prepare);
  auto preparing = sink.prepare(shared);
  Prepared prepared = co_await std::move(preparing);
  if (prepared.outcome) co_return std::move(*prepared.outcome);
  stamp(*shared, prepared.timeout);
  auto delivering = sink.deliver(shared, std::move(prepared));
  co_return co_await std::move(delivering);
}

std::string in_words(const Outcome& outcome) {
  const auto clause = [&] { return fmt::format("{}: {}", outcome.code, outcome.reason); };
  switch (outcome.kind) {
    case OutcomeKind::delivered: return "delivered";
    case OutcomeKind::retry: return "not delivered; Beckon would try again: " + clause();
    case OutcomeKind::rejected: return "refused, and would be in any form: " + clause();
    case OutcomeKind::misconfigured: return "not delivered until somebody acts: " + clause();
    case OutcomeKind::gone:
      return (outcome.certainty == Certainty::exact ? "not delivered; the subscriber is gone: "
                                                    : "not delivered; the subscriber may be gone: ") + clause();
  }
  return clause();
}

}  // namespace beckon::core::cli
