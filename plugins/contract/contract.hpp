// What every sink keeps to, as checks over its C table and nothing else. The tests of our own sinks run them, and add what
// they know of each service; `beckon try-sink` runs them on anybody's library, in a process of its own (host/try_out.hpp).
// `render` and `interpret` are called freely, for they are pure. What a worker does has effects: its `deliver` is called only
// where a witness stands by.
#pragma once

#include <beckon/sink.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::plugins::contract {

struct Subject {
  const beckon_sink_table* table = nullptr;   // of a library that the loader has taken
  const beckon_values* settings = nullptr;    // valid: the table's own `check` has nothing against them
  const beckon_values* target = nullptr;

  // What is known of the service; all of it may be unset.
  std::vector<std::string> secrets;           // beyond the secret options: what else must not stand in an outcome
  std::function<std::vector<std::string>(const std::string& visible)> complaints;   // what it would refuse: a sentence each
  std::function<bool(unsigned status, const std::string& body)> may_be_delivered;   // unset: every 2xx
  std::function<bool(unsigned status, const std::string& body)> may_be_gone;        // unset: every 4xx whose body says something

  // Calls a worker's `deliver` and answers what became visible.
  std::function<std::string(const std::function<void()>& call)> witness;
  // Instead, of a worker that nobody can watch: what it would show. Its `deliver` is then called out of time.
  std::function<std::string(const Delivery& delivery)> shown;
};

enum class Weight { fault, advice };

struct Finding {
  Weight weight = Weight::fault;
  std::string sentence;    // what was seen, and when
  std::string way_out;
  friend bool operator==(const Finding&, const Finding&) = default;
};

class Trial;

struct Check {
  std::string_view name;       // stable: a_few_words
  std::string_view promise;    // a clause: what holds when nothing is found
  enum class Needs { table, sink, deliveries, answers } needs;   // `answers`: of a webhook sink alone
  void (*run)(Trial&);
};

// In the order in which they make sense: the first two find what would spoil the others.
const std::vector<Check>& all_checks();

// Why this one is left out; empty when it is not.
std::string_view why_not(const Check& check, const Subject& subject);

// A few findings at most: what is wrong a thousand times is told once. A library may throw, crash or hang meanwhile.
std::vector<Finding> run(const Check& check, const Subject& subject);

// What is wrong with an outcome, whatever it answers. Each sentence begins with `when`.
std::vector<Finding> judge(const Outcome& outcome, const std::vector<std::string>& secrets, const std::string& when);

// The values of secret options, and of URLs among them the last segment: libraries quote URLs in pieces. Not what is shorter
// than six bytes.
std::vector<std::string> secrets_of(const beckon_sink_table& table, const beckon_values* values);

}  // namespace beckon::plugins::contract
