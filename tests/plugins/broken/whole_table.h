/* A complete worker sink in plain C, which each broken library spoils in its own way. */
#ifndef WHOLE_TABLE_H
#define WHOLE_TABLE_H

#include <beckon/sink_abi.h>

#define EXPORTED __attribute__((visibility("default")))
#define TEXT(literal) { literal, sizeof(literal) - 1 }

static void* open_sink(const beckon_values* settings, const beckon_host* host, const beckon_complaints* complaints) {
  static int sink;
  (void)settings, (void)host, (void)complaints;
  return &sink;
}

static void close_sink(void* sink) { (void)sink; }

static void deliver_nothing(void* sink, const beckon_delivery* delivery, const beckon_emitter* emitter) {
  beckon_outcome outcome = {sizeof outcome};
  (void)sink, (void)delivery;
  outcome.kind = BECKON_DELIVERED;
  emitter->outcome(emitter->context, &outcome);
}

static beckon_sink_table table = {
    .size = sizeof(beckon_sink_table),
    .major = BECKON_ABI_MAJOR,
    .minor = BECKON_ABI_MINOR,
    .name = TEXT("whole"),
    .version = TEXT("1.0.0"),
    .stale_after = -1,
    .open = open_sink,
    .close = close_sink,
    .deliver = deliver_nothing,
};

EXPORTED const beckon_sink_table* beckon_sink_v1(void);

#endif
