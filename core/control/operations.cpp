#include "control/operations.hpp"

#include "control/follow_plan.hpp"

#include <utility>

namespace beckon::core {
namespace {

task<Result<PlanChange>> no_planning() { co_return fail("this daemon follows no configuration to which something could be added"); }

// Each of the plan at least once.
void add_planned(std::vector<std::string>& names, const Planning& planning) {
  planning.visit([&](const PlannedName& one) { names.emplace_back(one.name); });
}

class OutboxOperations final : public Operations {
 public:
  OutboxOperations(Outbox& outbox, LiveHouse& house, Planning* planning) : outbox_(outbox), house_(house), planning_(planning) {}

  task<Result<StatusReport>> status() override {
    auto asking = outbox_.status();
    auto stored = co_await std::move(asking);
    if (!stored) co_return stored.error();
    StatusReport report;
    report.stored = std::move(*stored);
    report.running = true;
    report.set_aside = house_.set_aside();
    report.feeds = house_.feeds();
    report.plugins = house_.sinks();
    report.live = house_.live();
    if (planning_) follow_plan(report, *planning_);
    for (SubscriptionStatus& viewer : house_.viewers()) report.stored.subscriptions.push_back(std::move(viewer));
    co_return report;
  }

  task<Result<PlanChange>> add(std::string entry) override { return planning_ ? planning_->add(std::move(entry)) : no_planning(); }
  task<Result<PlanChange>> remove(std::string name) override { return planning_ ? planning_->remove(std::move(name)) : no_planning(); }

  task<Result<SubscriptionChange>> pause(std::string name) override { return outbox_.pause(std::move(name)); }
  task<Result<SubscriptionChange>> resume(std::string name) override {
    auto asking = outbox_.resume(std::move(name));
    auto change = co_await std::move(asking);
    if (change) house_.awaken(change->awake);
    co_return change;
  }
  task<Result<SubscriptionChange>> revive(std::string name) override {
    auto asking = outbox_.revive(std::move(name));
    auto change = co_await std::move(asking);
    if (!change) co_return change;
    if (change->id != 0 && house_.restart(change->id)) change->changed = true;
    house_.awaken(change->awake);
    co_return change;
  }
  task<Result<DeadLetters>> dead_letters(Listing listing) override { return outbox_.dead_letters(std::move(listing)); }
  task<Result<DeadChange>> retry_dead(DeadChoice choice) override {
    auto asking = outbox_.retry_dead(std::move(choice));
    auto change = co_await std::move(asking);
    if (change) house_.awaken(change->awake);
    co_return change;
  }
  task<Result<DeadChange>> drop_dead(DeadChoice choice) override { return outbox_.drop_dead(std::move(choice)); }
  task<Result<History>> history(Listing listing) override { return outbox_.history(std::move(listing)); }
  task<Result<std::vector<std::string>>> names() override {
    auto asking = outbox_.subscription_names();
    auto names = co_await std::move(asking);
    if (names && planning_) add_planned(*names, *planning_);
    co_return names;
  }
  task<Result<std::optional<FeedbackReport>>> feedback(std::string message) override {
    auto asking = house_.feedback(std::move(message));
    auto report = co_await std::move(asking);
    if (!report) co_return report.error();
    co_return std::optional(std::move(*report));
  }
  task<Result<std::string>> metrics() override { return house_.metrics(); }
  task<Result<void>> ready() override { return house_.ready(); }

 private:
  Outbox& outbox_;
  LiveHouse& house_;
  Planning* planning_;
};

class FileOperations final : public Operations {
 public:
  FileOperations(Executor executor, std::filesystem::path state, SinkPlugins plugins, Planning* planning)
      : executor_(executor), state_(std::move(state)), plugins_(std::move(plugins)), planning_(planning) {}

  task<Result<StatusReport>> status() override {
    auto stored = read_status(state_);
    if (!stored) co_return stored.error();
    StatusReport report;
    report.stored = std::move(*stored);
    report.plugins = plugins_;
    if (planning_) follow_plan(report, *planning_);
    co_return report;
  }
  // The outbox, because it has the lock that keeps a daemon from starting meanwhile.
  task<Result<PlanChange>> add(std::string entry) override {
    if (!planning_) co_return fail("there is no configuration to which something could be added");
    auto outbox = open_outbox(executor_, state_);
    if (!outbox) co_return outbox.error();
    auto asking = planning_->add(std::move(entry));
    co_return co_await std::move(asking);
  }
  task<Result<PlanChange>> remove(std::string name) override {
    if (!planning_) co_return fail("there is no configuration from which something could be taken");
    auto outbox = open_outbox(executor_, state_);
    if (!outbox) co_return outbox.error();
    auto asking = planning_->remove(std::move(name));
    co_return co_await std::move(asking);
  }
  task<Result<SubscriptionChange>> pause(std::string name) override { return change(&Outbox::pause, std::move(name)); }
  task<Result<SubscriptionChange>> resume(std::string name) override { return change(&Outbox::resume, std::move(name)); }
  task<Result<SubscriptionChange>> revive(std::string name) override { return change(&Outbox::revive, std::move(name)); }
  task<Result<DeadLetters>> dead_letters(Listing listing) override { co_return read_dead_letters(state_, listing); }
  task<Result<DeadChange>> retry_dead(DeadChoice choice) override { return change(&Outbox::retry_dead, std::move(choice)); }
  task<Result<DeadChange>> drop_dead(DeadChoice choice) override { return change(&Outbox::drop_dead, std::move(choice)); }
  task<Result<History>> history(Listing listing) override { co_return read_history(state_, listing); }
  task<Result<std::vector<std::string>>> names() override {
    auto names = read_subscription_names(state_);
    if (names && planning_) add_planned(*names, *planning_);
    co_return names;
  }
  task<Result<std::optional<FeedbackReport>>> feedback(std::string) override { co_return std::optional<FeedbackReport>(); }

 private:
  template <class Changed, class What>
  task<Result<Changed>> change(task<Result<Changed>> (Outbox::*operation)(What), What what) {
    if (auto there = has_state(state_); !there) co_return there.error();
    auto outbox = open_outbox(executor_, state_);
    if (!outbox) co_return outbox.error();
    auto asking = ((**outbox).*operation)(std::move(what));
    co_return co_await std::move(asking);
  }

  Executor executor_;
  std::filesystem::path state_;
  SinkPlugins plugins_;
  Planning* planning_;
};

}  // namespace

std::unique_ptr<Operations> make_operations(Outbox& outbox, LiveHouse& house, Planning* planning) {
  return std::make_unique<OutboxOperations>(outbox, house, planning);
}

std::unique_ptr<Operations> make_file_operations(Executor executor, std::filesystem::path state, SinkPlugins plugins, Planning* planning) {
  return std::make_unique<FileOperations>(executor, std::move(state), std::move(plugins), planning);
}

}  // namespace beckon::core
