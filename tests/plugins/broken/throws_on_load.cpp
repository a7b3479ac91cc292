#include <beckon/sink_abi.h>

#include <stdexcept>

struct Thrower {
  Thrower() { throw std::runtime_error("thrown while it is loaded"); }
} thrower;

extern "C" __attribute__((visibility("default"))) const beckon_sink_table* beckon_sink_v1() { return nullptr; }
