# Installs the package of BUILD into a folder of its own, builds SOURCE against it, and runs TEST on the library.
set(folder ${BUILD}/package_test)
file(REMOVE_RECURSE ${folder})

function(step)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

# A folder named in the environment would win over the installed package.
unset(ENV{CMAKE_PREFIX_PATH})
unset(ENV{BeckonSink_DIR})
step(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${folder}/prefix)
step(${CMAKE_COMMAND} -S ${SOURCE} -B ${folder}/build -G ${GENERATOR}
  -D CMAKE_PREFIX_PATH=${folder}/prefix -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  -D CMAKE_CXX_FLAGS=-Wall\ -Wextra\ -Wpedantic\ -Werror)
step(${CMAKE_COMMAND} --build ${folder}/build)
step(${CMAKE_COMMAND} --install ${folder}/build --prefix ${folder}/prefix)
step(${CMAKE_COMMAND} -E env BECKON_TEMPLATE_SINKS=${folder}/prefix/lib/beckon/sinks ${TEST})
