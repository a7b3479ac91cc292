#include "syncer/turn.hpp"

#include "mention/mention.hpp"
#include "syncer/policy.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>

namespace beckon::core {
namespace {

constexpr Milliseconds usual_time = 30s;
constexpr std::size_t most_of_a_notice = 1200;   // bytes; Discord takes 2,000 characters of a message

// Of old mentions, which nobody wants to see one by one: "12 mentions of @octocat in acme/rocket since 2026-09-12", and where.
std::string summary(const std::vector<OwedMention>& mentions) {
  struct InThread {
    const DeliveredMention* first;
    std::size_t count = 0;
  };
  std::map<std::int64_t, InThread> threads;
  for (const OwedMention& owed : mentions) {
    ++threads.try_emplace(owed.mention.thread.number, InThread{&owed.mention}).first->second.count;
  }
  const DeliveredMention& oldest = mentions.front().mention;
  const bool have_one_name = std::all_of(mentions.begin(), mentions.end(),
                                         [&](const OwedMention& owed) { return owed.mention.name == oldest.name; });
  std::string text = fmt::format("{} mentions{} in {} since {}", mentions.size(), have_one_name ? " of @" + oldest.name : "",
                                 oldest.repository.full_name, format_iso_time(oldest.appeared).substr(0, 10));
  std::size_t shown = 0;
  for (const auto& [number, thread] : threads) {
    const std::string& url = thread.first->thread.url;
    const std::string line = fmt::format("\n{}× {}", thread.count, url.empty() ? "#" + std::to_string(number) : url);
    if (text.size() + line.size() > most_of_a_notice)
      return text + fmt::format("\n... and {} more threads", threads.size() - shown);
    text += line;
    ++shown;
  }
  return text;
}

// As much as every medium has room for; the rest is counted, and can be looked up.
std::string one_text(const std::vector<OwedNotice>& notices) {
  std::string text;
  for (std::size_t i = 0; i < notices.size(); ++i) {
    if (i > 0 && text.size() + notices[i].text.size() > most_of_a_notice)
      return text + fmt::format("\n... and {} more: see `beckon status` and `beckon dead list`", notices.size() - i);
    text += (i > 0 ? "\n" : "") + notices[i].text;
  }
  return text;
}

Delivery make_delivery(const SyncerJob& job, const Claim& claim) {
  Delivery delivery;
  delivery.id = claim.batch_id;
  delivery.form = claim.form == BatchForm::plain ? Form::plain : Form::rich;
  delivery.attempt = claim.attempts + 1;
  delivery.time_zone = local_time_zone();
  delivery.subscription = std::to_string(job.subscription);
  delivery.target = *job.endpoint->target;
  delivery.endpoint_state = claim.endpoint_state;
  delivery.more_owed = claim.more_owed;
  if (!claim.notices.empty() || claim.is_summary) delivery.purpose = Purpose::notice;
  delivery.notice = claim.is_summary ? summary(claim.mentions) : one_text(claim.notices);
  if (claim.is_summary) return delivery;
  for (const OwedMention& owed : claim.mentions) {
    DeliveredMention& mention = delivery.mentions.emplace_back(owed.mention);
    mention.spans = read_markdown(mention.post.body).spans;
  }
  return delivery;
}

// The plugin took the daemon with it.
Prepared not_once_more(const Claim& claim) {
  Prepared prepared;
  prepared.covered = claim.size();
  Outcome outcome;
  outcome.fault = true;
  outcome.code = "plugin_crashed";
  outcome.reason = "the plugin crashed the daemon while it was at work on this";
  prepared.outcome = std::move(outcome);
  return prepared;
}

}  // namespace

void stamp(Delivery& delivery, Milliseconds time) {
  delivery.now = wall_now();
  delivery.deadline = delivery.now + time;
}

task<Turn> make_turn(const SyncerJob& job, Claim claim) {
  Turn turn;
  turn.claim = std::move(claim);
  turn.delivery = std::make_shared<Delivery>(make_delivery(job, turn.claim));
  stamp(*turn.delivery, usual_time);
  if (turn.claim.faults >= faults_borne) {
    turn.prepared = not_once_more(turn.claim);
    co_return turn;
  }
  auto preparing = job.endpoint->sink->prepare(turn.delivery);
  turn.prepared = co_await std::move(preparing);
  if (turn.delivery->purpose == Purpose::notice) co_return turn;
  const std::size_t covered = std::clamp<std::size_t>(turn.prepared.covered, 1, turn.claim.mentions.size());
  turn.claim.mentions.resize(covered);
  turn.delivery->mentions.resize(covered);
  co_return turn;
}

task<Outcome> ask_target(const SyncerJob& job, const Claim& claim) {
  Sink& sink = *job.endpoint->sink;
  const auto question = std::make_shared<Delivery>();
  question->id = claim.batch_id + "-probe";
  question->purpose = Purpose::probe;
  question->subscription = std::to_string(job.subscription);
  question->target = *job.endpoint->target;
  question->endpoint_state = claim.endpoint_state;
  stamp(*question, usual_time);
  auto preparing = sink.prepare(question);
  Prepared prepared = co_await std::move(preparing);
  if (prepared.outcome) co_return std::move(*prepared.outcome);
  auto sending = sink.deliver(question, std::move(prepared));
  co_return co_await std::move(sending);
}

}  // namespace beckon::core
