// What operations answer, as JSON texts. Texts from outside are in them as they are; bytes that are no UTF-8 are replaced.
#pragma once

#include "control/operations.hpp"

#include <string>
#include <string_view>

namespace beckon::core {

// {"daemon": {"running", "pid"},
//  "subscriptions": [{"name", "repo", "user", "sink", "origin": "config" | "added" | "viewer", "state", "reason", "owed", "dead", "last_delivery", "next_attempt",
//                     "last_poll", "next_poll", "gone_since"}],
//  "feeds": [{"repo", "forge", "error", "last_poll", "next_poll", "quota_left",
//             "progress": {"pages_done", "pages_left"}, "sources": [{"source", "read_to", "error"}]}],
//  "sinks": [{"name", "plugin", "state", "reason", "owed", "dead", "last_delivery", "delivered_last_hour",
//             "outcomes": {"delivered", "retry", "rejected", "misconfigured", "gone"}}],
//  "forges": [{"name", "quota_limit", "quota_left", "quota_resets", "token_ends"}],
//  "hosts": [{"sink", "plugin", "pid", "state", "reason", "restarts", "memory_bytes", "started"}],
//  "tree": [{"name", "kind": "supervisor" | "worker", "state", "restarts", "children": [...],
//            "counts": {"running", "parked", "set_aside", "stopping", "restarts"}}]}
// A member is never missing; null is what is not known, has not happened, or does not apply: "children" of a worker, "counts"
// of all but supervisors of unnamed children, and without a daemon all that only it knows ("forges", "hosts" and "tree" are
// empty then). Times are UTC in seconds, "outcomes" count attempts since the daemon's start. See control/live.hpp.
std::string status_json(const StatusReport& report);
// The list of it alone.
std::string subscriptions_json(const StatusReport& report);
// One of them; null for a name that is not among them.
std::string subscription_json(const StatusReport& report, std::string_view name);
std::string removed_json(std::string_view name);
std::string change_json(const std::string& name, const SubscriptionChange& change);
std::string dead_letters_json(const DeadLetters& letters);
std::string dead_change_json(const DeadChange& change);
std::string history_json(const History& history);
std::string feedback_json(const FeedbackReport& report);
std::string error_json(std::string_view sentence);

std::string_view to_string(SubscriptionState state);

}  // namespace beckon::core
