// A sink whose library runs in a process of its own: the same Sink, over a socket pair. HTTP stays here (TLS, pace, redaction);
// only render and interpret, or deliver, cross. Whatever the library does to its process costs the deliveries that were
// under way there a retry, with the codes plugin_crashed, plugin_hung, plugin_garbage or plugin_memory, and nobody else
// anything. While the process cannot be kept running, deliveries hear plugin_down.
#pragma once

#include "sink/sink.hpp"

#include "plugins/loader.hpp"

namespace beckon::core {

struct HostTiming {
  Milliseconds answer{10s};     // for render and interpret; a worker has its delivery's deadline
  Milliseconds open{10s};       // to load the library and open the sink; deliveries wait as long for a restart
  Milliseconds close{1s};       // from being asked to end to SIGKILL
  unsigned intensity = 5;       // restarts within `period`; then
  Milliseconds period{60s};
  Milliseconds pause{60s};      // it is left alone, and twice as long every time, but not longer than
  Milliseconds longest_pause{1h};
};

// `plugin` is checked and its table lives as long as the sink. Never fails for the plugin's sake: a library that refuses its
// settings, or cannot even be loaded, is told by the log and by every delivery's outcome.
// Close it (destroy it) on a running thread: the kernel ends the process together with the thread that opened the sink.
Result<std::unique_ptr<Sink>> open_isolated_sink(std::string name, const plugins::Plugin& plugin,
                                                 const OptionValues& settings, std::uint64_t memory_limit, SinkHost host);
Result<std::unique_ptr<Sink>> open_isolated_sink(std::string name, const plugins::Plugin& plugin,
                                                 const OptionValues& settings, std::uint64_t memory_limit, SinkHost host,
                                                 HostTiming timing);

}  // namespace beckon::core
