// The site's answers as messages: what guards a page in the browser is on each of them. Pure.
#pragma once

#include "config/web.hpp"
#include "net/http_server.hpp"
#include "web/assets.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

// With the headers that every answer has: nothing is sniffed, framed, referred to or kept.
HttpReply guarded(HttpReply reply);
HttpReply json_reply(int status, std::string body);
HttpReply refusal(int status, std::string_view sentence);
// 401 with the way in.
HttpReply stranger_refusal();
HttpReply redirect(std::string where, const std::vector<std::string>& cookies);
HttpReply asset_reply(const WebAsset& asset, const HttpRequest& request);
// The way in for people, without a file besides itself. `trouble`: what went wrong before; any text.
HttpReply sign_in_page(int status, const WebConfig& config, std::string_view trouble);

}  // namespace beckon::core
