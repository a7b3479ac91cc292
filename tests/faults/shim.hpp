// The library that is loaded into the daemon (see shim.c), and its controls.
#pragma once

#include "end_to_end/rig.hpp"

#include <cstdlib>
#include <string>

namespace beckon::core::testing {

// The daemons that `rig` starts from now on have a disk, a calendar and a resolver that can be made bad.
class Shim {
 public:
  explicit Shim(Rig& rig) : folder_(rig.folder()) {
    const char* asan = std::getenv("ASAN_OPTIONS");
    rig.environment = {
        "LD_PRELOAD=" BECKON_BINARY_DIR "/faults/faults_shim.so",
        // The sanitizer wants to be the first library, but its functions do not meet ours.
        "ASAN_OPTIONS=" + std::string(asan ? asan : "") + ":verify_asan_link_order=0",
        "FAULTS_DISK=" + control("disk"), "FAULTS_DISK_PATH=" + (folder_ / "state.db").string(),
        "FAULTS_CLOCK=" + control("clock"), "FAULTS_DNS=" + control("dns")};
  }

  // As "ENOSPC write truncate"; see shim.c.
  void break_disk(const std::string& rule) { set("disk", rule); }
  void mend_disk() { std::filesystem::remove(control("disk")); }
  void set_clock_off_by(std::chrono::seconds offset) { set("clock", std::to_string(offset.count())); }
  void silence_name(const std::string& host) { set("dns", host); }
  void answer_names() { std::filesystem::remove(control("dns")); }

 private:
  std::string control(const std::string& name) const { return folder_ / ("control-" + name); }
  // At once, so that nobody reads half of it.
  void set(const std::string& name, const std::string& text) {
    std::ofstream(control("new")) << text;
    std::filesystem::rename(control("new"), control(name));
  }

  std::filesystem::path folder_;
};

}  // namespace beckon::core::testing
