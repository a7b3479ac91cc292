#include "feed/feed.hpp"

#include "base/log.hpp"
#include "feed/pace.hpp"
#include "feed/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace beckon::core {
namespace {

constexpr auto names_checked_every = 6h;          // renames
constexpr auto doubts_checked_every = 5min;       // issues may be switched on again, a name may lead elsewhere
constexpr double most_usual_cost = 10;

class Poller final : public FeedPoller {
 public:
  Poller(Forge& forge, Outbox& outbox, FeedListener& listener, FeedOptions options)
      : forge_(forge),
        outbox_(outbox),
        listener_(listener),
        options_(std::move(options)),
        reader_(forge, outbox, listener) {}

  task<PollReport> poll() override;
  task<void> run() override;

 private:
  task<void> read_all(Poll& poll);
  task<void> find_known(Poll& poll);
  task<void> open(Poll& poll);
  task<void> ask_repository(Poll& poll);
  task<void> resume_hold(Poll& poll);
  task<void> keep_hold();
  task<void> note_refusal(const Poll& poll);
  void conclude(Poll& poll);
  void tell_baseline(Poll& poll);
  PaceFacts pace_facts();
  std::chrono::seconds waited() const;

  const std::string& name() const { return feed_ ? feed_->repository.full_name : options_.repository; }

  Forge& forge_;
  Outbox& outbox_;
  FeedListener& listener_;
  FeedOptions options_;

  std::optional<Feed> feed_;
  FeedRole role_ = FeedRole::reads;
  bool forge_reached_ = false;                   // and the listener knows its clock
  bool ask_repository_again_ = true;
  ForgeTime asked_first_{};                      // by the forge's clock; the baseline counts from here
  bool hold_resumed_ = false;
  std::optional<WallTime> hold_kept_;            // until when
  SteadyTime repository_asked_{};
  bool baseline_due_ = false;                    // the feed is new and was not yet read to its end
  std::size_t baseline_posts_ = 0;

