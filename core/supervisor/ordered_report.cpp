#include "supervisor/ordered_report.hpp"

namespace beckon::core::supervision::ordered {

LogLevel level_of(Report::Kind kind) {
  switch (kind) {
    case Report::Kind::crashed:
    case Report::Kind::ended:
    case Report::Kind::start_failed:
    case Report::Kind::failed_stopping:
    case Report::Kind::killed: return LogLevel::warn;
    case Report::Kind::gave_up:
    case Report::Kind::abandoned: break;
  }
  return LogLevel::error;
}

std::string sentence(const Report& report, const SupervisorFlags& flags) {
  const std::string who = fmt::format("child \"{}\"", report.name);
  switch (report.kind) {
    case Report::Kind::crashed:
      return fmt::format("{}: ended: {}; restarting (restart {} of {} within {})", who, report.reason, report.restarts,
                         flags.intensity, format_duration(flags.period));
    case Report::Kind::ended: return fmt::format("{}: ended: {}; it is not restarted", who, report.reason);
    case Report::Kind::start_failed: return fmt::format("{}: did not start: {}", who, report.reason);
    case Report::Kind::gave_up:
      return fmt::format("{}: ended: {}; restart {} within {} is one too many, so everything here is stopped", who,
                         report.reason, report.restarts, format_duration(flags.period));
    case Report::Kind::failed_stopping: return fmt::format("{}: failed while being stopped: {}", who, report.reason);
    case Report::Kind::killed: return fmt::format("{}: did not end in time when it was asked, and was killed", who);
    case Report::Kind::abandoned: break;
  }
  return fmt::format("{}: did not end within {} of being killed; abandoned", who, format_duration(flags.patience));
}

std::string sentence(const Reply& reply, std::string_view name) {
  using Answer = Reply::Answer;
  const std::string who = fmt::format("child \"{}\"", name);
  switch (reply.answer) {
    case Answer::ok:
    case Answer::ignored: return {};
    case Answer::already_started: return who + " is running already";
    case Answer::already_present: return who + " is there already, stopped; restart or delete it";
    case Answer::not_found: return "there is no " + who;
    case Answer::running: return who + " is running; terminate it first";
    case Answer::restarting: return who + " is being restarted; terminate it first";
    case Answer::failed_to_start: return fmt::format("{} did not start: {}", who, reply.reason);
    case Answer::refused: return fmt::format("{} cannot be added: {}", who, reply.reason);
    case Answer::stopping: break;
  }
  return fmt::format("nothing can be asked about {}: the supervisor has ended", who);
}

std::string sentence(const Ended& ended, const SupervisorFlags& flags) {
  switch (ended.why) {
    case Ended::Why::stopped: return {};
    case Ended::Why::failed_to_start: return fmt::format("child \"{}\" did not start: {}", ended.name, ended.reason);
    case Ended::Why::gave_up: break;
  }
  return fmt::format("gave up: child \"{}\" needed more than {} {} within {}, last: {}", ended.name, flags.intensity,
                     flags.intensity == 1 ? "restart" : "restarts", format_duration(flags.period), ended.reason);
}

}  // namespace beckon::core::supervision::ordered
