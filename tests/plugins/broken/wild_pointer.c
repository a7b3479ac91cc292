#include "whole_table.h"

const beckon_sink_table* beckon_sink_v1(void) {
  table.option_count = 1;
  table.options = (const beckon_option* const*)8;
  return &table;
}
