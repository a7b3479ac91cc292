#define _POSIX_C_SOURCE 200809L

#include "whole_table.h"

#include <stdio.h>
#include <stdlib.h>

/* In order but for its noise: what it prints must not be taken for an answer. */
__attribute__((constructor)) static void talk(void) {
  setenv("BECKON_TALKATIVE", "1", 1);
  puts("hello from the constructor");
  fflush(stdout);
}

static void check_nothing(const beckon_values* settings, const beckon_values* target, const beckon_complaints* complaints) {
  (void)settings, (void)target, (void)complaints;
}

static const beckon_str choices[] = {TEXT("always"), TEXT("never")};
static const beckon_str* const choice_list[] = {&choices[0], &choices[1]};
static const beckon_option color = {sizeof(beckon_option), TEXT("color"), BECKON_ENUM, 0, TEXT("always"), TEXT("when"), choice_list, 2};
static const beckon_option* const options[] = {&color};

const beckon_sink_table* beckon_sink_v1(void) {
  table.name = (beckon_str)TEXT("talkative");
  table.about = (beckon_str)TEXT("prints while it is loaded");
  table.options = options;
  table.option_count = 1;
  table.max_batch = 7;
  table.handles_probe = 1;
  table.stale_after = 5000;
  table.check = check_nothing;
  puts("hello from the entry");
  return &table;
}
