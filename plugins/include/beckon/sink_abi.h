/* Beckon's sink ABI, major version 1: the table behind the one symbol that a sink library exports, `beckon_sink_v1`.
 *
 * Rules, for both sides:
 *  - The major version is in the symbol's name. Every struct begins with `size` (its sizeof, as compiled by whoever made
 *    it). Members are only ever appended; a reader asks BECKON_HAS before it touches a member that is not of 1.0.
 *  - Arrays cross as arrays of pointers, so that a struct may grow. Only `beckon_str` is frozen without a size.
 *  - Everything that crosses is borrowed and dies with the call. Results are emitted: the host copies inside the callback.
 *    No allocator, exception or C++ type crosses.
 *  - Strings are UTF-8 and not NUL-terminated; `data` may be NULL when `size` is 0.
 *  - Enum values are never renumbered; an unknown value is treated as the comment at its enum says.
 *  - Times are Unix milliseconds, durations milliseconds, unless a member says otherwise. A duration below 0 is "not said".
 */
#ifndef BECKON_SINK_ABI_H
#define BECKON_SINK_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BECKON_ABI_MAJOR 1u
#define BECKON_ABI_MINOR 1u
#define BECKON_SINK_SYMBOL "beckon_sink_v1"

/* Does this struct, as its maker compiled it, have the member? */
#define BECKON_HAS(pointer, type, member) \
  ((pointer)->size >= offsetof(type, member) + sizeof((pointer)->member))

typedef struct beckon_str {
  const char* data;
  size_t size;
} beckon_str;

/* ---- options -------------------------------------------------------------------------------------------------- */

enum { /* beckon_option.type and beckon_value.type; an unknown type refuses the library */
  BECKON_STRING = 1,
  BECKON_INT = 2,
  BECKON_BOOL = 3,
  BECKON_DURATION = 4, /* milliseconds in `number` */
  BECKON_URL = 5,      /* as text; the host has checked that it is http(s) with a host */
  BECKON_PATH = 6,     /* as text; absolute: relative ones are taken from the configuration file's folder */
  BECKON_ENUM = 7,     /* as text; one of `choices` */
  BECKON_LIST = 8,     /* of strings */
  BECKON_MAP = 9       /* of strings to strings */
};

enum { /* beckon_option.flags, a bit set */
  BECKON_REQUIRED = 1u << 0,
  BECKON_SECRET = 1u << 1, /* never logged or printed */
  BECKON_TARGET = 1u << 2  /* may stand in [sinks.x] as a default and in a subscription's target, where it wins;
                              comes with the delivery and never with the settings */
};

typedef struct beckon_option {
  size_t size;
  beckon_str name;
  uint32_t type;
  uint32_t flags;
  beckon_str default_value; /* as it would stand in TOML, without quotes; empty: none */
  beckon_str doc;           /* one line */
  const beckon_str* const* choices;
  size_t choice_count;
} beckon_option;

typedef struct beckon_value {
  size_t size;
  beckon_str name;
  uint32_t type;
  beckon_str text;                /* STRING, URL, PATH, ENUM */
  int64_t number;                 /* INT, DURATION, BOOL (0 or 1) */
  const beckon_str* const* items; /* LIST: the items; MAP: key, value, key, value... */
  size_t item_count;
} beckon_value;

typedef struct beckon_values { /* every option that has a value or a default */
  size_t size;
  const beckon_value* const* values;
  size_t value_count;
} beckon_values;

/* ---- a delivery ------------------------------------------------------------------------------------------------- */

enum { /* beckon_span.kind; an unknown kind: show its text */
  BECKON_SPAN_TEXT = 1,
  BECKON_SPAN_STRONG = 2,
  BECKON_SPAN_EMPHASIS = 3,
  BECKON_SPAN_STRIKETHROUGH = 4,
  BECKON_SPAN_CODE = 5,
  BECKON_SPAN_CODE_BLOCK = 6, /* text: the code; url: the language */
  BECKON_SPAN_LINK = 7,
  BECKON_SPAN_MENTION = 8,    /* text: "@name" */
  BECKON_SPAN_QUOTE = 9,      /* block: opens a quotation's paragraph at depth */
  BECKON_SPAN_LIST_ITEM = 10, /* block: text is the marker, "•" or "3." */
  BECKON_SPAN_HEADING = 11,   /* block: depth is the level */
  BECKON_SPAN_IMAGE = 12,     /* text: the description */
  BECKON_SPAN_BREAK = 13,
  BECKON_SPAN_PARAGRAPH = 14, /* block */
  BECKON_SPAN_TABLE_CELL = 15,
  BECKON_SPAN_RULE = 16
};

/* Markdown, already parsed, in reading order. Block kinds open a block; the inline spans that follow belong to it. */
typedef struct beckon_span {
  size_t size;
  uint32_t kind;
  uint32_t depth;
  beckon_str text;
  beckon_str url;
} beckon_span;

