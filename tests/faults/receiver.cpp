#include "faults/receiver.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

namespace beckon::core::testing {
namespace {

constexpr std::string_view site = "https://github.example/";

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Every post of the message once, as it is first linked to. `repository` gets the owner and name of the first.
void read_links(const std::string& body, Letter& letter, std::string& repository) {
  std::set<std::int64_t> seen;
  for (std::size_t at = body.find(site); at != body.npos; at = body.find(site, at + 1)) {
    const std::size_t end = body.find_first_of("|>\" \n)\\", at);
    const std::string link = body.substr(at, end - at);
    const std::size_t mark = link.find('#');
    if (mark == link.npos) continue;
    const std::size_t digits = link.find_first_of("0123456789", mark);
    if (digits == link.npos) continue;
    if (repository.empty()) {
      const std::size_t owner = link.find('/', site.size());
      repository = link.substr(site.size(), link.find('/', owner + 1) - site.size());
    }
    const std::int64_t post = std::stoll(link.substr(digits));
    if (!seen.insert(post).second) continue;
    letter.posts.push_back(post);
    letter.links.push_back(link);
  }
}

HttpResponse answer(int status, std::string body, HttpHeaders headers = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

bool is_comment(const std::string& link) { return link.find("#issuecomment-") != link.npos; }

}  // namespace

bool is_long() {
  const char* chosen = std::getenv("BECKON_FAULTS");
  return chosen && std::string_view(chosen) == "long";
}

std::uint64_t seed_of(const std::string& test) {
  const char* chosen = std::getenv("BECKON_FAULTS_SEED");
  const std::uint64_t seed = chosen ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
  std::cout << test << ": BECKON_FAULTS_SEED=" << seed << std::endl;
  return seed;
}

void report(const std::string& line) {
  std::cout << line << std::endl;
  if (const char* file = std::getenv("BECKON_FAULTS_REPORT")) std::ofstream(file, std::ios::app) << line << '\n';
}

std::uint64_t Receiver::dice(const std::string& subscription) {
  return mixed(seed_ ^ mixed(std::hash<std::string>{}(subscription)) ^ mixed(++asked_[subscription]));
}

task<HttpResponse> Receiver::take(HttpRequest request) {
  Letter read;
  std::string repository;
  read_links(request.body, read, repository);
  const std::string hook = request.url.substr(request.url.rfind('/') + 1);
  read.subscription = repository + ' ' + hook;
  read.id = find_header(request.headers, "x-delivery");
  read.run = run_;
  read.arrived = std::chrono::steady_clock::now();
  Letter& letter = letters.emplace_back(std::move(read));
  if (letter.posts.empty()) complaints_.push_back("a message without a link: " + request.body);

  Hook& door = hooks_[hook];
  if (door.run != run_) door = {run_, 0, {}};
  if (door.open > 0) complaints_.push_back(fmt::format("{}: two requests at a time", letter.subscription));
  if (letter.arrived < door.not_before) complaints_.push_back(fmt::format("{}: asked before Retry-After", letter.subscription));
  ++door.open;

  const std::uint64_t chance = dice(letter.subscription);
  const int verdict = troubled ? static_cast<int>(chance % 100) : 99;
  const bool slow = troubled && chance / 100 % 100 < 25;
  HttpResponse response = answer(200, "ok");
  if (verdict < 5) response = answer(503, "<html>down</html>");
  else if (verdict < 8) response = answer(429, "rate_limited", {{"Retry-After", "1"}});
  letter.accepted = response.status == 200;
  if (letter.accepted) {
    told_[letter.subscription].insert(letter.posts.begin(), letter.posts.end());
    last_[letter.subscription] = &letter;
  } else {
    ++refused;
  }
  if (slow) {
    const auto end = letter.arrived + Milliseconds{50 + static_cast<int>(chance / 10000 % 1200)};
    while (run_ == letter.run && std::chrono::steady_clock::now() < end) co_await sleep_for(2ms);
  }
  if (run_ != letter.run) co_return response;   // nobody is there to hear it
  letter.answered = true;
  --hooks_[hook].open;
  if (response.status == 429) hooks_[hook].not_before = std::chrono::steady_clock::now() + 1s;
  co_return response;
}

void Receiver::killed() {
  for (const auto& [subscription, letter] : last_) {
    if (letter->run != run_) continue;
    if (letter->answered) ++unsettled;
    else ++in_flight;
  }
  ++run_;
}

bool Receiver::has_all(const std::map<std::string, std::set<std::int64_t>>& owed) const {
  return std::all_of(owed.begin(), owed.end(), [&](const auto& entry) {
    const auto told = told_.find(entry.first);
    return entry.second.empty() || (told != told_.end() && std::includes(told->second.begin(), told->second.end(),
                                                                         entry.second.begin(), entry.second.end()));
  });
}

Tally Receiver::examine(const std::map<std::string, std::set<std::int64_t>>& owed) const {
  Tally tally;
  tally.complaints = complaints_;
  struct Stream {
    const Letter* before = nullptr;
    std::set<std::int64_t> told;
    std::int64_t last[2] = {};         // of comments, of review comments: each is a source with an order of its own
  };
  std::map<std::string, Stream> streams;
  for (const Letter& letter : letters) {
    if (!letter.accepted) continue;
    ++tally.deliveries;
    Stream& stream = streams[letter.subscription];
    const auto complain = [&](std::string_view what) {
      tally.complaints.push_back(fmt::format("{}, run {}: {}, posts {}", letter.subscription, letter.run, what,
                                             fmt::join(letter.posts, " ")));
    };
    const bool any = std::any_of(letter.posts.begin(), letter.posts.end(), [&](auto post) { return stream.told.contains(post); });
    if (any) {
      ++tally.duplicates;
      // What is repeated is what was under way when the daemon was killed, whole and under its id.
      const Letter* before = stream.before;
      if (before->posts != letter.posts) complain("a repeat of something else than the last delivery");
      if (before->id != letter.id) complain("a repeat under another id");
      if (before->run == letter.run) complain("a repeat without a kill in between");
      if (!before->answered) ++tally.unanswered_repeated;
    } else {
      for (std::size_t i = 0; i < letter.posts.size(); ++i) {
        std::int64_t& last = stream.last[is_comment(letter.links[i])];
        if (letter.posts[i] <= last) complain("out of order");
        last = letter.posts[i];
      }
    }
    stream.told.insert(letter.posts.begin(), letter.posts.end());
    stream.before = &letter;
  }
  for (const auto& [subscription, posts] : owed) {
    tally.mentions += posts.size();
    const std::set<std::int64_t>& told = streams[subscription].told;
    for (const std::int64_t post : posts) tally.lost += told.contains(post) ? 0 : 1;
    for (const std::int64_t post : told)
      if (!posts.contains(post)) tally.complaints.push_back(fmt::format("{}: {} was told and is not owed", subscription, post));
  }
  return tally;
}

}  // namespace beckon::core::testing
