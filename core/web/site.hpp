// The web server's whole answer: the page, the API behind it, the WebSockets, and who may have which of them.
//
//   GET  /healthz                          to everybody, and nothing else
//   GET  / and its files                   the page; to a stranger the way to sign in, with 401
//   POST /session  {token=...}             a cookie for the access token; POST /session/end takes it back
//   GET  /sign-in/github                   to GitHub, which sends the browser to /sign-in/github/back
//   GET  /api/v1/me                        {"role","login","sign_in":bool,"token":bool,"version"}
//   GET  /api/v1/watch?repo=&user=&after=&forge=    WebSocket: see web/messages.hpp
//   GET  /api/v1/events                    WebSocket: the status, whenever it changes
//   /metrics, /readyz, /api/...            as control/routes.hpp says
//
// Viewers who have signed in have the page, /api/v1/me and /api/v1/watch; the rest is for operators.
#pragma once

#include "config/web.hpp"
#include "net/http_server.hpp"
#include "web/house.hpp"

#include <memory>
#include <string>

namespace beckon::core {

class Site {
 public:
  virtual ~Site() = default;
  virtual task<HttpReply> answer(HttpRequest request, std::string client) = 0;
  // Tells those who listen to /api/v1/events of each change; until cancelled.
  virtual task<void> run() = 0;
};

// `house` outlives the site; its `viewing` is kept by the sessions.
std::shared_ptr<Site> make_site(WebConfig config, WebHouse& house);

}  // namespace beckon::core
