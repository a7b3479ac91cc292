#include "fixture.hpp"
#include "outbox/schema.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return 0;
  return status.st_mode & 07777;
}

class OutboxFile : public OutboxFact {
 protected:
  void SetUp() override {}
  void fill() {
    open();
    const Feed feed = open_feed();
    for (int i = 0; i < 20; ++i) mention(feed, "octocat", 100, 1 + 100 * i);
    outbox.reset();
  }
  std::string refusal() { return sentence(open_outbox(context.get_executor(), file)); }
};

TEST_F(OutboxFile, IsMadeWithItsFolderAndClosedToOthers) {
  file = folder / "a/b/beckon.db";
  open();
  open_feed();
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_EQ(mode_of(file.string() + "-wal"), 0600u);
  EXPECT_EQ(mode_of(file.string() + ".lock"), 0600u);
}

TEST_F(OutboxFile, ThatOthersMayReadIsClosedToThem) {
  write(file, "");
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  open();
  EXPECT_EQ(mode_of(file), 0600u);
}

TEST_F(OutboxFile, InMemoryLeavesNothingBehind) {
  const auto before = std::filesystem::exists(":memory:.lock");
  outbox = good(open_outbox(context.get_executor(), ":memory:"));
  auto second = good(open_outbox(context.get_executor(), ":memory:"));
  const Feed feed = open_feed();
  EXPECT_EQ(get(outbox->counts()).feeds, 1u);
  EXPECT_EQ(get(second->counts()).feeds, 0u);
  EXPECT_FALSE(std::filesystem::exists(":memory:"));
  EXPECT_EQ(std::filesystem::exists(":memory:.lock"), before);
}

TEST_F(OutboxFile, SecondDaemonIsRefusedUntilTheFirstEnds) {
  open();
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr(file.string() + " is in use by another beckon (pid " + std::to_string(::getpid()) + ")"),
                    HasSubstr("state")));
  outbox.reset();
  open();
}

TEST_F(OutboxFile, LinkToItIsTheSameFile) {
  open();
  const auto link = folder / "link.db";
  std::filesystem::create_symlink(file, link);
  EXPECT_THAT(sentence(open_outbox(context.get_executor(), link)), HasSubstr("in use by another beckon"));
}

TEST_F(OutboxFile, OfANewerBeckonIsRefusedAndLeftAsItIs) {
  open();
  outbox.reset();
  Database(file.string()).script("PRAGMA user_version = 1000");
  const std::string before = content_of(file);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(file.string()), HasSubstr("newer beckon"), HasSubstr("1000")));
  EXPECT_EQ(content_of(file), before);
}

TEST_F(OutboxFile, OfAnotherProgramIsRefusedAndLeftAsItIs) {
  write(file, "");
  Database(file.string()).script("CREATE TABLE bookmarks(x)");
  const std::string before = content_of(file);
  EXPECT_THAT(refusal(), HasSubstr("another program"));
  EXPECT_EQ(content_of(file), before);
}

TEST_F(OutboxFile, ThatIsNoDatabaseIsRefusedAndLeftAsItIs) {
  for (const std::string& content :
       {std::string("hi"), std::string("[bot]\ninterval = \"60s\"\n"), std::string(9000, '\0')}) {
    write(file, content);
    EXPECT_THAT(refusal(), AllOf(HasSubstr(file.string()), HasSubstr("no state file")));
    EXPECT_EQ(content_of(file), content);
  }
}

TEST_F(OutboxFile, WithADamagedHeaderIsRefusedAndLeftAsItIs) {
  fill();
  std::string damaged = content_of(file);
  for (std::size_t i = 16; i < 4096; ++i) damaged[i] = static_cast<char>(i * 7);
  write(file, damaged);
  EXPECT_THAT(refusal(), HasSubstr("damaged"));
  EXPECT_EQ(content_of(file), damaged);
}

TEST_F(OutboxFile, ThatWasTornOffIsRefusedAndLeftAsItIs) {
  fill();
  const std::string whole = content_of(file);
  const std::string torn = whole.substr(0, 5 * 4096);
  write(file, torn);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(file.string()), HasSubstr("damaged"), HasSubstr("left as it is")));
  EXPECT_EQ(content_of(file), torn);
}

TEST_F(OutboxFile, DamagedInItsMiddleAnswersWithASentenceAndIsNotOverwritten) {
  fill();
  std::string damaged = content_of(file);
  ASSERT_GT(damaged.size(), 60u * 4096);
  for (std::size_t i = 30 * 4096; i < damaged.size(); ++i) damaged[i] = '\x5a';
  write(file, damaged);
  auto opened = open_outbox(context.get_executor(), file);
  if (opened) {
    outbox = std::move(*opened);
    const Feed feed = *get(outbox->find_feed(repository().origin, "github", "o/r"));
    const auto committed = ask(outbox->commit_page(page(feed, {{comment(150, "@octocat"), {"octocat"}}})));
    EXPECT_THAT(sentence(committed), HasSubstr("damaged"));
    outbox.reset();
  } else {
    EXPECT_THAT(opened.error().message, HasSubstr("damaged"));
  }
  EXPECT_EQ(content_of(file), damaged);
}

TEST_F(OutboxFile, ThatIsAFolderIsRefused) {
  std::filesystem::create_directories(file);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(file.string()), HasSubstr("cannot be written")));
}

