// A mail as text, and what is wrong with one: for tests.
#pragma once

#include "sinks/email/message.hpp"

#include <beckon/text.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::testing {

// Header fields, then the parts, with line feeds alone; the subject in clear as well.
inline std::string mail_in_clear(const Delivery& delivery) {
  if (delivery.purpose == Purpose::probe) return {};
  const email::Message mail = email::message(delivery, email::mailbox("Beckon <bot@mail.example>"),
                                             email::mailbox("Octo Cat <octo@mail.example>"), "bot@mail.example");
  std::string all = email::subject(delivery) + "\n";
  for (const std::string& header : mail.headers) all += header + "\n";
  all += "\n" + mail.text + "\f" + mail.html;
  all.erase(std::remove(all.begin(), all.end(), '\r'), all.end());
  std::replace(all.begin(), all.end(), '\f', '\n');
  return all;
}

inline std::vector<std::string> header_complaints(const std::string& field) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";
  std::vector<std::string> found;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = field.find('\n', begin);
    const std::string line = field.substr(begin, end - begin);
    if (line.size() > 998) found.push_back("a line of " + std::to_string(line.size()) + " bytes");
    if (begin == 0 ? line.find(": ") != line.find_first_not_of(letters) : line.empty() || line[0] != ' ')
      found.push_back("no header: " + line.substr(0, 40));
    if (!email::is_ascii(line)) found.push_back("beyond ASCII: " + line.substr(0, 40));
  }
  return found;
}

// `a href="https://..."`, `/p`: what stands between two angle brackets.
inline bool is_tag_of_ours(std::string_view tag) {
  static const std::set<std::string_view> names = {"html", "head", "body", "p", "div", "span", "strong", "em", "s", "code",
                                                   "pre", "blockquote", "ul", "ol", "li", "a", "br", "hr"};
  if (tag == "!DOCTYPE html" || tag == "meta charset=\"utf-8\"") return true;
  if (!tag.empty() && tag[0] == '/') return names.count(tag.substr(1)) == 1;
  const std::size_t space = tag.find(' ');
  if (names.count(tag.substr(0, space)) == 0) return false;
  if (space == std::string_view::npos) return true;
  const std::string_view attribute = tag.substr(space + 1);
  if (std::count(attribute.begin(), attribute.end(), '"') != 2 || attribute.back() != '"') return false;
  const auto begins = [&](std::string_view with) { return attribute.substr(0, with.size()) == with; };
  return begins("style=\"") || begins("value=\"") ||
         ((begins("href=\"https://") || begins("href=\"http://")) && attribute.find(' ') == std::string_view::npos);
}

// Only elements of ours, in pairs; links to the web; nothing that is loaded.
inline std::vector<std::string> html_complaints(const std::string& html) {
  std::vector<std::string> found, open;
  for (std::size_t at = 0; (at = html.find_first_of("<>&", at)) != std::string::npos; ++at) {
    if (html[at] == '&') {
      const std::size_t end = html.find(';', at);
      if (end == std::string::npos || end - at > 6) found.push_back("half an entity: " + html.substr(at, 20));
      continue;
    }
    const std::size_t end = std::min(html.find('>', at), html.size());
    const std::string tag = html.substr(at + 1, end - at - 1);
    if (html[at] == '>' || !is_tag_of_ours(tag)) {
      found.push_back("no element of ours: " + html.substr(at, 40));
      continue;
    }
    const std::string name = tag.substr(0, tag.find(' '));
    if (name[0] == '/') {
      if (open.empty() || open.back() != name.substr(1)) found.push_back("closed, but not open: " + name);
      else open.pop_back();
    } else if (name != "br" && name != "hr" && name != "meta" && name != "!DOCTYPE") {
      open.push_back(name);
    }
    at = end;
  }
  for (const std::string& name : open) found.push_back("left open: " + name);
  return found;
}

inline std::vector<std::string> mail_complaints(const std::string& mail) {
  std::vector<std::string> found;
  const std::size_t first = mail.find('\n') + 1;
  const std::size_t blank = mail.find("\n\n", first);
  const std::string headers = mail.substr(first, blank - first);
  if (mail.size() > 2'000'000) found.push_back("more than mail servers take: " + std::to_string(mail.size()));
  std::string field;
  for (std::size_t begin = 0; begin <= headers.size();) {
    const std::size_t end = std::min(headers.find('\n', begin), headers.size());
    const std::string line = headers.substr(begin, end - begin);
    if (!field.empty() && line[0] != ' ') {
      for (std::string& complaint : header_complaints(field)) found.push_back(std::move(complaint));
      field.clear();
    }
    field += (field.empty() ? "" : "\n") + line;
    begin = end + 1;
  }
  for (std::string& complaint : header_complaints(field)) found.push_back(std::move(complaint));
  const std::size_t html = mail.find("\n<!DOCTYPE html>", blank);
  if (html != std::string::npos) {
    for (std::string& complaint : html_complaints(mail.substr(html + 1))) found.push_back(std::move(complaint));
  }
  return found;
}

}  // namespace beckon::testing
