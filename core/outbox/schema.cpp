#include "outbox/schema.hpp"

#include "base/log.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace beckon::core {
namespace {

// Times: `_f` is the forge's in seconds, the others ours in unix milliseconds. Names and logins are in lower case.
// A subscription's name is only a label: NULL once another one took it over.
constexpr const char* version_1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

CREATE TABLE repo(id INTEGER PRIMARY KEY, origin TEXT NOT NULL, forge_id INTEGER NOT NULL, full_name TEXT NOT NULL,
  url TEXT NOT NULL, private INTEGER NOT NULL, UNIQUE(origin, forge_id)) STRICT;
CREATE TABLE repo_name(origin TEXT NOT NULL, name TEXT NOT NULL, repo_id INTEGER NOT NULL REFERENCES repo,
  PRIMARY KEY(origin, name)) STRICT, WITHOUT ROWID;

CREATE TABLE feed(id INTEGER PRIMARY KEY, repo_id INTEGER NOT NULL REFERENCES repo, credential TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 1, reason TEXT NOT NULL DEFAULT '', outage_told INTEGER,
  shard INTEGER NOT NULL DEFAULT 0, etag TEXT NOT NULL DEFAULT '', etag_key BLOB NOT NULL DEFAULT x'',
  has_issues INTEGER NOT NULL DEFAULT 1, UNIQUE(repo_id, credential)) STRICT;
-- A credential was told to wait; key is a hash of its secret.
CREATE TABLE hold(origin TEXT NOT NULL, credential TEXT NOT NULL, key BLOB NOT NULL, until INTEGER NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY(origin, credential)) STRICT, WITHOUT ROWID;
-- walk 0 is the head; covered_from_f: where the head's coverage begins, where a walk began.
CREATE TABLE source(feed_id INTEGER NOT NULL REFERENCES feed, kind INTEGER NOT NULL, walk INTEGER NOT NULL,
  watermark_f INTEGER NOT NULL, until_f INTEGER, covered_from_f INTEGER NOT NULL, etag TEXT NOT NULL DEFAULT '',
  etag_key BLOB NOT NULL DEFAULT x'', next_page TEXT NOT NULL DEFAULT '', retry_at INTEGER,
  error TEXT NOT NULL DEFAULT '', PRIMARY KEY(feed_id, kind, walk)) STRICT, WITHOUT ROWID;

-- reviews_f: the state of a pull request (its updated_f) up to which its reviews have been read.
CREATE TABLE thread(feed_id INTEGER NOT NULL REFERENCES feed, number INTEGER NOT NULL, title TEXT NOT NULL,
  is_pr INTEGER NOT NULL, url TEXT NOT NULL, updated_f INTEGER NOT NULL DEFAULT 0, reviews_f INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(feed_id, number)) STRICT, WITHOUT ROWID;
CREATE INDEX thread_due ON thread(feed_id, updated_f) WHERE is_pr = 1 AND updated_f > reviews_f;

-- content and body only where somebody is mentioned; body is NULL again once nobody needs it any more.
CREATE TABLE post(id INTEGER PRIMARY KEY, feed_id INTEGER NOT NULL REFERENCES feed, kind INTEGER NOT NULL,
  forge_post INTEGER NOT NULL, thread_no INTEGER NOT NULL, created_f INTEGER NOT NULL, updated_f INTEGER NOT NULL,
  body_hash INTEGER NOT NULL, content BLOB, body BLOB, UNIQUE(feed_id, kind, forge_post)) STRICT;
CREATE INDEX post_kept ON post(id) WHERE body IS NOT NULL;

-- The log.
CREATE TABLE mention(seq INTEGER PRIMARY KEY AUTOINCREMENT, feed_id INTEGER NOT NULL REFERENCES feed,
  login TEXT NOT NULL, post_id INTEGER REFERENCES post, appeared_f INTEGER NOT NULL, found_at INTEGER NOT NULL,
  edited INTEGER NOT NULL, notice TEXT, UNIQUE(post_id, login)) STRICT;
CREATE INDEX mention_of_login ON mention(feed_id, login, seq, appeared_f);
CREATE INDEX mention_of_feed ON mention(feed_id, seq, appeared_f);

-- state: 1 ok, 2 suspect, 3 misconfigured, 4 gone (the tombstone).
CREATE TABLE endpoint(id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE, sink TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 1, code TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', since INTEGER,
  asked INTEGER NOT NULL DEFAULT 0, ask_at INTEGER, sink_state BLOB NOT NULL DEFAULT x'', moved_to TEXT) STRICT;
-- batch: the frozen seqs in decimal, ascending.
CREATE TABLE subscription(id INTEGER PRIMARY KEY, name TEXT UNIQUE, feed_id INTEGER NOT NULL REFERENCES feed,
  login TEXT NOT NULL, endpoint_id INTEGER NOT NULL REFERENCES endpoint, present INTEGER NOT NULL DEFAULT 1,
  absent_since INTEGER, state INTEGER NOT NULL DEFAULT 1, reason TEXT NOT NULL DEFAULT '', since_f INTEGER NOT NULL,
  position INTEGER NOT NULL DEFAULT 0, batch BLOB, batch_id TEXT NOT NULL DEFAULT '', form INTEGER NOT NULL DEFAULT 1,
  attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER, last_error TEXT NOT NULL DEFAULT '', last_delivery INTEGER,
  shard INTEGER NOT NULL DEFAULT 0, UNIQUE(feed_id, login, endpoint_id)) STRICT;
CREATE INDEX subscription_of_endpoint ON subscription(endpoint_id);

CREATE TABLE dead(subscription_id INTEGER NOT NULL REFERENCES subscription, seq INTEGER NOT NULL REFERENCES mention,
  at INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
  again INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(subscription_id, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE history(id INTEGER PRIMARY KEY, subscription_id INTEGER NOT NULL REFERENCES subscription,
  batch_id TEXT NOT NULL, at INTEGER NOT NULL, ms INTEGER NOT NULL, outcome INTEGER NOT NULL, code TEXT NOT NULL,
  count INTEGER NOT NULL) STRICT;
CREATE TABLE lease(shard INTEGER PRIMARY KEY, owner TEXT NOT NULL, epoch INTEGER NOT NULL,
  until INTEGER NOT NULL) STRICT;
)sql";

// faults: attempts at the frozen batch, in its form, in which the plugin itself failed. refusals: polls in a row in which
// the forge would not let the feed be read. circuit: what is known against a whole sink.
constexpr const char* version_2 = R"sql(
ALTER TABLE subscription ADD COLUMN faults INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
CREATE TABLE circuit(sink TEXT PRIMARY KEY, state INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  since INTEGER NOT NULL, asked INTEGER NOT NULL, ask_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// sent: what was delivered through a sink to which deliveries may come back, for as long as the history. bounces: how often
// in a row they did.
constexpr const char* version_3 = R"sql(
CREATE TABLE sent(batch_id TEXT PRIMARY KEY, subscription_id INTEGER NOT NULL REFERENCES subscription,
  endpoint_id INTEGER NOT NULL REFERENCES endpoint, at INTEGER NOT NULL, seqs BLOB NOT NULL,
  came_back INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
ALTER TABLE endpoint ADD COLUMN bounces INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoint ADD COLUMN bounced_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoint ADD COLUMN bounced_last INTEGER NOT NULL DEFAULT 0;
)sql";

// visited_at: when somebody last looked who has no subscription; NULL: nobody ever has.
constexpr const char* version_4 = R"sql(
ALTER TABLE feed ADD COLUMN visited_at INTEGER;
)sql";

constexpr std::array<const char*, 4> steps_we_know = {version_1, version_2, version_3, version_4};

constexpr std::string_view magic("SQLite format 3\0", 16);

// A state file is created closed to others; SQLite gives -wal and -shm the same mode.
Result<void> make_file(const std::filesystem::path& file) {
  const auto cannot = [&](const char* why) {
    return fail(
        fmt::format("{} cannot be written ({}); let this user write to it and to its folder", file.string(), why));
  };
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot(std::strerror(errno));
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  const bool regular = known && S_ISREG(status.st_mode);
  if (regular && (status.st_mode & 077)) (void)!::fchmod(descriptor, 0600);
  ::close(descriptor);
  if (!regular) return cannot("it is no regular file");
  return {};
}

// SQLite takes a short file of rubbish for an empty database.
bool is_sqlite_or_empty(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, magic.size()> head{};
  in.read(head.data(), head.size());
  const auto size = static_cast<std::size_t>(in.gcount());
  return size == 0 || std::string_view(head.data(), size) == magic;
}

// Touches the first page of every table, so that a torn file is refused now and not in the middle of the night.
void look_at_every_table(Database& database) {
  std::vector<std::string> tables;
  for (Query rows = database.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
       rows.step();) {
    tables.push_back(rows.text(0));
  }
  for (const std::string& table : tables) database.script("SELECT 1 FROM \"" + table + "\" LIMIT 1");
}

void copy_before_migrating(Database& database, const std::filesystem::path& file, std::size_t to) {
  const std::string copy = fmt::format("{}.before-v{}", file.string(), to);
  std::filesystem::remove(copy);
  // VACUUM INTO accepts an empty file, and keeps its mode.
  const int descriptor = ::open(copy.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
  std::string quoted;
  for (const char c : copy) quoted.append(c == '\'' ? 2 : 1, c);
  database.script("VACUUM INTO '" + quoted + "'");
  log::info("outbox", "{} is brought up to date; a copy of it as it was is {}", file.string(), copy);
}

void create_key(Database& database) {
  std::array<char, 32> key{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), key.size()) != 1)
    throw std::runtime_error("no random numbers");
  database.execute("INSERT OR IGNORE INTO meta(key, value) VALUES('hmac_key', ?)", Blob{{key.data(), key.size()}});
}

Result<void> migrate(Database& database, const std::filesystem::path& file, std::span<const char* const> steps) {
  const auto version = static_cast<std::size_t>(database.integer("PRAGMA user_version").value_or(0));
  const auto owner = database.integer("PRAGMA application_id").value_or(0);
  const bool empty = database.integer("SELECT count(*) FROM sqlite_schema").value_or(0) == 0;
  if (!empty && owner != application_id) {
    return fail(fmt::format("{} is a database of another program; name another `state` file", file.string()));
  }
  if (version > steps.size()) {
    return fail(
        fmt::format("{} was written by a newer beckon (its version is {}, this program knows {}); run that one, or "
                    "name another `state` file",
                    file.string(), version, steps.size()));
  }
  if (!empty) look_at_every_table(database);
  if (version == steps.size()) return {};
  if (version > 0) copy_before_migrating(database, file, steps.size());
  Transaction transaction(database);
  for (std::size_t step = version; step < steps.size(); ++step) database.script(steps[step]);
  database.script(fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", steps.size(), application_id));
  create_key(database);
  transaction.commit();
  return {};
}

}  // namespace

std::span<const char* const> migrations() { return steps_we_know; }

Result<Database> open_database(const std::filesystem::path& file, std::span<const char* const> steps) {
  const bool in_memory = file == ":memory:";
  if (!in_memory) {
    if (auto made = make_file(file); !made) return made.error();
    if (!is_sqlite_or_empty(file)) {
      return fail(
          fmt::format("{} is no state file of beckon, or is damaged; it is left as it is: name another `state` file",
                      file.string()));
    }
  }
  try {
    Database database(file.string());
    database.script("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON");
    if (auto ready = migrate(database, file, steps); !ready) return ready.error();
    // FULL: a commit is on the disk before a delivery's first byte leaves.
    database.script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                    "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864");
    return database;
  } catch (const SqliteError& error) {
    return sentence_of(error, file);
  }
}

}  // namespace beckon::core
