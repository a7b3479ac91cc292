#include "control/routes.hpp"

#include "config/config.hpp"
#include "config/values.hpp"
#include "control/answers.hpp"
#include "control/new_subscription.hpp"
#include "control/openapi.hpp"
#include "control/target.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <variant>

namespace beckon::core {
namespace {

constexpr std::size_t longest_body = 64u << 10;
constexpr std::size_t longest_message = 1u << 20;
constexpr std::size_t most_rows = 100'000;
constexpr std::size_t most_compared = 10'000;   // names, for a "did you mean": the daemon has only one thread

HttpResponse respond(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  response.headers.emplace_back("Server", "beckon/" BECKON_VERSION);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

HttpResponse respond_text(std::string type, std::string body) {
  HttpResponse response = respond(200, std::move(body));
  response.headers.front().second = std::move(type);
  return response;
}

HttpResponse refuse(int status, std::string_view sentence) { return respond(status, error_json(sentence)); }

// Either what was asked for, or why not.
template <class T>
using Understood = std::variant<T, HttpResponse>;

Understood<Listing> read_listing(const RequestTarget& target) {
  Listing listing;
  for (const auto& [key, value] : target.query) {
    if (key == "subscription") {
      listing.subscription = value;
    } else if (key == "limit") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), listing.limit);
      const bool whole = error == std::errc() && end == value.data() + value.size();
      if (!whole || listing.limit == 0 || listing.limit > most_rows)
        return refuse(400, fmt::format("limit={} is no number from 1 to {}", value, most_rows));
    } else {
      return refuse(400, fmt::format("{} is no parameter here; there are \"subscription\" and \"limit\"", in_quotes(key)));
    }
  }
  return listing;
}

Understood<DeadChoice> read_choice(const std::string& body) {
  using json = nlohmann::json;
  constexpr auto expected = R"(write {"subscription": "NAME", "seqs": [1, 2]}, without "seqs" for all of them, or {"all": true})";
  const auto wrong = [&](std::string_view what) { return refuse(400, fmt::format("the body {}: {}", what, expected)); };
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return wrong("is no JSON object");
  DeadChoice choice;
  bool all = false;
  for (const auto& [key, value] : parsed.items()) {
    if (key == "subscription" && value.is_string()) {
      choice.subscription = value.get<std::string>();
    } else if (key == "all" && value.is_boolean()) {
      all = value.get<bool>();
    } else if (key == "seqs" && value.is_array()) {
      if (value.empty()) return wrong("chooses none");
      for (const json& seq : value) {
        const bool fits = seq.is_number_integer() && (!seq.is_number_unsigned() || seq.get<std::uint64_t>() <= INT64_MAX);
        if (!fits) return wrong("has a seq that is no number");
        choice.seqs.push_back(seq.get<std::int64_t>());
      }
    } else {
      return wrong(fmt::format("has a {} that does not belong there", in_quotes(key)));
    }
  }
  if (all && (choice.subscription || !choice.seqs.empty())) return wrong("says both, all and some");
  if (!all && !choice.subscription) return wrong("says of whom in no way");
  return choice;
}

// One request on its way. A class, so that each route is a coroutine that reads top-down.
class Answering {
 public:
  Answering(Operations& operations, HttpRequest request, Caller caller)
      : operations_(operations), request_(std::move(request)), caller_(caller) {}

  task<HttpResponse> answer() {
    auto target = parse_target(request_.url);
    if (!target) co_return refuse(400, "the request's target cannot be read");
    target_ = std::move(*target);
    const std::size_t longest = is_feedback() ? longest_message : longest_body;
    if (request_.body.size() > longest) co_return refuse(413, fmt::format("a body may have {} bytes", longest));
    auto going = route();
    co_return co_await std::move(going);
  }

 private:
  bool is_feedback() const { return target_.path.size() == 3 && target_.path[2] == "feedback"; }

