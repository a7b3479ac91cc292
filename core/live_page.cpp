#include "live_page.hpp"

#include "base/log.hpp"
#include "front_door.hpp"

#include <utility>

namespace beckon::core {
namespace {

ChildRules named(const char* name) {
  ChildRules rules;
  rules.name = name;
  return rules;
}

}  // namespace

LivePage::LivePage(Executor executor, Needs needs)
    : executor_(executor), needs_(std::move(needs)), viewers_(std::make_shared<Viewers>(executor, viewers_needs())) {
  needs_.pollers.on_found = [this](std::int64_t feed, const std::vector<std::string>& names) { viewers_->found(feed, names); };
  needs_.pollers.on_changed = [this](const RepositoryKey& key) { viewers_->changed(key); };
}

Viewers::Needs LivePage::viewers_needs() {
  return {needs_.outbox,
          needs_.metrics,
          [this](const std::string& forge, const std::string& token) {
            return token.empty() ? needs_.peers().find_forge(forge) : needs_.peers().forge_with(forge, token);
          },
          [this](const RepositoryKey& key) { return needs_.pollers.view(key); },
          [this](std::int64_t feed) { return needs_.pollers.reads(feed); },
          [this](const std::string& forge, const std::string& repository, std::size_t others) {
            return source(forge, repository, others);
          },
          [this] { return needs_.config().repositories; },
          [this] { return std::chrono::ceil<std::chrono::seconds>(needs_.config().history); }};
}

// Repositories that nobody has configured are polled as long as somebody watches; they share the credential with the others.
ViewedFeeds::Source LivePage::source(const std::string& forge, const std::string& repository, std::size_t others) const {
  const WebConfig config = needs_.config();
  ViewedFeeds::Source source;
  source.forge = needs_.peers().find_forge(forge);
  source.options.repository = repository;
  source.options.interval = config.interval;
  source.options.backfill = std::chrono::ceil<std::chrono::seconds>(config.history);
  source.options.feeds = others + 1;
  for (const Watched& watched : needs_.subscribers.roster().watched())
    if (watched.repository->forge == forge) ++source.options.feeds;
  return source;
}

std::vector<TreeChild> LivePage::children() {
  std::vector<TreeChild> children;
  children.push_back(dynamic_child(named("viewed feeds"), [this] { return viewers_->feeds().make_feeds(); },
                                   [this](Supervisor* feeds) { viewers_->feeds().supervised_by(feeds); }));
  children.push_back(dynamic_child(named("viewers"), [this] { return viewers_->make_viewers(); },
                                   [this](Supervisor* viewers) { viewers_->supervised_by(viewers); }));
  TreeChild access;
  access.rules = named("access");
  access.start = [this]() -> task<Result<ChildBody>> {
    ChildBody body = [this] { return viewers_->look_after(); };
    co_return body;
  };
  children.push_back(std::move(access));
  return children;
}

task<Result<void>> LivePage::open(Tree& tree) {
  open_with_ = needs_.config();
  if (!open_with_.is_on()) co_return Result<void>();
  auto opening = tree.start_child(front_door(executor_, open_with_, *this, [this](std::string where) { address_ = std::move(where); }));
  co_return co_await std::move(opening);
}

// What it was is closed before it opens anew, so the same address is free. A page that cannot be served elsewhere ends no daemon.
task<void> LivePage::follow_door(Tree& tree) {
  if (needs_.config() == open_with_) co_return;
  auto closing = tree.terminate_child(front_door_name);
  const auto closed = co_await std::move(closing);
  address_.clear();
  if (closed) {
    auto deleting = tree.delete_child(front_door_name);
    const auto deleted = co_await std::move(deleting);
    if (!deleted) log::error("web", "{}", deleted.error().message);
  }
  auto opening = open(tree);
  const auto opened = co_await std::move(opening);
  if (!opened) log::error("web", "{}", opened.error().message);
  else if (!open_with_.is_on()) log::info("web", "the page is off now");
}

}  // namespace beckon::core
