#include "whole_table.h"

#include <signal.h>

__attribute__((constructor)) static void crash(void) { raise(SIGSEGV); }

const beckon_sink_table* beckon_sink_v1(void) { return &table; }
