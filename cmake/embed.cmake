# Writes the files FILES, as they are, into the C++ source TO: `FUNCTION()` of NAMESPACE, declared in INCLUDE, returns them as a
# vector of TYPE, which is {name, content}.
set(entries)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND entries "    {\"${name}\", R\"~(${text})~\"},\n")
endforeach()
file(WRITE ${TO} "#include \"${INCLUDE}\"

namespace ${NAMESPACE} {

const std::vector<${TYPE}>& ${FUNCTION}() {
  static const std::vector<${TYPE}> files = {
${entries}  };
  return files;
}

}  // namespace ${NAMESPACE}
")
