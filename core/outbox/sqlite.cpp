#include "outbox/sqlite.hpp"

#include <spdlog/fmt/fmt.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace beckon::core {
namespace {

[[noreturn]] void raise(sqlite3* handle, int code, int last_errno = 0) {
  const int extended = handle ? sqlite3_extended_errcode(handle) : code;
  int system_error = handle ? sqlite3_system_errno(handle) : 0;
  if (system_error == 0) system_error = last_errno;  // SQLite forgets it when a COMMIT fails
  const char* message = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  throw SqliteError(extended == SQLITE_OK ? code : extended, system_error, message);
}

bool is_out_of_space(const SqliteError& error) {
  if ((error.code() & 0xff) == SQLITE_FULL) return true;
  const int system = error.system_error();
  // A quota and a limit on file sizes reach us as plain write errors.
  return (error.code() & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG);
}

}  // namespace

bool SqliteError::is_of_the_store() const {
  switch (code_ & 0xff) {
    case SQLITE_FULL: case SQLITE_IOERR: case SQLITE_NOMEM: case SQLITE_CORRUPT: case SQLITE_NOTADB:
    case SQLITE_READONLY: case SQLITE_CANTOPEN: case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_PERM:
      return true;
    default:
      return false;
  }
}

bool SqliteError::is_damage() const { return (code_ & 0xff) == SQLITE_CORRUPT || (code_ & 0xff) == SQLITE_NOTADB; }

Error sentence_of(const SqliteError& error, const std::filesystem::path& file) {
  const std::string name = file.string();
  if (is_out_of_space(error))
    return fail(fmt::format("the disk that holds {} is full; free space, nothing is lost", name));
  switch (error.code() & 0xff) {
    case SQLITE_IOERR: {
      const char* cause = error.system_error() ? std::strerror(error.system_error()) : error.what();
      return fail(fmt::format("the disk that holds {} fails ({}); check it, nothing is lost", name, cause));
    }
    case SQLITE_CORRUPT: case SQLITE_NOTADB:
      return fail(
          fmt::format("{} is damaged ({}); it is left as it is: with beckon stopped, put a copy in its place, or move it "
                      "away to start anew", name, error.what()));
    case SQLITE_READONLY: case SQLITE_CANTOPEN: case SQLITE_PERM: case SQLITE_AUTH:
      return fail(
          fmt::format("{} cannot be written ({}); let this user write to it and to its folder", name, error.what()));
    case SQLITE_BUSY: case SQLITE_LOCKED:
      return fail(fmt::format("{} is locked by another program; close that program", name));
    case SQLITE_NOMEM:
      return fail(fmt::format("no memory is left to work on {}; nothing is lost", name));
    default:
      return fail(fmt::format("{}: {} (SQLite error {})", name, error.what(), error.code()));
  }
}

// ---- Query --------------------------------------------------------------------------------------------------------

Query::~Query() {
  if (statement_) sqlite3_reset(statement_);
}

bool Query::step() {
  errno = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  raise(sqlite3_db_handle(statement_), code, errno);
}

bool Query::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
}

void Query::bind(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, index, value)) raise(sqlite3_db_handle(statement_), code);
}

void Query::bind(int index, std::string_view value, bool copy) {
  // A null pointer would bind NULL.
  const char* data = value.data() ? value.data() : "";
  const int code =
      sqlite3_bind_text64(statement_, index, data, value.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
  if (code) raise(sqlite3_db_handle(statement_), code);
}

void Query::bind(int index, Blob value, bool copy) {
  const char* data = value.bytes.data() ? value.bytes.data() : "";
  const int code =
      sqlite3_bind_blob64(statement_, index, data, value.bytes.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
  if (code) raise(sqlite3_db_handle(statement_), code);
}

void Query::bind_null(int index) {
  if (const int code = sqlite3_bind_null(statement_, index)) raise(sqlite3_db_handle(statement_), code);
}

// ---- Database -----------------------------------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(const std::string& file) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code) raise(handle, code);
  // Nobody else may hold the file (see FileLock), but somebody may look into it with the sqlite3 shell.
  sqlite3_busy_timeout(handle, 5000);
}

Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&& other) noexcept {
  statements_ = std::move(other.statements_);  // they close before their database does
  handle_ = std::move(other.handle_);
  return *this;
}
Database::~Database() = default;

sqlite3_stmt* Database::statement(Sql sql) {
  auto& cached = statements_[sql.text];
  if (!cached) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code) raise(handle_.get(), code);
    cached.reset(statement);
  }
  if (sqlite3_stmt_busy(cached.get())) throw std::logic_error(std::string("statement used inside itself: ") + sql.text);
  return cached.get();
}

void Database::script(const std::string& sql) {
  if (const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr)) raise(handle_.get(), code);
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }
std::int64_t Database::total_changes() const { return sqlite3_total_changes64(handle_.get()); }
bool Database::in_transaction() const { return !sqlite3_get_autocommit(handle_.get()); }

// ---- Transaction, Savepoint ---------------------------------------------------------------------------------------

Transaction::Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  // SQLite itself may already have rolled back after a full disk.
  if (!database_.in_transaction()) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const SqliteError&) {
  }
}

void Transaction::commit() { database_.execute("COMMIT"); }

Savepoint::Savepoint(Database& database) : database_(database) { database_.execute("SAVEPOINT request"); }

Savepoint::~Savepoint() {
  if (!open_ || !database_.in_transaction()) return;
  try {
    database_.execute("ROLLBACK TO request");
    database_.execute("RELEASE request");
  } catch (const SqliteError&) {
  }
}

void Savepoint::keep() {
  database_.execute("RELEASE request");
  open_ = false;
}

}  // namespace beckon::core
