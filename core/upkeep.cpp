#include "upkeep.hpp"

#include "base/log.hpp"
#include "sink/crash_note.hpp"

#include <malloc.h>

namespace beckon::core {
namespace {

// Reading the configuration and enrolling many needs several times what they keep, and the C library would hold on to it.
void give_memory_back() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace

task<void> take_crash_notes(Outbox& outbox, std::filesystem::path notes) {
  const std::vector<std::int64_t> crashed = read_crash_notes(notes);
  for (const std::int64_t row : crashed) {
    log::error("daemon", "a plugin in this process crashed it while it was at work for subscription {}; `isolate = true` in its "
                         "[sinks.NAME] gives it a process of its own", row);
    auto noting = outbox.note_fault(row);
    const auto noted = co_await std::move(noting);
    if (!noted) co_return;   // another start takes them
  }
  clear_crash_notes(notes);
}

task<Farewell> keep_house(Outbox& outbox) {
  for (Milliseconds pause = 10s;; pause = 6h) {
    co_await sleep_for(pause);
    auto asking = outbox.retain(wall_now());
    const auto kept = co_await std::move(asking);
    if (!kept) log::warn("outbox", "clearing out what nobody needs failed: {}", kept.error().message);
    give_memory_back();
  }
}

}  // namespace beckon::core
