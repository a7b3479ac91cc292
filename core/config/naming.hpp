// The names of subscriptions: unique, and stable, since the outbox finds a subscription's position by its name.
#pragma once

#include "config/reader.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace beckon::core {

// A subscription while names are still to be given.
struct Product {
  SubscriptionConfig subscription;
  std::string identity;  // forge, repository, login, sink and own target: equal ones are surely one and the same
  bool named = false;    // the operator wrote exactly this name
};

// "line 12", and of which file, where a person who reads of `seen_from` would look into another.
std::string line_of_other(Place other, Place seen_from);
// Forge, repository, login, sink and own target, as in a Product.
std::string identity_of(const SubscriptionConfig& subscription);

using GivenNames = std::unordered_map<std::string, Place>;  // written by the operator

// For a product's identity: whatever the order of the options.
std::string canonical_target(std::vector<Setting> target);

// Reports and removes products that are the same as an earlier one: whatever the plugin, that is one endpoint.
void drop_twins(std::vector<Product>& products, Reading& reading);

// Derived names that meet get a mark of their target, all of them: a mark by order would move a position in the outbox
// to another target when lines change places. The first of them earns a warning, for such names are no help. A given name
// that meets a derived one is an error.
void tell_apart(std::vector<Product>& products, const GivenNames& given_names, Reading& reading);

}  // namespace beckon::core
