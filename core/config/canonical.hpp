// An option's value as bytes: equal values have equal bytes, different ones never. May hold a secret.
#pragma once

#include "model/delivery.hpp"

#include <string>

namespace beckon::core {

std::string canonical(const OptionValue& value);

}  // namespace beckon::core
