// Matrix, by an account of one's own in a room. Source: spec.matrix.org, Client-Server API: "Sending events to a room",
// "m.room.message", "Standard error response".
#include "../answer_json.hpp"

#include <beckon/answer.hpp>
#include <beckon/html.hpp>
#include <beckon/message.hpp>
#include <beckon/plain.hpp>
#include <beckon/sink.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::matrix {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"homeserver", Type::url, required, "", "the account's homeserver, as clients reach it: https://matrix-client.matrix.org"},
    {"access_token", Type::string, required | secret, "", "the account's access token (Element: All settings, Help & About)"},
    {"room_id", Type::string, required | target, "", "the room's internal ID (Room settings, Advanced): !abc:example.org"},
};

// An event is at most 65,536 bytes, with both texts and what servers add to it; one unit is at most three bytes.
constexpr std::size_t longest_html = 9'000;
constexpr std::size_t longest_text = 6'000;

constexpr std::string_view not_a_room =
    "this is not a room's internal ID, which begins with \"!\"; copy it from the room's settings (Advanced)";
constexpr std::string_view join = "the account is not in the room or may not write there; invite it, and let it join";
constexpr std::string_view new_token =
    "the access token is not valid any more; log the account in again and put the new one into access_token";
constexpr std::string_view locked_out = "the account was deactivated, suspended or locked by the homeserver's administrator";
constexpr std::string_view no_room = "the homeserver knows no such room; check room_id";
constexpr std::string_view not_understood = "the message was not understood";

constexpr answer::Saying sayings[] = {
    {"M_FORBIDDEN", 403, BECKON_GONE, "m_forbidden", join, BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"M_NOT_FOUND", 404, BECKON_GONE, "m_not_found", no_room, BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"M_UNKNOWN_TOKEN", 401, BECKON_MISCONFIGURED, "m_unknown_token", new_token, BECKON_SCOPE_SINK},
    {"M_MISSING_TOKEN", 401, BECKON_MISCONFIGURED, "m_missing_token", new_token, BECKON_SCOPE_SINK},
    {"M_USER_DEACTIVATED", 403, BECKON_MISCONFIGURED, "m_user_deactivated", locked_out, BECKON_SCOPE_SINK},
    {"M_USER_SUSPENDED", 403, BECKON_MISCONFIGURED, "m_user_suspended", locked_out, BECKON_SCOPE_SINK},
    {"M_USER_LOCKED", 401, BECKON_MISCONFIGURED, "m_user_locked", locked_out, BECKON_SCOPE_SINK},
    {"M_GUEST_ACCESS_FORBIDDEN", 403, BECKON_MISCONFIGURED, "m_guest_access_forbidden", join},
    {"M_UNRECOGNIZED", 404, BECKON_MISCONFIGURED, "m_unrecognized",
     "this server does not speak the Client-Server API; check homeserver", BECKON_SCOPE_SINK},
    {"M_RESOURCE_LIMIT_EXCEEDED", 403, BECKON_RETRY, "m_resource_limit_exceeded", "the homeserver has reached a limit of its own",
     BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"M_TOO_LARGE", 413, BECKON_REJECTED, "m_too_large", "the message is too large"},
    {"M_BAD_JSON", 400, BECKON_REJECTED, "m_bad_json", not_understood},
    {"M_NOT_JSON", 400, BECKON_REJECTED, "m_not_json", not_understood},
    {"M_INVALID_PARAM", 400, BECKON_REJECTED, "m_invalid_param", not_understood},
};

bool is_room(std::string_view id) {
  return id.size() >= 2 && id.size() <= 255 && id.front() == '!' && text::clean_line(id) == id;
}

constexpr std::string_view not_a_token = "an access token is one word; copy it again (Settings, Help & About, Access Token)";

bool is_token(std::string_view token) { return !token.empty() && token.find_first_of("\r\n\t ") == std::string_view::npos; }

bool is_event(std::string_view id) {
  const auto is_part = [](char c) { return c > 0x20 && c < 0x7F; };
  return id.size() >= 2 && id.size() <= 255 && id.front() == '$' && std::all_of(id.begin(), id.end(), is_part);
}

