// The subscribers' side of the road: takes messages, keeps what it got and when, and can tell what was lost, repeated or out
// of order. It may be troubled: refuses, asks for pauses and answers slowly, as the seed decides.
#pragma once

#include "net/http_server.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace beckon::core::testing {

// Short unless BECKON_FAULTS=long.
bool is_long();
// BECKON_FAULTS_SEED, else another one each time; printed, so that a failure can be played again.
std::uint64_t seed_of(const std::string& test);
// To the test's output and to the file BECKON_FAULTS_REPORT, if that is set.
void report(const std::string& line);

struct Letter {
  std::string subscription;            // "owner/name hook"
  std::vector<std::int64_t> posts;     // in the order of the message
  std::vector<std::string> links;
  std::string id;                      // of the delivery, where the sink passes it on
  int run = 0;                         // between two runs the daemon was killed
  bool accepted = false;
  bool answered = false;
  SteadyTime arrived{};
};

struct Tally {
  std::size_t mentions = 0;            // owed to all subscriptions together
  std::size_t deliveries = 0;          // accepted
  std::size_t duplicates = 0;
  std::size_t unanswered_repeated = 0; // of these: no answer had left when the daemon was killed
  std::size_t lost = 0;
  std::vector<std::string> complaints; // what must not be
};

class Receiver {
 public:
  explicit Receiver(std::uint64_t seed) : seed_(seed) {}

  task<HttpResponse> take(HttpRequest request);
  // The daemon is dead: who still waits for an answer waits for none. Counts what was in flight.
  void killed();
  // `owed`: by subscription, the posts that it is owed.
  Tally examine(const std::map<std::string, std::set<std::int64_t>>& owed) const;
  bool has_all(const std::map<std::string, std::set<std::int64_t>>& owed) const;

  bool troubled = false;
  std::deque<Letter> letters;          // references stay good
  std::size_t refused = 0;             // 5xx and 429
  std::size_t in_flight = 0;           // at the kills: accepted, no answer given
  std::size_t unsettled = 0;           // at the kills: answered, and nothing after it says that it was heard

 private:
  std::uint64_t dice(const std::string& subscription);

  std::uint64_t seed_;
  int run_ = 0;
  std::map<std::string, std::uint64_t> asked_;            // by subscription
  std::map<std::string, std::set<std::int64_t>> told_;
  std::map<std::string, Letter*> last_;                   // accepted, by subscription
  struct Hook {
    int run = -1;
    int open = 0;
    SteadyTime not_before{};
  };
  std::map<std::string, Hook> hooks_;
  std::vector<std::string> complaints_;
};

}  // namespace beckon::core::testing
