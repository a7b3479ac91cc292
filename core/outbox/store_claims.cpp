// T2, the claim: what a subscription is to be sent next.
#include "outbox/owed_row.hpp"
#include "outbox/store.hpp"
#include "outbox/subscription_row.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <span>

namespace beckon::core {
namespace {

using Row = SubscriptionRow;

constexpr std::int64_t counted_owed = 1000;
constexpr std::int64_t most_notices = 500;       // in one delivery
constexpr Milliseconds alerts_apart = 1min;     // so that many become one
constexpr std::size_t most_in_a_summary = 1000;

bool is_told_already(const Query& row) { return row.integer(20) != 0; }
WallTime found_at(const Query& row) { return from_unix_ms(row.integer(21)); }

// Why `login` is not told what `author` wrote; empty: it is.
std::string_view why_filtered(const Filter& filter, const std::string& login, const Author& author) {
  if (author.is_bot && !filter.include_bots) return "a bot wrote it (include_bots)";
  if (author.login.empty()) return {};
  const std::string who = lower_case(author.login);
  if (who == login && !filter.include_own) return "it is their own (include_own)";
  const bool ignored =
      std::find(filter.ignore_authors.begin(), filter.ignore_authors.end(), who) != filter.ignore_authors.end();
  return ignored ? "its author is ignored (ignore_authors)" : std::string_view();
}

// Of the log alone; filters are not asked. Stops at a thousand.
std::uint32_t count_owed(Database& db, const Row& from, std::int64_t after) {
  std::optional<std::int64_t> count;
  if (from.login == "*") {
    count = db.integer(
        "SELECT count(*) FROM (SELECT 1 FROM mention WHERE feed_id = ? AND seq > ? AND appeared_f >= ? LIMIT ?)",
        from.feed, after, from.since, counted_owed);
  } else {
    count = db.integer(
        "SELECT count(*) FROM (SELECT 1 FROM mention WHERE feed_id = ? AND login = ? AND seq > ?"
        " AND appeared_f >= ? LIMIT ?)", from.feed, from.login, after, from.since, counted_owed);
  }
  return static_cast<std::uint32_t>(count.value_or(0));
}

std::optional<OwedNotice> read_notice(Database& db, std::int64_t seq) {
  Query row = db.query("SELECT notice FROM mention WHERE seq = ? AND notice IS NOT NULL", seq);
  if (!row.step()) return std::nullopt;
  return OwedNotice{seq, row.text(0)};
}

// One row of the log.
void look_at(Database& db, std::int64_t seq, Claim& claim) {
  Query row = db.query(SELECT_OWED "WHERE m.seq = ?2", 0, seq);
  if (row.step()) claim.mentions.push_back(read_owed(row));
  else if (auto notice = read_notice(db, seq)) claim.notices.push_back(std::move(*notice));
}

void fill_with(Database& db, std::span<const std::int64_t> seqs, Claim& claim) {
  for (const std::int64_t seq : seqs) look_at(db, seq, claim);
}

// A sink is given more than it takes for one purpose only.
void summarise_what_is_too_much(const Portion& portion, Claim& claim) {
  claim.is_summary = portion.stale_after && claim.form == BatchForm::whole && claim.mentions.size() > portion.max_batch;
  if (!claim.is_summary) return;
  for (OwedMention& owed : claim.mentions) owed.mention.post.body = std::string();
}

// The frozen batch as it goes out: all of it, or its first alone. `again`: dead letters that are asked for.
void fill_frozen(Database& db, const Row& subscription, std::int64_t again, Claim& claim) {
  const Batch& batch = subscription.batch;
  claim.frozen = true;
  claim.batch_id = batch.id;
  claim.form = batch.form;
  claim.attempts = batch.attempts;
  claim.faults = batch.faults;
  if (subscription.next_at > wall_now()) claim.not_before = subscription.next_at;
  const std::size_t going = batch.form == BatchForm::whole ? batch.seqs.size() : 1;
  fill_with(db, std::span(batch.seqs).first(going), claim);
  const std::int64_t letters = is_of_dead_letters(subscription) ? again : static_cast<std::int64_t>(batch.seqs.size()) + again;
  const std::int64_t log = count_owed(db, subscription, std::max(subscription.position, batch.seqs.back()));
  const std::int64_t more = std::max<std::int64_t>(letters - static_cast<std::int64_t>(going), 0) + log;
  claim.more_owed = static_cast<std::uint32_t>(std::min<std::int64_t>(counted_owed, more));
}

// What stands next in the log: as much as is taken at once, or else all that is stale. Returns the position behind what the
// filters took from its front.
std::int64_t fill_from_log(Database& db, const Row& subscription, const Filter& filter, const Portion& portion,
                           Claim& claim) {
  const WallTime fresh = wall_now() - portion.stale_after.value_or(0ms);
  bool all_are_stale = portion.stale_after.has_value();
  const bool everybody = subscription.login == "*";
  std::int64_t passed = subscription.position;
  Query row =
      everybody ? db.query(SELECT_OWED "WHERE m.feed_id = ?2 AND m.seq > ?3 AND m.appeared_f >= ?1 ORDER BY m.seq",
                           subscription.since, subscription.feed, subscription.position)
                : db.query(SELECT_OWED
                           "WHERE m.feed_id = ?2 AND m.login = ?4 AND m.seq > ?3 AND m.appeared_f >= ?1 ORDER BY m.seq",
                           subscription.since, subscription.feed, subscription.position, subscription.login);
  while (claim.mentions.size() < (all_are_stale ? most_in_a_summary : portion.max_batch) && row.step()) {
    OwedMention owed = read_owed(row);
    const Post& post = owed.mention.post;
    const std::string_view why = everybody && is_told_already(row)
                                     ? "it is told with another name"
                                     : why_filtered(filter, subscription.login, post.author);
    if (why.empty()) {
      all_are_stale = all_are_stale && found_at(row) < fresh;
      if (!all_are_stale && claim.mentions.size() >= portion.max_batch) break;
      if (claim.mentions.size() >= portion.max_batch) owed.mention.post.body = std::string();
      claim.mentions.push_back(std::move(owed));
      continue;
    }
    log::debug("outbox", "the watcher of {} is not told of @{} in {}: {}", subscription.login, owed.mention.name,
               post.url, why);
    if (claim.mentions.empty()) passed = owed.seq;
  }
  return passed;
}

// Notices keep their place in the log: those before the first mention go first and alone, and mentions stop at the next
// one. What was logged before the subscription began is passed over, as a filter does.
void fill_notices(Database& db, const Row& subscription, Claim& claim, std::int64_t& passed) {
  Query row = db.query("SELECT seq, notice, found_at FROM mention WHERE feed_id = ? AND login = '*' AND seq > ?"
                       " AND notice IS NOT NULL ORDER BY seq LIMIT ?", subscription.feed, subscription.position, most_notices);
  while (row.step()) {
    const std::int64_t seq = row.integer(0);
    const bool after_a_mention = !claim.mentions.empty() && claim.mentions.front().seq < seq;
    if (row.integer(2) < subscription.created) {
      if (claim.notices.empty() && !after_a_mention) passed = std::max(passed, seq);
      continue;
    }
    if (after_a_mention) {
      if (claim.notices.empty()) std::erase_if(claim.mentions, [seq](const OwedMention& owed) { return owed.seq > seq; });
      break;
    }
    claim.notices.push_back({seq, row.text(1)});
  }
  if (claim.notices.empty()) return;
  claim.mentions.clear();
  passed = std::min(passed, claim.notices.front().seq - 1);
}

}  // namespace

Claim Store::claim(std::int64_t id, Portion portion) {
  portion.max_batch = std::max<std::size_t>(portion.max_batch, 1);
  Row subscription = read_subscription(db_, id);
  if (subscription.gone) {
    Claim last;
    last.gone = true;
    last.gone_reason = subscription.gone_reason;
    return last;
  }
  if (subscription.paused) {
    Claim paused;
    paused.paused = true;
    return paused;
  }
  Claim claim = claim_owed(id, subscription, portion);
  claim.endpoint_state = subscription.sink_state;
  const WallTime now = wall_now();
  if (!claim.empty() && !claim.frozen && subscription.feed == alerts_feed_ && subscription.last_delivery) {
    const WallTime next = *subscription.last_delivery + alerts_apart;
    if (next > now && next <= now + alerts_apart) claim.not_before = next;
  }
  if (claim.empty() || claim.not_before > now) return claim;
  auto held = held_now(subscription.standings, now);
  if (held && !has_the_word(id, subscription.endpoint, subscription.standings)) {
    Claim later;
    later.held = std::move(held);
    return later;
  }
  claim.doubt = doubt_of(subscription.standings);
  if (claim.doubt.state != EndpointState::ok) lend_the_word(id, subscription.endpoint, subscription.standings, now);
  return claim;
}

Claim Store::look_at(std::int64_t seq) {
  Claim claim;
  core::look_at(db_, seq, claim);
  return claim;
}

Claim Store::claim_owed(std::int64_t id, SubscriptionRow& subscription, Portion portion) {
  Claim claim;
  claim.faults = subscription.batch.faults;   // before it was frozen, too: rendering comes first
  if (!subscription.batch.seqs.empty()) {
    if (const auto sane = sane_next_at(subscription.next_at, wall_now()); sane != subscription.next_at) {
      subscription.next_at = sane;
      save_batch(db_, id, subscription.position, subscription.batch, sane);
    }
    fill_frozen(db_, subscription, count_asked_again(id), claim);
    summarise_what_is_too_much(portion, claim);
    return claim;
  }
  static const Filter no_filter;
  const auto known = filters_.find(id);
  const Filter& filter = known != filters_.end() && known->second ? *known->second : no_filter;
  if (const auto again = asked_again(id, portion.max_batch); !again.empty()) {
    fill_with(db_, again, claim);
    claim.batch_id = new_batch_id();
    const auto more = count_asked_again(id) - static_cast<std::int64_t>(again.size()) +
                      count_owed(db_, subscription, subscription.position);
    claim.more_owed = static_cast<std::uint32_t>(std::min(counted_owed, more));
    return claim;
  }
  std::int64_t passed = fill_from_log(db_, subscription, filter, portion, claim);
  fill_notices(db_, subscription, claim, passed);
  summarise_what_is_too_much(portion, claim);
  if (passed > subscription.position) {
    db_.execute("UPDATE subscription SET position = max(position, ?) WHERE id = ?", passed, id);
  }
  if (claim.empty()) return claim;
  claim.batch_id = new_batch_id();
  if (claim.mentions.size() >= portion.max_batch || !claim.notices.empty())
    claim.more_owed = count_owed(db_, subscription, claim.seqs().back());
  return claim;
}

}  // namespace beckon::core
