#include "syncer/syncer.hpp"

#include "base/log.hpp"
#include "syncer/news.hpp"
#include "syncer/policy.hpp"
#include "syncer/turn.hpp"
#include "syncer/under_way.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>

#include <algorithm>
#include <random>

namespace beckon::core {
namespace {

constexpr Backoff store_trouble{500ms, 30s};
constexpr Milliseconds slow_after = 1s;     // then an attempt keeps nobody else from a seat
constexpr Milliseconds while_it_is_probed = 5s;
constexpr Milliseconds longest_sleep = 1h;  // clocks jump; look again at least that often

double dice() {
  static thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
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
  Syncing(SyncerRoom& room, const SyncerJob& job) : room_(room), job_(job), sink_(*job.endpoint->sink), news_(room, job) {}

  task<Farewell> run() {
    // A seat before the claim: however many are woken together, few hold what they are owed.
    Pacer::Permit permit = co_await seat();
    Claim claim = co_await first_claim();
    for (;;) {
      if (claim.gone) co_return farewell(Farewell::Kind::gone, claim.gone_reason);
      if (room_.stopping || claim.paused) co_return farewell(Farewell::Kind::idle, {});
      if (claim.held) {
        news_.held(*claim.held);
        if (room_.held) room_.held(job_.subscription, job_.endpoint_row, *claim.held);
        co_return farewell(Farewell::Kind::idle, {});
      }
      if (claim.not_before && is_waited_through(claim)) claim.not_before.reset();
      if (claim.not_before && is_too_late(*claim.not_before)) co_return farewell(Farewell::Kind::idle, {});
      if (claim.not_before) {
        const WallTime then = *claim.not_before;
        permit = Pacer::Permit();
        claim = Claim();
        co_await sleep_until(then);
        permit = co_await seat();
        claim = co_await first_claim();
      } else if (claim.empty()) {
        co_return farewell(Farewell::Kind::idle, {});
      } else {
        claim = co_await attempt(std::move(claim), std::move(permit));
      }
    }
  }

 private:
  // In a run that ends before.
  bool is_too_late(WallTime moment) const {
    if (!room_.until || moment <= *room_.until) return false;
    news_.too_late(moment);
    return true;
  }

  // A calendar that is set back meanwhile makes nobody wait twice.
  bool is_waited_through(const Claim& claim) {
    const auto now = std::chrono::steady_clock::now();
    if (!claim.frozen) return false;
    if (waiting_for_ == std::pair(claim.batch_id, claim.attempts)) return now >= waited_through_;
    waiting_for_ = {claim.batch_id, claim.attempts};
    waited_through_ = now + (*claim.not_before - wall_now());
    return false;
  }

  static task<void> sleep_until(WallTime moment) {
    const Milliseconds wait = std::clamp<Milliseconds>(moment - wall_now(), 1ms, longest_sleep);
    co_await sleep_for(wait);
  }

  // Repeats a request until the store is out of its trouble: what is known is kept, nothing else goes on meanwhile. A
  // request that we should not have made throws; the supervisor then starts us anew, from what is stored.
  template <class Request>
  auto insist(Request request) -> task<typename std::invoke_result_t<Request&>::value_type::value_type> {
    for (unsigned failures = 1;; ++failures) {
      auto asking = request();
      auto answer = co_await std::move(asking);
      if (answer) {
        if (store_news_.clear()) log::debug("syncer", "\"{}\": the state file works again", job_.name);
        if constexpr (!std::is_void_v<typename decltype(answer)::value_type>) co_return std::move(*answer);
        else co_return;
      }
      if (store_news_.changed(answer.error().message))   // the outbox says it once for all
        log::debug("syncer", "\"{}\": {}; waiting, nothing is lost", job_.name, answer.error().message);
      co_await sleep_for(backoff_delay(store_trouble, failures, dice()));
    }
  }

  Portion portion() const { return {sink_.info().max_batch, sink_.info().stale_after}; }

  task<Claim> first_claim() {
    auto request = [this] { return room_.outbox.claim(job_.subscription, portion()); };
    auto asking = insist(std::move(request));
    co_return co_await std::move(asking);
  }

  task<Pacer::Permit> seat() {
    auto waiting = room_.pacer.admit({}, sink_.info());
    co_return co_await std::move(waiting);
  }

  task<Claim> attempt(Claim claim, Pacer::Permit permit) {
    auto making = make_turn(job_, std::move(claim));
    Turn turn = co_await std::move(making);
    const std::string limit_key = turn.prepared.limit_key;
    if (!room_.pacer.try_admit(permit, limit_key, sink_.info())) {
      // Waits with empty hands: a queue may be long, and what is owed grows meanwhile.
      permit = Pacer::Permit();
      turn = Turn();
      const WallTime opens = wall_now() + room_.pacer.wait(limit_key);
      if (room_.until && opens > *room_.until) {
        Claim later;
        later.not_before = opens;
        co_return later;
      }
      auto waiting = room_.pacer.admit(limit_key, sink_.info());
      permit = co_await std::move(waiting);
      auto claiming = first_claim();
      Claim fresh = co_await std::move(claiming);
      if (fresh.gone || fresh.paused || fresh.held || fresh.not_before || fresh.empty()) co_return fresh;
      auto again = make_turn(job_, std::move(fresh));
      turn = co_await std::move(again);
      if (turn.prepared.limit_key != limit_key) co_return std::move(turn.claim);   // its destination has changed
    }
    auto attempting = carry_out(std::move(turn), std::move(permit));
    co_return co_await std::move(attempting);
  }

  task<Claim> carry_out(Turn turn, Pacer::Permit permit) {
    Claim& claim = turn.claim;
    Prepared& prepared = turn.prepared;
    // From here to the settlement a shutdown waits for us: an attempt that is cut off may be told twice.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto freezing = freeze(claim);
    co_await std::move(freezing);
    stamp(*turn.delivery, prepared.timeout);
    const auto begun = std::chrono::steady_clock::now();
    const std::shared_ptr<const Delivery> delivery = std::move(turn.delivery);
    Outcome outcome;
    const bool is_sent = !prepared.outcome;
    if (!is_sent) {
      outcome = std::move(*prepared.outcome);
    } else {
      const auto held = std::make_shared<Pacer::Permit>(std::move(permit));
      Timer slow(co_await asio::this_coro::executor, slow_after);
      slow.async_wait([this, waiting = std::weak_ptr(held)](boost::system::error_code answered) {
        if (const auto still = waiting.lock(); still && !answered) room_.pacer.step_aside(*still, sink_.info());
      });
      auto sending = deliver_or_be_cut_off(delivery, std::move(prepared));
      outcome = co_await std::move(sending);
      permit = std::move(*held);
    }
    const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begun);
    if (room_.attempted) room_.attempted(sink_.info().name, outcome.kind, is_sent ? std::optional(took) : std::nullopt);
    if (outcome.not_before) permit.hold(*outcome.not_before);
    if (outcome.kind == OutcomeKind::retry && outcome.retry_after) permit.hold(*outcome.retry_after);
    // What concerns all who deliver there is settled first, so that the next in the queue need not find it out again.
    const bool concerns_all = outcome.kind == OutcomeKind::gone || outcome.kind == OutcomeKind::misconfigured;
    if (!concerns_all) permit = Pacer::Permit();
    auto concluding = conclude(claim, std::move(outcome), took);
    Claim next = co_await std::move(concluding);
    permit = Pacer::Permit();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    co_return next;
  }