  SourceReader reader_;
  LogOnChange trouble_;
  unsigned failures_ = 0;
  std::optional<Milliseconds> retry_after_;
  double cost_ = 0;
  bool more_ = false;
  double charged_ = 0;
  SteadyTime last_news_ = std::chrono::steady_clock::now();
  std::mt19937_64 random_{std::random_device{}()};
};

// ---- one poll -------------------------------------------------------------------------------------------------------

task<PollReport> Poller::poll() {
  Poll poll;
  co_await read_all(poll);
  // Before what was found goes out, so that it goes out under today's name.
  if (poll.renamed && !poll.stopped) co_await ask_repository(poll);
  else if (poll.renamed) ask_repository_again_ = true;
  co_await keep_hold();
  co_await note_refusal(poll);
  conclude(poll);
  if (role_ == FeedRole::reads) listener_.concluded(poll.report);
  if (feed_) listener_.polled(feed_->id);
  co_return poll.report;
}

task<void> Poller::read_all(Poll& poll) {
  co_await open(poll);
  if (poll.stopped || role_ == FeedRole::rests) co_return;
  Feed feed = *feed_;
  co_await reader_.read(poll, std::move(feed), feed_->mark.has_issues);
  if (poll.repository_doubtful) ask_repository_again_ = true;
}

// What is owed from before goes out at once, whatever the forge says and however long the first poll is away.
task<void> Poller::find_known(Poll& poll) {
  if (feed_) co_return;
  auto known = co_await outbox_.find_feed(forge_.origin(), forge_.credential(), options_.repository);
  if (!known) co_return poll.stop(known.error().message);
  baseline_due_ = !known->has_value();
  if (!known->has_value()) co_return;
  const auto enrolled = co_await listener_.opened(**known, std::nullopt);
  if (!enrolled) co_return poll.stop(enrolled.error().message);
  role_ = *enrolled;
  feed_ = std::move(**known);
}

task<void> Poller::open(Poll& poll) {
  co_await find_known(poll);
  if (!poll.stopped) co_await resume_hold(poll);
  if (poll.stopped) co_return;
  const bool doubtful = role_ == FeedRole::rests || (feed_ && !feed_->mark.has_issues);
  const Milliseconds often = doubtful ? Milliseconds(doubts_checked_every) : Milliseconds(names_checked_every);
  if (ask_repository_again_ || std::chrono::steady_clock::now() - repository_asked_ > often)
    co_await ask_repository(poll);
  if (poll.stopped) co_return;
  // With the walks that subscriptions have added since.
  auto current = co_await outbox_.feed(feed_->id);
  if (!current) co_return poll.stop(current.error().message);
  feed_ = std::move(*current);
}

task<void> Poller::ask_repository(Poll& poll) {
  RepositoryMark known;
  if (feed_) known = feed_->mark;
  auto answer = co_await forge_.repository(options_.repository, std::move(known));
  if (!answer || !answer->not_modified || !forge_.authenticated()) poll.charged += 1;
  if (!answer) {
    ask_repository_again_ = true;
    poll.retry_after = answer.error().retry_after;
    poll.refused = is_refusal(answer.error().failure);
    poll.rate_limited = answer.error().failure == ForgeFailure::rate_limited;
    co_return poll.stop(answer.error().message);
  }
  if (answer->not_modified) {
    answer->repository = feed_->repository;
    answer->mark = feed_->mark;
  }
  if (feed_ && feed_->in_doubt) reader_.forgive();   // else what was refused with it would rest on
  // The first answer may come long after somebody asked for the subscription, whom that must not cost anything.
  const ForgeTime from = forge_reached_ ? answer->date : answer->date - waited();
  auto opened = co_await outbox_.open_feed(forge_.credential(), options_.repository, answer->repository,
                                           from - options_.backfill, answer->mark);
  if (!opened) co_return poll.stop(opened.error().message);

  const bool other = feed_ && feed_->id != opened->id;
  const bool renamed = feed_ && feed_->repository.full_name != opened->repository.full_name;
  if (other) {
    log::warn("feed", "{}: this name now belongs to another repository; it is watched from here on",
              options_.repository);
    baseline_due_ = true;
    baseline_posts_ = 0;
    asked_first_ = {};
    reader_.forget();
  } else if (renamed) {
    log::info("feed", "{}: is called {} now", name(), opened->repository.full_name);
  }
  if (asked_first_ == ForgeTime{}) asked_first_ = from;
  const bool news = !forge_reached_ || other || renamed || role_ == FeedRole::rests;
  feed_ = std::move(*opened);
  ask_repository_again_ = false;
  if (news) {
    const auto enrolled = co_await listener_.opened(*feed_, from);
    forge_reached_ = enrolled.has_value();
    ask_repository_again_ = !forge_reached_;
    if (!forge_reached_) co_return poll.stop(enrolled.error().message);
    role_ = *enrolled;
  }
  repository_asked_ = std::chrono::steady_clock::now();
}

std::chrono::seconds Poller::waited() const {
  if (!options_.wanted_at) return 0s;
  return std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - *options_.wanted_at);
}

// A forge that asked an earlier process to wait is not asked by this one either, not even for its clock.
task<void> Poller::resume_hold(Poll& poll) {
  if (hold_resumed_) co_return;
  auto hold = co_await outbox_.held(forge_.origin(), forge_.credential());
  if (!hold) co_return poll.stop(hold.error().message);
  hold_resumed_ = true;
  if (!hold->has_value()) co_return;
  Hold before = std::move(**hold);
  co_await forge_.resume(std::move(before));
}

task<void> Poller::keep_hold() {
  auto hold = forge_.hold();
  if (!hold || (hold_kept_ && std::chrono::abs(*hold_kept_ - hold->until) < 2s)) co_return;
  const WallTime until = hold->until;
  const auto kept = co_await outbox_.hold(forge_.origin(), forge_.credential(), std::move(*hold));
  if (kept) hold_kept_ = until;   // else the next poll tries again
}

