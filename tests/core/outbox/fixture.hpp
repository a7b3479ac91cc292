// An outbox in a folder of its own, and short ways to fill and ask it.
#pragma once

#include "outbox/outbox.hpp"
#include "outbox/sqlite.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

namespace beckon::core::testing {

inline constexpr ForgeTime t0{std::chrono::seconds{1'780'000'000}};

class Folder {
 public:
  Folder() {
    // In memory where there is such a place: thousands of commits, and it is not the disk that is tested.
    const std::filesystem::path memory = "/dev/shm";
    const auto base = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    std::string name = (base / "beckon-outbox-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no folder for the test");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

template <class T>
T good(Result<T> result) {
  if (!result) throw std::runtime_error("unexpected: " + result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
std::string sentence(const Result<T>& result) {
  return result ? "(no error)" : result.error().message;
}

inline Post comment(std::int64_t id, std::string body, ForgeTime created = t0 + 100s) {
  Post post;
  post.kind = PostKind::comment;
  post.id = id;
  post.thread_number = 7;
  post.url = "https://github.test/o/r/issues/7#issuecomment-" + std::to_string(id);
  post.author.login = "Mona";
  post.body = std::move(body);
  post.created = post.updated = created;
  return post;
}

inline Wanted wanted(std::string name, std::string login, std::string endpoint = "slack https://hooks.test/a") {
  Wanted one;
  one.name = std::move(name);
  one.login = std::move(login);
  one.sink = "team";
  one.endpoint = std::move(endpoint);
  one.filter = std::make_shared<Filter>();
  return one;
}

inline Repository repository() { return {"https://api.github.test", 42, "O/R", "https://github.test/O/R", false}; }

class OutboxFact : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { outbox.reset(); }

  void open() { outbox = good(open_outbox(context.get_executor(), file)); }
  void reopen() {
    outbox.reset();
    open();
  }
  // Changes the file behind the daemon's back, while no daemon has it.
  void while_closed(const std::function<void(Database&)>& change) {
    outbox.reset();
    {
      Database database(file.string());
      change(database);
    }
    open();
  }

  template <class T>
  T ask(task<T> asked) {
    return run(context, [&] { return std::move(asked); });
  }
  template <class T>
  T get(task<Result<T>> asked) {
    return good(ask(std::move(asked)));
  }

  Feed open_feed(ForgeTime since = t0) { return get(outbox->open_feed("github", "o/r", repository(), since)); }

  static Cursor head(const Feed& feed, SourceKind kind = SourceKind::comments) {
    for (const Cursor& cursor : feed.cursors) {
      if (cursor.source == kind && cursor.walk == 0) return cursor;
    }
    throw std::runtime_error("no head");
  }
  static std::vector<Cursor> walks(const Feed& feed) {
    std::vector<Cursor> found;
    for (const Cursor& cursor : feed.cursors) {
      if (cursor.walk) found.push_back(cursor);
    }
    return found;
  }

  static PageCommit page(const Feed& feed, std::vector<SeenPost> posts) {
    PageCommit page;
    page.feed = feed.id;
    page.cursor = head(feed);
    page.posts = std::move(posts);
    return page;
  }
  PageCommitted commit(const Feed& feed, std::vector<SeenPost> posts) {
    return get(outbox->commit_page(page(feed, std::move(posts))));
  }
  // `count` comments that mention `login`, one each.
  void mention(const Feed& feed, const std::string& login, int count, std::int64_t first_id = 1) {
    std::vector<SeenPost> posts;
    for (int i = 0; i < count; ++i)
      posts.push_back({comment(first_id + i, "Hi @" + login + " " + std::to_string(i)), {login}});
    commit(feed, std::move(posts));
  }
  Enrolled enroll(const Feed& feed, Wanted one, std::optional<ForgeTime> now = t0) {
    return get(outbox->enroll(feed.id, {std::move(one)}, now)).at(0);
  }

  Claim claim(std::int64_t subscription, std::size_t max_batch = 10) {
    return get(outbox->claim(subscription, max_batch));
  }
  void freeze(std::int64_t subscription, const Claim& claim) {
    Freeze freeze;
    freeze.subscription = subscription;
    freeze.seqs = claim.seqs();
    freeze.batch_id = claim.batch_id;
    freeze.form = claim.form;
    get(outbox->freeze(std::move(freeze)));
  }
  static Settlement settlement(std::int64_t subscription, Settlement::Kind kind) {
    Settlement settlement;
    settlement.subscription = subscription;
    settlement.kind = kind;
    settlement.took = 12ms;
    return settlement;
  }
  Claim settle(std::int64_t subscription, Settlement::Kind kind, std::size_t max_batch = 10) {
    return get(outbox->settle(settlement(subscription, kind), max_batch));
  }
  Claim deliver(std::int64_t subscription, std::size_t max_batch = 10) {
    const Claim claimed = claim(subscription, max_batch);
    freeze(subscription, claimed);
    return settle(subscription, Settlement::Kind::delivered, max_batch);
  }

  static std::vector<std::int64_t> ids(const Claim& claim) {
    std::vector<std::int64_t> found;
    for (const OwedMention& owed : claim.mentions) found.push_back(owed.mention.post.id);
    return found;
  }

  Folder folder;
  std::filesystem::path file = folder / "beckon.db";
  asio::io_context context{1};
  std::unique_ptr<Outbox> outbox;
};

// A feed with one subscription, "me", to @octocat.
class OutboxDeliveries : public OutboxFact {
 protected:
  void SetUp() override {
    open();
    feed = open_feed();
    me = enroll(feed, wanted("me", "octocat")).id;
  }
  std::int64_t enroll_with(std::string login, Filter filter) {
    Wanted one = wanted("filtered", std::move(login), "another");
    one.filter = std::make_shared<Filter>(std::move(filter));
    return get(outbox->enroll(feed.id, {wanted("me", "octocat"), one}, t0)).at(1).id;
  }
  SeenPost by(std::int64_t id, std::string author, bool bot = false, std::vector<std::string> names = {"octocat"}) {
    Post post = comment(id, "text");
    post.author.login = std::move(author);
    post.author.is_bot = bot;
    return {post, std::move(names)};
  }

  Feed feed;
  std::int64_t me = 0;
};

}  // namespace beckon::core::testing