  task<Outcome> deliver_or_be_cut_off(std::shared_ptr<const Delivery> delivery, Prepared prepared) {
    asio::cancellation_signal cut;
    const UnderWay entry(room_, cut);
    Outcome outcome;
    outcome.kind = OutcomeKind::retry;
    outcome.code = "cut_off";
    outcome.reason = "Beckon was stopped before the answer came";
    if (room_.was_cut_off) co_return outcome;   // frozen meanwhile, and not sent
    outcome.ambiguous = true;
    const auto executor = co_await asio::this_coro::executor;
    auto sending = asio::co_spawn(executor, sink_.deliver(std::move(delivery), std::move(prepared)),
                                  asio::bind_cancellation_slot(cut.slot(), use_task));
    try {
      outcome = co_await std::move(sending);
    } catch (const boost::system::system_error& error) {
      if (error.code() != asio::error::operation_aborted) throw;
    }
    co_return outcome;
  }

  task<void> freeze(const Claim& claim) {
    Freeze order;
    order.subscription = job_.subscription;
    order.batch_id = claim.batch_id;
    order.form = claim.form;
    order.seqs = claim.seqs();
    auto request = [this, &order] { return room_.outbox.freeze(order); };
    auto asking = insist(std::move(request));
    co_await std::move(asking);
  }