// The outbox decides when the subscribers hear of it. What cannot be stored is said again by the next poll.
task<void> Poller::note_refusal(const Poll& poll) {
  const bool refused = poll.is_refused();
  const bool readable = !poll.stopped && poll.sources_read > 0;
  if (!feed_ || role_ == FeedRole::rests || (!refused && !(readable && feed_->in_doubt))) co_return;
  const std::int64_t id = feed_->id;
  std::string why = poll.refused ? poll.stopped_by : poll.sources_refused;
  auto asking = refused ? outbox_.note_refused(id, std::move(why)) : outbox_.note_readable(id);
  const auto logged = co_await std::move(asking);
  if (!logged) co_return;
  feed_->in_doubt = refused;
  if (*logged) listener_.noticed(id);
}

// ---- after a poll ---------------------------------------------------------------------------------------------------

void Poller::conclude(Poll& poll) {
  failures_ = poll.stopped ? failures_ + 1 : 0;
  if (poll.stopped && trouble_.changed(poll.stopped_by)) log::warn("feed", "{}: {}", name(), poll.stopped_by);
  if (!poll.stopped && trouble_.clear()) log::info("feed", "{}: polling works again", name());
  retry_after_ = poll.report.retry_after = poll.retry_after;
  poll.report.result = poll.result();
  // A long walk is no measure of the polls to come; what it has used shows in what remains.
  const double charged = std::min(poll.charged, most_usual_cost);
  cost_ = cost_ == 0 ? charged : 0.7 * cost_ + 0.3 * charged;
  if (poll.new_posts > 0) last_news_ = std::chrono::steady_clock::now();
  more_ = poll.report.more;
  charged_ = poll.charged;
  if (baseline_due_ && role_ == FeedRole::reads) tell_baseline(poll);
}

void Poller::tell_baseline(Poll& poll) {
  baseline_posts_ += poll.new_posts;
  if (poll.report.failed || poll.report.more) return;
  baseline_due_ = false;
  poll.report.baseline = true;
  poll.report.known_posts = baseline_posts_;
  if (options_.backfill == 0s)
    log::info("feed", "{}: baseline: {} known, new ones are told from now ({}) on", name(), baseline_posts_,
              format_iso_time(asked_first_));
  else
    log::info("feed", "{}: baseline: {} known, those of the last {} are told ({} on)", name(), baseline_posts_,
              format_duration(options_.backfill), format_iso_time(asked_first_ - options_.backfill));
}

PaceFacts Poller::pace_facts() {
  PaceFacts facts;
  facts.interval = options_.interval;
  facts.quota = forge_.quota();
  facts.feeds = options_.feeds;
  facts.cost = cost_;
  facts.quiet = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - last_news_);
  facts.failures = failures_;
  facts.retry_after = retry_after_;
  facts.more = more_;
  facts.charged = charged_;
  facts.dice = std::uniform_real_distribution<double>(0, 1)(random_);
  return facts;
}

task<void> Poller::run() {
  if (options_.first_poll > 0ms) {
    Poll nothing_yet;
    co_await find_known(nothing_yet);
    co_await sleep_for(options_.first_poll);
  }
  bool told[2] = {};   // of a stretch for each of its two causes
  while (true) {
    co_await poll();
    const PaceFacts facts = pace_facts();
    const Pace pace = next_poll(facts);
    if (pace.stretched && !std::exchange(told[pace.spent], true))
      log::warn("feed", "{}: {}", name(),
                explain_stretch(pace, facts, forge_.authenticated(), wall_now(), forge_.credential(),
                                forge_.token_variable()));
    if (!pace.stretched) told[true] = false;
    listener_.waits(pace.delay);
    co_await sleep_for(pace.delay);
  }
}

}  // namespace

std::unique_ptr<FeedPoller> make_feed(Forge& forge, Outbox& outbox, FeedListener& listener, FeedOptions options) {
  return std::make_unique<Poller>(forge, outbox, listener, std::move(options));
}

}  // namespace beckon::core