  // One task is made, and that one awaited: Asio 1.81's drops the frame of a task that another is assigned to.
  task<HttpResponse> route() {
    const auto& path = target_.path;
    if (path.size() == 1 && path[0] == "metrics") return allowed("GET") ? metrics() : not_allowed("GET");
    if (path.size() == 1 && path[0] == "healthz") return allowed("GET") ? healthy() : not_allowed("GET");
    if (path.size() == 1 && path[0] == "readyz") return allowed("GET") ? ready() : not_allowed("GET");
    if (path.size() < 3 || path[0] != "api" || path[1] != "v1") return refusing();
    const std::string& what = path[2];
    if (what == "status" && path.size() == 3) return allowed("GET") ? status() : not_allowed("GET");
    if (what == "subscriptions" && path.size() == 3)
      return allowed("GET") ? status() : allowed("POST") ? add() : not_allowed("GET or POST", "GET, HEAD, POST");
    if (what == "subscriptions" && path.size() == 4) return allowed("DELETE") ? remove() : not_allowed("DELETE");
    if (what == "subscriptions" && path.size() == 5) return allowed("POST") ? change() : not_allowed("POST");
    if (what == "dead" && path.size() == 3) return allowed("GET") ? list_dead() : not_allowed("GET");
    if (what == "dead" && path.size() == 4) return allowed("POST") ? change_dead() : not_allowed("POST");
    if (is_feedback()) return allowed("POST") ? take_feedback() : not_allowed("POST");
    if (what == "openapi.json" && path.size() == 3) return allowed("GET") ? describe() : not_allowed("GET");
    if (what == "history" && path.size() == 3) return allowed("GET") ? list_history() : not_allowed("GET");
    return refusing();
  }

  static HttpResponse nothing_here() { return refuse(404, "there is nothing at this path"); }
  static HttpResponse store_trouble(const Error& error) { return refuse(503, error.message); }

  bool allowed(std::string_view method) const {
    return request_.method == method || (method == "GET" && request_.method == "HEAD");
  }
  task<HttpResponse> not_allowed(std::string method, std::string allow = {}) {
    HttpResponse refusal = refuse(405, fmt::format("this path takes {} alone", method));
    if (allow.empty()) allow = method == "GET" ? "GET, HEAD" : method;
    refusal.headers.emplace_back("Allow", std::move(allow));
    co_return refusal;
  }
  task<HttpResponse> refusing() { co_return nothing_here(); }
  task<HttpResponse> describe() { co_return respond(200, std::string(openapi_files().front().content)); }

  task<HttpResponse> unknown(std::string name) {
    std::string sentence = fmt::format("there is no subscription {}", in_quotes(name));
    auto asking = operations_.names();
    const auto names = co_await std::move(asking);
    if (names && std::find(names->begin(), names->end(), name) != names->end())
      co_return refuse(404, fmt::format("{} waits for its repository to be read: ask again then", in_quotes(name)));
    const bool cheap = names && names->size() <= most_compared;
    const std::string meant = cheap ? closest(name, *names) : std::string();
    if (!meant.empty()) sentence += fmt::format("; did you mean {}?", in_quotes(meant));
    co_return refuse(404, sentence);
  }

  task<HttpResponse> status() {
    auto asking = operations_.status();
    const auto report = co_await std::move(asking);
    if (!report) co_return store_trouble(report.error());
    co_return respond(200, target_.path[2] == "status" ? status_json(*report) : subscriptions_json(*report));
  }

  task<HttpResponse> add() {
    auto entry = read_new_subscription(request_.body);
    if (!entry) co_return refuse(400, entry.error().message);
    if (entry->has_sources && caller_ != Caller::own_user)
      co_return refuse(403, "{ env = ... } and { file = ... } are read on the daemon's machine: only its own user may write them, "
                            "with `beckon add` there");
    auto adding = operations_.add(std::move(entry->toml));
    const auto change = co_await std::move(adding);
    if (!change) co_return store_trouble(change.error());
    if (change->came != PlanChange::Came::done) co_return refuse(status_of(*change), change->sentence);
    auto asking = operations_.status();
    const auto report = co_await std::move(asking);
    if (!report) co_return refuse(503, fmt::format("{} is added; but {}", in_quotes(change->name), report.error().message));
    co_return respond(201, subscription_json(*report, change->name));
  }

  task<HttpResponse> remove() {
    const std::string name = target_.path[3];
    auto removing = operations_.remove(name);
    const auto change = co_await std::move(removing);
    if (!change) co_return store_trouble(change.error());
    if (change->came == PlanChange::Came::unknown) {
      auto refusal = unknown(name);
      co_return co_await std::move(refusal);
    }
    if (change->came != PlanChange::Came::done) co_return refuse(status_of(*change), change->sentence);
    co_return respond(200, removed_json(name));
  }

  static int status_of(const PlanChange& change) { return change.came == PlanChange::Came::wrong ? 400 : 409; }

