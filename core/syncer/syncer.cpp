#include "syncer/syncer.hpp"

#include "base/log.hpp"
#include "mention/mention.hpp"
#include "syncer/policy.hpp"

#include <boost/asio/cancellation_state.hpp>

#include <algorithm>
#include <random>

namespace beckon::core {
namespace {

constexpr Backoff store_trouble{500ms, 30s};
constexpr Milliseconds longest_sleep = 1h;  // clocks jump; look again at least that often

double dice() {
  static thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

Delivery make_delivery(const SyncerJob& job, const Claim& claim) {
  Delivery delivery;
  delivery.id = claim.batch_id;
  delivery.form = claim.form == BatchForm::plain ? Form::plain : Form::rich;
  delivery.attempt = claim.attempts + 1;
  delivery.subscription = std::to_string(job.subscription);
  delivery.target = job.endpoint->target;
  delivery.endpoint_state = claim.endpoint_state;
  delivery.more_owed = claim.more_owed;
  for (const OwedMention& owed : claim.mentions) {
    DeliveredMention& mention = delivery.mentions.emplace_back(owed.mention);
    mention.spans = read_markdown(mention.post.body).spans;
  }
  return delivery;
}

Farewell farewell(Farewell::Kind kind, std::string reason) {
  Farewell last;
  last.kind = kind;
  last.reason = std::move(reason);
  return last;
}

// One syncer at work. A class, so that each step is a coroutine that reads top-down.
class Syncing {
 public:
  Syncing(SyncerRoom& room, const SyncerJob& job) : room_(room), job_(job), sink_(*job.endpoint->sink) {}

  task<Farewell> run() {
    Claim claim = co_await first_claim();
    for (;;) {
      if (claim.gone) co_return farewell(Farewell::Kind::gone, claim.gone_reason);
      if (room_.stopping) co_return farewell(Farewell::Kind::idle, {});
      if (claim.not_before) {
        co_await sleep_until(*claim.not_before);
        claim = co_await first_claim();
      } else if (claim.mentions.empty()) {
        co_return farewell(Farewell::Kind::idle, {});
      } else {
        claim = co_await attempt(std::move(claim));
      }
    }
  }

 private:
  static task<void> sleep_until(WallTime moment) {
    const Milliseconds wait = std::clamp<Milliseconds>(moment - wall_now(), 1ms, longest_sleep);
    co_await sleep_for(wait);
  }

  // Repeats a request to the store until it is carried out: what is known is kept, nothing else goes on meanwhile.
  template <class Request>
  auto insist(Request request) -> task<typename std::invoke_result_t<Request&>::value_type::value_type> {
    for (unsigned failures = 1;; ++failures) {
      auto asking = request();
      auto answer = co_await std::move(asking);
      if (answer) {
        if (store_news_.clear()) log::info("syncer", "\"{}\": the state file works again", job_.name);
        if constexpr (!std::is_void_v<typename decltype(answer)::value_type>) co_return std::move(*answer);
        else co_return;
      }
      if (store_news_.changed(answer.error().message))
        log::error("syncer", "\"{}\": {}; waiting, nothing is lost", job_.name, answer.error().message);
      co_await sleep_for(backoff_delay(store_trouble, failures, dice()));
    }
  }

  task<Claim> first_claim() {
    auto request = [this] { return room_.outbox.claim(job_.subscription, sink_.info().max_batch); };
    auto asking = insist(std::move(request));
    co_return co_await std::move(asking);
  }

  task<Claim> attempt(Claim claim) {
    Delivery made = make_delivery(job_, claim);
    stamp(made, 30s);
    Prepared prepared = sink_.prepare(made);
    const std::size_t covered = std::clamp<std::size_t>(prepared.covered, 1, claim.mentions.size());
    claim.mentions.resize(covered);
    made.mentions.resize(covered);
    auto waiting = room_.pacer.admit(prepared.limit_key);
    Pacer::Permit permit = co_await std::move(waiting);

    // From here to the settlement a shutdown waits for us: an attempt that is cut off may be told twice.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto freezing = freeze(claim);
    co_await std::move(freezing);
    stamp(made, prepared.timeout);
    const auto begun = std::chrono::steady_clock::now();
    const auto delivery = std::make_shared<const Delivery>(std::move(made));
    Outcome outcome;
    if (prepared.outcome) {
      outcome = std::move(*prepared.outcome);
    } else {
      auto sending = sink_.deliver(delivery, std::move(prepared));
      outcome = co_await std::move(sending);
    }
    const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begun);
    if (outcome.not_before) permit.hold(*outcome.not_before);
    if (outcome.kind == OutcomeKind::retry && outcome.retry_after) permit.hold(*outcome.retry_after);
    permit = Pacer::Permit();
    auto concluding = conclude(claim, std::move(outcome), took);
    Claim next = co_await std::move(concluding);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    co_return next;
  }

  static void stamp(Delivery& delivery, Milliseconds time) {
    delivery.now = wall_now();
    delivery.deadline = delivery.now + time;
  }

  task<void> freeze(const Claim& claim) {
    Freeze order;
    order.subscription = job_.subscription;
    order.batch_id = claim.batch_id;
    order.form = claim.form;
    for (const OwedMention& owed : claim.mentions) order.seqs.push_back(owed.seq);
    auto request = [this, &order] { return room_.outbox.freeze(order); };
    auto asking = insist(std::move(request));
    co_await std::move(asking);
  }

  task<Claim> conclude(const Claim& claim, Outcome outcome, Milliseconds took) {
    Attempt attempt;
    attempt.form = claim.form;
    attempt.mentions = claim.mentions.size();
    attempt.number = claim.attempts + 1;
    attempt.sink_can_probe = sink_.info().handles_probe;
    Verdict verdict = judge(attempt, outcome, dice());
    if (verdict.next == Verdict::Do::probe) {
      auto asking = probe(claim);
      const Outcome word = co_await std::move(asking);
      verdict = judge_probe(attempt, word, dice());
    }
    tell(attempt, outcome, verdict);
    if (verdict.next == Verdict::Do::bury) {
      auto burying = bury(outcome);
      co_return co_await std::move(burying);
    }
    Settlement settlement;
    settlement.subscription = job_.subscription;
    settlement.kind = verdict.kind;
    settlement.next_at = wall_now() + verdict.wait;
    settlement.took = took;
    settlement.code = outcome.code;
    settlement.reason = outcome.reason;
    settlement.endpoint_state = outcome.state;
    settlement.not_before = outcome.not_before;
    auto request = [this, &settlement] { return room_.outbox.settle(settlement, sink_.info().max_batch); };
    auto asking = insist(std::move(request));
    Claim next = co_await std::move(asking);
    if (verdict.kind == Settlement::Kind::delivered && room_.delivered) room_.delivered(claim.mentions.size());
    co_return next;
  }

  task<Outcome> probe(const Claim& claim) {
    Delivery question;
    question.id = claim.batch_id + "-probe";
    question.purpose = Purpose::probe;
    question.subscription = std::to_string(job_.subscription);
    question.target = job_.endpoint->target;
    question.endpoint_state = claim.endpoint_state;
    stamp(question, 30s);
    Prepared prepared = sink_.prepare(question);
    if (prepared.outcome) co_return std::move(*prepared.outcome);
    const auto delivery = std::make_shared<const Delivery>(std::move(question));
    auto sending = sink_.deliver(delivery, std::move(prepared));
    co_return co_await std::move(sending);
  }

  task<Claim> bury(const Outcome& outcome) {
    auto request = [this, &outcome] { return room_.outbox.bury_endpoint(job_.endpoint_row, outcome.code, outcome.reason); };
    auto asking = insist(std::move(request));
    const std::vector<std::int64_t> ended = co_await std::move(asking);
    if (room_.buried) room_.buried(ended, outcome.reason);
    Claim last;
    last.gone = true;
    last.gone_reason = outcome.reason;
    co_return last;
  }

  void tell(const Attempt& attempt, const Outcome& outcome, const Verdict& verdict) {
    const std::string& sink = sink_.info().name;
    const std::string why = outcome.code + ": " + outcome.reason;
    if (verdict.next == Verdict::Do::bury) {
      log::warn("syncer", "\"{}\": the subscriber at {} is gone ({}); letting go", job_.name, sink, why);
      return;
    }
    switch (verdict.kind) {
      case Settlement::Kind::delivered:
        log::info("syncer", "\"{}\": told {} mention{} through {}{}", job_.name, attempt.mentions,
                  attempt.mentions == 1 ? "" : "s", sink, news_.clear() ? ", which works again" : "");
        break;
      case Settlement::Kind::retry:
        if (news_.changed(why)) {
          const auto level = outcome.kind == OutcomeKind::misconfigured ? LogLevel::error : LogLevel::warn;
          log::emit(level, "syncer", "\"{}\": {} through {}: {}; again in {}", job_.name, to_string(outcome.kind), sink, why,
                    format_duration(std::chrono::ceil<std::chrono::seconds>(verdict.wait)));
        }
        break;
      case Settlement::Kind::split:
        log::warn("syncer", "\"{}\": {} refused a digest ({}); sending its mentions one by one", job_.name, sink, why);
        break;
      case Settlement::Kind::plain:
        log::warn("syncer", "\"{}\": {} refused a mention ({}); sending it once more in plain form", job_.name, sink, why);
        break;
      case Settlement::Kind::dead:
        log::error("syncer", "\"{}\": {} refused a mention in every form ({}); it is among the dead letters", job_.name, sink, why);
        break;
    }
  }

  SyncerRoom& room_;
  const SyncerJob& job_;
  Sink& sink_;
  LogOnChange news_;
  LogOnChange store_news_;
};

}  // namespace

task<Farewell> run_syncer(SyncerRoom& room, SyncerJob job) {
  Syncing syncing(room, job);
  auto running = syncing.run();
  co_return co_await std::move(running);
}

}  // namespace beckon::core
