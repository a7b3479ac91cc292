# The mail sink against real mail servers that the tests start: aiosmtpd, and with BECKON_ALL=1 Postfix.
get_target_property(email_files sink_email SOURCES)
list(TRANSFORM email_files PREPEND ${CMAKE_SOURCE_DIR}/sinks/email/)
beckon_test(email
  SOURCES core/net/certificates.cpp email/postfix_test.cpp email/road_test.cpp email/session_test.cpp ${email_files}
  ROOMS contract forge net LIBRARIES CURL::libcurl nlohmann_json::nlohmann_json OpenSSL::SSL OpenSSL::Crypto
  PROPERTIES ENVIRONMENT LSAN_OPTIONS=use_tls=0:print_suppressions=0)   # as of end_to_end
add_dependencies(email_test beckon beckon-sink-host sink_email sink_slack)
