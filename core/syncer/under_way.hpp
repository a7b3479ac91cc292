// Entries in what all syncers share, each for as long as its frame lives.
#pragma once

#include "syncer/syncer.hpp"

#include <cstdint>
#include <set>

namespace beckon::core {

// This endpoint is being probed.
class Probing {
 public:
  Probing(std::set<std::int64_t>& all, std::int64_t endpoint) : all_(all), endpoint_(endpoint) { all.insert(endpoint); }
  ~Probing() { all_.erase(endpoint_); }
  Probing(const Probing&) = delete;
  Probing& operator=(const Probing&) = delete;

 private:
  std::set<std::int64_t>& all_;
  std::int64_t endpoint_;
};

// An attempt that can be cut off.
class UnderWay {
 public:
  UnderWay(SyncerRoom& room, asio::cancellation_signal& signal) : room_(room), signal_(signal) { room.under_way.insert(&signal); }
  ~UnderWay() { room_.under_way.erase(&signal_); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  SyncerRoom& room_;
  asio::cancellation_signal& signal_;
};

}  // namespace beckon::core
