#include "web/site.hpp"

#include "base/log.hpp"
#include "config/values.hpp"
#include "control/routes.hpp"
#include "control/target.hpp"
#include "web/assets.hpp"
#include "web/rates.hpp"
#include "web/replies.hpp"
#include "web/sessions.hpp"
#include "web/sign_in.hpp"
#include "web/status_events.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

namespace beckon::core {
namespace {

constexpr Rate usual{200, 50};       // of one client, beyond this machine
constexpr Rate guesses{10, 0.1};     // at the access token, and at signing in; of anybody
constexpr const char* callback_path = "/sign-in/github/back";

// The socket's syncer, as long as the socket is there.
class Seat {
 public:
  Seat(std::shared_ptr<Viewing> viewing, WatchWish wish, WebSocket& socket)
      : viewing_(std::move(viewing)), id_(viewing_->join(std::move(wish), socket)) {}
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() { viewing_->leave(id_); }

 private:
  std::shared_ptr<Viewing> viewing_;
  ViewerId id_;
};

task<void> watch(std::shared_ptr<Viewing> viewing, WatchWish wish, WebSocket& socket) {
  const Seat seat(std::move(viewing), std::move(wish), socket);
  auto hearing = hear_out(socket);
  co_await std::move(hearing);
}

// Whoever comes without asking for one is told so.
HttpReply web_socket(WebSocketSession session) {
  HttpReply reply = refusal(426, "this is a WebSocket: connect with one");
  reply.response.headers.emplace_back("Upgrade", "websocket");
  reply.session = std::move(session);
  return reply;
}

class BeckonSite final : public Site {
 public:
  BeckonSite(WebConfig config, WebHouse& house) : config_(std::move(config)), gate_(config_), house_(house) {}

  task<HttpReply> answer(HttpRequest request, std::string client) override;
  task<void> run() override {
    return events_->run([this] { return house_.operations(); });
  }

 private:
  struct Visit {
    HttpRequest request;
    RequestTarget target;
    std::string client;
    WebIdentity identity;
    std::string session;           // the cookie's
    bool is(std::string_view path) const { return request.url.substr(0, request.url.find('?')) == path; }
    bool posts() const { return request.method == "POST"; }
  };

  std::optional<HttpReply> too_often(const HttpRequest& request, const std::string& client);
  WebIdentity identify(const HttpRequest& request, const std::string& session) const;
  task<HttpReply> route(Visit visit);
  static task<HttpReply> at_once(HttpReply reply) { co_return reply; }
  task<HttpReply> ask_operations(Visit visit);
  HttpReply page(const Visit& visit) const;
  HttpReply who(const Visit& visit) const;
  HttpReply open_session(const Visit& visit);
  HttpReply end_session(const Visit& visit);
  HttpReply begin_sign_in(const Visit& visit);
  task<HttpReply> finish_sign_in(Visit visit);
  HttpReply take_seat(const Visit& visit);
  bool is_secure(const HttpRequest& request) const { return gate_.origin_of(request).starts_with("https://"); }

