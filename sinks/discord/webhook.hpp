// The three addresses that a configured webhook URL stands for. Pure.
#pragma once

#include <string>
#include <string_view>

namespace beckon::discord {

// Where messages are posted: with wait=true, because without it Discord answers 204 even to what it does not save; in
// the thread, if there is one. Every other part of the configured query stays.
std::string post_address(std::string_view webhook_url, std::string_view thread_id);

// The webhook itself, for GET.
std::string probe_address(std::string_view webhook_url);

// What Discord counts by: the webhook, whatever the query says.
std::string limit_key(std::string_view webhook_url);

// The thread that is posted to: the option, else the one in the URL, else empty.
std::string thread_of(std::string_view webhook_url, std::string_view thread_id);

bool is_snowflake(std::string_view id);

}  // namespace beckon::discord
