// What a page of posts says, before it is committed.
#pragma once

#include "base/task.hpp"
#include "outbox/outbox.hpp"

#include <vector>

namespace beckon::core {

// Finds the mentions of each. A page of texts made to be slow takes seconds (see mention.hpp); in between, everybody else
// gets a turn.
task<std::vector<SeenPost>> scan(std::vector<Post> posts);

}  // namespace beckon::core
