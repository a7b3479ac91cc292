#include "outbox/worker.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace beckon::core {

Worker::Worker(Executor executor, Store store, FileLock lock, std::filesystem::path file)
    : executor_(std::move(executor)), file_(std::move(file)), lock_(std::move(lock)), store_(std::move(store)),
      presence_(file_) {
  // Signals are for the daemon's thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Worker::~Worker() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  thread_.join();
}

void Worker::push(std::unique_ptr<Request> request) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(request));
  }
  queued_.notify_one();
}

void Worker::run() {
  pthread_setname_np(pthread_self(), "outbox");
  Group group;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      group.swap(queue_);
    }
    execute(group);
    for (auto& request : group) {
      asio::post(executor_, [request = std::move(request)] { request->finish(); });
    }
    group.clear();
  }
}

void Worker::execute(Group& group) {
  try {
    const auto changes = store_.database().total_changes();
    Transaction transaction(store_.database());
    for (auto& request : group) execute(*request);
    transaction.commit();
    note_commit(store_.database().total_changes() > changes);
  } catch (const SqliteError& error) {
    const Error sentence = sentence_of(error, file_);
    note_failure(error, sentence);
    for (auto& request : group) request->fail(sentence);
  }
}

void Worker::note_failure(const SqliteError& error, const Error& sentence) {
  // Damage does not go away; what lies elsewhere in the file may work meanwhile.
  if (error.is_damage() ? !std::exchange(damage_told_, true) : trouble_.changed(sentence.message))
    log::error("outbox", "{}", sentence.message);
}

// Reading alone does not show that a disk has room again.
void Worker::note_commit(bool written) {
  if (written && trouble_.clear()) log::info("outbox", "{} can be written again", file_.string());
  if (presence_.lost(std::chrono::steady_clock::now()))
    log::error("outbox",
               "{} has been deleted or replaced while beckon has it open: what is owed from here on is forgotten when beckon "
               "ends; put the file back with beckon stopped, or let it start anew", file_.string());
}

void Worker::execute(Request& request) {
  Savepoint savepoint(store_.database());
  try {
    request.run(store_);
    savepoint.keep();
  } catch (const SqliteError& error) {
    if (error.is_of_the_store() || !store_.database().in_transaction()) throw;
    request.fail(std::current_exception());
  } catch (...) {
    request.fail(std::current_exception());
  }
}

}  // namespace beckon::core
