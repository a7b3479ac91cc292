#include "plugins/contract/hostile.hpp"

namespace beckon::plugins::contract {

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += what;
  return out;
}

std::vector<std::string> bare_bodies() {
  return {"",
          " ",
          "null",
          "true",
          "0",
          "{}",
          "[]",
          "\"\"",
          "<!DOCTYPE html><html><body>no_service</body></html>",
          std::string("\0\0", 2),
          "\xFF\xFE",
          "{\"ok\":",
          "{\"id\":\"12345",
          "not found",
          "OK",
          "okay",
          repeated("[", 20'000),
          repeated("x", 64 * 1024),
          "{\"code\":\"10015\"}",
          "{\"code\":null,\"message\":null}",
          "{\"error\":5,\"ok\":\"no\"}",
          "{\"retry_after\":\"soon\",\"global\":1}",
          "{\"code\":1e400}",
          "{\"retry_after\":-1e308}"};
}

std::vector<std::string> known_bodies() {
  std::vector<std::string> bodies = {
      "ok",
      R"({"ok":true,"result":{}})",
      R"({"ok":false,"error":"no_service"})",
      R"({"id":"123456789012345678","content":""})",
      R"({"event_id":"$1"})",
      "1",
      R"({"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"})",
      R"({"errcode":"M_FORBIDDEN"})",
      R"({"retry_after":1,"ok":false,"error":"rate_limited"})",
      R"({"message":"x","retry_after":0.65,"global":false})"};
  for (const char* word :
       {"no_service", "no_service_id", "no_active_hooks", "no_team", "team_disabled", "invalid_token",
        "channel_not_found", "channel_is_archived", "user_not_found", "action_prohibited", "invalid_payload",
        "invalid_blocks", "no_text", "posting_to_general_channel_denied", "rollup_error", "new_word"}) {
    bodies.emplace_back(word);
  }
  for (const int code :
       {0,     10003, 10004, 10015, 20016, 30033,  30046,  40004,  40005,  40062,  40067,  40333,  50001,  50006,
        50013, 50027, 50035, 50083, 50109, 110001, 130000, 160005, 160006, 200000, 220001, 240000, 999999, -1}) {
    bodies.push_back("{\"code\":" + std::to_string(code) + ",\"message\":\"x\"}");
  }
  return bodies;
}

namespace {

const std::string& hostile_emoji() {
  static const std::string emoji = repeated("😀", 65'536);
  return emoji;
}

}  // namespace

std::vector<std::string> hostile_texts() {
  return {"<!channel> <!here> <!everyone> <@U1> <@W1> <#C1> <!subteam^S1> <https://evil.example|https://github.com>",
          "@everyone @here <@123456789012345678> <@&123456789012345678> <#1> <:a:1>",
          "</b><script>alert(1)</script> & &amp; &lt;!channel&gt; &#60;!channel&#62;",
          "a\r\nBcc: x@y\r\n\r\nb\n\n\n> quote\n- list\n# head\n```\nfence",
          "\u202Egnp.exe \u2066x\u2069 \u200F\u200E @\u200Beveryone <\u200B!channel>",
          "\x1b[31mred\x1b]0;title\x07\x9b" "31m \x08\x7f",
          std::string("nul\0nul", 7),
          "\xC3 \xED\xA0\x80 \xF4\x90\x80\x80 \xFF\xFE half \xE2\x82",
          "&<>" + repeated("&", 5'000),
          repeated("*_~`|\\", 4'000),
          repeated("`", 3'000),
          repeated("e\u0301\u0302", 4'000),
          repeated("👩‍👩‍👧", 2'000),
          hostile_emoji(),
          repeated("https://x.example/ ", 3'000),
          "\\\\\\\"'{}[]()",
          "\n\n\n",
          ""};
}

SampleMention hostile_mention(const std::string& text, SpanKind kind) {
  SampleMention mention;
  mention.repository = mention.title = mention.author = mention.name = mention.markdown = text;
  mention.url = "https://github.example/" + text;
  mention.spans = {
      {SpanKind::paragraph, ""}, {kind, text, "https://x.example/" + text}, {SpanKind::text, text}, {kind, text, text}};
  return mention;
}

const std::array<SpanKind, 16> all_kinds = {
    SpanKind::text, SpanKind::strong, SpanKind::emphasis, SpanKind::strikethrough, SpanKind::code, SpanKind::code_block,
    SpanKind::link, SpanKind::mention, SpanKind::quote, SpanKind::list_item, SpanKind::heading, SpanKind::image,
    SpanKind::line_break, SpanKind::paragraph, SpanKind::table_cell, SpanKind::rule};

}  // namespace beckon::plugins::contract
