// The durable log of mentions, and for each subscription a position in it. The only room that knows SQL.
//
// Every call is a request to the store's own thread and commits (WAL, synchronous=FULL) before it returns; requests
// that wait together share a commit. All calls are made from the daemon's thread. An Error is always the store's trouble
// (disk full, I/O error): nothing has changed; the caller keeps what it knows and asks again. A call that its caller
// must not make (an unknown id, another batch before the first is settled) throws std::logic_error and changes nothing
// either: asking again would not help. Whoever is cancelled while it waits hears the result first. The executor's context
// must outlive the outbox.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "model/delivery.hpp"
#include "model/outcome.hpp"
#include "model/post.hpp"
#include "outbox/operations.hpp"
#include "outbox/status.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

// ---- feeds --------------------------------------------------------------------------------------------------------

// The cursor of one source. `walk` 0 is the head; others read history for a subscription that began earlier than the
// feed.
struct Cursor {
  SourceKind source{};
  std::int64_t walk = 0;
  ForgeTime watermark{};               // everything updated before it is in the log
  std::optional<ForgeTime> until;      // walks: where the head's coverage begins
  std::string etag;
  std::string etag_key;
  std::string next_page;               // inside a window that `since` cannot split; the watermark waits meanwhile
  std::optional<WallTime> retry_at;
  std::string error;                   // why the source fails at present; empty: it works
};

// What a feed is called from outside.
struct FeedName {
  std::string origin;
  std::string credential;
  std::string repository;              // as configured, in any case
};

struct Feed {
  std::int64_t id = 0;
  Repository repository;
  std::vector<Cursor> cursors;
  RepositoryMark mark;
  bool in_doubt = false;               // it was refused since it was last read: `note_readable` is to be called
};

struct SeenPost {
  Post post;
  std::vector<std::string> names;      // from find_mentions
};

struct PageCommit {
  std::int64_t feed = 0;
  Cursor cursor;                       // as it is to stand after this page
  std::optional<ForgeTime> date;       // the forge's clock when it gave this page
  bool walk_finished = false;          // deletes the walk and lowers the head's coverage to where the walk began
  std::vector<SeenPost> posts;
  std::vector<Thread> threads;
  // Reviews of this pull request have been read up to this state of it.
  std::optional<std::pair<std::int64_t, ForgeTime>> reviews_read;
};

struct PageCommitted {
  std::size_t new_posts = 0;
  std::size_t new_mentions = 0;
  std::vector<std::string> names;      // who got a new row in the log: wake their syncers
  // How old, by the forge's clock, each post was in which somebody is newly mentioned, from its last update; only of what
  // appeared while the repository was watched: what a first poll, a backfill or a walk brings is history.
  std::vector<std::chrono::seconds> found_after;
};

struct DueReview {
  std::int64_t pull_request = 0;
  ForgeTime updated{};
};

// ---- subscriptions ------------------------------------------------------------------------------------------------

struct Filter {
  std::vector<std::string> ignore_authors;  // lower case
  bool include_own = false;
  bool include_bots = true;
};

struct Wanted {
  std::string name;                    // unique
  std::string login;                   // lower case; "org/team" is a team; "*" is everybody
  std::string sink;                    // the configured instance
  // What identifies the endpoint: plugin, effective target, secret options. Never stored as it is.
  std::string endpoint;
  std::chrono::seconds backfill{0};
  std::shared_ptr<const Filter> filter;
};

struct Enrolled {
  std::int64_t id = 0;                 // 0: not enrolled, it needs the forge's clock first
  std::int64_t endpoint = 0;
  SubscriptionState state = SubscriptionState::active;
  std::string reason;                  // of gone
  bool created = false;
  bool owed = false;                   // wake its syncer; false of a paused one
};

// ---- deliveries ---------------------------------------------------------------------------------------------------

struct OwedMention {
  std::int64_t seq = 0;
  DeliveredMention mention;            // spans are left empty: they are parsed when they are needed
};

// How a frozen batch goes out.
enum class BatchForm : std::uint8_t {
  whole = 1,   // one delivery with all of them
  singles = 2, // the digest was refused: its first alone, then the next
  plain = 3    // the first was refused alone: it goes once more in plain form
};

// How an endpoint stands. Numbers are stored.
enum class EndpointState : std::uint8_t {
  ok = 1,
  suspect = 2,        // perhaps gone: in quarantine
  misconfigured = 3,  // the operator must act
  gone = 4            // the tombstone
};

// What is known against an endpoint, or against the whole sink that it belongs to (its circuit is open then).
struct Doubt {
  EndpointState state = EndpointState::ok;
  std::uint32_t asked = 0;             // how often it was found so
  WallTime since{};
  bool whole_sink = false;
  std::string reason;
};

// Nobody delivers there before `until`; then one of those who wait does, and its outcome speaks for all.
struct Held {
  WallTime until{};
  bool whole_sink = false;
  std::string sink;
  std::string reason;
};

struct OwedNotice {
  std::int64_t seq = 0;
  std::string text;
};

