// DNS that never answers: in a test program with asleep.cpp, getaddrinfo sleeps for the host "asleep.test", as it does when a
// DNS server is silent. "awake.test" is this machine.
#pragma once

#include <condition_variable>
#include <mutex>

namespace beckon::core::testing {

struct Bed {
  std::mutex mutex;
  std::condition_variable alarm;
  int asleep = 0;
  bool awake = false;

  void lie_down();
  bool someone_sleeps();
  void wake();
};

extern Bed bed;

}  // namespace beckon::core::testing
