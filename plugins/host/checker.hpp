// Asks the `check` of a library in a process of its own, started with the first question and kept for the next: a
// configuration may have thousands. Blocks; one thread at a time.
#pragma once

#include <beckon/sink_abi.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace beckon::plugins {

class Conversation;

class Checker {
 public:
  Checker(std::filesystem::path library, std::uint64_t memory_limit, std::chrono::milliseconds limit = std::chrono::seconds(10));
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;
  // What kept it from answering, as the end of a sentence; nothing when it did. A library that has failed is asked no more.
  std::optional<std::string> ask(const beckon_values& settings, const beckon_values& target, const beckon_complaints& complaints);

 private:
  std::filesystem::path library_;
  std::uint64_t memory_limit_;
  std::chrono::milliseconds limit_;
  std::unique_ptr<Conversation> conversation_;
  std::optional<std::string> failed_;
};

}  // namespace beckon::plugins
