// [web], key by key. Private to this room.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace beckon::core {

WebConfig read_web(Reader& table, const std::vector<ForgeConfig>& forges, Reading& reading);

}  // namespace beckon::core
