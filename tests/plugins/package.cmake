# What an author does: installs Beckon (BUILD) into a folder of its own, makes a project with `beckon new-sink`, builds it
# against the installed package with COMPILER, runs its test, and drops the library into a folder of sinks.
#   KIND     nothing, --worker or --c
#   PREFIX   of the installation; made by the first of these tests
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

function(step)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE failed WORKING_DIRECTORY ${FOLDER})
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect words)
  string(FIND "${output}" "${words}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "\"${words}\" is not in\n${output}")
  endif()
endfunction()

# Folders and programs named in the environment would win over the installed package.
foreach(variable CMAKE_PREFIX_PATH BeckonSink_DIR PKG_CONFIG_PATH BECKON_SINKS BECKON_SINK_HOST BECKON_INVOKED_AS CC CXX)
  unset(ENV{${variable}})
endforeach()
set(beckon ${PREFIX}/bin/beckon)
if(KIND STREQUAL "--c")
  set(language C)
else()
  set(language CXX)
endif()
