// The C++ face of the sink ABI: what an author of a sink writes against. Header-only, C++17, no dependencies.
//
//   class Hello {
//    public:
//     explicit Hello(const beckon::Settings& settings);          // may throw beckon::Complaint
//     beckon::Rendered render(const beckon::Delivery& delivery) const;        // a Request, or already an Outcome
//     beckon::Outcome interpret(const beckon::Delivery& delivery, const beckon::Response& response) const;
//   };
//   BECKON_SINK(Hello, "hello", "1.0.0", options)              // in one file, outside of unnamed namespaces
//
// A class with render + interpret is a webhook sink: the host does the I/O. A class with `Outcome deliver(const
// Delivery&)` is a worker sink: it may block, on a thread of its own. Everything handed in is a view that dies with the
// call.
//
// A class may also have, and is asked nothing else:
//     static void check(const Values& settings, const Values& target);                           // throws a Complaint
//     static void check(const Values& settings, const Values& target, const Complain& complain); // or says several
//     // Reads what came back later, a bounced mail: what became of which delivery. Pure; the message is hostile.
//     static std::optional<Feedback> feedback(const Values& settings, std::string_view message);
//     static constexpr std::string_view about = "...";           // one line for people
//     static constexpr bool handles_probe = true;
//     static constexpr std::uint32_t max_batch = 10;             // mentions in one delivery, else 1
//     static constexpr std::uint32_t max_concurrency = 4;        // worker instances, one thread each, else 1
//     static constexpr std::int64_t stale_after_ms = 86'400'000; // more than max_batch that is older becomes one notice
//
// An exception never crosses: out of the constructor and `check` it becomes a complaint, out of the others a retry with
// the code "plugin_threw".
#pragma once

#include <beckon/sink_abi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace beckon {

// ---- what comes in: thin views over the C structs -------------------------------------------------------------------

inline std::string_view view(const beckon_str& s) {
  return s.size ? std::string_view(s.data, s.size) : std::string_view();
}

// Option values by name. A name that has neither value nor default yields the fallback.
class Values {
 public:
  Values() = default;
  explicit Values(const beckon_values* values) : values_(values) {}
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  std::int64_t number(std::string_view name, std::int64_t fallback = 0) const;      // INT, and DURATION in milliseconds
  bool flag(std::string_view name, bool fallback = false) const;
  std::vector<std::string> list(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> map(std::string_view name) const;

 private:
  const beckon_value* find(std::string_view name) const;
  const beckon_values* values_ = nullptr;
};

class Host;

class Settings : public Values {
 public:
  Settings(const beckon_values* values, const beckon_host* host) : Values(values), host_(host) {}
  Host host() const;  // copyable, callable from any thread, valid as long as the sink

 private:
  const beckon_host* host_;
};

enum class Level : std::uint32_t {
  debug = BECKON_LOG_DEBUG, info = BECKON_LOG_INFO, warn = BECKON_LOG_WARN, error = BECKON_LOG_ERROR
};

struct Outcome;

class Host {
 public:
  explicit Host(const beckon_host* host) : host_(host) {}
  void log(Level level, std::string_view message) const;
  bool cancelled() const;
  // A worker that learns on its own that a subscriber left says so here.
  void report(std::string_view subscription, const Outcome& outcome) const;

 private:
  const beckon_host* host_;
};

enum class SpanKind : std::uint32_t {
  text = BECKON_SPAN_TEXT, strong = BECKON_SPAN_STRONG, emphasis = BECKON_SPAN_EMPHASIS,
  strikethrough = BECKON_SPAN_STRIKETHROUGH, code = BECKON_SPAN_CODE, code_block = BECKON_SPAN_CODE_BLOCK,
  link = BECKON_SPAN_LINK, mention = BECKON_SPAN_MENTION, quote = BECKON_SPAN_QUOTE, list_item = BECKON_SPAN_LIST_ITEM,
  heading = BECKON_SPAN_HEADING, image = BECKON_SPAN_IMAGE, line_break = BECKON_SPAN_BREAK,
  paragraph = BECKON_SPAN_PARAGRAPH, table_cell = BECKON_SPAN_TABLE_CELL, rule = BECKON_SPAN_RULE
};
enum class PostKind : std::uint32_t {
  body = BECKON_POST_BODY, comment = BECKON_POST_COMMENT, review_comment = BECKON_POST_REVIEW_COMMENT,
  review = BECKON_POST_REVIEW
};
enum class Purpose : std::uint32_t {
  mention = BECKON_PURPOSE_MENTION, notice = BECKON_PURPOSE_NOTICE, test = BECKON_PURPOSE_TEST,
  probe = BECKON_PURPOSE_PROBE
};
enum class Form : std::uint32_t { rich = BECKON_FORM_RICH, plain = BECKON_FORM_PLAIN };

struct Span {
  SpanKind kind;
  std::uint32_t depth;
  std::string_view text;
  std::string_view url;
};

struct Mention {
  struct { std::string_view name, url; bool is_private; } repository;
  struct { std::string_view key, title, url; std::int64_t number; bool is_pull_request; } thread;
  struct { PostKind kind; std::string_view id, url; std::int64_t created_ms, appeared_ms; bool edited; } post;
  struct { std::string_view login, url, avatar; bool is_bot; } author;
  std::string_view name;
  bool is_team;
  std::string_view markdown;
  bool truncated;
  std::vector<Span> spans;
};

struct Delivery {
  std::string_view id;
  Purpose purpose;
  Form form;
  std::uint32_t attempt;
  std::uint32_t step;
  std::int64_t now_ms;
  std::int64_t deadline_ms;
  std::string_view time_zone;
  std::string_view locale;
  std::string_view subscription;
  Values target;
  std::string_view state;
  std::uint32_t more_owed;
  std::string_view notice;
  std::vector<Mention> mentions;
};

struct Header {
  std::string name;
  std::string value;
};

struct Response {
  unsigned status = 0;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  // The first header of that name, whatever its case; empty when absent.
  std::string_view header(std::string_view name) const;
};

// ---- what goes out --------------------------------------------------------------------------------------------------

struct Request {
  std::string method = "POST";
  std::string url;
  std::vector<Header> headers;
  std::string body;
  std::int64_t timeout_ms = -1;
  std::string limit_key;
  std::size_t covered = 0;      // the first k mentions fit; 0: all
  bool hold_if_ambiguous = false;
};

struct Outcome {
  std::uint32_t kind = BECKON_RETRY;
  std::uint32_t certainty = BECKON_EXACT;
  std::uint32_t scope = BECKON_SCOPE_DELIVERY;
  bool ambiguous = false;
  std::int64_t retry_after_ms = -1;
  std::int64_t not_before_ms = -1;
  std::int64_t ask_again_after_ms = -1;
  bool follow_up = false;
  std::string code;
  std::string reason;           // stands within a sentence: no full stop
  std::optional<std::string> state;
  std::string retarget;
  std::string external_id;

