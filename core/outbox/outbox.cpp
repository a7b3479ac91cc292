#include "outbox/outbox.hpp"

#include "base/log.hpp"
#include "outbox/file_lock.hpp"
#include "outbox/schema.hpp"
#include "outbox/worker.hpp"

#include <spdlog/fmt/fmt.h>

#include <system_error>
#include <utility>

namespace beckon::core {

std::vector<std::int64_t> Claim::seqs() const {
  std::vector<std::int64_t> seqs;
  seqs.reserve(size());
  for (const OwedMention& owed : mentions) seqs.push_back(owed.seq);
  for (const OwedNotice& owed : notices) seqs.push_back(owed.seq);
  return seqs;
}

namespace {

class SqliteOutbox final : public Outbox {
 public:
  SqliteOutbox(Executor executor, Store store, FileLock lock, const std::filesystem::path& file)
      : worker_(std::move(executor), std::move(store), std::move(lock), file) {}

  task<Result<std::optional<Feed>>> find_feed(std::string origin, std::string credential, std::string name) override {
    return ask([origin, credential, name](Store& store) { return store.find_feed(origin, credential, name); });
  }
  task<Result<Feed>> open_feed(std::string credential, std::string name, Repository repository, ForgeTime since,
                               RepositoryMark mark) override {
    return ask([=](Store& store) { return store.open_feed(credential, name, repository, since, mark); });
  }
  task<Result<std::optional<Hold>>> held(std::string origin, std::string credential) override {
    return ask([=](Store& store) { return store.held(origin, credential); });
  }
  task<Result<void>> hold(std::string origin, std::string credential, Hold hold) override {
    return ask([=](Store& store) { return store.hold(origin, credential, hold); });
  }
  task<Result<void>> keep_feeds(std::vector<FeedName> watched) override {
    return ask([watched = std::move(watched)](Store& store) { return store.keep_feeds(watched); });
  }
  task<Result<PageCommitted>> commit_page(PageCommit page) override {
    return ask([page = std::move(page)](Store& store) { return store.commit_page(page); });
  }
  task<Result<void>> save_cursor(std::int64_t feed, Cursor cursor) override {
    return ask([feed, cursor = std::move(cursor)](Store& store) { return store.save_cursor(feed, cursor); });
  }
  task<Result<std::vector<DueReview>>> due_reviews(std::int64_t feed, std::size_t limit) override {
    return ask([=](Store& store) { return store.due_reviews(feed, limit); });
  }
  task<Result<std::vector<Enrolled>>> enroll(std::int64_t feed, std::vector<Wanted> wanted,
                                             std::optional<ForgeTime> now) override {
    return ask([feed, wanted = std::move(wanted), now](Store& store) { return store.enroll(feed, wanted, now); });
  }
  task<Result<Feed>> feed(std::int64_t feed) override {
    return ask([feed](Store& store) { return store.feed(feed); });
  }
  task<Result<Claim>> claim(std::int64_t subscription, Portion portion) override {
    return ask([=](Store& store) { return store.claim(subscription, portion); });
  }
  task<Result<void>> freeze(Freeze freeze) override {
    return ask([freeze = std::move(freeze)](Store& store) { return store.freeze(freeze); });
  }
  task<Result<Claim>> settle(Settlement settlement, Portion portion) override {
    return ask(
        [settlement = std::move(settlement), portion](Store& store) { return store.settle(settlement, portion); });
  }
  task<Result<std::vector<std::int64_t>>> bury_endpoint(std::int64_t endpoint, std::string code,
                                                        std::string reason) override {
    return ask([=](Store& store) { return store.bury_endpoint(endpoint, code, reason); });
  }
  task<Result<void>> end_subscription(std::int64_t subscription, std::string code, std::string reason) override {
    return ask([=](Store& store) { store.end_subscription(subscription, code, reason); });
  }
  task<Result<LogSlice>> read_log(std::int64_t feed, std::string login, std::optional<std::int64_t> after,
                                  std::size_t limit) override {
    return ask([=](Store& store) { return store.read_log(feed, login, after, limit); });
  }
  task<Result<void>> note_visit(std::int64_t feed) override {
    return ask([feed](Store& store) { return store.note_visit(feed, wall_now()); });
  }
  task<Result<void>> reach_back(std::int64_t feed, std::chrono::seconds history) override {
    return ask([=](Store& store) { store.reach_back(feed, history); });
  }
  task<Result<LateChange>> take_late(std::string sink, LateOutcome late) override {
    return ask([sink = std::move(sink), late = std::move(late)](Store& store) { return store.take_late(sink, late); });
  }
  task<Result<void>> note_fault(std::int64_t subscription) override {
    return ask([subscription](Store& store) { store.note_fault(subscription); });
  }
  task<Result<void>> ask_again() override {
    return ask([](Store& store) { store.ask_again(); });
  }
  task<Result<bool>> note_refused(std::int64_t feed, std::string reason) override {
    return ask([=](Store& store) { return store.note_refused(feed, reason); });
  }
  task<Result<bool>> note_readable(std::int64_t feed) override {
    return ask([=](Store& store) { return store.note_readable(feed); });
  }
  task<Result<Enrolled>> open_alerts(Wanted wanted) override {
    return ask([wanted = std::move(wanted)](Store& store) { return store.open_alerts(wanted); });
  }
  task<Result<bool>> alert(std::string key, std::string text) override {
    return ask([=](Store& store) { return store.alert(key, text); });
  }
  task<Result<SubscriptionChange>> pause(std::string name) override {
    return ask([name = std::move(name)](Store& store) { return store.pause(name); });
  }
  task<Result<SubscriptionChange>> resume(std::string name) override {
    return ask([name = std::move(name)](Store& store) { return store.resume(name); });
  }
  task<Result<SubscriptionChange>> revive(std::string name) override {
    return ask([name = std::move(name)](Store& store) { return store.revive(name); });
  }
  task<Result<DeadChange>> retry_dead(DeadChoice choice) override {
    return ask([choice = std::move(choice)](Store& store) { return store.retry_dead(choice); });
  }
  task<Result<DeadChange>> drop_dead(DeadChoice choice) override {
    return ask([choice = std::move(choice)](Store& store) { return store.drop_dead(choice); });
  }
  task<Result<DeadLetters>> dead_letters(Listing listing) override {
    return ask([listing = std::move(listing)](Store& store) { return store.dead_letters(listing); });
  }
  task<Result<History>> history(Listing listing) override {
    return ask([listing = std::move(listing)](Store& store) { return store.history(listing); });
  }
  task<Result<OutboxStatus>> status() override {
    return ask([](Store& store) { return store.status(); });
  }
  task<Result<std::vector<std::string>>> subscription_names() override {
    return ask([](Store& store) { return store.subscription_names(); });
  }
  task<Result<Counts>> counts() override {
    return ask([](Store& store) { return store.counts(); });
  }
  task<Result<Tally>> tally() override {
    return ask([](Store& store) { return store.tally(); });
  }
  task<Result<void>> retain(WallTime now) override {
    return ask([now](Store& store) { return store.retain(now); });
  }

