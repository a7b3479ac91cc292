// Options of a sink that stand on a command line, `--set key=value`, against the table of its library.
#pragma once

#include "config/options.hpp"

#include "plugins/loader.hpp"

#include <string>
#include <vector>

namespace beckon::core::cli {

struct GivenOptions {
  OptionValues settings, target;
  std::vector<std::string> errors;    // each a sentence
};

// "key=value", "key=env:NAME", "key=file:PATH". An option that is a list takes one item each time, a map "key=name=value".
// The library's own check is asked in a process of its own. Secrets are remembered for redaction.
GivenOptions read_given(const std::vector<std::string>& given, const plugins::Plugin& plugin);

}  // namespace beckon::core::cli