enum { /* beckon_mention.post_kind; an unknown kind: "a post" */
  BECKON_POST_BODY = 1,
  BECKON_POST_COMMENT = 2,
  BECKON_POST_REVIEW_COMMENT = 3,
  BECKON_POST_REVIEW = 4
};

typedef struct beckon_mention {
  size_t size;
  beckon_str repository_name; /* "owner/name" */
  beckon_str repository_url;
  uint32_t repository_private; /* 0 or 1 */
  uint32_t thread_is_pull_request;
  beckon_str thread_key; /* stable over renames */
  int64_t thread_number;
  beckon_str thread_title; /* may be empty */
  beckon_str thread_url;
  uint32_t post_kind;
  uint32_t post_edited; /* 1: the mention was added by an edit */
  beckon_str post_id;
  beckon_str post_url; /* the page of exactly this post */
  int64_t post_created;
  int64_t post_appeared; /* when the mention appeared */
  beckon_str author_login; /* empty: the account is gone */
  beckon_str author_url;
  beckon_str author_avatar;
  uint32_t author_is_bot;
  uint32_t name_is_team;
  beckon_str name;     /* whom it names: "octocat" or "org/team" */
  beckon_str markdown; /* at most 64 KiB */
  uint32_t markdown_truncated;
  uint32_t reserved;
  const beckon_span* const* spans;
  size_t span_count;
} beckon_mention;

enum { /* beckon_delivery.purpose; an unknown purpose: emit an outcome of kind REJECTED */
  BECKON_PURPOSE_MENTION = 1,
  BECKON_PURPOSE_NOTICE = 2, /* `notice` is a text for the subscriber; there may be no mention */
  BECKON_PURPOSE_TEST = 3,   /* the same, sent because somebody asked for a test */
  BECKON_PURPOSE_PROBE = 4   /* only to a sink whose table says handles_probe: is the target still there? Nothing may
                                become visible to people. DELIVERED: it is there */
};

enum { /* beckon_delivery.form */
  BECKON_FORM_RICH = 1,
  BECKON_FORM_PLAIN = 2 /* the rich form was refused: the plainest text that can go */
};

typedef struct beckon_delivery {
  size_t size;
  beckon_str id; /* stable over retries: pass it on where the service can tell duplicates */
  uint32_t purpose;
  uint32_t form;
  uint32_t attempt; /* 1 for the first */
  uint32_t step;    /* counts follow_ups */
  int64_t now;
  int64_t deadline;
  beckon_str time_zone; /* IANA name */
  beckon_str locale;
  beckon_str subscription; /* opaque, stable */
  const beckon_values* target; /* the effective target options */
  beckon_str state;     /* what an outcome stored last for this endpoint */
  uint32_t more_owed;
  uint32_t reserved;
  beckon_str notice;
  const beckon_mention* const* mentions;
  size_t mention_count;
} beckon_delivery;

/* ---- what a sink says --------------------------------------------------------------------------------------------- */

typedef struct beckon_header {
  size_t size;
  beckon_str name;
  beckon_str value;
} beckon_header;

enum { /* beckon_request.on_ambiguous: when no answer came after the last byte, or the outcome says `ambiguous` */
  BECKON_RESEND = 0, /* under the same delivery id */
  BECKON_HOLD = 1    /* never again by itself: the mentions go to the dead letters, where people decide. Only the end of
                        the host itself in the middle of an attempt may still repeat it */
};

typedef struct beckon_request {
  size_t size;
  beckon_str method; /* "POST" */
  beckon_str url;
  const beckon_header* const* headers; /* a name may repeat */
  size_t header_count;
  beckon_str body;
  int64_t timeout;      /* below 0: the host's */
  beckon_str limit_key; /* requests with one key share one pace; empty: the whole URL. Hashed, never logged */
  size_t covered;       /* the first k mentions fit; 0: all */
  uint32_t on_ambiguous;
  uint32_t reserved;
} beckon_request;

typedef struct beckon_response {
  size_t size;
  uint32_t status;
  uint32_t reserved;
  const beckon_header* const* headers;
  size_t header_count;
  beckon_str body; /* bounded by the host */
} beckon_response;

enum { /* beckon_outcome.kind; an unknown kind: RETRY, and logged */
  BECKON_DELIVERED = 1,
  BECKON_RETRY = 2,
  BECKON_REJECTED = 3,      /* this content can never go */
  BECKON_MISCONFIGURED = 4, /* the operator must act */
  BECKON_GONE = 5           /* the subscriber no longer exists */
};

enum { BECKON_EXACT = 1, BECKON_MAYBE = 2 }; /* beckon_outcome.certainty; unknown: MAYBE */

enum { /* beckon_outcome.scope; unknown: DELIVERY */
  BECKON_SCOPE_DELIVERY = 1,
  BECKON_SCOPE_SUBSCRIPTION = 2,
  BECKON_SCOPE_TARGET = 3,
  BECKON_SCOPE_SINK = 4,
  BECKON_SCOPE_ORIGIN = 5
};

