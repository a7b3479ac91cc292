// What the static supervisor says for people: one sentence a report, a refusal or an end. Pure.
#pragma once

#include "base/log.hpp"
#include "supervisor/ordered_machine.hpp"

#include <string>
#include <string_view>

namespace beckon::core::supervision::ordered {

LogLevel level_of(Report::Kind kind);
std::string sentence(const Report& report, const SupervisorFlags& flags);
// Of any answer but `ok` and `ignored`; `name` is the child's.
std::string sentence(const Reply& reply, std::string_view name);
// Empty after a stop.
std::string sentence(const Ended& ended, const SupervisorFlags& flags);

}  // namespace beckon::core::supervision::ordered
