// What the tests of our sinks call them with: the samples and the small host that the shared contract has too.
#pragma once

#include "plugins/contract/instance.hpp"

#include <cstdint>

// Made by the sinks' own files, which the test program is built from (BECKON_SINK_STATIC_ENTRY).
extern "C" const beckon_sink_table* apprise_sink() noexcept;
extern "C" const beckon_sink_table* console_sink() noexcept;
extern "C" const beckon_sink_table* desktop_sink() noexcept;
extern "C" const beckon_sink_table* email_sink() noexcept;
extern "C" const beckon_sink_table* discord_sink() noexcept;
extern "C" const beckon_sink_table* matrix_sink() noexcept;
extern "C" const beckon_sink_table* mattermost_sink() noexcept;
extern "C" const beckon_sink_table* ntfy_sink() noexcept;
extern "C" const beckon_sink_table* slack_sink() noexcept;
extern "C" const beckon_sink_table* teams_sink() noexcept;
extern "C" const beckon_sink_table* telegram_sink() noexcept;
extern "C" const beckon_sink_table* webhook_sink() noexcept;

namespace beckon::testing {

using namespace plugins::contract;

}  // namespace beckon::testing
