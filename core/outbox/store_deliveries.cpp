// T2 and T3: claim, freeze, settle.
#include "outbox/batch.hpp"
#include "outbox/content.hpp"
#include "outbox/standing.hpp"
#include "outbox/store.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <span>

namespace beckon::core {

struct SubscriptionRow {
  std::int64_t feed = 0;
  std::string login;
  std::int64_t position = 0;
  std::int64_t since = 0;
  Batch batch;
  std::optional<WallTime> next_at;
  bool gone = false;
  std::string gone_reason;
  bool paused = false;
  std::int64_t endpoint = 0;
  std::string sink_state;
  std::int64_t created = 0;
  Standings standings;
};

namespace {

using Row = SubscriptionRow;

constexpr std::int64_t counted_owed = 1000;
constexpr std::int64_t most_notices = 20;   // in one delivery

// A literal, since every statement is one. The joins are pinned: the log leads.
#define SELECT_OWED                                                                                                    \
  "SELECT m.seq, m.login, m.appeared_f, m.edited, p.kind, p.forge_post, p.thread_no, p.created_f, p.updated_f,"        \
  " p.content, p.body, t.title, t.is_pr, t.url, t.updated_f, r.origin, r.forge_id, r.full_name, r.url, r.private,"     \
  /* of one post, "*" takes the first name only */                                                                     \
  " EXISTS(SELECT 1 FROM mention e WHERE e.post_id = m.post_id AND e.seq < m.seq AND e.appeared_f >= ?1)"              \
  " FROM mention m CROSS JOIN post p ON p.id = m.post_id CROSS JOIN feed f ON f.id = m.feed_id"                        \
  " CROSS JOIN repo r ON r.id = f.repo_id LEFT JOIN thread t ON t.feed_id = p.feed_id AND t.number = p.thread_no "

OwedMention read_owed(const Query& row) {
  OwedMention owed;
  DeliveredMention& mention = owed.mention;
  owed.seq = row.integer(0);
  mention.name = row.text(1);
  mention.is_team = mention.name.find('/') != std::string::npos;
  mention.appeared = from_unix_s(row.integer(2));
  mention.edited = row.integer(3) != 0;
  mention.post.kind = static_cast<PostKind>(row.integer(4));
  mention.post.id = row.integer(5);
  mention.post.thread_number = row.integer(6);
  mention.post.created = from_unix_s(row.integer(7));
  mention.post.updated = from_unix_s(row.integer(8));
  unpack_content(row.bytes(9), mention);
  if (row.null(10)) mention.truncated = true;  // retention took the body
  mention.post.body = row.text(10);
  mention.thread = {mention.post.thread_number, row.integer(12) != 0, row.text(11), row.text(13),
                    from_unix_s(row.integer(14))};
  mention.repository = {row.text(15), row.integer(16), row.text(17), row.text(18), row.integer(19) != 0};
  return owed;
}

bool is_told_already(const Query& row) { return row.integer(20) != 0; }

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

Row read_subscription(Database& db, std::int64_t id) {
  Query row = db.query(
      "SELECT s.feed_id, s.login, s.position, s.since_f, s.batch, s.batch_id, s.form, s.attempts, s.next_at,"
      " s.faults, s.created_at, s.state, s.reason, e.id, e.sink_state, e.sink, e.state, e.reason, e.asked, e.since,"
      " e.ask_at, c.state, c.reason, c.asked, c.since, c.ask_at"
      " FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id LEFT JOIN circuit c ON c.sink = e.sink"
      " WHERE s.id = ?",
      id);
  if (!row.step()) throw BrokenContract(fmt::format("subscription {} is unknown to the outbox", id));
  Row read;
  read.feed = row.integer(0);
  read.login = row.text(1);
  read.position = row.integer(2);
  read.since = row.integer(3);
  read.batch = {parse_seqs(row.bytes(4)), row.text(5), static_cast<BatchForm>(row.integer(6)),
                static_cast<std::uint32_t>(row.integer(7)), static_cast<std::uint32_t>(row.integer(9))};
  if (!row.null(8)) read.next_at = from_unix_ms(row.integer(8));
  read.created = row.integer(10);
  read.endpoint = row.integer(13);
  read.sink_state = row.text(14);
  read.standings.sink = row.text(15);
  read.standings.endpoint = read_standing(row, 16);
  if (!row.null(21)) read.standings.circuit = read_standing(row, 21);
  const bool ended_alone = static_cast<SubscriptionState>(row.integer(11)) == SubscriptionState::gone;
  read.gone = ended_alone || read.standings.endpoint.state == EndpointState::gone;
  read.gone_reason = ended_alone ? row.text(12) : read.standings.endpoint.reason;
  read.paused = static_cast<SubscriptionState>(row.integer(11)) == SubscriptionState::paused;
  return read;
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

// Of dead letters that were asked for again: they lie behind the position.
bool is_of_dead_letters(const Row& subscription) {
  return !subscription.batch.seqs.empty() && subscription.batch.seqs.back() <= subscription.position;
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

// What stands next in the log. Returns the position behind what the filters took from its front.
std::int64_t fill_from_log(Database& db, const Row& subscription, const Filter& filter, std::size_t max_batch,
                           Claim& claim) {
  const bool everybody = subscription.login == "*";
  std::int64_t passed = subscription.position;
  Query row =
      everybody ? db.query(SELECT_OWED "WHERE m.feed_id = ?2 AND m.seq > ?3 AND m.appeared_f >= ?1 ORDER BY m.seq",
                           subscription.since, subscription.feed, subscription.position)
                : db.query(SELECT_OWED
                           "WHERE m.feed_id = ?2 AND m.login = ?4 AND m.seq > ?3 AND m.appeared_f >= ?1 ORDER BY m.seq",
                           subscription.since, subscription.feed, subscription.position, subscription.login);
  while (claim.mentions.size() < max_batch && row.step()) {
    OwedMention owed = read_owed(row);
    const Post& post = owed.mention.post;
    const std::string_view why = everybody && is_told_already(row)
                                     ? "it is told with another name"
                                     : why_filtered(filter, subscription.login, post.author);
    if (why.empty()) {
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

void save_batch(Database& db, std::int64_t subscription, std::int64_t position, const Batch& batch,
                std::optional<WallTime> next_at) {
  std::optional<std::int64_t> next;
  if (next_at) next = unix_ms(*next_at);
  std::optional<Blob> seqs;
  const std::string packed = format_seqs(batch.seqs);
  if (!batch.seqs.empty()) seqs = Blob{packed};
  db.execute(
      "UPDATE subscription SET position = max(position, ?), batch = ?, batch_id = ?, form = ?, attempts = ?,"
      " faults = ?, next_at = ? WHERE id = ?",
      position, seqs, batch.id, batch.form, batch.attempts, batch.faults, next, subscription);
}

// For the history: a refusal of content has one name there, however it was answered.
OutcomeKind outcome_of(Settlement::Kind kind) {
  switch (kind) {
    case Settlement::Kind::delivered: return OutcomeKind::delivered;
    case Settlement::Kind::retry:
    case Settlement::Kind::held: return OutcomeKind::retry;
    default: return OutcomeKind::rejected;
  }
}

}  // namespace

Claim Store::claim(std::int64_t id, std::size_t max_batch) {
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
  Claim claim = claim_owed(id, subscription, max_batch);
  claim.endpoint_state = subscription.sink_state;
  const WallTime now = wall_now();
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

Claim Store::claim_owed(std::int64_t id, SubscriptionRow& subscription, std::size_t max_batch) {
  Claim claim;
  claim.faults = subscription.batch.faults;   // before it was frozen, too: rendering comes first
  if (!subscription.batch.seqs.empty()) {
    if (const auto sane = sane_next_at(subscription.next_at, wall_now()); sane != subscription.next_at) {
      subscription.next_at = sane;
      save_batch(db_, id, subscription.position, subscription.batch, sane);
    }
    fill_frozen(db_, subscription, count_asked_again(id), claim);
    return claim;
  }
  static const Filter no_filter;
  const auto known = filters_.find(id);
  const Filter& filter = known != filters_.end() && known->second ? *known->second : no_filter;
  max_batch = std::max<std::size_t>(max_batch, 1);
  if (const auto again = asked_again(id, max_batch); !again.empty()) {
    fill_with(db_, again, claim);
    claim.batch_id = new_batch_id();
    const auto more = count_asked_again(id) - static_cast<std::int64_t>(again.size()) +
                      count_owed(db_, subscription, subscription.position);
    claim.more_owed = static_cast<std::uint32_t>(std::min(counted_owed, more));
    return claim;
  }
  std::int64_t passed = fill_from_log(db_, subscription, filter, max_batch, claim);
  fill_notices(db_, subscription, claim, passed);
  if (passed > subscription.position) {
    db_.execute("UPDATE subscription SET position = max(position, ?) WHERE id = ?", passed, id);
  }
  if (claim.empty()) return claim;
  claim.batch_id = new_batch_id();
  if (claim.mentions.size() == max_batch || !claim.notices.empty())
    claim.more_owed = count_owed(db_, subscription, claim.seqs().back());
  return claim;
}

void Store::freeze(const Freeze& freeze) {
  const Row subscription = read_subscription(db_, freeze.subscription);
  const Batch& known = subscription.batch;
  const bool ascending = std::is_sorted(freeze.seqs.begin(), freeze.seqs.end(), std::less_equal<>());
  const bool owed = !freeze.seqs.empty() && (freeze.seqs.front() > subscription.position ||
                                             are_asked_again(freeze.subscription, freeze.seqs));
  if (!owed || !ascending || freeze.batch_id.empty()) {
    throw BrokenContract(fmt::format("subscription {} cannot freeze what it did not claim", freeze.subscription));
  }
  if (known.seqs.empty()) {
    const Batch batch{freeze.seqs, freeze.batch_id, freeze.form, 0, known.faults};
    save_batch(db_, freeze.subscription, subscription.position, batch, std::nullopt);
    return;
  }
  const bool begins_it = freeze.seqs.size() <= known.seqs.size() &&
                         std::equal(freeze.seqs.begin(), freeze.seqs.end(), known.seqs.begin());
  if (known.id != freeze.batch_id || known.form != freeze.form || !begins_it) {
    throw BrokenContract(fmt::format("subscription {} has a frozen batch already", freeze.subscription));
  }
  if (known.form == BatchForm::whole && freeze.seqs.size() < known.seqs.size()) {
    // A sink with new limits takes less of it; what is left out must not count as delivered.
    const Batch shorter{freeze.seqs, known.id, known.form, known.attempts, known.faults};
    save_batch(db_, freeze.subscription, subscription.position, shorter, subscription.next_at);
  }
}

void Store::note_fault(std::int64_t subscription) {
  db_.execute("UPDATE subscription SET faults = faults + 1 WHERE id = ?", subscription);
}

Claim Store::settle(const Settlement& settlement, std::size_t max_batch) {
  const Row subscription = read_subscription(db_, settlement.subscription);
  const Batch& before = subscription.batch;
  if (before.seqs.empty())
    throw BrokenContract(fmt::format("subscription {} has nothing to settle", settlement.subscription));
  const std::int64_t now = unix_ms(wall_now());
  const Settled after = settled(before, settlement.kind, new_batch_id(), settlement.fault);

  std::optional<WallTime> next_at;
  if (settlement.kind == Settlement::Kind::retry) next_at = settlement.next_at;
  save_batch(db_, settlement.subscription, after.position, after.batch, next_at);
  const std::string reason = redact(settlement.reason);
  if (settlement.kind == Settlement::Kind::delivered) {
    db_.execute("UPDATE subscription SET last_error = '', last_delivery = ? WHERE id = ?", now,
                settlement.subscription);
  } else {
    db_.execute("UPDATE subscription SET last_error = ? WHERE id = ?", reason.empty() ? settlement.code : reason,
                settlement.subscription);
  }
  const std::size_t sent = before.form == BatchForm::whole ? before.seqs.size() : 1;
  const std::size_t dead = settlement.kind == Settlement::Kind::dead   ? 1
                           : settlement.kind == Settlement::Kind::held ? sent
                                                                       : 0;
  if (settlement.kind == Settlement::Kind::delivered && is_of_dead_letters(subscription)) {
    for (std::size_t i = 0; i < sent; ++i)
      db_.execute("DELETE FROM dead WHERE subscription_id = ? AND seq = ?", settlement.subscription, before.seqs[i]);
  }
  for (std::size_t i = 0; i < dead; ++i) {
    db_.execute(
        "INSERT INTO dead(subscription_id, seq, at, code, reason, attempts) VALUES(?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = excluded.at, code = excluded.code, reason = excluded.reason,"
        " attempts = attempts + excluded.attempts, again = 0",
        settlement.subscription, before.seqs[i], now, settlement.code, reason, before.attempts + 1);
  }
  db_.execute(
      "INSERT INTO history(subscription_id, batch_id, at, ms, outcome, code, count) VALUES(?, ?, ?, ?, ?, ?, ?)",
      settlement.subscription, before.id, now, settlement.took.count(), outcome_of(settlement.kind), settlement.code,
      sent);
  if (settlement.endpoint_state && *settlement.endpoint_state != subscription.sink_state) {
    db_.execute("UPDATE endpoint SET sink_state = ? WHERE id = ?", Blob{*settlement.endpoint_state},
                subscription.endpoint);
  }
  if (settlement.standing) stand(subscription.endpoint, subscription.standings, settlement);
  if (dead > 0) alert_of_dead(settlement.subscription, before.seqs.front(), dead, settlement.code, reason);
  return claim(settlement.subscription, max_batch);
}

}  // namespace beckon::core