// How much a sink takes with one delivery.
struct Portion {
  Portion(std::size_t max_batch, std::optional<Milliseconds> stale_after = {})
      : max_batch(max_batch), stale_after(stale_after) {}
  std::size_t max_batch = 1;
  // More mentions than fit, all owed for longer than that, go together as one summary. Unset: none is ever too old.
  std::optional<Milliseconds> stale_after;
};

struct Claim {
  bool gone = false;                   // the endpoint is gone, or this subscription alone: the syncer ends
  std::string gone_reason;
  bool paused = false;                 // nothing is told until it is resumed
  std::optional<WallTime> not_before;  // in the future: owed, but not yet; what to send then is told all the same
  std::optional<Held> held;            // owed, and nothing to send: see Held
  Doubt doubt;                         // with something to send: this is the attempt that speaks for all
  // What to send: mentions, or notices; both empty: nothing is owed. Dead letters that were asked for again go first, and
  // by themselves: they lie behind the position, and do not move it. Of a frozen batch in singles or plain form: its first
  // alone.
  std::vector<OwedMention> mentions;
  std::vector<OwedNotice> notices;
  bool is_summary = false;             // of mentions, whose bodies are left empty
  std::string batch_id;                // new, or the frozen one
  bool frozen = false;
  BatchForm form = BatchForm::whole;
  std::uint32_t attempts = 0;          // settled so far with `retry`, in this form
  std::uint32_t faults = 0;            // those of them in which the plugin itself failed
  std::uint32_t more_owed = 0;         // owed beyond `mentions`, counted up to 1000
  std::string endpoint_state;

  bool empty() const { return mentions.empty() && notices.empty(); }
  std::size_t size() const { return mentions.size() + notices.size(); }
  std::vector<std::int64_t> seqs() const;
};

// T2's commit: after it this batch, under this id, is what every further attempt sends. The same again changes nothing;
// fewer of a whole batch cut it short, and what is left out stays owed; another batch before this one is settled is the
// caller's bug, and throws.
struct Freeze {
  std::int64_t subscription = 0;
  std::vector<std::int64_t> seqs;      // a prefix of the claim's
  std::string batch_id;
  BatchForm form = BatchForm::whole;
};

// T3: what became of the attempt.
struct Settlement {
  enum class Kind : std::uint8_t {
    delivered,   // whole: the position moves past the batch; singles and plain: past its first
    retry,       // not before `next_at`
    split,       // whole → singles
    plain,       // singles → plain for the first
    dead,        // the first goes to the dead letters
    held         // it may have arrived and must not go twice: all that was sent goes to the dead letters
  };
  std::int64_t subscription = 0;
  std::int64_t endpoint = 0;           // that the attempt went to; 0: the subscription's. What is said of another is not kept
  Kind kind{};
  WallTime next_at{};
  Milliseconds took{};
  std::string code;
  std::string reason;
  bool fault = false;                  // retry: the plugin itself failed
  bool may_come_back = false;          // the sink hears feedback: `take_late` will be asked of it
  std::optional<std::string> endpoint_state;
  // How the endpoint, or its sink, stands after this attempt. Of a whole batch of attempts that began before the first of
  // them was refused, the first speaks.
  struct Standing {
    EndpointState state = EndpointState::ok;   // never gone: that is bury_endpoint
    bool whole_sink = false;
    bool counts = true;                // false: it could not be asked, so nothing new is known
    WallTime ask_at{};                 // of anything but ok
  };
  std::optional<Standing> standing;
  Doubt doubt;                         // the claim's
};

// A part of the log, oldest first.
struct LogSlice {
  std::vector<OwedMention> mentions;   // without spans
  std::int64_t position = 0;           // read on behind it
  bool more = false;                   // newer than these; without a place to begin behind: older ones
};

struct Counts {
  std::size_t feeds = 0;
  std::size_t subscriptions = 0;
  std::size_t owed = 0;                // active subscriptions with something owed; the operator's alerts are none
  std::size_t dead = 0;
};

class Outbox {
 public:
  virtual ~Outbox() = default;         // finishes what is queued, closes the file

  // The feed of a configured name, if it has been opened before (so that debts go out while the forge is away).
  virtual task<Result<std::optional<Feed>>> find_feed(std::string origin, std::string credential, std::string name) = 0;
  // Creates or updates: names, repository, and for a new feed the cursors of all sources at `since`.
  virtual task<Result<Feed>> open_feed(std::string credential, std::string name, Repository repository,
                                       ForgeTime since, RepositoryMark mark) = 0;
  task<Result<Feed>> open_feed(std::string credential, std::string name, Repository repository, ForgeTime since) {
    return open_feed(std::move(credential), std::move(name), std::move(repository), since, RepositoryMark());
  }
  // Until when a credential of a forge has to wait, as it was last kept.
  virtual task<Result<std::optional<Hold>>> held(std::string origin, std::string credential) = 0;
  virtual task<Result<void>> hold(std::string origin, std::string credential, Hold hold) = 0;
  // All that is watched from now on. The subscriptions of any other feed are marked absent, as `enroll` does within one.
  virtual task<Result<void>> keep_feeds(std::vector<FeedName> watched) = 0;
  virtual task<Result<PageCommitted>> commit_page(PageCommit page) = 0;
  virtual task<Result<void>> save_cursor(std::int64_t feed, Cursor cursor) = 0;
  // Pull requests that moved since their reviews were read, oldest first.
  virtual task<Result<std::vector<DueReview>>> due_reviews(std::int64_t feed, std::size_t limit) = 0;

