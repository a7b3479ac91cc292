#include "syncer/telling.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

std::string count(std::size_t mentions) { return fmt::format("{} mention{}", mentions, mentions == 1 ? "" : "s"); }

std::string place(const DeliveredMention& mention) {
  return fmt::format("{}#{} by {}, {}", mention.repository.full_name, mention.thread.number, mention.post.author.login,
                     mention.post.url);
}

LogLine tell_retry(std::string_view subscription, std::string_view sink, const Outcome& outcome, const Verdict& verdict) {
  const std::string wait = format_duration(std::chrono::ceil<std::chrono::seconds>(verdict.wait));
  const auto line = [&](LogLevel level, std::string_view what, std::string_view again) {
    return LogLine{level, fmt::format("\"{}\": {} {}: {} [{}]; {} {}", subscription, sink, what, outcome.reason, outcome.code,
                                      again, wait)};
  };
  switch (outcome.kind) {
    case OutcomeKind::misconfigured: return line(LogLevel::error, "cannot deliver", "kept, and tried again in");
    case OutcomeKind::gone: return line(LogLevel::warn, "may have lost its subscriber", "kept, and asked again in");
    default: return line(LogLevel::warn, "did not deliver", "again in");
  }
}

}  // namespace

LogLine tell_attempt(std::string_view subscription, std::string_view sink, const std::vector<OwedMention>& sent,
                     const Outcome& outcome, const Verdict& verdict) {
  const std::string why = fmt::format("{} [{}]", outcome.reason, outcome.code);
  const DeliveredMention& first = sent.front().mention;
  if (verdict.next == Verdict::Do::bury)
    return {LogLevel::warn, fmt::format("\"{}\": the subscriber at {} is gone: {}; letting go", subscription, sink, why)};
  switch (verdict.kind) {
    case Settlement::Kind::delivered:
      return {LogLevel::info, fmt::format("\"{}\": told {} through {}", subscription, count(sent.size()), sink)};
    case Settlement::Kind::retry: return tell_retry(subscription, sink, outcome, verdict);
    case Settlement::Kind::split:
      return {LogLevel::warn, fmt::format("\"{}\": {} refused a digest: {}; sending its {} one by one", subscription, sink, why,
                                          count(sent.size()))};
    case Settlement::Kind::plain:
      return {LogLevel::warn, fmt::format("\"{}\": {} refused the mention in {}: {}; sending it once more in plain form",
                                          subscription, sink, place(first), why)};
    case Settlement::Kind::held:
      return {LogLevel::error, fmt::format("\"{}\": {} may or may not have got {}, the first in {}: {}; it wants nothing sent "
                                           "twice, so they are among the dead letters, for you to look",
                                           subscription, sink, count(sent.size()), place(first), why)};
    case Settlement::Kind::dead:
      return {LogLevel::error, fmt::format("\"{}\": {} refused the mention in {} in every form: {}; it is among the dead letters",
                                           subscription, sink, place(first), why)};
  }
  return {};
}

LogLine tell_move(std::string_view subscription, const SinkInfo& sink, std::string_view target) {
  const std::string option = sink.target_option.empty() ? "target" : sink.target_option;
  const std::string where = fmt::format("in the subscription's target, or in [sinks.{}] if it stands there", sink.name);
  if (sink.target_secret)
    return {LogLevel::warn, fmt::format("\"{}\": the service says that this subscriber has moved: get the new {} from it (a "
                                        "secret, not shown here) and set it {}", subscription, option, where)};
  return {LogLevel::warn, fmt::format("\"{}\": the service says that this subscriber has moved: set {} = \"{}\" {}",
                                      subscription, option, target, where)};
}

}  // namespace beckon::core