TEST_F(OutboxFile, IsStrictDurableAndUsesItsIndexes) {
  open();
  outbox.reset();
  auto database = good(open_database(file));
  Query mode = database.query("PRAGMA journal_mode");
  ASSERT_TRUE(mode.step());
  EXPECT_EQ(mode.text(0), "wal");
  EXPECT_EQ(database.integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(database.integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(
      database.integer(
          "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"),
      0);
  Query plan = database.query(
      "EXPLAIN QUERY PLAN SELECT 1 FROM mention WHERE feed_id = 1 AND login = 'a' AND seq > 5 AND appeared_f >= 3");
  ASSERT_TRUE(plan.step());
  EXPECT_THAT(plan.text(3), HasSubstr("COVERING INDEX mention_of_login (feed_id=? AND login=? AND seq>?)"));
}

const char* const first_step = "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;";
const char* const second_step = "CREATE TABLE added(x INTEGER) STRICT;";
const char* const broken_step = "CREATE TABLE added(x INTEGER) STRICT; CREATE TABLE meta(x);";

TEST_F(OutboxFile, OlderOneIsCopiedAndThenMigrated) {
  const std::vector<const char*> one{first_step}, two{first_step, second_step};
  good(open_database(file, one)).execute("INSERT INTO meta VALUES('mine', x'01')");
  {
    auto migrated = good(open_database(file, two));
    EXPECT_EQ(migrated.integer("PRAGMA user_version"), 2);
    EXPECT_EQ(migrated.integer("SELECT count(*) FROM added"), 0);
    EXPECT_EQ(migrated.integer("SELECT count(*) FROM meta WHERE key = 'mine'"), 1);
  }
  const std::string copy = file.string() + ".before-v2";
  EXPECT_EQ(mode_of(copy), 0600u);
  auto before = good(open_database(copy, one));
  EXPECT_EQ(before.integer("SELECT count(*) FROM meta WHERE key = 'mine'"), 1);
  EXPECT_THAT(sentence(open_database(file, one)), HasSubstr("newer beckon"));
}

TEST_F(OutboxFile, ThatCannotBeMigratedStaysAsItWas) {
  const std::vector<const char*> one{first_step}, broken{first_step, broken_step};
  good(open_database(file, one));
  EXPECT_THAT(sentence(open_database(file, broken)), HasSubstr("meta"));
  auto database = good(open_database(file, one));
  EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
  EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'added'"), 0);
}

TEST(SqliteErrors, FullDiskSaysThatNothingIsLost) {
  Database database(":memory:");
  database.script("CREATE TABLE t(x); PRAGMA max_page_count = 4");
  try {
    for (int i = 0; i < 100; ++i) database.execute("INSERT INTO t VALUES(?)", std::string(1000, 'x'));
    FAIL() << "the disk did not fill";
  } catch (const SqliteError& error) {
    EXPECT_TRUE(error.is_of_the_store());
    EXPECT_EQ(sentence_of(error, "/x/beckon.db").message,
              "the disk that holds /x/beckon.db is full; free space, nothing is lost");
  }
}

TEST(SqliteErrors, EachHasASentenceWithAWayOut) {
  const auto of = [](int code, int system = 0) { return sentence_of(SqliteError(code, system, "why"), "F").message; };
  EXPECT_THAT(of(SQLITE_IOERR_WRITE, EFBIG), HasSubstr("full"));
  EXPECT_THAT(of(SQLITE_IOERR_WRITE, EDQUOT), HasSubstr("full"));
  EXPECT_THAT(of(SQLITE_IOERR_FSYNC, EIO),
              AllOf(HasSubstr("the disk that holds F fails"), HasSubstr("Input/output error")));
  EXPECT_THAT(of(SQLITE_CORRUPT), HasSubstr("damaged"));
  EXPECT_THAT(of(SQLITE_NOTADB), HasSubstr("damaged"));
  EXPECT_THAT(of(SQLITE_READONLY), HasSubstr("cannot be written"));
  EXPECT_THAT(of(SQLITE_BUSY), HasSubstr("locked"));
  EXPECT_THAT(of(SQLITE_NOMEM), HasSubstr("memory"));
  EXPECT_THAT(of(SQLITE_ERROR), AllOf(HasSubstr("F"), HasSubstr("why")));
  EXPECT_FALSE(SqliteError(SQLITE_CONSTRAINT, 0, "").is_of_the_store());
}

TEST(SqliteQuery, StatementInsideItselfIsABug) {
  Database database(":memory:");
  const auto rows = [&] { return database.query("SELECT 1 UNION SELECT 2"); };
  Query outer = rows();
  ASSERT_TRUE(outer.step());
  EXPECT_THROW(rows(), std::logic_error);
}

TEST(SqliteQuery, TextAndBlobsKeepEveryByte) {
  Database database(":memory:");
  const std::string bytes("a\0\xff\xc3", 4);
  Query row = database.query("SELECT ?, ?, ?, ?", bytes, Blob{bytes}, std::optional<std::int64_t>(), Blob{});
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), bytes);
  EXPECT_EQ(row.text(1), bytes);
  EXPECT_TRUE(row.null(2));
  EXPECT_FALSE(row.null(3));
}

}  // namespace
}  // namespace beckon::core::testing