  task<Claim> conclude(const Claim& claim, Outcome outcome, Milliseconds took) {
    if (!outcome.retarget.empty()) news_.moved(outcome.retarget);  // first: what is a secret is known as one from here
    auto reaching = reach_verdict(claim, outcome);
    const Verdict verdict = co_await std::move(reaching);
    if (verdict.next == Verdict::Do::bury) {
      auto burying = bury(outcome);
      co_return co_await std::move(burying);
    }
    if (verdict.next == Verdict::Do::end) {
      auto ending = end_alone(outcome);
      co_return co_await std::move(ending);
    }
    Settlement settlement;
    settlement.subscription = job_.subscription;
    settlement.endpoint = job_.endpoint_row;
    settlement.kind = verdict.kind;
    settlement.next_at = wall_now() + verdict.wait;
    settlement.took = took;
    settlement.code = outcome.code;
    settlement.reason = outcome.reason;
    settlement.endpoint_state = outcome.state;
    settlement.fault = verdict.fault;
    settlement.may_come_back = sink_.info().hears_feedback;
    settlement.doubt = claim.doubt;
    if (const auto& now = verdict.standing)
      settlement.standing = Settlement::Standing{now->state, now->whole_sink, now->counts, wall_now() + now->wait};
    auto request = [this, &settlement] { return room_.outbox.settle(settlement, portion()); };
    auto asking = insist(std::move(request));
    Claim next = co_await std::move(asking);
    if (verdict.kind == Settlement::Kind::delivered && room_.delivered) room_.delivered(claim.mentions.size());
    spread_the_word(claim, verdict);
    co_return next;
  }

  // Asks the target itself where the sink says gone and can: once for all who deliver there, until the tombstone stands.
  task<Verdict> reach_verdict(const Claim& claim, const Outcome& outcome) {
    Attempt attempt;
    attempt.form = claim.form;
    attempt.mentions = claim.size();
    attempt.number = claim.attempts + 1;
    attempt.sink_can_probe = sink_.info().handles_probe;
    attempt.faults = claim.faults;
    attempt.doubt = claim.doubt;
    Verdict verdict = judge(attempt, outcome, wall_now(), dice());
    if (verdict.next == Verdict::Do::probe) {
      if (!probing_ && room_.probed.contains(job_.endpoint_row)) {
        verdict = Verdict();
        verdict.wait = while_it_is_probed;
        co_return verdict;   // no news: another one's
      }
      probing_.emplace(room_.probed, job_.endpoint_row);
      auto asking = ask_target(job_, claim);
      const Outcome word = co_await std::move(asking);
      verdict = judge_probe(attempt, word, wall_now(), dice());
      if (verdict.next != Verdict::Do::bury) probing_.reset();
    }
    news_.attempted(claim, outcome, verdict);
    co_return verdict;
  }

  task<Claim> bury(const Outcome& outcome) {
    auto request = [this, &outcome] { return room_.outbox.bury_endpoint(job_.endpoint_row, outcome.code, outcome.reason); };
    auto asking = insist(std::move(request));
    const std::vector<std::int64_t> ended = co_await std::move(asking);
    probing_.reset();
    if (room_.buried) room_.buried(ended, outcome.reason);
    if (room_.alerted) room_.alerted();
    co_return last_claim(outcome);
  }

  task<Claim> end_alone(const Outcome& outcome) {
    auto request = [this, &outcome] { return room_.outbox.end_subscription(job_.subscription, outcome.code, outcome.reason); };
    auto asking = insist(std::move(request));
    co_await std::move(asking);
    co_return last_claim(outcome);
  }

  static Claim last_claim(const Outcome& outcome) {
    Claim last;
    last.gone = true;
    last.gone_reason = outcome.reason;
    return last;
  }

  // What this attempt has shown concerns those who wait, and perhaps the operator.
  void spread_the_word(const Claim& claim, const Verdict& verdict) {
    const auto& now = verdict.standing;
    const bool sound = now && now->state == EndpointState::ok;
    // Who is spoken of alone is spoken of by a sink that works.
    const bool sink_works = sound || (now && claim.doubt.whole_sink && !now->whole_sink && now->counts);
    if (room_.released && sink_works) room_.released(sound ? job_.endpoint_row : 0, claim.doubt.whole_sink ? sink_.info().name : "");
    const bool dead = verdict.kind == Settlement::Kind::dead || verdict.kind == Settlement::Kind::held;
    if (room_.alerted && (dead || (now && now->state == EndpointState::misconfigured))) room_.alerted();
  }

  SyncerRoom& room_;
  const SyncerJob& job_;
  Sink& sink_;
  SyncerNews news_;
  LogOnChange store_news_;
  std::optional<Probing> probing_;                      // this one asks, until the tombstone stands
  std::pair<std::string, std::uint32_t> waiting_for_;   // batch and attempt
  SteadyTime waited_through_{};
};

}  // namespace

void SyncerRoom::cut_off() {
  was_cut_off = true;
  // Each takes itself out of the set, at once or later.
  const std::vector<asio::cancellation_signal*> all(under_way.begin(), under_way.end());
  for (asio::cancellation_signal* one : all)
    if (under_way.contains(one)) one->emit(asio::cancellation_type::terminal);
}

task<Farewell> run_syncer(SyncerRoom& room, SyncerJob job) {
  Syncing syncing(room, job);
  auto running = syncing.run();
  co_return co_await std::move(running);
}

}  // namespace beckon::core
