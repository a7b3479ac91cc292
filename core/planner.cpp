#include "planner.hpp"

#include "base/beside.hpp"
#include "base/log.hpp"
#include "base/replace_file.hpp"
#include "forge/turnstile.hpp"
#include "plan_edit.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <optional>
#include <set>

namespace beckon::core {
namespace {

constexpr const char* stopping = "the daemon is stopping; ask again when it runs";

// From the asking to the answer.
struct Errand {
  explicit Errand(Executor executor) : done(executor, SteadyTime::max()) {}
  Timer done;
  asio::cancellation_signal cut_off;
  std::optional<Result<PlanChange>> outcome;
};

// Writes what has been tried; the plan itself is for the daemon's thread.
Result<PlanEdit> try_and_write(const std::function<Result<PlanEdit>()>& edit, const std::filesystem::path& state) {
  auto tried = edit();
  if (!tried || tried->change.came != PlanChange::Came::done) return tried;
  if (!state.empty() && tried->plan->state != state) return fail("`state` is another file now: that needs a restart first");
  if (const auto written = replace_file(tried->plan->added_file, tried->text); !written) return written.error();
  return tried;
}

void tell_errors(const Plan& plan) {
  for (const ConfigError& error : plan.errors)
    log::write(error.warning ? LogLevel::warn : LogLevel::error, "config", place_and_message(plan.file_of(error), error));
  for (const auto& refusal : plan.found.refusals)
    log::error("plugins", "{} {}", refusal.path.string(), refusal.sentence);
}

class FilePlanning final : public Planning {
 public:
  explicit FilePlanning(std::filesystem::path config) : config_(std::move(config)), loaded_(load_config(config_)) {}

  void visit(const std::function<void(const PlannedName&)>& each) const override {
    for (const SubscriptionConfig& one : loaded_.config.subscriptions)
      each({one.name, one.repository, one.login, one.sink, one.place.file});
  }
  task<Result<PlanChange>> add(std::string entry) override {
    co_return write([&] { return plan_with(config_, entry); });
  }
  task<Result<PlanChange>> remove(std::string name) override {
    co_return write([&] { return plan_without(config_, name); });
  }

 private:
  Result<PlanChange> write(const std::function<Result<PlanEdit>()>& edit) {
    auto written = try_and_write(edit, {});
    if (!written) return written.error();
    loaded_ = load_config(config_);
    return written->change;
  }

