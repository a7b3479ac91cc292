#include "sink/kinds.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace beckon::core {
namespace {

// How long past its deadline a worker may still answer before its thread counts as lost.
constexpr Milliseconds patience = 1s;

// One delivery on its way through a thread. The thread writes `outcome`, posts, and only then the coroutine reads it.
struct Job {
  Job(std::shared_ptr<const Delivery> delivery, Executor executor) : delivery(std::move(delivery)), done(executor) {}
  std::shared_ptr<const Delivery> delivery;
  std::optional<Outcome> outcome;
  bool begun = false;       // guarded by the queue's mutex
  bool abandoned = false;   // guarded by the queue's mutex
  Timer done;               // daemon's thread only
};

// What the threads share with the sink; a lost thread keeps it alive, since it may come back any time.
struct Queue {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<std::shared_ptr<Job>> jobs;
  bool closing = false;
};

Outcome run_plugin(Instance& instance, const Delivery& delivery) {
  const AbiDelivery view(delivery);
  Emitted emitted(delivery.mentions.size());
  try {
    instance.table().deliver(instance.self(), view.get(), emitted.emitter());
  } catch (...) {
    return plugin_fault("plugin_threw", "the plugin threw while it delivered");
  }
  if (emitted.outcome) return std::move(*emitted.outcome);
  return plugin_fault("plugin_silent", "the plugin returned without an outcome");
}

void run_worker(std::shared_ptr<Queue> queue, std::shared_ptr<Instance> instance, Executor executor) {
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(queue->mutex);
      queue->ready.wait(lock, [&] { return queue->closing || !queue->jobs.empty(); });
      if (queue->jobs.empty()) return;
      job = std::move(queue->jobs.front());
      queue->jobs.pop_front();
      job->begun = true;
    }
    Outcome outcome = run_plugin(*instance, *job->delivery);
    {
      const std::lock_guard lock(queue->mutex);
      if (job->abandoned) return;  // nobody waits; this thread has been written off
      job->outcome = std::move(outcome);
    }
    asio::post(executor, [job] { job->done.cancel(); });
  }
}

class WorkerSink final : public Sink {
 public:
  WorkerSink(SinkInfo info, std::vector<std::unique_ptr<Instance>> instances, Executor executor)
      : info_(std::move(info)), executor_(executor), left_(instances.size()) {
    for (auto& instance : instances) {
      instances_.emplace_back(std::move(instance));
      threads_.emplace_back(run_worker, queue_, instances_.back(), executor_);
    }
  }

  ~WorkerSink() override {
    for (auto& instance : instances_) instance->cancel();
    {
      const std::lock_guard lock(queue_->mutex);
      queue_->closing = true;
      queue_->jobs.clear();
    }
    queue_->ready.notify_all();
    // A lost thread cannot be joined; it is left to the process's end.
    for (std::thread& thread : threads_) lost_ ? thread.detach() : thread.join();
  }

  const SinkInfo& info() const override { return info_; }

  Prepared prepare(const Delivery& delivery) override {
    Prepared prepared;
    prepared.covered = delivery.mentions.size();
    return prepared;
  }

  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared) override {
    if (left_ == 0)
      co_return plugin_fault("worker_lost", "every thread of this sink hangs past its deadline; restart the daemon");
    auto job = std::make_shared<Job>(delivery, executor_);
    {
      const std::lock_guard lock(queue_->mutex);
      queue_->jobs.push_back(job);
    }
    queue_->ready.notify_one();
    const Milliseconds limit = std::max(delivery->deadline - delivery->now, Milliseconds{1s}) + patience;
    job->done.expires_after(limit);
    // If the coroutine is cancelled here, the job is written off: it may have been carried out.
    const Abandon guard{*this, job};
    boost::system::error_code ignored;
    auto wait = job->done.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    {
      const std::lock_guard lock(queue_->mutex);
      if (job->outcome) co_return *job->outcome;
    }
    Outcome late = plugin_fault("worker_late", "the sink did not answer before its deadline");
    late.ambiguous = true;
    co_return late;
  }

 private:
  struct Abandon {
    WorkerSink& sink;
    std::shared_ptr<Job> job;
    ~Abandon() { sink.give_up(job); }
  };

  void give_up(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(queue_->mutex);
    if (job->outcome) return;
    job->abandoned = true;
    if (job->begun) {
      lost_ = true;
      --left_;
    } else {
      std::erase(queue_->jobs, job);
    }
  }

  SinkInfo info_;
  Executor executor_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::vector<std::shared_ptr<Instance>> instances_;
  std::vector<std::thread> threads_;
  std::size_t left_;
  bool lost_ = false;
};

}  // namespace

std::unique_ptr<Sink> make_worker_sink(SinkInfo info, std::vector<std::unique_ptr<Instance>> instances, Executor executor) {
  return std::make_unique<WorkerSink>(std::move(info), std::move(instances), executor);
}

}  // namespace beckon::core
