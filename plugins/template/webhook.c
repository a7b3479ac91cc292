/* A sink in plain C11 that posts {"text": "..."} to a URL: what many chat services take. Two pure functions over the
 * table of beckon/sink_abi.h; the host does the I/O. */
#include <beckon/sink_abi.h>

#include <stdio.h>
#include <string.h>

#define STR(literal) {literal, sizeof(literal) - 1}

static beckon_str str(const char* text) {
  beckon_str s = {text, strlen(text)};
  return s;
}

/* ---- a message, which never grows beyond its room ----------------------------------------------------------------- */

struct message {
  char bytes[16 * 1024];
  size_t size;
  int full; /* something did not fit */
};

static void put(struct message* m, const char* bytes, size_t size) {
  if (m->full || size > sizeof m->bytes - m->size) {
    m->full = 1;
    return;
  }
  memcpy(m->bytes + m->size, bytes, size);
  m->size += size;
}

static void put_text(struct message* m, const char* text) { put(m, text, strlen(text)); }

/* The character at `s`, whose length is left in `length`; 0 where there is none. */
static uint32_t character(const unsigned char* s, size_t left, size_t* length) {
  const size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xC2 && s[0] < 0xE0 ? 2 : (s[0] & 0xF0) == 0xE0 ? 3 : s[0] >= 0xF0 && s[0] < 0xF5 ? 4 : 0;
  uint32_t c = n < 2 ? s[0] : s[0] & (0x7Fu >> n);
  *length = 1;
  if (n == 0 || n > left) return 0;
  for (size_t i = 1; i < n; ++i) {
    if ((s[i] & 0xC0) != 0x80) return 0;
    c = (c << 6) | (s[i] & 0x3Fu);
  }
  if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10FFFF)) || (c >= 0xD800 && c < 0xE000)) return 0;
  *length = n;
  return c;
}

