#include <beckon/sink_abi.h>

#include <stdexcept>

extern "C" __attribute__((visibility("default"))) const beckon_sink_table* beckon_sink_v1() {
  throw std::runtime_error("thrown by the entry");
}
