// What a service would refuse, or what would notify somebody, in what a sink sends or shows: a sentence each.
#pragma once

#include "sinks/readings.hpp"

#include <beckon/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::testing {

inline std::vector<std::string> length_complaints(const std::string& what, const nlohmann::json& text,
                                                  std::size_t least, std::size_t most) {
  if (!text.is_string()) return {what + " is no text"};
  const std::size_t units = text::utf16_units(text.get<std::string>());
  if (units < least || units > most) return {what + " has " + std::to_string(units) + " characters"};
  return {};
}

inline void add(std::vector<std::string>& to, std::vector<std::string> more) {
  to.insert(to.end(), more.begin(), more.end());
}

// Slack's mrkdwn: nothing in angle brackets but web addresses, times, and the one ping; no bare "&".
inline std::vector<std::string> slack_control_complaints(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    const auto begins = [&](std::string_view with) { return rest.substr(0, with.size()) == with; };
    if (text[i] == '<' && !begins("<https://") && !begins("<http://") && !begins("<!date^") &&
        !begins("<@U012AB3CD>")) {
      found.push_back("a control sequence: " + std::string(rest.substr(0, 30)));
    }
    if (text[i] == '<' && rest.find('>') == std::string_view::npos) found.push_back("an open bracket");
    if (text[i] == '&' && !begins("&amp;") && !begins("&lt;") && !begins("&gt;")) found.push_back("half an entity");
  }
  return found;
}

