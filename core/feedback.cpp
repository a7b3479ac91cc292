#include "feedback.hpp"

#include "base/log.hpp"

#include <spdlog/fmt/fmt.h>

#include <optional>
#include <utility>

namespace beckon::core {
namespace {

void tell(const FeedbackReport& report) {
  const LateChange& change = report.change;
  if (change.repeated) return log::debug("daemon", "delivery {} had come back before", report.delivery);
  const bool lost = change.dead > 0;
  std::string then;
  if (lost) then += fmt::format("; {} of what it told {} a dead letter now", change.dead, change.dead == 1 ? "is" : "are");
  if (change.ended.size() == 1) then += "; its subscription is let go";
  if (change.ended.size() > 1) then += fmt::format("; {} subscriptions are let go", change.ended.size());
  log::write(lost || !change.ended.empty() ? LogLevel::warn : LogLevel::info, "daemon",
             fmt::format("\"{}\": delivery {} through {} {}: {}{}", change.subscription, report.delivery, report.sink,
                         lost ? "came back" : "was answered", change.reason, then));
}

}  // namespace

task<Result<FeedbackReport>> take_feedback(Outbox& outbox, std::vector<std::shared_ptr<Sink>> sinks, std::string message) {
  const auto shared = std::make_shared<const std::string>(std::move(message));
  FeedbackReport report;
  std::optional<Error> unasked;
  for (const auto& sink : sinks) {
    auto asking = sink->feedback(shared);
    auto heard = co_await std::move(asking);
    if (!heard) unasked = fail(fmt::format("sink \"{}\" cannot read it now: {}", sink->info().name, heard.error().message));
    if (!heard || !*heard) continue;
    LateOutcome& late = **heard;
    report.understood = true;
    report.sink = sink->info().name;
    report.delivery = late.delivery;
    report.outcome = late.outcome.kind;
    auto settling = outbox.take_late(report.sink, std::move(late));
    auto change = co_await std::move(settling);
    if (!change) co_return change.error();
    report.change = std::move(*change);
    if (!report.change.known) continue;   // two sinks may send from one address
    tell(report);
    break;
  }
  if (unasked && !report.change.known) co_return *unasked;
  co_return report;
}

}  // namespace beckon::core
