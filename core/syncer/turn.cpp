#include "syncer/turn.hpp"

#include "mention/mention.hpp"
#include "syncer/policy.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr Milliseconds usual_time = 30s;
constexpr std::size_t most_of_a_notice = 1200;   // bytes; Discord takes 2,000 characters of a message

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
  if (!claim.notices.empty()) delivery.purpose = Purpose::notice;
  delivery.notice = one_text(claim.notices);
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
  if (!turn.claim.notices.empty()) co_return turn;
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
