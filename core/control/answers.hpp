// What operations answer, as JSON texts. Texts from outside are in them as they are; bytes that are no UTF-8 are replaced.
#pragma once

#include "control/operations.hpp"

#include <string>
#include <string_view>

namespace beckon::core {

std::string status_json(const StatusReport& report);
// The list of it alone.
std::string subscriptions_json(const StatusReport& report);
std::string change_json(const std::string& name, const SubscriptionChange& change);
std::string dead_letters_json(const DeadLetters& letters);
std::string dead_change_json(const DeadChange& change);
std::string history_json(const History& history);
std::string feedback_json(const FeedbackReport& report);
std::string error_json(std::string_view sentence);

std::string_view to_string(SubscriptionState state);

}  // namespace beckon::core
