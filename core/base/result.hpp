// Expected failure is a value. An exception is a bug and ends the child that threw it.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace beckon::core {

// A sentence for people: what is wrong, and what to do. Never holds a secret.
struct Error {
  // Not an aggregate, and made of a text by `fail` only: boost's result takes no value that the error could be made of
  // as well, and so a Result<std::string> would take no string.
  Error() = default;
  std::string message;
};

// Reached only by `.value()` on a result that nobody checked, which is a bug.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error fail(std::string message) {
  Error error;
  error.message = std::move(message);
  return error;
}

}  // namespace beckon::core
