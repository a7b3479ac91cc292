// One daemon a state file: an flock on FILE.lock, held for life and freed by the kernel however the process ends.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <utility>

namespace beckon::core {

class FileLock {
 public:
  FileLock() = default;  // holds nothing
  FileLock(FileLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), was_there_(other.was_there_) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    was_there_ = other.was_there_;
    return *this;
  }
  ~FileLock();

  // The error names the process that holds it.
  static Result<FileLock> acquire(const std::filesystem::path& file);
  // Somebody has held it before us.
  bool was_there() const { return was_there_; }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
  bool was_there_ = false;
};

}  // namespace beckon::core
