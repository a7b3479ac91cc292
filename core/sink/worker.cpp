#include "sink/crash_note.hpp"
#include "sink/kinds.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace beckon::core {
namespace {

// How long past its deadline a worker may still answer before its thread counts as lost.
constexpr Milliseconds patience = 1s;

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

// One delivery on its way through a thread; guarded by the queue's mutex. A lost thread may be the last to hold it, so
// nothing here belongs to the io_context.
struct Job {
  std::shared_ptr<const Delivery> delivery;
  std::optional<Outcome> outcome;
  std::size_t thread = nobody;   // which one has it
  bool abandoned = false;
  std::weak_ptr<Timer> done;     // locked on the daemon's thread only
};

// What the threads share with the sink; a lost thread keeps it alive, since it may come back any time.
struct Queue {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<std::shared_ptr<Job>> jobs;
  std::vector<bool> lost;        // by thread: it has a job that nobody waits for any more
  bool closing = false;
};

Outcome run_plugin(Instance& instance, const Delivery& delivery) {
  const AbiDelivery view(instance.table(), delivery);
  Emitted emitted(delivery.mentions.size());
  const InsidePlugin here(delivery.subscription);
  try {
    instance.table().deliver(instance.self(), view.get(), emitted.emitter());
  } catch (...) {
    return plugin_fault("plugin_threw", "the plugin threw while it delivered");
  }
  if (emitted.outcome) return std::move(*emitted.outcome);
  return plugin_fault("plugin_silent", "the plugin returned without an outcome");
}

void run_worker(std::shared_ptr<Queue> queue, std::shared_ptr<Instance> instance, std::size_t self, Executor executor) {
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(queue->mutex);
      queue->ready.wait(lock, [&] { return queue->closing || !queue->jobs.empty(); });
      if (queue->jobs.empty()) return;
      job = std::move(queue->jobs.front());
      queue->jobs.pop_front();
      job->thread = self;
    }
    Outcome outcome = run_plugin(*instance, *job->delivery);
    const std::lock_guard lock(queue->mutex);
    if (queue->closing) return;  // the io_context may go after the sink
    if (job->abandoned) {
      queue->lost[self] = false;
      continue;
    }
    job->outcome = std::move(outcome);
    asio::post(executor, [job] {
      if (const auto done = job->done.lock()) done->cancel();
    });
  }
}

class WorkerSink final : public Sink {
 public:
  WorkerSink(SinkInfo info, std::vector<std::unique_ptr<Instance>> instances, Executor executor)
      : info_(std::move(info)), executor_(executor) {
    queue_->lost.resize(instances.size());
    for (auto& instance : instances) {
      instances_.emplace_back(std::move(instance));
      threads_.emplace_back(run_worker, queue_, instances_.back(), threads_.size(), executor_);
    }
  }

  ~WorkerSink() override {
    hurry();
    std::vector<bool> lost;
    {
      const std::lock_guard lock(queue_->mutex);
      queue_->closing = true;
      queue_->jobs.clear();
      lost = queue_->lost;
    }
    queue_->ready.notify_all();
    // A lost thread cannot be joined; it is left to the process's end.
    for (std::size_t i = 0; i < threads_.size(); ++i) lost[i] ? threads_[i].detach() : threads_[i].join();
  }

  void hurry() override {
    for (auto& instance : instances_) instance->cancel();
  }

  const SinkInfo& info() const override { return info_; }

  task<Prepared> prepare(std::shared_ptr<const Delivery> delivery) override {
    Prepared prepared;
    prepared.covered = delivery->mentions.size();
    co_return prepared;
  }

  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared) override {
    if (all_lost())
      co_return plugin_fault("worker_lost", "every thread of this sink hangs past its deadline; restart the daemon");
    const auto done = std::make_shared<Timer>(executor_);
    const auto job = std::make_shared<Job>();
    job->delivery = delivery;
    job->done = done;
    {
      const std::lock_guard lock(queue_->mutex);
      queue_->jobs.push_back(job);
    }
    queue_->ready.notify_one();
    const Milliseconds limit = std::max(delivery->deadline - delivery->now, Milliseconds{1s}) + patience;
    done->expires_after(limit);
    // If the coroutine is cancelled here, the job is written off: it may have been carried out.
    const Abandon guard{*this, job};
    boost::system::error_code ignored;
    auto wait = done->async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    const std::lock_guard lock(queue_->mutex);
    if (job->outcome) co_return *job->outcome;
    Outcome late = plugin_fault("worker_late", "the sink did not answer before its deadline");
    late.ambiguous = job->thread != nobody;
    co_return late;
  }

  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) override {
    co_return instances_.front()->feedback(*message);
  }

 private:
  struct Abandon {
    WorkerSink& sink;
    std::shared_ptr<Job> job;
    ~Abandon() { sink.give_up(job); }
  };

  bool all_lost() const {
    const std::lock_guard lock(queue_->mutex);
    return std::find(queue_->lost.begin(), queue_->lost.end(), false) == queue_->lost.end();
  }

  void give_up(const std::shared_ptr<Job>& job) {
    const std::lock_guard lock(queue_->mutex);
    if (job->outcome) return;
    job->abandoned = true;
    if (job->thread == nobody) std::erase(queue_->jobs, job);
    else queue_->lost[job->thread] = true;
  }

  SinkInfo info_;
  Executor executor_;
  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::vector<std::shared_ptr<Instance>> instances_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Sink> make_worker_sink(SinkInfo info, std::vector<std::unique_ptr<Instance>> instances, Executor executor) {
  return std::make_unique<WorkerSink>(std::move(info), std::move(instances), executor);
}

}  // namespace beckon::core
