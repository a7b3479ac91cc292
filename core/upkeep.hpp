// What the store needs beside the road of a mention: at the start, and every few hours. Daemon's thread.
#pragma once

#include "base/task.hpp"
#include "outbox/outbox.hpp"
#include "supervisor/child.hpp"

#include <filesystem>

namespace beckon::core {

// What an earlier process left in `notes` (sink/crash_note.hpp), before it is tried again. Notes that the store did not take
// stay for the next start.
task<void> take_crash_notes(Outbox& outbox, std::filesystem::path notes);

// Until it is cancelled: clears out what nobody needs any more. `outbox` outlives it.
task<Farewell> keep_house(Outbox& outbox);

}  // namespace beckon::core
