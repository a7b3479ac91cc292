# The fault suite: the daemon under kill -9, on a bad disk, with a jumping clock and among peers that misbehave. Short by
# default; BECKON_FAULTS=long makes it long. See README.md.
beckon_test(faults
  SOURCES core/net/certificates.cpp faults/clock_test.cpp faults/faulty_host.cpp faults/kill_test.cpp faults/network_test.cpp faults/receiver.cpp faults/receiver_test.cpp
    faults/state_file_test.cpp
  ROOMS forge net LIBRARIES OpenSSL::SSL OpenSSL::Crypto
  PROPERTIES LABELS faults TIMEOUT 1800)

# Goes into the daemon before everything else, so it has none of the sanitizers.
add_library(faults_shim MODULE faults/shim.c)
target_link_libraries(faults_shim PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(faults_shim PROPERTIES PREFIX "" C_EXTENSIONS ON LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/faults)

# In a folder of its own: it is none of the sinks that are shipped.
add_library(faults_receipt MODULE faults/receipt.cpp)
target_link_libraries(faults_receipt PRIVATE Beckon::sink)
set_target_properties(faults_receipt PROPERTIES
  PREFIX "" OUTPUT_NAME receipt LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/faults_sinks
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
add_dependencies(faults_test beckon sink_slack faults_shim faults_receipt)
