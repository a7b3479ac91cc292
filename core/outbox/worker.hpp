// The store's own thread: drains the queue in groups. A group is one transaction, each request a savepoint in it; the
// results are posted to the daemon's executor after the commit. If the store fails, every request of the group hears of
// it and nothing of the group has happened; the log hears of it once, and of the end of it, for however many are waiting.
#pragma once

#include "base/log.hpp"
#include "base/task.hpp"
#include "outbox/file_lock.hpp"
#include "outbox/file_presence.hpp"
#include "outbox/store.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <condition_variable>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

namespace beckon::core {

// Made and finished on the daemon's thread, run on the store's.
class Request {
 public:
  explicit Request(Executor executor) : work_(std::move(executor)) {}
  virtual ~Request() = default;
  virtual void run(Store& store) = 0;               // undone if it throws
  virtual void fail(const Error& error) = 0;        // instead of what it had
  virtual void fail(std::exception_ptr bug) = 0;
  virtual void finish() = 0;                        // hands over the result

 private:
  asio::executor_work_guard<Executor> work_;        // the context waits for it
};

// Handler is called with (std::exception_ptr, R); what `work` throws on its own account (a bug of the caller's, or ours)
// is thrown where the result is awaited.
template <class Work, class Handler>
class RequestOf final : public Request {
 public:
  using R = Result<std::invoke_result_t<Work&, Store&>>;

  RequestOf(Executor executor, Work work, Handler handler)
      : Request(std::move(executor)), work_(std::move(work)), handler_(std::move(handler)) {}

  void run(Store& store) override {
    if constexpr (std::is_void_v<typename R::value_type>) {
      work_(store);
      result_.emplace();
    } else {
      result_.emplace(work_(store));
    }
  }
  void fail(const Error& error) override { result_.emplace(error); }
  void fail(std::exception_ptr bug) override {
    bug_ = std::move(bug);
    result_.emplace(Error{});
  }
  void finish() override {
    Handler handler = std::move(handler_);
    R result = std::move(*result_);
    handler(std::move(bug_), std::move(result));
  }

 private:
  Work work_;
  Handler handler_;
  std::optional<R> result_;
  std::exception_ptr bug_;
};

class Worker {
 public:
  // The lock is held until the file is closed.
  Worker(Executor executor, Store store, FileLock lock, std::filesystem::path file);
  ~Worker();  // finishes what is queued
  Worker(const Worker&) = delete;

  void push(std::unique_ptr<Request> request);
  const Executor& executor() const { return executor_; }

 private:
  using Group = std::vector<std::unique_ptr<Request>>;

  void run();
  void execute(Group& group);
  void execute(Request& request);
  void note_failure(const SqliteError& error, const Error& sentence);
  void note_commit(bool written);

  Executor executor_;
  std::filesystem::path file_;
  FileLock lock_;
  Store store_;
  FilePresence presence_;
  LogOnChange trouble_;
  bool damage_told_ = false;
  std::mutex mutex_;
  std::condition_variable queued_;
  Group queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace beckon::core