inline std::vector<std::string> slack_complaints(const std::string& body) {
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  if (message == nlohmann::json{{"text", ""}}) return {};  // the probe
  std::vector<std::string> found = length_complaints("text", message["text"], 1, 40'000);
  add(found, slack_control_complaints(message["text"]));
  if (!message.contains("blocks")) return found;
  if (message["blocks"].empty() || message["blocks"].size() > 50) found.push_back("number of blocks");
  for (const nlohmann::json& block : message["blocks"]) {
    if (block["type"] == "divider") continue;
    const nlohmann::json& text = block["type"] == "section" ? block["text"]["text"] : block["elements"][0]["text"];
    add(found, length_complaints("a block", text, 1, 3'000));
    add(found, slack_control_complaints(text));
  }
  return found;
}

inline std::vector<std::string> discord_complaints(const std::string& body) {
  if (body.empty()) return {};  // the probe
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  std::vector<std::string> found = length_complaints("content", message["content"], 1, 2'000);
  if (message["allowed_mentions"]["parse"] != nlohmann::json::array()) found.push_back("allowed_mentions would notify");
  if (!message.contains("embeds")) return found;
  std::size_t sum = 0;
  std::vector<std::string> urls;
  if (message["embeds"].empty() || message["embeds"].size() > 10) found.push_back("number of embeds");
  for (const nlohmann::json& embed : message["embeds"]) {
    add(found, length_complaints("title", embed["title"], 1, 256));
    add(found, length_complaints("author", embed["author"]["name"], 1, 256));
    add(found, length_complaints("footer", embed["footer"]["text"], 1, 2'048));
    sum += text::utf16_units(embed["title"].get<std::string>()) +
           text::utf16_units(embed["author"]["name"].get<std::string>()) +
           text::utf16_units(embed["footer"]["text"].get<std::string>());
    if (embed.contains("description")) {
      add(found, length_complaints("description", embed["description"], 1, 4'096));
      sum += text::utf16_units(embed["description"].get<std::string>());
    }
    if (!embed.contains("url")) continue;
    add(found, length_complaints("url", embed["url"], 1, 2'048));
    urls.push_back(embed["url"]);
  }
  std::sort(urls.begin(), urls.end());
  if (std::unique(urls.begin(), urls.end()) != urls.end()) found.push_back("two embeds with one url");
  if (sum > 6'000) found.push_back("all embeds together have " + std::to_string(sum) + " characters");
  return found;
}

// The markup of a notification's body, read strictly: the tags of the specification, closed in order; entities of XML alone.
inline std::vector<std::string> body_markup_complaints(std::string_view body) {
  std::vector<std::string> found, open;
  for (std::size_t at = 0; at < body.size(); ++at) {
    const std::string_view rest = body.substr(at);
    const auto begins = [&](std::string_view with) { return rest.substr(0, with.size()) == with; };
    if (body[at] == '>') found.push_back("a closing bracket alone");
    if (body[at] == '&' && !begins("&amp;") && !begins("&lt;") && !begins("&gt;") && !begins("&quot;"))
      found.push_back("half an entity: " + std::string(rest.substr(0, 20)));
    if (body[at] != '<') continue;
    const std::string tag(rest.substr(1, std::min(rest.find('>'), rest.size()) - 1));
    if (tag.substr(0, 1) == "/") {
      if (open.empty() || tag.substr(1) != open.back()) found.push_back("not open: " + tag);
      else open.pop_back();
    } else if (tag == "b" || tag == "i" || tag == "u") {
      open.push_back(tag);
    } else if (tag.substr(0, 8) == "a href=\"" && tag.find('"', 8) == tag.size() - 1 && tag.find('<') == std::string::npos) {
      const std::string target = tag.substr(8, tag.size() - 9);
      if (target.rfind("https://", 0) != 0 && target.rfind("http://", 0) != 0) found.push_back("no web address: " + target);
      add(found, body_markup_complaints(target));
      open.emplace_back("a");
    } else {
      found.push_back("a tag of somebody else: " + tag.substr(0, 30));
    }
    at += tag.size() + 1;
  }
  if (!open.empty()) found.push_back("never closed: " + open.back());
  return found;
}

// `visible`: the summary on the first line, then the body.
inline std::vector<std::string> desktop_complaints(const std::string& visible, bool is_markup) {
  if (visible.empty()) return {};  // the probe
  const std::size_t end = visible.find('\n');
  std::vector<std::string> found;
  if (end == 0 || end == std::string::npos) return {"no summary"};
  if (text::utf16_units(visible.substr(0, end)) > 120) found.push_back("a long summary");
  // Ten mentions with the longest addresses.
  if (visible.size() > 64 * 1'024 * 8) found.push_back("a long body");
  if (is_markup) add(found, body_markup_complaints(std::string_view(visible).substr(end + 1)));
  return found;
}

inline std::vector<std::string> telegram_complaints(const std::string& body) {
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  std::vector<std::string> found = length_complaints("text", message["text"], 1, 4'096);
  if (message["chat_id"] != "-1001234567890") found.push_back("another chat");
  if (message["link_preview_options"]["is_disabled"] != true) found.push_back("a preview would be loaded");
  if (message.contains("parse_mode")) add(found, html_complaints(message["text"], {"b", "i", "del", "code", "pre", "a"}));
  else add(found, called_names(message["text"]));
  return found;
}

inline std::vector<std::string> matrix_complaints(const std::string& body) {
  if (body.empty()) return {};  // the probe
  const nlohmann::json event = nlohmann::json::parse(body, nullptr, false);
  if (!event.is_object()) return {"no JSON object"};
  std::vector<std::string> found = length_complaints("body", event["body"], 1, 60'000);
  if (body.size() > 60'000) found.push_back("the event has " + std::to_string(body.size()) + " bytes");
  if (event["m.mentions"] != nlohmann::json::object()) found.push_back("m.mentions would notify");
  add(found, called_names(event["body"]));
  if (event.contains("formatted_body"))
    add(found, html_complaints(event["formatted_body"], {"b", "i", "del", "code", "pre", "a", "br"}));
  return found;
}

// What Mattermost makes of Slack's control sequences before it reads the Markdown.
inline std::vector<std::string> mattermost_complaints(const std::string& body) {
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  std::vector<std::string> found = length_complaints("text", message["text"], 1, 16'383);
  add(found, markdown_complaints(message["text"]));
  std::string text = message["text"];
  for (const char* word : {"channel", "here", "all"}) {
    const std::string control = std::string("<!") + word + ">";
    for (std::size_t at = 0; (at = text.find(control, at)) != std::string::npos;)
      text.replace(at, control.size(), std::string("@") + word);
  }
  add(found, called_names(text));
  return found;
}

inline std::vector<std::string> ntfy_complaints(const std::string& body) {
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  std::vector<std::string> found = length_complaints("title", message["title"], 1, 250);
  const std::string text = message["message"];
  if (text.empty() || text.size() > 4'096) found.push_back("the message has " + std::to_string(text.size()) + " bytes");
  if (message["topic"] != "TopicThatNobodyGuesses") found.push_back("another topic");
  if (message["markdown"] == true) add(found, markdown_complaints(text));
  return found;
}

inline std::vector<std::string> teams_complaints(const std::string& body) {
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  std::vector<std::string> found;
  if (body.size() > 28'000) found.push_back("the message has " + std::to_string(body.size()) + " bytes");
  const nlohmann::json& attachment = message["attachments"][0];
  if (attachment["contentType"] != "application/vnd.microsoft.card.adaptive") found.push_back("no card");
  const nlohmann::json& card = attachment["content"];
  if (card["type"] != "AdaptiveCard" || card["version"] != "1.4") found.push_back("another card");
  if (card.contains("msteams") && card["msteams"].contains("entities")) found.push_back("entities would notify");
  for (const nlohmann::json& block : card["body"]) {
    add(found, length_complaints("a block", block["text"], 1, 20'000));
    add(found, markdown_complaints(block["text"]));
    if (block["text"].get<std::string>().find('<') != std::string::npos) found.push_back("an angle bracket");
  }
  return found;
}

// Nobody knows which service reads it: nothing may mean anything to any of them.
inline std::vector<std::string> apprise_complaints(const std::string& body) {
  const nlohmann::json message = nlohmann::json::parse(body, nullptr, false);
  if (!message.is_object()) return {"no JSON object"};
  std::vector<std::string> found = length_complaints("body", message["body"], 1, 2'000);
  add(found, length_complaints("title", message["title"], 1, 250));
  if (message["urls"] != "pover://user@AppriseTokenAppriseToken") found.push_back("other services");
  for (const char* part : {"title", "body"}) {
    const std::string text = message[part];
    add(found, called_names(text));
    for (const char* control : {"<!", "<@", "<#", "<h", "<a", "<s", "](", "!c", "!h", "!e"}) {
      if (text.find(control) != std::string::npos) found.push_back(std::string(control) + " in the " + part);
    }
  }
  return found;
}

inline std::vector<std::string> webhook_complaints(const std::string& body) {
  const nlohmann::json payload = nlohmann::json::parse(body, nullptr, false);
  if (!payload.is_object()) return {"no JSON object"};
  std::vector<std::string> found;
  if (body.size() >= 20'000) found.push_back("the payload has " + std::to_string(body.size()) + " bytes");
  if (!payload["type"].is_string() || !payload["timestamp"].is_string() || !payload["data"].is_object()) return {"not the form"};
  for (const nlohmann::json& mention : payload["data"]["mentions"]) {
    for (const nlohmann::json& url : {mention["repository"]["url"], mention["thread"]["url"], mention["post"]["url"],
                                      mention["author"]["url"], mention["author"]["avatar_url"]}) {
      if (url != "" && url.get<std::string>().rfind("https://", 0) != 0) found.push_back("an address that is none");
    }
  }
  return found;
}

inline std::vector<std::string> console_complaints(const std::string& shown) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < shown.size();) {
    const char32_t c = text::next(shown, at);
    if (text::is_unseen(c))
      found.push_back("a control or unseen character: " + std::to_string(static_cast<unsigned>(c)));
  }
  if (shown.size() > 2'000'000) found.push_back("too much for a terminal");
  return found;
}

}  // namespace beckon::testing
