#include "web/replies.hpp"

#include "base/digest.hpp"
#include "control/answers.hpp"

#include <fmt/format.h>

namespace beckon::core {
namespace {

// The page's own files and sockets alone; no script stands in a page, and none can be made of a text.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      default: html += c;
    }
  }
  return html;
}

std::string_view asset_text(std::string_view name) {
  for (const WebAsset& asset : web_assets())
    if (asset.name == name) return asset.content;
  return {};
}

// Its one style stands in it, since a stranger is given no other file; the policy names it by its hash.
const std::string& sign_in_policy() {
  static const std::string policy = [] {
    const std::string_view html = asset_text("sign_in.html");
    const auto begin = html.find("<style>") + 7;
    const std::string_view style = html.substr(begin, html.find("</style>") - begin);
    return fmt::format("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
                       base64(sha256(style)));
  }();
  return policy;
}

// `<!--NAME-->` ... `<!--/NAME-->`, left out.
void drop_part(std::string& html, std::string_view name) {
  const std::string opening = fmt::format("<!--{}-->", name), closing = fmt::format("<!--/{}-->", name);
  const auto begin = html.find(opening), end = html.find(closing);
  if (begin != html.npos && end != html.npos) html.erase(begin, end + closing.size() - begin);
}

}  // namespace

HttpReply guarded(HttpReply reply) {
  HttpHeaders& headers = reply.response.headers;
  const auto set = [&headers](std::string_view name, std::string_view value) {
    if (find_header(headers, name).empty()) headers.emplace_back(name, value);
  };
  set("X-Content-Type-Options", "nosniff");
  set("X-Frame-Options", "DENY");
  set("Referrer-Policy", "same-origin");   // with none at all a browser says of our own forms that they come from "null"
  set("Cross-Origin-Opener-Policy", "same-origin");
  set("Cross-Origin-Resource-Policy", "same-origin");
  set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  set("Cache-Control", "no-store");
  return reply;
}

HttpReply json_reply(int status, std::string body) {
  HttpReply reply;
  reply.response.status = status;
  reply.response.headers.emplace_back("Content-Type", "application/json");
  reply.response.body = std::move(body);
  return guarded(std::move(reply));
}

HttpReply refusal(int status, std::string_view sentence) { return json_reply(status, error_json(sentence)); }

HttpReply stranger_refusal() {
  HttpReply reply = refusal(401, "this needs the access token of [web], as \"Authorization: Bearer TOKEN\", or somebody who has signed in");
  reply.response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"beckon\"");
  return reply;
}

HttpReply redirect(std::string where, const std::vector<std::string>& cookies) {
  HttpReply reply;
  reply.response.status = 303;
  reply.response.headers.emplace_back("Location", std::move(where));
  for (const std::string& cookie : cookies) reply.response.headers.emplace_back("Set-Cookie", cookie);
  return guarded(std::move(reply));
}

HttpReply asset_reply(const WebAsset& asset, const HttpRequest& request) {
  HttpReply reply;
  const std::string etag = fmt::format("\"{}\"", base64(sha256(asset.content)).substr(0, 22));
  HttpHeaders& headers = reply.response.headers;
  headers.emplace_back("Content-Type", media_type_of(asset.name));
  headers.emplace_back("ETag", etag);
  headers.emplace_back("Cache-Control", "no-cache");   // asked for again each time, so a new version is there at once
  headers.emplace_back("Content-Security-Policy", page_policy);
  reply.response.status = find_header(request.headers, "if-none-match") == etag ? 304 : 200;
  if (reply.response.status == 200) reply.response.body = asset.content;
  return guarded(std::move(reply));
}

HttpReply sign_in_page(int status, const WebConfig& config, std::string_view trouble) {
  std::string html(asset_text("sign_in.html"));
  if (config.access_token.empty()) drop_part(html, "token");
  if (!config.github) drop_part(html, "github");
  if (trouble.empty()) drop_part(html, "trouble");
  constexpr std::string_view place = "{{trouble}}";
  if (const auto at = html.find(place); at != html.npos) html.replace(at, place.size(), escaped(trouble));
  HttpReply reply;
  reply.response.status = status;
  HttpHeaders& headers = reply.response.headers;
  headers.emplace_back("Content-Type", "text/html; charset=utf-8");
  headers.emplace_back("Content-Security-Policy", sign_in_policy());
  if (status == 401) headers.emplace_back("WWW-Authenticate", "Bearer realm=\"beckon\"");
  reply.response.body = std::move(html);
  return guarded(std::move(reply));
}

}  // namespace beckon::core