 private:
  // No coroutine, and nothing here is awaited in place, so the captures are safe from GCC 12. Has no cancellation:
  // whoever is cancelled while it waits hears the result first, which takes a commit and spares it a doubt about what
  // was stored.
  template <class Work, class R = Result<std::invoke_result_t<Work&, Store&>>>
  task<R> ask(Work work) {
    auto start = [this](auto handler, Work work) {
      using Asked = RequestOf<Work, decltype(handler)>;
      worker_.push(std::make_unique<Asked>(worker_.executor(), std::move(work), std::move(handler)));
    };
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::exception_ptr, R)>(
        std::move(start), use_task, std::move(work));
  }

  Worker worker_;
};

Result<void> make_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::exists(folder, error)) return {};
  std::filesystem::create_directories(folder, error);
  if (error) return fail(fmt::format("the folder {} cannot be made ({}): let this user make it, or name another `state` file",
                                    folder.string(), error.message()));
  return {};
}

}  // namespace

Result<std::unique_ptr<Outbox>> open_outbox(Executor executor, const std::filesystem::path& file) {
  FileLock lock;
  if (file != ":memory:") {
    if (auto made = make_folder(file); !made) return made.error();
    auto acquired = FileLock::acquire(file);
    if (!acquired) return acquired.error();
    lock = std::move(*acquired);
    std::error_code unknown;
    if (lock.was_there() && !std::filesystem::exists(file, unknown) && !unknown)
      log::warn("outbox", "{} is made anew, although beckon has been here before ({}.lock): if it was deleted or moved away, "
                "what it owed is not told", file.string(), file.filename().string());
  }
  auto database = open_database(file);
  if (!database) return database.error();
  try {
    Store store(std::move(*database));
    return std::make_unique<SqliteOutbox>(std::move(executor), std::move(store), std::move(lock), file);
  } catch (const SqliteError& error) {
    return sentence_of(error, file);
  }
}

}  // namespace beckon::core
