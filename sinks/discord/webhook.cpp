#include "webhook.hpp"

#include <beckon/weburl.hpp>

#include <algorithm>

namespace beckon::discord {

std::string post_address(std::string_view webhook_url, std::string_view thread_id) {
  weburl::Parts parts = weburl::split(webhook_url);
  weburl::set(parts, "wait", "true");
  if (!thread_id.empty()) weburl::set(parts, "thread_id", thread_id);
  return weburl::join(parts);
}

std::string probe_address(std::string_view webhook_url) {
  weburl::Parts parts = weburl::split(webhook_url);
  for (const std::string_view key : {"wait", "thread_id", "with_components"}) weburl::set(parts, key, {});
  return weburl::join(parts);
}

std::string limit_key(std::string_view webhook_url) { return weburl::split(webhook_url).base; }

std::string thread_of(std::string_view webhook_url, std::string_view thread_id) {
  return std::string(thread_id.empty() ? weburl::get(weburl::split(webhook_url), "thread_id") : thread_id);
}

bool is_snowflake(std::string_view id) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return id.size() >= 15 && id.size() <= 20 && std::all_of(id.begin(), id.end(), is_digit);
}

}  // namespace beckon::discord
