#include "core/net/asleep.hpp"

#include <chrono>
#include <string_view>

#include <dlfcn.h>
#include <netdb.h>

namespace beckon::core::testing {

Bed bed;

void Bed::lie_down() {
  std::unique_lock lock(mutex);
  ++asleep;
  alarm.notify_all();
  alarm.wait(lock, [this] { return awake; });
  --asleep;
  alarm.notify_all();
}

bool Bed::someone_sleeps() {
  std::unique_lock lock(mutex);
  return alarm.wait_for(lock, std::chrono::seconds(10), [this] { return asleep > 0; });
}

void Bed::wake() {
  std::unique_lock lock(mutex);
  awake = true;
  alarm.notify_all();
  alarm.wait(lock, [this] { return asleep == 0; });
}

}  // namespace beckon::core::testing

// Takes the place of libc's for this test program.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
  if (host && std::string_view(host) == "asleep.test") {
    beckon::core::testing::bed.lie_down();
    return EAI_NONAME;
  }
  static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (host && std::string_view(host) == "awake.test") host = "127.0.0.1";
  return real(host, service, hints, found);
}
