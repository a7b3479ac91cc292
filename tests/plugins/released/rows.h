#ifndef BECKON_TESTS_RELEASED_ROWS_H
#define BECKON_TESTS_RELEASED_ROWS_H

#include <stddef.h>

struct layout_row {
  const char* what; /* NULL behind the last */
  size_t value;     /* an offset, a size, or an enum's number */
  size_t width;     /* of a member */
};

#endif
