// What the API's routes take and answer, as OpenAPI: core/control/openapi.json, compiled in.
#pragma once

#include <string_view>
#include <vector>

namespace beckon::core {

struct OpenapiFile {
  std::string_view name;
  std::string_view content;    // for the life of the process
};
const std::vector<OpenapiFile>& openapi_files();   // the one

}  // namespace beckon::core
