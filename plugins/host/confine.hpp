// What the host program does to itself before it opens a library.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace beckon::plugins {

// Ends with the process `parent` (0: nobody), leaves no core dump with secrets in it, gains no privileges through what it
// executes, and takes no more memory than `memory_limit` bytes (0: no limit). The limit holds for what is writable and its
// own (RLIMIT_DATA); addresses altogether (RLIMIT_AS) get 1 GiB more, for code, shared memory and what is only reserved.
// An `operator new` that fails ends the process with exit_out_of_memory.
void confine(pid_t parent, std::uint64_t memory_limit);

}  // namespace beckon::plugins
