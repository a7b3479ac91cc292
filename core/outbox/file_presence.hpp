// Notices that a file which is held open has been deleted or replaced: what is written into it then reaches nobody. One
// thread.
#pragma once

#include "base/time.hpp"

#include <filesystem>

namespace beckon::core {

class FilePresence {
 public:
  static constexpr Milliseconds looks_every = 5s;

  // As `file` is at this moment. One that is not there, as ":memory:", cannot be lost.
  explicit FilePresence(std::filesystem::path file);

  // True once, when the name no longer leads to that file. Cheap: looks seldom.
  bool lost(SteadyTime now);

 private:
  std::filesystem::path file_;
  bool watched_ = false;
  std::uint64_t device_ = 0, inode_ = 0;
  SteadyTime look_at_{};
};

}  // namespace beckon::core
