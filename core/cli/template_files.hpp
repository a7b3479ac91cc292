// The files of plugins/template, which the build puts into the program (plugins/template/embed.cmake).
#pragma once

#include <string_view>
#include <vector>

namespace beckon::core::cli {

struct TemplateFile {
  std::string_view name;
  std::string_view text;
};
const std::vector<TemplateFile>& template_files();

}  // namespace beckon::core::cli
