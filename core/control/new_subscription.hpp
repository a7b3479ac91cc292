// The body of a request that adds a subscription, as an entry of the configuration. What its values may be is for whoever
// reads the configuration to say. Pure.
#pragma once

#include "base/result.hpp"

#include <string>

namespace beckon::core {

struct NewEntry {
  std::string toml;          // [[subscriptions]] and its keys
  bool has_sources = false;  // a value that is to be read from a variable or a file of this machine
};

// Fails with a sentence, which quotes no value.
Result<NewEntry> read_new_subscription(const std::string& body);

}  // namespace beckon::core
