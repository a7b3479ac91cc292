// T1: a page of posts, its mentions and its cursor, in one transaction.
#include "outbox/appeared.hpp"
#include "outbox/content.hpp"
#include "outbox/store.hpp"

#include "base/log.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace beckon::core {
namespace {

// Names that nobody watches are kept for those who begin later and ask for what was before: a post's first ones will do.
constexpr std::size_t most_unwatched = 50;
// Somebody who names thousands reaches the first of them only.
constexpr std::size_t most_watched = 1000;

class PageWriter {
 public:
  // `watched_since` is asked where there is something new.
  PageWriter(Database& database, const PageCommit& page, std::function<std::int64_t()> watched_since)
      : db_(database), feed_(page.feed), date_(page.date), watched_since_(std::move(watched_since)), now_(unix_ms(wall_now())) {}

  void write(const Thread& thread);
  void write(const SeenPost& seen);
  PageCommitted finish() &&;

 private:
  void insert(const SeenPost& seen, std::int64_t hash);
  void update(const SeenPost& seen, std::int64_t id, std::int64_t hash, bool kept);
  void log(const SeenPost& seen, std::int64_t post, const Appeared& appeared);
  void add(const std::string& name, const Post& post, std::int64_t id, const Appeared& appeared);
  void time(const Post& post, const Appeared& appeared);
  bool is_watched(std::string_view name);

