// Where browsers come in: the page and its API as the last child of the daemon's tree.
#pragma once

#include "config/web.hpp"
#include "supervisor/tree.hpp"
#include "web/house.hpp"

#include <functional>
#include <string>

namespace beckon::core {

inline constexpr const char* front_door_name = "web";

// Its start fails with a sentence when nobody can listen there. `house` outlives it. `opened` hears where it is:
// "http://127.0.0.1:7171".
TreeChild front_door(Executor executor, WebConfig config, WebHouse& house, std::function<void(std::string origin)> opened);

}  // namespace beckon::core
