include(${CMAKE_CURRENT_LIST_DIR}/BeckonSinkTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/BeckonSink.cmake)
