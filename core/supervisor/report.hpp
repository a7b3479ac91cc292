// The supervisor's log lines, which are part of its behaviour: one sentence a report. Pure.
#pragma once

#include "base/log.hpp"
#include "supervisor/machine.hpp"

#include <string>
#include <string_view>

namespace beckon::core::supervision {

LogLevel level_of(Report::Kind kind);

// `kind` is the spec's ("syncer"), `name` that of `report.id`.
std::string sentence(const Report& report, std::string_view kind, std::string_view name, const Limits& limits);

}  // namespace beckon::core::supervision
