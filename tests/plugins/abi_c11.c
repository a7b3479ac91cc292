/* The header is C11, and a C compiler sees the layout that the table pins. */
#include <beckon/sink_abi.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type);
#define MEMBER(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member);
#define VALUE(name, number) _Static_assert((name) == (number), #name);
#include "abi_layout.inc"

size_t beckon_table_size_in_c(void);
size_t beckon_table_size_in_c(void) { return sizeof(beckon_sink_table); }