class RoomHtml final : public Html {
 public:
  std::string gap(int feeds) const override { return feeds == 1 ? "<br>" : "<br><br>"; }
};

}  // namespace

class Matrix {
 public:
  static constexpr std::string_view about = "messages in Matrix rooms, by an account of your bot";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = 10;

  explicit Matrix(const Settings& settings) : homeserver_(settings.text("homeserver")), token_(settings.text("access_token")) {
    if (!is_token(token_)) throw Complaint("access_token", std::string(not_a_token));
  }

  static void check(const Values& settings, const Values& target, const Complain& complain) {
    if (settings.has("access_token") && !is_token(settings.text("access_token"))) complain("access_token", not_a_token);
    const std::string homeserver = settings.text("homeserver");
    const auto path = weburl::path(homeserver);
    if (!path.empty() && path.front() == "_matrix")
      complain("homeserver", "leave only the server's own address here; what begins with /_matrix is added by itself");
    const std::string room = target.text("room_id");
    if (target.has("room_id") && !room.empty() && room.front() == '#')
      complain("room_id", "this is a room's address; give its internal ID, which begins with \"!\" (Room settings, Advanced)");
    else if (target.has("room_id") && !is_room(room)) complain("room_id", not_a_room);
  }

  Rendered render(const Delivery& delivery) const {
    const std::string room = delivery.target.text("room_id");
    if (!is_room(room)) return Outcome::misconfigured("bad_room_id", "room_id: " + std::string(not_a_room));
    Request request;
    request.headers = {{"Authorization", "Bearer " + token_}};
    request.limit_key = homeserver_;
    if (delivery.purpose == Purpose::probe) {
      request.method = "GET";
      request.url = weburl::under(homeserver_, "/_matrix/client/v3/joined_rooms");
      return request;
    }
    if (is_empty(delivery)) return nothing_to_tell();
    // Told in both forms, so only what both have room for is covered.
    Message text = compose(delivery, PlainText(), longest_text);
    const Message html = compose(delivery, RoomHtml(), longest_html, text.covered);
    if (html.covered < text.covered) text = compose(delivery, PlainText(), longest_text, html.covered);
    json event = {{"msgtype", "m.text"}, {"body", text.text}, {"m.mentions", json::object()}};
    if (delivery.form == Form::rich) {
      event["format"] = "org.matrix.custom.html";
      event["formatted_body"] = html.text;
    }
    request.method = "PUT";
    // The server takes one event for one transaction id, however often it is sent.
    request.url = weburl::under(homeserver_, "/_matrix/client/v3/rooms/" + weburl::segment(room) + "/send/m.room.message/" +
                                                 weburl::segment(delivery.id));
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = answer::written(event);
    request.covered = text.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    const json object = answer::object_of(response.body, 1 << 20);  // an account may be in many rooms
    if (response.status == 200 && delivery.purpose == Purpose::probe) {
      const json rooms = answer::member(object, "joined_rooms");
      if (!rooms.is_array()) return answer::by_status(delivery, response, "Matrix");
      if (std::find(rooms.begin(), rooms.end(), delivery.target.text("room_id")) != rooms.end()) return Outcome::delivered();
      Outcome outcome = Outcome::maybe_gone("not_in_room", "Matrix answered 200: " + std::string(join));
      outcome.ask_again_after_ms = answer::an_hour_ms;
      return outcome;
    }
    if (const std::string id = answer::text_of(object, "event_id"); response.status == 200 && is_event(id)) {
      Outcome outcome = Outcome::delivered();
      if (id.find(token_) == std::string::npos) outcome.external_id = id;
      return outcome;
    }
    std::optional<double> seconds = answer::seconds_of(object, "retry_after_ms");
    if (seconds) *seconds /= 1'000;
    return answer::judge(delivery, response, "Matrix", sayings, answer::text_of(object, "errcode"), seconds);
  }

 private:
  std::string homeserver_;
  std::string token_;
};

}  // namespace beckon::matrix

BECKON_SINK(beckon::matrix::Matrix, "matrix", BECKON_VERSION, beckon::matrix::options)
