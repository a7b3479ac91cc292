#include "syncer/telling.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

std::string count(const Claim& sent) {
  const std::string_view what = sent.notices.empty() ? "mention" : "notice";
  return fmt::format("{} {}{}", sent.size(), what, sent.size() == 1 ? "" : "s");
}

// "mention in acme/rocket#1 by vera, https://..."
std::string first(const Claim& sent) {
  if (!sent.notices.empty()) return fmt::format("notice \"{}\"", sent.notices.front().text);
  const DeliveredMention& mention = sent.mentions.front().mention;
  return fmt::format("mention in {}#{} by {}, {}", mention.repository.full_name, mention.thread.number,
                     mention.post.author.login, mention.post.url);
}

LogLine tell_retry(std::string_view subscription, std::string_view sink, const Outcome& outcome, const Verdict& verdict) {
  const bool holds = verdict.standing && verdict.standing->counts;
  const std::string wait =
      format_duration(std::chrono::ceil<std::chrono::seconds>(holds ? verdict.standing->wait : verdict.wait));
  if (holds && verdict.standing->whole_sink)
    return {LogLevel::error, fmt::format("\"{}\": {} cannot deliver to anybody: {} [{}]; what is owed through it is kept, and "
                                         "tried again in {}", subscription, sink, outcome.reason, outcome.code, wait)};
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

LogLine tell_attempt(std::string_view subscription, std::string_view sink, const Claim& sent, const Outcome& outcome,
                     const Verdict& verdict) {
  const std::string why = fmt::format("{} [{}]", outcome.reason, outcome.code);
  const std::string_view refused = outcome.fault ? "failed three times at" : "refused";
  if (verdict.next == Verdict::Do::bury)
    return {LogLevel::warn, fmt::format("\"{}\": the subscriber at {} is gone: {}; letting go", subscription, sink, why)};
  if (verdict.next == Verdict::Do::end)
    return {LogLevel::warn, fmt::format("\"{}\": the subscriber has left {}: {}; letting go of this subscription alone",
                                        subscription, sink, why)};
  switch (verdict.kind) {
    case Settlement::Kind::delivered:
      return {LogLevel::info, fmt::format("\"{}\": told {} through {}", subscription, count(sent), sink)};
    case Settlement::Kind::retry: return tell_retry(subscription, sink, outcome, verdict);
    case Settlement::Kind::split:
      return {LogLevel::warn, fmt::format("\"{}\": {} {} a digest: {}; sending its {} one by one", subscription, sink, refused, why,
                                          count(sent))};
    case Settlement::Kind::plain:
      return {LogLevel::warn, fmt::format("\"{}\": {} {} the {}: {}; sending it once more in plain form",
                                          subscription, sink, refused, first(sent), why)};
    case Settlement::Kind::held:
      return {LogLevel::error, fmt::format("\"{}\": {} may or may not have got {}, first the {}: {}; it wants nothing sent "
                                           "twice, so they are among the dead letters, for you to look",
                                           subscription, sink, count(sent), first(sent), why)};
    case Settlement::Kind::dead:
      return {LogLevel::error, fmt::format("\"{}\": {} {} the {} in every form: {}; it is among the dead letters",
                                           subscription, sink, refused, first(sent), why)};
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
