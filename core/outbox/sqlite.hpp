// A thin cover over sqlite3: handles that close themselves, a cache of prepared statements, values bound by type.
// Used by one thread at a time. A failing call throws SqliteError; it never leaves this room: the store's thread and
// open_outbox turn it into an Error (see sentence_of).
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace beckon::core {

class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, int system_error, const std::string& message)
      : std::runtime_error(message), code_(code), system_error_(system_error) {}
  int code() const { return code_; }                  // extended
  int system_error() const { return system_error_; }  // errno of the failed I/O, or 0
  // The store itself is in trouble (disk, memory, damage), not this one statement.
  bool is_of_the_store() const;
  bool is_damage() const;

 private:
  int code_;
  int system_error_;
};

// What happened to `file`, and what to do about it.
Error sentence_of(const SqliteError& error, const std::filesystem::path& file);

// SQL is always a literal, so that its address is its identity in the statement cache.
struct Sql {
  const char* text;
  template <std::size_t N>
  consteval Sql(const char (&literal)[N]) : text(literal) {}  // NOLINT: implicit on purpose
};

struct Blob {
  std::string_view bytes;
};

// A statement on its way through its rows; the cache gets it back at the end. Columns count from 0.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&&) = delete;
  ~Query();

  bool step();  // false after the last row
  bool null(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const { return std::string(bytes(column)); }
  std::string_view bytes(int column) const;  // until the next step

 private:
  friend class Database;
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view value, bool copy);
  void bind(int index, Blob value, bool copy);
  void bind_null(int index);

  template <class T>
  void bind_any(int index, const T& value, bool copy) {
    if constexpr (std::is_same_v<T, std::nullptr_t>) {
      bind_null(index);
    } else if constexpr (std::is_integral_v<T>) {
      bind(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_enum_v<T>) {
      bind(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Blob>) {
      bind(index, value, copy);
    } else {
      bind(index, std::string_view(value), copy);
    }
  }
  template <class T>
  void bind_any(int index, const std::optional<T>& value, bool copy) {
    if (value) bind_any(index, *value, copy);
    else bind_null(index);
  }

  sqlite3_stmt* statement_;
};

class Database {
 public:
  // Opens an existing file, or ":memory:".
  explicit Database(const std::string& file);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Rows: `Query rows = db.query("SELECT ...", a, b); while (rows.step()) ...`
  template <class... Args>
  Query query(Sql sql, const Args&... args) {
    Query query(statement(sql));
    int index = 0;
    (query.bind_any(++index, args, true), ...);
    return query;
  }
  // No rows. Returns how many were changed.
  template <class... Args>
  std::int64_t execute(Sql sql, const Args&... args) {
    Query query(statement(sql));
    int index = 0;
    (query.bind_any(++index, args, false), ...);
    query.step();
    return changes();
  }
  // The first column of the only row; absent without one.
  template <class... Args>
  std::optional<std::int64_t> integer(Sql sql, const Args&... args) {
    Query query = this->query(sql, args...);
    if (!query.step() || query.null(0)) return std::nullopt;
    return query.integer(0);
  }
  // Any text, several statements, nothing bound, nothing cached.
  void script(const std::string& sql);

  std::int64_t last_id() const;
  bool in_transaction() const;
  std::int64_t total_changes() const;  // rows, since it was opened

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3_stmt* statement(Sql sql);
  std::int64_t changes() const;

  std::unique_ptr<sqlite3, Close> handle_;  // outlives its statements
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

// BEGIN IMMEDIATE; rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
};

// Part of a transaction; undone unless kept.
class Savepoint {
 public:
  explicit Savepoint(Database& database);
  Savepoint(const Savepoint&) = delete;
  ~Savepoint();
  void keep();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace beckon::core
