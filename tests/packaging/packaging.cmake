# The packages, installed and taken away again; and what of packaging/ can be checked as it lies there. Not of a sanitized
# build, whose libraries no package names.
if(BECKON_SANITIZE OR BECKON_SANITIZE_THREAD)
  return()
endif()

add_test(NAME DebianPackage.IsInstalledWorksAndIsTakenAway
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/installed.sh ${CMAKE_BINARY_DIR} ${CMAKE_BINARY_DIR}/installed_package ${BECKON_SINKS})
set_tests_properties(DebianPackage.IsInstalledWorksAndIsTakenAway PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)

find_program(MANDOC mandoc)
if(MANDOC)
  add_test(NAME ManPage.KeepsTheRulesOfMdoc COMMAND ${MANDOC} -T lint -W warning
    ${CMAKE_SOURCE_DIR}/packaging/beckon.1 ${CMAKE_SOURCE_DIR}/packaging/beckon.toml.5)
endif()
