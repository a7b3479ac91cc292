#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"

namespace beckon::core::cli {
namespace {

int run_once(std::shared_ptr<const Plan> plan, Milliseconds deadline) {
  asio::io_context context(1);
  auto daemon = make_daemon(context.get_executor(), plan);
  if (!daemon) {
    complain(daemon.error().message);
    return failed;
  }
  DaemonReport report;
  auto work = [&]() -> task<void> {
    auto polling = (*daemon)->once(deadline);
    report = co_await std::move(polling);
    auto stopping = (*daemon)->stop(0ms);
    co_await std::move(stopping);
  };
  asio::co_spawn(context.get_executor(), std::move(work), [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    context.stop();
  });
  context.run();
  daemon->reset();
  if (!report.in_time)
    log::warn("daemon", "the deadline of {} is over; what is left stays owed", format_duration(deadline));
  const auto s = [](std::size_t count) { return count == 1 ? "" : "s"; };
  log::info("daemon", "told {} mention{}; {} subscription{} still owed; {} dead letter{}; {} repositor{} could not be read",
            report.told, s(report.told), report.owed, s(report.owed), report.dead, s(report.dead), report.failed_polls,
            report.failed_polls == 1 ? "y" : "ies");
  leave(report.counted && report.owed == 0 && report.failed_polls == 0 ? ok : failed);
}

}  // namespace

int run(const RunOptions& options) {
  std::optional<ListenAddress> page;
  if (!options.web.empty()) {
    page = parse_listen(options.web);
    if (!page || !page->is_loopback) {
      complain(page ? fmt::format("--web: {} can be reached by others: say it in [web] of the configuration, with an access_token", options.web)
                    : fmt::format("--web: {} is no address: write ADDRESS:PORT, as in {}", options.web, default_web_listen));
      return usage;
    }
  }
  const std::shared_ptr<const Plan> plan = load_plan(options.config);
  if (!plan) return bad_config;
  log::info("daemon", "watching for {} subscription{} of {}", plan->subscriptions.size(),
            plan->subscriptions.size() == 1 ? "" : "s", plan->file.string());
  return options.once ? run_once(plan, options.deadline) : run_until_signal(plan, false, page);
}

}  // namespace beckon::core::cli