/* Controls, direction marks and what else changes a text without being seen. */
static int is_unseen(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

/* At most `most` bytes of a text from anywhere, on one line, as JSON writes it. */
static void put_json(struct message* m, beckon_str text, size_t most) {
  for (size_t at = 0, length; at < text.size && at + 4 <= most; at += length) {
    const char* here = text.data + at;
    const uint32_t c = character((const unsigned char*)here, text.size - at, &length);
    if (c == '\n' || c == '\t') {
      put_text(m, " ");
    } else if (c == '"' || c == '\\') {
      put_text(m, "\\");
      put(m, here, length);
    } else if (!is_unseen(c)) {
      put(m, here, length);
    }
  }
}

static void put_mention(struct message* m, const beckon_mention* mention) {
  put_json(m, mention->author_login.size ? mention->author_login : str("ghost"), 100);
  put_text(m, " mentioned @");
  put_json(m, mention->name, 200);
  put_text(m, " in ");
  put_json(m, mention->repository_name, 200);
  put_text(m, ": ");
  put_json(m, mention->markdown, 400);
  put_text(m, "\\n");
  put_json(m, mention->post_url, 500);
}

/* ---- what it says -------------------------------------------------------------------------------------------------- */

static void emit_outcome(const beckon_emitter* emitter, uint32_t kind, const char* code, const char* reason, int64_t retry_after) {
  beckon_outcome outcome = {0};
  outcome.size = sizeof outcome;
  outcome.kind = kind;
  outcome.certainty = BECKON_EXACT;
  outcome.scope = kind == BECKON_REJECTED ? BECKON_SCOPE_DELIVERY : BECKON_SCOPE_TARGET;
  outcome.retry_after = retry_after;
  outcome.not_before = outcome.ask_again_after = -1;
  outcome.code = str(code);
  outcome.reason = str(reason);
  emitter->outcome(emitter->context, &outcome);
}

static beckon_str value_of(const beckon_values* values, const char* name) {
  for (size_t i = 0; values && i < values->value_count; ++i) {
    const beckon_value* value = values->values[i];
    if (value->name.size == strlen(name) && memcmp(value->name.data, name, value->name.size) == 0) return value->text;
  }
  return str("");
}

static void render(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter) {
  struct message message = {.size = 0};
  size_t covered = 0;
  (void)sink;
  if (delivery->purpose < BECKON_PURPOSE_MENTION || delivery->purpose > BECKON_PURPOSE_TEST) {
    emit_outcome(emitter, BECKON_REJECTED, "unknown_purpose", "this sink does not know what it was asked to do", -1);
    return;
  }
  if (delivery->notice.size == 0 && delivery->mention_count == 0) {
    emit_outcome(emitter, BECKON_REJECTED, "empty", "there is nothing to tell", -1);
    return;
  }
  put_text(&message, "{\"text\":\"");
  put_json(&message, delivery->notice, 2000);
  /* As many as fit, and the end; the others come with the next delivery. One mention always fits. */
  for (; covered < delivery->mention_count; ++covered) {
    const size_t before = message.size;
    if (covered > 0 || delivery->notice.size) put_text(&message, "\\n\\n");
    put_mention(&message, delivery->mentions[covered]);
    if (!message.full && message.size + 2 <= sizeof message.bytes) continue;
    message.size = before;
    message.full = 0;
    break;
  }
  put_text(&message, "\"}");

  const beckon_header json = {sizeof json, STR("Content-Type"), STR("application/json")};
  const beckon_header* headers[] = {&json};
  beckon_request request = {0};
  request.size = sizeof request;
  request.method = str("POST");
  request.url = value_of(delivery->target, "url");
  request.headers = headers;
  request.header_count = 1;
  request.body.data = message.bytes;
  request.body.size = message.size;
  request.timeout = -1;
  request.covered = covered;
  emitter->request(emitter->context, &request);
}

/* Retry-After in whole seconds, as milliseconds from a second to a day; -1 for anything else. */
static int64_t retry_after(const beckon_response* response) {
  static const char name[] = "retry-after";
  for (size_t i = 0; i < response->header_count; ++i) {
    const beckon_header* header = response->headers[i];
    size_t same = 0;
    int64_t seconds = 0;
    while (same < header->name.size && same < sizeof name - 1 && (header->name.data[same] | 0x20) == (name[same] | 0x20)) ++same;
    if (same != sizeof name - 1 || header->name.size != same || header->value.size == 0) continue;
    for (size_t d = 0; d < header->value.size; ++d) {
      const char digit = header->value.data[d];
      if (digit < '0' || digit > '9') return -1;
      if (seconds < 86400) seconds = seconds * 10 + (digit - '0');
    }
    return seconds < 1 ? 1000 : seconds > 86400 ? 86400000 : seconds * 1000;
  }
  return -1;
}

/* Only what the service itself documents may end a subscription (BECKON_GONE): a 404 can come from anywhere. */
static void interpret(void* sink, const beckon_delivery* delivery, const beckon_response* response, const beckon_emitter* emitter) {
  const uint32_t status = response->status;
  char reason[64];
  (void)sink;
  (void)delivery;
  snprintf(reason, sizeof reason, "the service answered %u", (unsigned)status);
  if (status >= 200 && status < 300) emit_outcome(emitter, BECKON_DELIVERED, "ok", "", -1);
  else if (status == 400 || status == 413) emit_outcome(emitter, BECKON_REJECTED, "refused", reason, -1);
  else if (status == 401 || status == 403) emit_outcome(emitter, BECKON_MISCONFIGURED, "forbidden", reason, -1);
  else emit_outcome(emitter, BECKON_RETRY, "unavailable", reason, retry_after(response));
}

/* It keeps nothing: all that it needs comes with the delivery. What a sink keeps it makes here, and frees in `close`. */
static void* open_sink(const beckon_values* settings, const beckon_host* host, const beckon_complaints* complaints) {
  static int nothing;
  (void)settings;
  (void)host;
  (void)complaints;
  return &nothing;
}

static void close_sink(void* sink) { (void)sink; }

/* ---- the table ----------------------------------------------------------------------------------------------------- */

static const beckon_option url = {.size = sizeof url,
                                  .name = STR("url"),
                                  .type = BECKON_URL,
                                  .flags = BECKON_REQUIRED | BECKON_SECRET | BECKON_TARGET,
                                  .doc = STR("where to post")};
static const beckon_option* const options[] = {&url};

static const beckon_sink_table table = {.size = sizeof table,
                                        .major = BECKON_ABI_MAJOR,
                                        .minor = BECKON_ABI_MINOR,
                                        .name = STR("mysink"),
                                        .version = STR("1.0.0"),
                                        .about = STR("posts a line for each mention to a URL"),
                                        .options = options,
                                        .option_count = 1,
                                        .max_batch = 10,
                                        .stale_after = -1,
                                        .open = open_sink,
                                        .close = close_sink,
                                        .render = render,
                                        .interpret = interpret};

__attribute__((visibility("default"))) const beckon_sink_table* beckon_sink_v1(void);
const beckon_sink_table* beckon_sink_v1(void) { return &table; }
