#include "whole_table.h"

const beckon_sink_table* beckon_sink_v1(void) {
  table.needs_host_minor = 7;
  return &table;
}
