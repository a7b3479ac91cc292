# The live page in Debian's Chromium, with the real binary behind it. Once is enough: a sanitizer finds nothing in a browser, and
# what the daemon does for it is tested without one. Skipped, with a word, where chromedriver is not installed.
if(BECKON_SANITIZE OR BECKON_SANITIZE_THREAD)
  return()
endif()
beckon_test(browser
  SOURCES browser/accessibility_test.cpp browser/hostile_test.cpp browser/looks_test.cpp browser/sign_in_test.cpp
    browser/status_test.cpp browser/watch_test.cpp browser/web_driver.cpp
  ROOMS forge net LIBRARIES nlohmann_json::nlohmann_json OpenSSL::Crypto
  PROPERTIES LABELS browser TIMEOUT 120 RESOURCE_LOCK browser)
add_dependencies(browser_test beckon sink_slack)