  std::filesystem::path config_;
  LoadedConfig loaded_;
};

}  // namespace

struct Planner::Shop {
  Executor executor;
  std::function<std::shared_ptr<const Plan>()> current;
  Adopt adopt;
  Turnstile turns;
  std::set<Errand*> errands;
  bool closed = false;
};

Planner::Planner(Executor executor, std::function<std::shared_ptr<const Plan>()> current, Adopt adopt)
    : shop_(std::make_shared<Shop>(executor, std::move(current), std::move(adopt))) {}

Planner::~Planner() { shop_->closed = true; }

void Planner::visit(const std::function<void(const PlannedName&)>& each) const { visit_names(*shop_->current(), each); }

task<Result<PlanChange>> Planner::in_turn(std::shared_ptr<Shop> shop, Work work) {
  auto entering = shop->turns.enter();
  const auto turn = co_await std::move(entering);
  if (shop->closed) co_return fail(stopping);
  auto working = work(shop);
  co_return co_await std::move(working);
}

task<Result<PlanChange>> Planner::ask(Work work) {
  if (shop_->closed) co_return fail(stopping);
  const auto errand = std::make_shared<Errand>(shop_->executor);
  shop_->errands.insert(errand.get());
  auto ended = [shop = shop_, errand](std::exception_ptr failure, Result<PlanChange> outcome) {
    shop->errands.erase(errand.get());
    if (failure) outcome = fail(shop->closed ? stopping : "the change failed: see the log");
    try {
      if (failure && !shop->closed) std::rethrow_exception(failure);
    } catch (const std::exception& thrown) {
      log::error("config", "a change of what is watched failed: {}", thrown.what());
    }
    errand->outcome = std::move(outcome);
    errand->done.cancel();
  };
  auto working = in_turn(shop_, std::move(work));
  asio::co_spawn(shop_->executor, std::move(working), asio::bind_cancellation_slot(errand->cut_off.slot(), std::move(ended)));
  if (!errand->outcome) {
    boost::system::error_code ignored;
    auto wait = errand->done.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
  }
  if (!errand->outcome) throw boost::system::system_error(asio::error::operation_aborted);
  co_return std::move(*errand->outcome);
}

task<Result<PlanChange>> Planner::change(std::shared_ptr<Shop> shop, std::function<Result<PlanEdit>()> edit) {
  const std::filesystem::path state = shop->current()->state;
  std::function<Result<PlanEdit>()> work = [edit = std::move(edit), state] { return try_and_write(edit, state); };
  auto trying = beside<Result<PlanEdit>>(std::move(work));
  auto tried = co_await std::move(trying);
  if (!tried) co_return tried.error();
  if (tried->change.came != PlanChange::Came::done) co_return tried->change;
  const std::filesystem::path file = tried->plan->added_file;
  auto adopting = shop->adopt(tried->plan);
  const auto adopted = co_await std::move(adopting);
  if (adopted) co_return tried->change;
  if (const auto back = replace_file(file, tried->before); !back) log::error("config", "{}", back.error().message);
  co_return adopted.error();
}

task<Result<PlanChange>> Planner::add(std::string entry) {
  auto asking = ask([entry = std::move(entry)](std::shared_ptr<Shop> shop) {
    const std::filesystem::path config = shop->current()->file;
    return change(shop, [config, entry] { return plan_with(config, entry); });
  });
  auto added = co_await std::move(asking);
  if (added && added->came == PlanChange::Came::done) log::info("config", "\"{}\" is added", added->name);
  co_return added;
}

task<Result<PlanChange>> Planner::remove(std::string name) {
  auto asking = ask([name = std::move(name)](std::shared_ptr<Shop> shop) {
    const std::filesystem::path config = shop->current()->file;
    return change(shop, [config, name] { return plan_without(config, name); });
  });
  auto removed = co_await std::move(asking);
  if (removed && removed->came == PlanChange::Came::done) log::info("config", "\"{}\" is removed", removed->name);
  co_return removed;
}

task<Result<PlanChange>> Planner::read_anew(std::shared_ptr<Shop> shop) {
  const std::filesystem::path file = shop->current()->file;
  std::function<std::shared_ptr<const Plan>()> work = [file] { return std::shared_ptr<const Plan>(make_plan(load_config(file))); };
  auto loading = beside<std::shared_ptr<const Plan>>(std::move(work));
  const std::shared_ptr<const Plan> plan = co_await std::move(loading);
  tell_errors(*plan);
  if (!plan->ok()) co_return fail("what was running goes on as it was");
  auto adopting = shop->adopt(plan);
  const auto adopted = co_await std::move(adopting);
  if (!adopted) co_return fail(fmt::format("{}; what was running goes on as it was", adopted.error().message));
  log::info("config", "{} is taken over: watching for {} subscription{}", file.string(), plan->subscriptions.size(),
            plan->subscriptions.size() == 1 ? "" : "s");
  co_return PlanChange();
}

task<bool> Planner::reload() {
  auto asking = ask([](std::shared_ptr<Shop> shop) { return read_anew(shop); });
  const auto read = co_await std::move(asking);
  if (!read && !shop_->closed) log::error("config", "{} is not taken over: {}", shop_->current()->file.string(), read.error().message);
  co_return read.has_value();
}

void Planner::stop() {
  shop_->closed = true;
  const auto errands = shop_->errands;   // emitting ends some of them at once
  for (Errand* errand : errands)
    if (shop_->errands.contains(errand)) errand->cut_off.emit(asio::cancellation_type::terminal);
}

void visit_names(const Plan& plan, const std::function<void(const PlannedName&)>& each) {
  for (const PlannedSubscription& one : plan.subscriptions)
    each({one.name, one.repository->name, one.login, one.endpoint->sink->config.name, one.place.file});
}

std::unique_ptr<Planning> make_file_planning(std::filesystem::path config) {
  return std::make_unique<FilePlanning>(std::move(config));
}

}  // namespace beckon::core
