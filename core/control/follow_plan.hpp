// What is stored, as the plan of today has it: between a change of the plan and the day when the forge has answered for a
// repository the two differ. Pure.
#pragma once

#include "control/operations.hpp"
#include "control/planning.hpp"

namespace beckon::core {

// Says of each subscription where it comes from. Those that are no longer planned are left out, and those that are not
// stored yet stand among the others, waiting.
void follow_plan(StatusReport& report, const Planning& planning);

}  // namespace beckon::core