  WebConfig config_;
  WebGate gate_;
  WebHouse& house_;
  WebSessions sessions_;
  SignIns sign_ins_;
  Rates rates_{usual};
  Rates guesses_{guesses};
  std::shared_ptr<StatusEvents> events_ = std::make_shared<StatusEvents>();
};

// ---- who asks ---------------------------------------------------------------------------------------------------------

// A proxy on this machine says for whom it asks; nobody else is believed.
std::string client_of(const HttpRequest& request, const std::string& address) {
  constexpr std::string_view mapped = "::ffff:";   // IPv4 at a socket of IPv6
  const std::string_view plain = std::string_view(address).substr(address.starts_with(mapped) ? mapped.size() : 0);
  if (!is_loopback_name(plain)) return address;
  const std::string_view forwarded = find_header(request.headers, "x-forwarded-for");
  const auto comma = forwarded.rfind(',');
  std::string_view last = comma == forwarded.npos ? forwarded : forwarded.substr(comma + 1);
  while (last.starts_with(' ')) last.remove_prefix(1);
  return std::string(last.substr(0, 64));   // empty: this machine itself
}

std::optional<HttpReply> BeckonSite::too_often(const HttpRequest& request, const std::string& client) {
  const bool guesses = request.url == "/session" || request.url.starts_with("/sign-in/");
  const auto now = std::chrono::steady_clock::now();
  Milliseconds wait{0};
  if (guesses) wait = guesses_.take(client, now);
  if (!client.empty() && wait == 0ms) wait = rates_.take(client, now);
  if (wait == 0ms) return std::nullopt;
  HttpReply reply = refusal(429, fmt::format("too many requests; again in {}", format_about(wait)));
  reply.response.headers.emplace_back("Retry-After", fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(wait).count()));
  return reply;
}

WebIdentity BeckonSite::identify(const HttpRequest& request, const std::string& session) const {
  if (const WebIdentity* known = sessions_.find(session, wall_now())) return *known;
  WebIdentity identity;
  identity.role = gate_.role_of(request);
  return identity;
}

task<HttpReply> BeckonSite::answer(HttpRequest request, std::string client) {
  if (request.url == "/healthz") {
    Visit visit;
    visit.request = std::move(request);
    auto asking = ask_operations(std::move(visit));
    co_return co_await std::move(asking);
  }
  if (const auto refused = gate_.refuses(request)) co_return refusal(refused->status, refused->sentence);
  Visit visit;
  visit.client = client_of(request, client);
  if (auto wait = too_often(request, visit.client)) co_return std::move(*wait);
  auto target = parse_target(request.url);
  if (!target) co_return refusal(400, "the request's target cannot be read");
  visit.target = std::move(*target);
  visit.session = std::string(find_cookie(request.headers, WebSessions::cookie));
  visit.identity = identify(request, visit.session);
  visit.request = std::move(request);
  auto routing = route(std::move(visit));
  co_return co_await std::move(routing);
}

// ---- where to -----------------------------------------------------------------------------------------------------------

task<HttpReply> BeckonSite::route(Visit visit) {
  if (visit.is("/session") && visit.posts()) return at_once(open_session(visit));
  if (visit.is("/sign-in/github") && config_.github) return at_once(begin_sign_in(visit));
  if (visit.is(callback_path) && config_.github) return finish_sign_in(std::move(visit));
  if (visit.identity.role == WebRole::stranger) {
    const bool is_page = visit.is("/");
    return at_once(is_page ? sign_in_page(401, config_, "") : stranger_refusal());
  }
  if (visit.is("/session/end") && visit.posts()) return at_once(end_session(visit));
  if (visit.is("/api/v1/me")) return at_once(who(visit));
  if (visit.is("/api/v1/watch")) return at_once(take_seat(visit));
  const bool is_api = visit.is("/metrics") || visit.is("/readyz") || visit.request.url.starts_with("/api/");
  if (!is_api) return at_once(page(visit));
  if (visit.identity.role != WebRole::operator_) return at_once(refusal(403, "this is for operators alone"));
  if (visit.is("/api/v1/events")) return at_once(web_socket(events_->session()));
  return ask_operations(std::move(visit));
}

task<HttpReply> BeckonSite::ask_operations(Visit visit) {
  Operations* operations = house_.operations();
  if (!operations) co_return refusal(503, "the daemon is not ready yet; try again in a moment");
  auto asking = answer_operator(*operations, std::move(visit.request));
  HttpReply reply;
  reply.response = co_await std::move(asking);
  co_return guarded(std::move(reply));
}

HttpReply BeckonSite::page(const Visit& visit) const {
  if (visit.request.method != "GET" && visit.request.method != "HEAD") return refusal(405, "there is only something to GET here");
  const std::string_view path = std::string_view(visit.request.url).substr(0, visit.request.url.find('?'));
  const std::string_view name = path == "/" ? "index.html" : path.substr(1);
  for (const WebAsset& asset : web_assets())
    if (asset.name == name && name != "sign_in.html") return asset_reply(asset, visit.request);
  return refusal(404, "there is nothing at this path");
}

HttpReply BeckonSite::who(const Visit& visit) const {
  const nlohmann::ordered_json answer = {{"role", visit.identity.role == WebRole::operator_ ? "operator" : "viewer"},
                                         {"login", visit.identity.login},
                                         {"sign_in", config_.github.has_value()},
                                         {"session", sessions_.find(visit.session, wall_now()) != nullptr},
                                         {"version", BECKON_VERSION}};
  return json_reply(200, answer.dump() + '\n');
}

// ---- coming in ------------------------------------------------------------------------------------------------------------

HttpReply BeckonSite::open_session(const Visit& visit) {
  const auto form = parse_target("/?" + visit.request.body);
  std::string token;
  if (form)
    for (const auto& [name, value] : form->query)
      if (name == "token") token = value;
  if (!gate_.is_access_token(token)) {
    log::warn("web", "somebody{} gave a wrong access token", visit.client.empty() ? "" : " at " + visit.client);
    return sign_in_page(401, config_, "This is not the access token.");
  }
  WebIdentity identity;
  identity.role = WebRole::operator_;
  const std::string name = sessions_.open(std::move(identity), wall_now());
  return redirect("/", {set_cookie(WebSessions::cookie, name, WebSessions::lasts, is_secure(visit.request))});
}

HttpReply BeckonSite::end_session(const Visit& visit) {
  sessions_.close(visit.session);
  return redirect("/", {set_cookie(WebSessions::cookie, "", 0ms, is_secure(visit.request))});
}

HttpReply BeckonSite::begin_sign_in(const Visit& visit) {
  const SignInAttempt attempt = sign_ins_.begin(wall_now());
  return redirect(sign_in_address(*config_.github, attempt, gate_.origin_of(visit.request) + callback_path),
                  {set_cookie(SignIns::cookie, attempt.state, SignIns::lasts, is_secure(visit.request))});
}

task<HttpReply> BeckonSite::finish_sign_in(Visit visit) {
  std::string code, state, error;
  for (const auto& [name, value] : visit.target.query) {
    if (name == "code") code = value;
    else if (name == "state") state = value;
    else if (name == "error_description" || (name == "error" && error.empty())) error = value;
  }
  auto attempt = sign_ins_.finish(state, find_cookie(visit.request.headers, SignIns::cookie), wall_now());
  if (!attempt) co_return sign_in_page(403, config_, "This sign-in did not begin here, or has taken too long. Try again.");
  if (code.empty()) co_return sign_in_page(403, config_, "GitHub says: " + (error.empty() ? "no" : error));
  auto client = house_.client(config_.github->forge);
  if (!client) co_return sign_in_page(503, config_, "The forge that people sign in with is not configured.");
  auto taking = take_code(std::move(client), *config_.github, house_.api_url(config_.github->forge), std::move(code), std::move(*attempt),
                          gate_.origin_of(visit.request) + callback_path);
  auto identity = co_await std::move(taking);
  if (!identity) {
    log::warn("web", "a sign-in failed: {}", identity.error().message);
    co_return sign_in_page(502, config_, identity.error().message);
  }
  log::info("web", "{} has signed in as {}", identity->login, identity->role == WebRole::operator_ ? "an operator" : "a viewer");
  const bool secure = is_secure(visit.request);
  const std::string name = sessions_.open(std::move(*identity), wall_now());
  co_return redirect("/", {set_cookie(WebSessions::cookie, name, WebSessions::lasts, secure),
                           set_cookie(SignIns::cookie, "", 0ms, secure)});
}

// ---- WebSockets -------------------------------------------------------------------------------------------------------------

HttpReply BeckonSite::take_seat(const Visit& visit) {
  WatchWish wish;
  wish.forge = "github";
  wish.viewer = visit.identity;
  std::string repository, login, after;
  for (const auto& [name, value] : visit.target.query) {
    if (name == "repo") repository = value;
    else if (name == "user") login = value;
    else if (name == "forge") wish.forge = value;
    else if (name == "after") after = value;
    else return refusal(400, fmt::format("{} is no parameter here; there are repo, user, after and forge", in_quotes(name)));
  }
  auto checked_repository = check_repository(repository);
  if (!checked_repository) return refusal(400, "repo: " + checked_repository.error().message);
  auto checked_login = check_login(login);
  if (!checked_login || *checked_login == "*")
    return refusal(400, "user: " + (checked_login ? "watch one person or one team" : checked_login.error().message));
  if (!after.empty()) {
    std::int64_t seq = 0;
    const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), seq);
    if (error != std::errc() || end != after.data() + after.size() || seq < 0) return refusal(400, "after: expected a number");
    wish.after = seq;
  }
  wish.repository = std::move(*checked_repository);
  wish.login = std::move(*checked_login);
  return web_socket([viewing = house_.viewing(), wish = std::move(wish)](WebSocket& socket) { return watch(viewing, wish, socket); });
}

}  // namespace

std::shared_ptr<Site> make_site(WebConfig config, WebHouse& house) {
  return std::make_shared<BeckonSite>(std::move(config), house);
}

}  // namespace beckon::core
