// The page's side of the daemon: who watches from a tab, what is polled for them, and the door that they come through. Daemon's
// thread.
#pragma once

#include "config/web.hpp"
#include "peers.hpp"
#include "pollers.hpp"
#include "subscribers.hpp"
#include "supervisor/tree.hpp"
#include "viewers.hpp"
#include "web/house.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beckon::core {

class LivePage final : private WebHouse {
 public:
  struct Needs {
    Outbox& outbox;
    Metrics& metrics;
    Subscribers& subscribers;
    Pollers& pollers;
    std::function<const Peers&()> peers;         // of today
    std::function<WebConfig()> config;           // of today
  };
  // What it is lent outlives it.
  LivePage(Executor executor, Needs needs);

  // For the tree, in this order, behind the plan's feeds.
  std::vector<TreeChild> children();
  // The last child of the tree: fails with a sentence when nobody can listen there. Nothing where the page is off.
  task<Result<void>> open(Tree& tree);
  // The plan polls other repositories now; the page may be another one, or at another address.
  void follow_feeds() { viewers_->follow(); }
  task<void> follow_door(Tree& tree);

  // What the operator's desk serves; nullptr: it is not there.
  void serve(Operations* operations) { operations_ = operations; }
  const std::string& address() const { return address_; }    // "http://127.0.0.1:7171"; empty: there is none
  std::vector<SubscriptionStatus> viewers() const { return viewers_->list(); }
  const Supervisor* viewers_supervisor() const { return viewers_->supervisor(); }
  const Supervisor* feeds_supervisor() const { return viewers_->feeds().supervisor(); }
  std::map<std::int64_t, LiveFeed> feeds() const { return viewers_->feeds().live(); }

 private:
  Viewers::Needs viewers_needs();
  ViewedFeeds::Source source(const std::string& forge, const std::string& repository, std::size_t others) const;

  Operations* operations() override { return operations_; }
  std::shared_ptr<Viewing> viewing() override { return viewers_; }
  std::shared_ptr<HttpClient> client(const std::string& forge) override { return needs_.peers().client_of(forge); }
  std::string api_url(const std::string& forge) override { return needs_.peers().api_url(forge); }

  Executor executor_;
  Needs needs_;
  std::shared_ptr<Viewers> viewers_;
  Operations* operations_ = nullptr;
  WebConfig open_with_;                          // the door as it was opened
  std::string address_;
};

}  // namespace beckon::core
