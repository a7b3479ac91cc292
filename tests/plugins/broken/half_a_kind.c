#include "whole_table.h"

static void render_nothing(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter) {
  deliver_nothing(sink, delivery, emitter);
}

const beckon_sink_table* beckon_sink_v1(void) {
  table.deliver = NULL;
  table.render = render_nothing;
  return &table;
}
