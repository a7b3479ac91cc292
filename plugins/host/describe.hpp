// What a library says of itself, asked in a child process: loading it runs its static constructors, and one that crashes,
// hangs, ends the process or throws there must cost a refusal and nothing else.
#pragma once

#include "plugins/wire/frame.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

namespace beckon::plugins {

// A checked table without entries, and which entries there are.
class Description {
 public:
  // Of a payload of `described` or `opened`; nullptr when it is not one.
  static std::shared_ptr<const Description> read(std::string payload);
  const beckon_sink_table& table() const { return table_; }
  const wire::Entries& entries() const { return entries_; }
  // Whether whoever has been checked against `other` can be served: the options, the kind and the check are the same.
  bool fits(const Description& other) const { return shape() == other.shape(); }

 private:
  explicit Description(std::string payload) : bytes_(std::move(payload)), decoder_(bytes_) {}
  std::string shape() const;
  std::string bytes_;         // the table's texts are views of it
  wire::Decoder decoder_;     // holds its lists
  beckon_sink_table table_{};
  wire::Entries entries_;
};

// The end of a sentence when the library is refused, was the end of its process, or takes too long. Any thread.
std::variant<std::shared_ptr<const Description>, std::string> describe(
    const std::filesystem::path& library, std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace beckon::plugins
