// Who changes the plan of a running daemon: a configuration that was edited, a subscription that is added or removed. One
// change at a time, in the order of asking, and each from the files as they are when its turn comes: none loses another.
#pragma once

#include "control/planning.hpp"
#include "plan.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace beckon::core {

class Planner final : public Planning {
 public:
  // Takes a plan over; fails with a sentence, and then nothing has changed.
  using Adopt = std::function<task<Result<void>>(std::shared_ptr<const Plan>)>;
  // `current`: the plan that counts. Both are called on the daemon's thread only, and not after `stop`.
  Planner(Executor executor, std::function<std::shared_ptr<const Plan>()> current, Adopt adopt);
  ~Planner() override;

  void visit(const std::function<void(const PlannedName&)>& each) const override;
  // These go on to their end even if whoever asked is cancelled.
  task<Result<PlanChange>> add(std::string entry) override;
  task<Result<PlanChange>> remove(std::string name) override;
  // From both files anew. What is wrong, and what came of it, is logged. False: nothing has changed.
  task<bool> reload();
  // What is under way is cut off, and nothing more begins.
  void stop();

 private:
  struct Shop;
  using Work = std::function<task<Result<PlanChange>>(std::shared_ptr<Shop>)>;
  static task<Result<PlanChange>> in_turn(std::shared_ptr<Shop> shop, Work work);
  static task<Result<PlanChange>> change(std::shared_ptr<Shop> shop, std::function<Result<struct PlanEdit>()> edit);
  static task<Result<PlanChange>> read_anew(std::shared_ptr<Shop> shop);
  task<Result<PlanChange>> ask(Work work);

  std::shared_ptr<Shop> shop_;   // the coroutines' too
};

void visit_names(const Plan& plan, const std::function<void(const PlannedName&)>& each);

// Where no daemon runs: the next one takes over what is changed. Whoever asks holds the state's lock.
std::unique_ptr<Planning> make_file_planning(std::filesystem::path config);

}  // namespace beckon::core
