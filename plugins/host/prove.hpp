// The other end of contract/try_out.hpp: one library under the shared contract.
#pragma once

#include "plugins/host/channel.hpp"
#include "plugins/loader.hpp"

namespace beckon::plugins {

void prove(Channel& channel, const std::variant<Plugin, Refusal>& opened);

}  // namespace beckon::plugins
