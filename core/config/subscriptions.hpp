// [[subscriptions]]: its lists multiplied out, its names derived. Private to this room.
#pragma once

#include "config/reader.hpp"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace beckon::core {

// What [bot] says for every subscription that says nothing.
struct SubscriptionDefaults {
  Milliseconds interval{60s};
  Milliseconds backfill{0};
  Filter filter;
};

// Equal filters are one object: there may be 100,000 subscriptions and one filter.
class FilterPool {
 public:
  std::shared_ptr<const Filter> share(Filter filter);

 private:
  std::map<std::tuple<std::vector<std::string>, bool, bool>, std::shared_ptr<const Filter>> filters_;
};

// interval, backfill, ignore_authors, include_own, include_bots: the same keys in [bot] and in a subscription.
void read_defaults(Reader& table, SubscriptionDefaults& defaults);

// Appends to `config.subscriptions`. Forges and sinks must have been read: the names are checked against them.
void read_subscriptions(std::vector<Reader> tables, const SubscriptionDefaults& defaults, Config& config,
                        Reading& reading);

// The same for those that were added at run time, after those of the configuration. Each stands alone: what is wrong with
// one, a name or a subscription that is there already included, leaves out that one.
void read_added_subscriptions(std::vector<Reader> tables, const SubscriptionDefaults& defaults, Config& config,
                              Reading& reading);

}  // namespace beckon::core
