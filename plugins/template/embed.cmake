# Writes the files FILES into the C++ source TO, as they are.
set(entries)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND entries "    {\"${name}\", R\"~(${text})~\"},\n")
endforeach()
file(WRITE ${TO} "#include \"cli/template_files.hpp\"

namespace beckon::core::cli {

const std::vector<TemplateFile>& template_files() {
  static const std::vector<TemplateFile> files = {
${entries}  };
  return files;
}

}  // namespace beckon::core::cli
")
