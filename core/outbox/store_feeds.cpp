#include "outbox/store.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

namespace beckon::core {
namespace {

constexpr SourceKind all_sources[] = {SourceKind::bodies, SourceKind::comments, SourceKind::review_comments,
                                      SourceKind::reviews, SourceKind::pull_requests};

std::optional<ForgeTime> forge_time(const Query& row, int column) {
  if (row.null(column)) return std::nullopt;
  return from_unix_s(row.integer(column));
}

std::optional<std::int64_t> feed_called(Database& db, const FeedName& name) {
  return db.integer(
      "SELECT feed.id FROM repo_name JOIN feed USING(repo_id) WHERE repo_name.origin = ? AND repo_name.name = ?"
      " AND feed.credential = ?", name.origin, lower_case(name.repository), name.credential);
}

}  // namespace

std::optional<Feed> Store::find_feed(const std::string& origin, const std::string& credential,
                                     const std::string& name) {
  const auto id = feed_called(db_, {origin, credential, name});
  if (!id) return std::optional<Feed>();
  return feed(*id);
}

void Store::keep_feeds(const std::vector<FeedName>& watched) {
  std::set<std::int64_t> kept;
  for (const FeedName& name : watched) {
    if (const auto id = feed_called(db_, name)) kept.insert(*id);
  }
  watched_since_.clear();
  std::vector<std::int64_t> left;
  {
    Query row = db_.query("SELECT id FROM feed WHERE id <> ?", alerts_feed_);
    while (row.step()) {
      if (!kept.contains(row.integer(0))) left.push_back(row.integer(0));
    }
  }
  const std::int64_t now = unix_ms(wall_now());
  for (const std::int64_t feed : left) {
    db_.execute("UPDATE subscription SET present = 0, absent_since = ? WHERE feed_id = ? AND present = 1", now, feed);
  }
}

Feed Store::open_feed(const std::string& credential, const std::string& name, const Repository& repository,
                      ForgeTime since, const RepositoryMark& mark) {
  const auto repo = db_.integer(
      "INSERT INTO repo(origin, forge_id, full_name, url, private) VALUES(?, ?, ?, ?, ?) ON CONFLICT(origin, forge_id)"
      " DO UPDATE SET full_name = excluded.full_name, url = excluded.url, private = excluded.private RETURNING id",
      repository.origin, repository.forge_id, repository.full_name, repository.url, repository.is_private);
  for (const std::string& known : {lower_case(name), lower_case(repository.full_name)}) {
    // A name may have passed to another repository.
    db_.execute("INSERT INTO repo_name(origin, name, repo_id) VALUES(?, ?, ?) ON CONFLICT(origin, name)"
                " DO UPDATE SET repo_id = excluded.repo_id", repository.origin, known, *repo);
  }
  const auto known = db_.integer("SELECT id FROM feed WHERE repo_id = ? AND credential = ?", *repo, credential);
  if (!known) db_.execute("INSERT INTO feed(repo_id, credential) VALUES(?, ?)", *repo, credential);
  const std::int64_t id = known ? *known : db_.last_id();
  db_.execute("UPDATE feed SET etag = ?, etag_key = ?, has_issues = ? WHERE id = ?", mark.etag, Blob{mark.etag_key},
              mark.has_issues, id);
  for (const SourceKind kind : all_sources) {
    // A known feed may lack a source that an earlier beckon did not read.
    db_.execute("INSERT OR IGNORE INTO source(feed_id, kind, walk, watermark_f, covered_from_f) VALUES(?, ?, 0, ?, ?)",
                id, kind, unix_s(since), unix_s(since));
  }
  return feed(id);
}

Feed Store::feed(std::int64_t id) {
  Feed feed;
  feed.id = id;
  {
    Query row = db_.query("SELECT repo.origin, repo.forge_id, repo.full_name, repo.url, repo.private, feed.etag,"
                          " feed.etag_key, feed.has_issues, feed.refusals FROM feed JOIN repo ON repo.id = feed.repo_id"
                          " WHERE feed.id = ?", id);
    if (!row.step()) throw BrokenContract(fmt::format("feed {} is unknown to the outbox", id));
    feed.repository = {row.text(0), row.integer(1), row.text(2), row.text(3), row.integer(4) != 0};
    feed.mark = {row.text(5), row.text(6), row.integer(7) != 0};
    feed.in_doubt = row.integer(8) != 0;
  }
  Query row = db_.query("SELECT kind, walk, watermark_f, until_f, etag, etag_key, next_page, retry_at, error"
                        " FROM source WHERE feed_id = ? ORDER BY walk, kind", id);
  while (row.step()) {
    Cursor cursor;
    cursor.source = static_cast<SourceKind>(row.integer(0));
    cursor.walk = row.integer(1);
    cursor.watermark = from_unix_s(row.integer(2));
    cursor.until = forge_time(row, 3);
    cursor.etag = row.text(4);
    cursor.etag_key = row.text(5);
    cursor.next_page = row.text(6);
    if (!row.null(7)) cursor.retry_at = from_unix_ms(row.integer(7));
    cursor.error = row.text(8);
    feed.cursors.push_back(std::move(cursor));
  }
  return feed;
}

// History that nobody has read yet, nor is reading.
void Store::add_walks(std::int64_t feed, std::int64_t since) {
  // Reviews have no list to walk: they become due as the walk of the bodies lowers the head's start.
  for (const SourceKind kind : {SourceKind::bodies, SourceKind::comments, SourceKind::review_comments}) {
    const auto covered = db_.integer("SELECT min(covered_from_f) FROM source WHERE feed_id = ? AND kind = ?", feed, kind);
    if (!covered || since >= *covered) continue;
    db_.execute("INSERT INTO source(feed_id, kind, walk, watermark_f, until_f, covered_from_f)"
                " SELECT ?1, ?2, max(walk) + 1, ?3, ?4, ?3 FROM source WHERE feed_id = ?1 AND kind = ?2",
                feed, kind, since, *covered);
  }
}

std::optional<Hold> Store::held(const std::string& origin, const std::string& credential) {
  Query row = db_.query("SELECT key, until, reason FROM hold WHERE origin = ? AND credential = ?", origin, credential);
  if (!row.step()) return std::nullopt;
  return Hold{row.text(0), from_unix_ms(row.integer(1)), row.text(2)};
}

void Store::hold(const std::string& origin, const std::string& credential, const Hold& hold) {
  // Every feed of the credential brings the same.
  db_.execute("INSERT INTO hold(origin, credential, key, until, reason) VALUES(?, ?, ?, ?, ?)"
              " ON CONFLICT(origin, credential) DO UPDATE SET key = excluded.key, until = excluded.until,"
              " reason = excluded.reason WHERE key <> excluded.key OR abs(until - excluded.until) > 1000",
              origin, credential, Blob{hold.key}, unix_ms(hold.until), hold.reason);
}

void Store::save_cursor(std::int64_t feed, const Cursor& cursor) {
  std::optional<std::int64_t> retry_at;
  if (cursor.retry_at) retry_at = unix_ms(*cursor.retry_at);
  const auto changed = db_.execute(
      "UPDATE source SET watermark_f = ?, etag = ?, etag_key = ?, next_page = ?, retry_at = ?, error = ?"
      " WHERE feed_id = ? AND kind = ? AND walk = ?",
      unix_s(cursor.watermark), cursor.etag, Blob{cursor.etag_key}, cursor.next_page, retry_at, cursor.error,
      feed, cursor.source, cursor.walk);
  if (changed != 1) {
    throw BrokenContract(
        fmt::format("feed {} has no cursor of source {}, walk {}", feed, static_cast<int>(cursor.source), cursor.walk));
  }
}

std::vector<DueReview> Store::due_reviews(std::int64_t feed, std::size_t limit) {
  std::vector<DueReview> due;
  // Not before the head's start: what lies there is history that no subscription asked for.
  Query row = db_.query(
      "SELECT number, updated_f FROM thread WHERE feed_id = ?1 AND is_pr = 1 AND updated_f > reviews_f AND updated_f >="
      " (SELECT covered_from_f FROM source WHERE feed_id = ?1 AND kind = ?2 AND walk = 0)"
      " ORDER BY updated_f, number LIMIT ?3",
      feed, SourceKind::bodies, static_cast<std::int64_t>(std::min<std::size_t>(limit, 1'000'000)));
  while (row.step()) due.push_back({row.integer(0), from_unix_s(row.integer(1))});
  return due;
}

}  // namespace beckon::core