  static Outcome delivered() { return make(BECKON_DELIVERED, BECKON_SCOPE_DELIVERY, "ok", {}); }
  static Outcome retry(std::string code, std::string reason) {
    return make(BECKON_RETRY, BECKON_SCOPE_TARGET, std::move(code), std::move(reason));
  }
  static Outcome rejected(std::string code, std::string reason) {
    return make(BECKON_REJECTED, BECKON_SCOPE_DELIVERY, std::move(code), std::move(reason));
  }
  static Outcome misconfigured(std::string code, std::string reason, std::uint32_t scope = BECKON_SCOPE_TARGET) {
    return make(BECKON_MISCONFIGURED, scope, std::move(code), std::move(reason));
  }
  // The provider's exact word that the subscriber no longer exists.
  static Outcome gone(std::string code, std::string reason) {
    return make(BECKON_GONE, BECKON_SCOPE_TARGET, std::move(code), std::move(reason));
  }
  // Perhaps gone: to be asked again before it counts.
  static Outcome maybe_gone(std::string code, std::string reason) {
    Outcome outcome = gone(std::move(code), std::move(reason));
    outcome.certainty = BECKON_MAYBE;
    return outcome;
  }

 private:
  static Outcome make(std::uint32_t kind, std::uint32_t scope, std::string code, std::string reason) {
    Outcome outcome;
    outcome.kind = kind;
    outcome.scope = scope;
    outcome.code = std::move(code);
    outcome.reason = std::move(reason);
    return outcome;
  }
};

using Rendered = std::variant<Request, Outcome>;

// What became of a delivery after all; see beckon_sink_table.feedback.
struct Feedback {
  std::string delivery;  // its id
  Outcome outcome;
};

// Thrown by a sink's constructor (or its static `check`): the settings are of no use.
// `option` may be empty.
struct Complaint : std::runtime_error {
  Complaint(std::string about, const std::string& sentence) : std::runtime_error(sentence), option(std::move(about)) {}
  std::string option;
};

// For a static `check` that has more than one thing to say. Valid only during the call.
class Complain {
 public:
  explicit Complain(const beckon_complaints* complaints) : complaints_(complaints) {}
  void operator()(std::string_view option, std::string_view sentence) const noexcept;

 private:
  const beckon_complaints* complaints_;
};

enum class Type : std::uint32_t {
  string = BECKON_STRING, integer = BECKON_INT, boolean = BECKON_BOOL, duration = BECKON_DURATION, url = BECKON_URL,
  path = BECKON_PATH, enumeration = BECKON_ENUM, list = BECKON_LIST, map = BECKON_MAP
};
enum Flags : std::uint32_t { optional = 0, required = BECKON_REQUIRED, secret = BECKON_SECRET, target = BECKON_TARGET };

// One row of a sink's option table; rows have static storage.
struct Option {
  const char* name;
  Type type;
  std::uint32_t flags;       // required | secret | target
  const char* default_value; // "" for none
  const char* doc;           // one line
  std::initializer_list<const char*> choices = {};
};

inline constexpr std::array<Option, 0> no_options{};

// The table of a class, for whoever comes in without a library: tests, a host with built-in sinks. `options` is
// anything that std::data and std::size take. A class has one table: later calls return the first one's. Never freed.
template <class Sink, class Options>
const beckon_sink_table* table_of(std::string_view name, std::string_view version, const Options& options);

}  // namespace beckon

// Defines the function that makes a library a sink. A program that holds several sinks gives each function a name of
// its own: #define BECKON_SINK_STATIC_ENTRY before this header, or #undef and #define it between two sinks.
#ifndef BECKON_SINK_STATIC_ENTRY
#define BECKON_SINK_STATIC_ENTRY beckon_sink_v1
#endif

#define BECKON_SINK(Class, name, version, options)                                                               \
  extern "C" __attribute__((visibility("default"))) const beckon_sink_table* BECKON_SINK_STATIC_ENTRY() noexcept; \
  extern "C" const beckon_sink_table* BECKON_SINK_STATIC_ENTRY() noexcept {                                       \
    return ::beckon::detail::table_or_null<Class>(name, version, options);                                        \
  }

#include <beckon/detail/views.hpp>
#include <beckon/detail/table.hpp>
