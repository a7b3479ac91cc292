#include "whole_table.h"

int nobody_defines_this(void);

const beckon_sink_table* beckon_sink_v1(void) { return nobody_defines_this() ? &table : NULL; }
