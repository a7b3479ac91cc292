// The page's files, compiled in: they are those of core/web/page.
#pragma once

#include <string_view>
#include <vector>

namespace beckon::core {

struct WebAsset {
  std::string_view name;       // "index.html"
  std::string_view content;    // for the life of the process
};
const std::vector<WebAsset>& web_assets();
// "text/html; charset=utf-8"
std::string_view media_type_of(std::string_view name);

}  // namespace beckon::core