  // Matches by (feed, login, endpoint), then by name, so that a renamed subscription keeps its position, and one with a
  // new target too. New ones begin at `now` minus backfill, and may add walks; without `now` (the forge was not
  // reached yet) new ones are left out. What the feed has but `wanted` does not name is marked absent; its debt stays.
  virtual task<Result<std::vector<Enrolled>>> enroll(std::int64_t feed, std::vector<Wanted> wanted,
                                                     std::optional<ForgeTime> now) = 0;
  virtual task<Result<Feed>> feed(std::int64_t feed) = 0;

  virtual task<Result<Claim>> claim(std::int64_t subscription, Portion portion) = 0;
  virtual task<Result<void>> freeze(Freeze freeze) = 0;
  // One transaction with the next claim.
  virtual task<Result<Claim>> settle(Settlement settlement, Portion portion) = 0;
  // The tombstone. Returns every subscription that ended with it.
  virtual task<Result<std::vector<std::int64_t>>> bury_endpoint(std::int64_t endpoint, std::string code,
                                                                std::string reason) = 0;
  // A subscriber has left by its own hand: this subscription alone ends.
  virtual task<Result<void>> end_subscription(std::int64_t subscription, std::string code, std::string reason) = 0;
  // For watchers, who own no row and bring their place in the log along: what it holds for `login` (lower case) behind
  // `after`; without it the newest. At most `limit` mentions.
  virtual task<Result<LogSlice>> read_log(std::int64_t feed, std::string login, std::optional<std::int64_t> after,
                                          std::size_t limit) = 0;
  // Somebody watches this feed without a subscription: it is kept for a week from now, subscriptions or not.
  virtual task<Result<void>> note_visit(std::int64_t feed) = 0;
  // So much of the past is to be read too, if it was not: the next poll begins. No subscription is told of it.
  virtual task<Result<void>> reach_back(std::int64_t feed, std::chrono::seconds history) = 0;
  // What a sink has understood of a message that came back.
  virtual task<Result<LateChange>> take_late(std::string sink, LateOutcome late) = 0;
  // A plugin has taken the process with it while it was at work for this subscription: counts as a fault of the batch that
  // is next. Without effect for one that is unknown.
  virtual task<Result<void>> note_fault(std::int64_t subscription) = 0;
  // What waits for the operator is asked again now: the daemon has started, or its configuration has changed.
  virtual task<Result<void>> ask_again() = 0;

  // The forge refuses to let this feed be read (a dead token, a vanished repository). When it has done so several times
  // in a row, the feed's subscribers are told once, through their own sinks: true when that has just been logged.
  virtual task<Result<bool>> note_refused(std::int64_t feed, std::string reason) = 0;
  // It was read to its end. Whoever was told of the refusal is told that it is over: true when that was just logged.
  virtual task<Result<bool>> note_readable(std::int64_t feed) = 0;

  // Whom to tell what the operator should know: a subscription of the log of alerts, which has no forge behind it.
  virtual task<Result<Enrolled>> open_alerts(Wanted wanted) = 0;
  // Logged once for each `key`, if alerts are open; the outbox itself alerts of gone endpoints, dead letters and what is
  // misconfigured. True when it was logged.
  virtual task<Result<bool>> alert(std::string key, std::string text) = 0;

  // ---- what an operator asks for, by name ----
  // What is owed stays; a batch under way is still settled. One that is gone is left as it is.
  virtual task<Result<SubscriptionChange>> pause(std::string name) = 0;
  virtual task<Result<SubscriptionChange>> resume(std::string name) = 0;
  // Its endpoint counts as good again, and whoever ended or waits with it goes on; a pause stays.
  virtual task<Result<SubscriptionChange>> revive(std::string name) = 0;
  // The chosen dead letters are owed once more, before anything else.
  virtual task<Result<DeadChange>> retry_dead(DeadChoice choice) = 0;
  virtual task<Result<DeadChange>> drop_dead(DeadChoice choice) = 0;
  virtual task<Result<DeadLetters>> dead_letters(Listing listing) = 0;
  virtual task<Result<History>> history(Listing listing) = 0;
  virtual task<Result<OutboxStatus>> status() = 0;
  virtual task<Result<std::vector<std::string>>> subscription_names() = 0;

  virtual task<Result<Counts>> counts() = 0;
  // What is owed and how subscriptions stand, in numbers: one look at each of them, without a text.
  virtual task<Result<Tally>> tally() = 0;
  // Drops contents and history that nobody needs any more.
  virtual task<Result<void>> retain(WallTime now) = 0;
};

// Fails with a sentence when the file is in use by another daemon, is newer than this program, is damaged, or cannot be
// written. ":memory:" keeps everything in memory.
Result<std::unique_ptr<Outbox>> open_outbox(Executor executor, const std::filesystem::path& file);

}  // namespace beckon::core
