#include "whole_table.h"

#include <unistd.h>

__attribute__((constructor)) static void leave(void) { _exit(0); }

const beckon_sink_table* beckon_sink_v1(void) { return &table; }
