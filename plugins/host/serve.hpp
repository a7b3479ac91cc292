// One library at the daemon's service, over a channel.
#pragma once

#include "plugins/host/channel.hpp"
#include "plugins/loader.hpp"

namespace beckon::plugins {

// What a table says, for the daemon: described or opened.
void send_table(Channel& channel, wire::Kind kind, std::uint64_t call, const beckon_sink_table& table);

// Until the daemon closes, or is gone. A webhook sink is called on this thread, a worker's instances on one thread each.
// `opened`: the library, or why it cannot be one.
void serve(Channel& channel, const std::variant<Plugin, Refusal>& opened);

}  // namespace beckon::plugins
