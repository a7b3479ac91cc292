# beckon_add_sink(NAME SOURCE... [LIBRARIES LIBRARY...]): builds the sink library NAME.so (target sink_NAME), which
# exports `beckon_sink_v1` and nothing else. Works the same in Beckon's own tree and after find_package(BeckonSink).
# In C++17 at least, or in C11; a newer standard of the project wins.
# `install` puts the library where a `beckon` of the same prefix looks for it.
set(_BECKON_SINK_FOLDER ${CMAKE_CURRENT_LIST_DIR})

function(beckon_add_sink name)
  cmake_parse_arguments(PARSE_ARGV 1 SINK "" "" "SOURCES;LIBRARIES")
  set(target sink_${name})
  add_library(${target} MODULE ${SINK_SOURCES} ${SINK_UNPARSED_ARGUMENTS})
  target_link_libraries(${target} PRIVATE Beckon::sink ${SINK_LIBRARIES})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_compile_features(${target} PRIVATE cxx_std_17)
  endif()
  if("C" IN_LIST languages)
    target_compile_features(${target} PRIVATE c_std_11)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/sinks
    POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  # Unique symbols would be shared between sinks although each is opened RTLD_LOCAL.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE LINKER:--version-script=${_BECKON_SINK_FOLDER}/sink.map)
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${_BECKON_SINK_FOLDER}/sink.map)
  # In Beckon's own tree: the warnings and sanitizers of the build, without the definitions that only the core needs.
  if(TARGET beckon_options)
    target_compile_options(${target} PRIVATE $<TARGET_PROPERTY:beckon_options,INTERFACE_COMPILE_OPTIONS>)
    target_link_options(${target} PRIVATE $<TARGET_PROPERTY:beckon_options,INTERFACE_LINK_OPTIONS>)
  endif()
  install(TARGETS ${target} LIBRARY DESTINATION lib/beckon/sinks COMPONENT sinks)
endfunction()

# beckon_test_sink(NAME [KEY=VALUE...]): a test that runs `beckon try-sink` on the library of beckon_add_sink(NAME ...), with
# these options. The program is the one that was installed with this package.
function(beckon_test_sink name)
  find_program(BECKON_PROGRAM beckon HINTS ${_BECKON_SINK_FOLDER}/../../../bin)
  if(NOT BECKON_PROGRAM)
    message(WARNING "The program beckon was not found, so there is no test of sink_${name}. Set BECKON_PROGRAM to it.")
    return()
  endif()
  set(options)
  foreach(option IN LISTS ARGN)
    list(APPEND options --set ${option})
  endforeach()
  add_test(NAME sink_${name} COMMAND ${BECKON_PROGRAM} try-sink $<TARGET_FILE:sink_${name}> ${options})
endfunction()
