// What several benchmarks need.
#pragma once

#include "base/result.hpp"

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace beckon::core {

// A folder on the disk that is measured: $BECKON_BENCH_DIR, else the one for temporary files. Removed at the end.
class BenchFolder {
 public:
  BenchFolder() {
    const char* named = std::getenv("BECKON_BENCH_DIR");
    const std::filesystem::path base = named ? std::filesystem::path(named) : std::filesystem::temp_directory_path();
    std::string name = (base / "beckon-bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for the benchmark in " + base.string());
    path_ = name;
  }
  ~BenchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

template <class T>
T good(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace beckon::core