  Database& db_;
  std::int64_t feed_;
  std::optional<ForgeTime> date_;
  std::function<std::int64_t()> watched_since_;
  std::int64_t now_;
  PageCommitted done_;
};

void PageWriter::write(const Thread& thread) {
  // A page of comments knows a thread's number and little else; it takes nothing away from what is known.
  db_.execute(
      "INSERT INTO thread(feed_id, number, title, is_pr, url, updated_f) VALUES(?, ?, ?, ?, ?, ?)"
      " ON CONFLICT(feed_id, number) DO UPDATE SET"
      " title = CASE WHEN excluded.title <> '' THEN excluded.title ELSE title END,"
      " url = CASE WHEN excluded.url <> '' THEN excluded.url ELSE url END,"
      " is_pr = max(is_pr, excluded.is_pr), updated_f = max(updated_f, excluded.updated_f)",
      feed_, thread.number, thread.title, thread.is_pull_request, thread.url,
      std::max<std::int64_t>(0, unix_s(thread.updated)));
}

void PageWriter::write(const SeenPost& seen) {
  const Post& post = seen.post;
  const std::int64_t hash = body_hash(post.body);
  std::int64_t id = 0;
  KnownPost known;
  bool kept = false;
  {
    Query row = db_.query("SELECT id, updated_f, body_hash, content IS NOT NULL FROM post"
                          " WHERE feed_id = ? AND kind = ? AND forge_post = ?", feed_, post.kind, post.id);
    if (!row.step()) return insert(seen, hash);
    id = row.integer(0);
    known = {from_unix_s(row.integer(1)), row.integer(2)};
    kept = row.integer(3) != 0;
  }
  switch (change_of(known, post, hash)) {
    case Change::none:
    case Change::stale:
      return;
    case Change::touched:
      db_.execute("UPDATE post SET updated_f = ? WHERE id = ?", unix_s(post.updated), id);
      return;
    case Change::edited:
      return update(seen, id, hash, kept);
  }
}

void PageWriter::insert(const SeenPost& seen, std::int64_t hash) {
  const Post& post = seen.post;
  std::optional<std::string> content;
  std::optional<Blob> packed, body;
  if (!seen.names.empty()) {
    content = pack_content(post);
    packed = Blob{*content};
    body = Blob{cut_text(post.body, kept_body_bytes)};
  }
  db_.execute("INSERT INTO post(feed_id, kind, forge_post, thread_no, created_f, updated_f, body_hash, content, body)"
              " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", feed_, post.kind, post.id, post.thread_number, unix_s(post.created),
              unix_s(post.updated), hash, packed, body);
  ++done_.new_posts;
  log(seen, db_.last_id(), appeared_at_first_sight(post));
}

void PageWriter::update(const SeenPost& seen, std::int64_t id, std::int64_t hash, bool kept) {
  const Post& post = seen.post;
  if (kept || !seen.names.empty()) {
    // What is still owed goes out as the post reads now.
    db_.execute("UPDATE post SET updated_f = ?, body_hash = ?, content = ?, body = ? WHERE id = ?",
                unix_s(post.updated), hash, Blob{pack_content(post)}, Blob{cut_text(post.body, kept_body_bytes)}, id);
  } else {
    db_.execute("UPDATE post SET updated_f = ?, body_hash = ? WHERE id = ?", unix_s(post.updated), hash, id);
  }
  log(seen, id, appeared_by_edit(post));
}

void PageWriter::log(const SeenPost& seen, std::int64_t id, const Appeared& appeared) {
  const bool many = seen.names.size() > most_unwatched;
  const bool everybody = many && is_watched("*");
  std::size_t watched = 0, others = 0, missed = 0;
  const std::size_t before = done_.new_mentions;
  for (const std::string& name : seen.names) {
    if (many && (everybody || is_watched(name))) {
      if (++watched > most_watched) ++missed;
      else add(name, seen.post, id, appeared);
    } else if (++others <= most_unwatched) {
      add(name, seen.post, id, appeared);
    }
  }
  if (done_.new_mentions > before && date_) time(seen.post, appeared);
  if (missed > 0)
    log::warn("outbox", "{} names {} people; the first {} of those who are watched are told, {} are not", seen.post.url,
              seen.names.size(), most_watched, missed);
}

void PageWriter::add(const std::string& name, const Post& post, std::int64_t id, const Appeared& appeared) {
  // Told once: a name that was in the post before, whenever, has its row.
  const auto added = db_.execute(
      "INSERT INTO mention(feed_id, login, post_id, appeared_f, found_at, edited) VALUES(?, ?, ?, ?, ?, ?)"
      " ON CONFLICT(post_id, login) DO NOTHING", feed_, name, id, unix_s(appeared.at), now_, appeared.edited);
  if (added == 0) return;
  ++done_.new_mentions;
  done_.names.push_back(name);
  log::debug("outbox", "@{} is mentioned in {}, {} {}", name, post.url, appeared.edited ? "added" : "written",
             format_iso_time(appeared.at));
}

// When the watching began is known by our calendar; what the two clocks say now turns it into the forge's.
void PageWriter::time(const Post& post, const Appeared& appeared) {
  const std::int64_t since = watched_since_();
  const std::int64_t date = unix_s(*date_);
  if (since > now_ || unix_s(appeared.at) < date - (now_ - since) / 1000 - 1) return;
  done_.found_after.emplace_back(std::max<std::int64_t>(0, date - unix_s(post.updated)));
}

bool PageWriter::is_watched(std::string_view name) {
  return db_.integer("SELECT EXISTS(SELECT 1 FROM subscription WHERE feed_id = ? AND login = ? AND present = 1)", feed_,
                     name).value_or(0) != 0;
}

PageCommitted PageWriter::finish() && {
  std::sort(done_.names.begin(), done_.names.end());
  done_.names.erase(std::unique(done_.names.begin(), done_.names.end()), done_.names.end());
  return std::move(done_);
}

// The head now reaches back to where the walk began.
void finish_walk(Database& db, std::int64_t feed, const Cursor& cursor) {
  const auto began = db.integer("DELETE FROM source WHERE feed_id = ? AND kind = ? AND walk = ? AND walk > 0"
                                " RETURNING covered_from_f", feed, cursor.source, cursor.walk);
  if (!began) {
    throw BrokenContract(
        fmt::format("feed {} has no walk {} of source {}", feed, cursor.walk, static_cast<int>(cursor.source)));
  }
  db.execute("UPDATE source SET covered_from_f = min(covered_from_f, ?) WHERE feed_id = ? AND kind = ? AND walk = 0",
             *began, feed, cursor.source);
}

}  // namespace

std::int64_t Store::watched_since(std::int64_t feed) {
  const auto [at, is_new] = watched_since_.try_emplace(feed);
  if (is_new)
    at->second = db_.integer("SELECT min(created_at) FROM subscription WHERE feed_id = ? AND present = 1", feed)
                     .value_or(std::numeric_limits<std::int64_t>::max());
  return at->second;
}

PageCommitted Store::commit_page(const PageCommit& page) {
  save_cursor(page.feed, page.cursor);
  PageWriter writer(db_, page, [this, feed = page.feed] { return watched_since(feed); });
  for (const Thread& thread : page.threads) writer.write(thread);
  for (const SeenPost& seen : page.posts) writer.write(seen);
  if (page.reviews_read) {
    const auto& [pull_request, state] = *page.reviews_read;
    db_.execute("UPDATE thread SET reviews_f = max(reviews_f, ?) WHERE feed_id = ? AND number = ?",
                unix_s(state), page.feed, pull_request);
  }
  if (page.walk_finished) finish_walk(db_, page.feed, page.cursor);
  return std::move(writer).finish();
}

}  // namespace beckon::core
