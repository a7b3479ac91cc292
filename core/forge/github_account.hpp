// What kind of token a text is. Pure.
#pragma once

#include "forge/forge.hpp"

#include <string_view>

namespace beckon::core {

// By the prefix that GitHub gives its tokens ("Behind GitHub's new authentication token formats", github.blog); what has
// none of them is `unknown`, what is empty `anonymous`.
Account::Kind kind_of_token(std::string_view token);

}  // namespace beckon::core
