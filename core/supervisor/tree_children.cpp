// Supervisors as children of a tree.
#include "supervisor/supervisor.hpp"
#include "supervisor/tree.hpp"

#include <utility>

namespace beckon::core {
namespace {

// Says where the running supervisor is, for as long as it is there.
template <class T>
class Announced {
 public:
  Announced(std::unique_ptr<T> supervisor, std::function<void(T*)> current)
      : supervisor_(std::move(supervisor)), current_(std::move(current)) {
    if (current_) current_(supervisor_.get());
  }
  ~Announced() {
    if (current_) current_(nullptr);
  }
  Announced(const Announced&) = delete;
  Announced& operator=(const Announced&) = delete;
  T* operator->() { return supervisor_.get(); }

 private:
  std::unique_ptr<T> supervisor_;
  std::function<void(T*)> current_;
};

bool is_cancellation(const boost::system::system_error& error) {
  return error.code() == asio::error::operation_aborted;
}

// Ends with the tree, or ends the tree when it is asked to end itself.
task<Farewell> run_tree(std::shared_ptr<Announced<Tree>> tree) {
  std::string reason;
  bool asked = false;
  try {
    auto waiting = (*tree)->wait();
    reason = co_await std::move(waiting);
  } catch (const boost::system::system_error& error) {
    if (!is_cancellation(error)) throw;
    asked = true;
  }
  if (asked) {
    co_await asio::this_coro::reset_cancellation_state();
    auto stopping = (*tree)->stop();
    co_await std::move(stopping);
  }
  Farewell farewell;
  if (!reason.empty()) farewell = Farewell{Farewell::Kind::gone, reason};
  co_return farewell;
}

task<Result<ChildBody>> start_tree(std::string name, SupervisorFlags flags, std::vector<TreeChild> children,
                                   std::function<void(Tree*)> current) {
  auto made = make_tree(co_await asio::this_coro::executor, name, flags, std::move(children));
  auto tree = std::make_shared<Announced<Tree>>(std::move(made), std::move(current));
  std::exception_ptr cancelled;
  try {
    auto starting = (*tree)->start();
    const Result<void> started = co_await std::move(starting);
    if (!started) co_return started.error();
  } catch (const boost::system::system_error& error) {
    if (!is_cancellation(error)) throw;
    cancelled = std::current_exception();
  }
  if (cancelled) {
    co_await asio::this_coro::reset_cancellation_state();
    auto stopping = (*tree)->stop();
    co_await std::move(stopping);
    std::rethrow_exception(cancelled);
  }
  ChildBody body = [tree] { return run_tree(tree); };
  co_return body;
}

task<Farewell> run_dynamic(std::shared_ptr<Announced<Supervisor>> supervisor) {
  Timer asked(co_await asio::this_coro::executor, SteadyTime::max());
  try {
    co_await asked.async_wait(use_task);
  } catch (const boost::system::system_error& error) {
    if (!is_cancellation(error)) throw;
  }
  co_await asio::this_coro::reset_cancellation_state();
  auto stopping = (*supervisor)->stop();
  co_await std::move(stopping);
  co_return Farewell();
}

task<Result<ChildBody>> start_dynamic(std::function<std::unique_ptr<Supervisor>()> make,
                                      std::function<void(Supervisor*)> current) {
  auto supervisor = std::make_shared<Announced<Supervisor>>(make(), std::move(current));
  ChildBody body = [supervisor] { return run_dynamic(supervisor); };
  co_return body;
}

}  // namespace

TreeChild tree_child(ChildRules rules, SupervisorFlags flags, std::vector<TreeChild> children,
                     std::function<void(Tree*)> current) {
  rules.type = ChildType::supervisor;
  TreeChild child;
  child.start = [name = rules.name, flags, children = std::move(children), current = std::move(current)] {
    return start_tree(name, flags, children, current);
  };
  child.rules = std::move(rules);
  return child;
}

TreeChild dynamic_child(ChildRules rules, std::function<std::unique_ptr<Supervisor>()> make,
                        std::function<void(Supervisor*)> current) {
  rules.type = ChildType::supervisor;
  TreeChild child;
  child.start = [make = std::move(make), current = std::move(current)] { return start_dynamic(make, current); };
  child.rules = std::move(rules);
  return child;
}

}  // namespace beckon::core
