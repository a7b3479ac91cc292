/* The layout of a released version, as its own headers and as today's have it: compiled once with each. */
#include <beckon/sink_abi.h>

#include "rows.h"

#define SIZE(type, bytes) {"sizeof " #type, sizeof(type), 0},
#define MEMBER(type, member, offset) {#type "." #member, offsetof(type, member), sizeof(((type*)0)->member)},
#define VALUE(name, number) {#name, (size_t)(name), 0},

const struct layout_row ROWS[] = {
#include <abi_layout.inc>
    {NULL, 0, 0}};
