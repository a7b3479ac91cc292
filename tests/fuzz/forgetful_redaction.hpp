// Stands in for base/redaction, which remembers for the life of the process: with it the outcome of one input would hang on
// all inputs before.
#pragma once

#include <string>
#include <vector>

namespace beckon::fuzz {

void forget_secrets();
const std::vector<std::string>& secrets();

}  // namespace beckon::fuzz