typedef struct beckon_outcome {
  size_t size;
  uint32_t kind;
  uint32_t certainty;
  uint32_t scope;
  uint32_t ambiguous;      /* 1: it may have arrived */
  int64_t retry_after;     /* with RETRY: the service's own word */
  int64_t not_before;      /* from now: the endpoint's pace, also with DELIVERED */
  int64_t ask_again_after; /* with GONE, MAYBE */
  uint32_t follow_up;      /* 1: render again with step + 1 */
  uint32_t has_state;      /* 1: `state` replaces the endpoint's */
  beckon_str code;         /* stable, for metrics */
  beckon_str reason;       /* for people, to stand within a sentence: no full stop, nothing of when it is tried again; no
                              secrets */
  beckon_str state;        /* at most 4 KiB */
  beckon_str retarget;     /* the service names another target: the value that the target option should have. The host
                              tells the operator, and does not show it if the option is a secret */
  beckon_str external_id;
} beckon_outcome;

/* `render` calls exactly one of the two, once; `interpret` and `deliver` call `outcome`, once. Neither ever throws. */
typedef struct beckon_emitter {
  size_t size;
  void* context;
  void (*request)(void* context, const beckon_request* request);
  void (*outcome)(void* context, const beckon_outcome* outcome);
} beckon_emitter;

/* `feedback` calls it once, or not at all: the message is about no delivery of this sink's. Never throws. Since 1.1. */
typedef struct beckon_feedback_emitter {
  size_t size;
  void* context;
  void (*outcome)(void* context, beckon_str delivery, const beckon_outcome* outcome); /* the delivery's id */
} beckon_feedback_emitter;

/* ---- the host's services ------------------------------------------------------------------------------------------ */

enum { BECKON_LOG_DEBUG = 1, BECKON_LOG_INFO = 2, BECKON_LOG_WARN = 3, BECKON_LOG_ERROR = 4 };

/* Callable from any thread, valid until `close` has returned. */
typedef struct beckon_host {
  size_t size;
  uint32_t major;
  uint32_t minor;
  void* context;
  void (*log)(void* context, uint32_t level, beckon_str message);
  int (*cancelled)(void* context); /* 1: the daemon wants this sink to finish */
  void (*report)(void* context, beckon_str subscription, const beckon_outcome* outcome);
} beckon_host;

/* Receives what is wrong with the settings: an option's name (or empty) and a sentence. May be called often. */
typedef struct beckon_complaints {
  size_t size;
  void* context;
  void (*complain)(void* context, beckon_str option, beckon_str sentence);
} beckon_complaints;

/* ---- the table ------------------------------------------------------------------------------------------------------ */

typedef struct beckon_sink_table {
  size_t size;
  uint32_t major; /* BECKON_ABI_MAJOR */
  uint32_t minor; /* BECKON_ABI_MINOR it was built with */
  uint32_t needs_host_minor; /* a host below this refuses the library */
  uint32_t handles_probe;
  beckon_str name;    /* "slack" */
  beckon_str version; /* of the plugin */
  beckon_str about;   /* one line */
  const beckon_option* const* options;
  size_t option_count;
  uint32_t max_batch;       /* mentions in one delivery; 0 means 1 */
  uint32_t max_concurrency; /* workers: instances, one thread each; 0 means 1, 64 at most */
  int64_t stale_after;      /* more debt than max_batch that is older becomes one notice; below 0: never */

  /* NULL after a complaint: the settings are of no use. */
  void* (*open)(const beckon_values* settings, const beckon_host* host, const beckon_complaints* complaints);
  void (*close)(void* sink);
  /* Optional: cross-field errors of settings and target together, before anything is opened. */
  void (*check)(const beckon_values* settings, const beckon_values* target, const beckon_complaints* complaints);
  /* A webhook sink has both of these: pure functions, on the daemon's thread or in a process of the sink's own. */
  void (*render)(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter);
  void (*interpret)(void* sink, const beckon_delivery* delivery, const beckon_response* response,
                    const beckon_emitter* emitter);
  /* A worker sink has this one: it may block until the delivery's deadline; a process of its own is killed a second later. */
  void (*deliver)(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter);
  /* Since 1.1, optional: reads what came back later, by another way than the answer (a mail that bounced, whole, as it was
   * received), and says what became of which delivery. Pure: settings and message in, an outcome out; on any thread, and
   * no sink need be open. The message is hostile: anybody may have written it. GONE with SCOPE_SUBSCRIPTION is a subscriber
   * who took leave by it; any other outcome but DELIVERED says that the delivery has not arrived after all. */
  void (*feedback)(const beckon_values* settings, beckon_str message, const beckon_feedback_emitter* emitter);
} beckon_sink_table;

typedef const beckon_sink_table* (*beckon_sink_entry)(void);

#ifdef __cplusplus
}
#endif
#endif