  task<HttpResponse> change() {
    const std::string name = target_.path[3], verb = target_.path[4];
    if (verb != "pause" && verb != "resume" && verb != "revive") co_return nothing_here();
    task<Result<SubscriptionChange>> asking = verb == "pause"    ? operations_.pause(name)
                                              : verb == "resume" ? operations_.resume(name)
                                                                 : operations_.revive(name);
    const auto change = co_await std::move(asking);
    if (!change) co_return store_trouble(change.error());
    if (change->id == 0) {
      auto refusal = unknown(name);
      co_return co_await std::move(refusal);
    }
    if (verb != "revive" && change->state == SubscriptionState::gone)
      co_return refuse(409, fmt::format("{} is gone ({}); revive brings it back", in_quotes(name), change->reason));
    co_return respond(200, change_json(name, *change));
  }

  task<HttpResponse> list_dead() {
    auto listing = read_listing(target_);
    if (auto* refusal = std::get_if<HttpResponse>(&listing)) co_return std::move(*refusal);
    auto asking = operations_.dead_letters(std::get<Listing>(listing));
    const auto letters = co_await std::move(asking);
    if (!letters) co_return store_trouble(letters.error());
    if (letters->known) co_return respond(200, dead_letters_json(*letters));
    auto refusal = unknown(*std::get<Listing>(listing).subscription);
    co_return co_await std::move(refusal);
  }

  task<HttpResponse> change_dead() {
    const std::string& verb = target_.path[3];
    if (verb != "retry" && verb != "drop") co_return nothing_here();
    auto read = read_choice(request_.body);
    if (auto* refusal = std::get_if<HttpResponse>(&read)) co_return std::move(*refusal);
    const DeadChoice& choice = std::get<DeadChoice>(read);
    task<Result<DeadChange>> asking = verb == "retry" ? operations_.retry_dead(choice) : operations_.drop_dead(choice);
    const auto change = co_await std::move(asking);
    if (!change) co_return store_trouble(change.error());
    if (!change->known) {
      auto refusal = unknown(*choice.subscription);
      co_return co_await std::move(refusal);
    }
    if (!choice.seqs.empty() && change->missing.size() == choice.seqs.size())
      co_return refuse(404, fmt::format("{} has no dead letter {}", in_quotes(*choice.subscription), fmt::join(change->missing, ", ")));
    if (verb == "drop" && change->changed == 0 && change->under_way > 0)
      co_return refuse(409, "they are being told again at this moment; they can be dropped if that fails");
    co_return respond(200, dead_change_json(*change));
  }

  task<HttpResponse> list_history() {
    auto listing = read_listing(target_);
    if (auto* refusal = std::get_if<HttpResponse>(&listing)) co_return std::move(*refusal);
    auto asking = operations_.history(std::get<Listing>(listing));
    const auto history = co_await std::move(asking);
    if (!history) co_return store_trouble(history.error());
    if (history->known) co_return respond(200, history_json(*history));
    auto refusal = unknown(*std::get<Listing>(listing).subscription);
    co_return co_await std::move(refusal);
  }

  task<HttpResponse> take_feedback() {
    auto asking = operations_.feedback(std::move(request_.body));
    const auto report = co_await std::move(asking);
    if (!report) co_return store_trouble(report.error());
    if (!*report) co_return refuse(503, "no daemon is running, and nobody else knows what was sent");
    co_return respond(200, feedback_json(**report));
  }

  task<HttpResponse> metrics() {
    auto asking = operations_.metrics();
    auto text = co_await std::move(asking);
    if (!text) co_return refuse(503, text.error().message);
    co_return respond_text("text/plain; version=0.0.4; charset=utf-8", std::move(*text));
  }

  task<HttpResponse> healthy() { co_return respond_text("text/plain; charset=utf-8", "ok\n"); }

  task<HttpResponse> ready() {
    auto asking = operations_.ready();
    const auto ready = co_await std::move(asking);
    if (!ready) co_return refuse(503, ready.error().message);
    co_return respond_text("text/plain; charset=utf-8", "ok\n");
  }

  Operations& operations_;
  HttpRequest request_;
  Caller caller_;
  RequestTarget target_;
};

}  // namespace

task<HttpResponse> answer_operator(Operations& operations, HttpRequest request, Caller caller) {
  Answering answering(operations, std::move(request), caller);
  auto answer = answering.answer();
  co_return co_await std::move(answer);
}

}  // namespace beckon::core
