#include "supervisor/report.hpp"

namespace beckon::core::supervision {
namespace {

// `syncer "beast"`, or `3 children of kind syncer, the first "beast"`.
std::string subject(const Report& report, std::string_view kind, std::string_view name) {
  if (report.children == 1) return fmt::format("{} \"{}\"", kind, name);
  return fmt::format("{} children of kind {}, the first \"{}\"", report.children, kind, name);
}

}  // namespace

LogLevel level_of(Report::Kind kind) {
  switch (kind) {
    case Report::Kind::crashed:
    case Report::Kind::failed_stopping: return LogLevel::warn;
    case Report::Kind::set_aside:
    case Report::Kind::abandoned: break;
  }
  return LogLevel::error;
}

std::string sentence(const Report& report, std::string_view kind, std::string_view name, const Limits& limits) {
  const std::string who = subject(report, kind, name);
  switch (report.kind) {
    case Report::Kind::crashed:
      return fmt::format("{}: crashed: {}; restarting ({} of {} within {})", who, report.reason, report.crashes,
                         limits.intensity, format_duration(limits.period));
    case Report::Kind::set_aside:
      return fmt::format("{}: set aside: crashed {} {} within {}, last: {}; the others go on", who, report.crashes,
                         report.crashes == 1 ? "time" : "times", format_duration(limits.period), report.reason);
    case Report::Kind::failed_stopping:
      return fmt::format("{}: failed while being stopped: {}", who, report.reason);
    case Report::Kind::abandoned: break;
  }
  return fmt::format("{}: did not end within {} of being asked; abandoned", who, format_duration(limits.shutdown));
}

}  // namespace beckon::core::supervision
