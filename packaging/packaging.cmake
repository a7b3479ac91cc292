# The manual pages, and what `cpack -G DEB` needs to make two packages: `beckon` (program, sinks, service) and `beckon-dev` (what
# authors of sinks need).

# Debian wants them compressed, and man(1) takes them so. -n leaves out the time: the same source, the same package.
function(compressed source name variable)
  set(result ${CMAKE_CURRENT_BINARY_DIR}/packaging/${name}.gz)
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/packaging)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/packaging/${source})
  execute_process(COMMAND gzip -9nc ${CMAKE_CURRENT_SOURCE_DIR}/packaging/${source} OUTPUT_FILE ${result} COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} ${result} PARENT_SCOPE)
endfunction()

compressed(beckon.1 beckon.1 man_beckon)
compressed(beckon.toml.5 beckon.toml.5 man_beckon_toml)
install(FILES ${man_beckon} DESTINATION share/man/man1 COMPONENT program)
install(FILES ${man_beckon_toml} DESTINATION share/man/man5 COMPONENT program)

# Only in the package: the service names the paths of an installation in /usr.
install(FILES packaging/beckon.service DESTINATION lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(FILES packaging/beckon-user.service RENAME beckon.service DESTINATION lib/systemd/user COMPONENT service EXCLUDE_FROM_ALL)
install(FILES packaging/config.toml DESTINATION /etc/beckon COMPONENT service EXCLUDE_FROM_ALL)
compressed(debian/changelog changelog.Debian changelog)
foreach(package beckon beckon-dev)
  set(component service)
  if(package STREQUAL "beckon-dev")
    set(component sdk_doc)
  endif()
  install(FILES packaging/debian/copyright ${changelog} DESTINATION share/doc/${package} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
install(FILES README.md config.example.toml DESTINATION share/doc/beckon COMPONENT service EXCLUDE_FROM_ALL)
install(FILES plugins/README.md DESTINATION share/doc/beckon-dev COMPONENT sdk_doc EXCLUDE_FROM_ALL)
foreach(sink IN LISTS BECKON_SINKS)
  install(FILES sinks/${sink}/README.md DESTINATION share/doc/beckon/sinks/${sink} COMPONENT service EXCLUDE_FROM_ALL)
endforeach()
file(GLOB alert_rules CONFIGURE_DEPENDS packaging/*.rules.yml packaging/prometheus/*)
install(FILES ${alert_rules} DESTINATION share/doc/beckon/prometheus COMPONENT service EXCLUDE_FROM_ALL)

set(CPACK_PACKAGE_NAME beckon)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The authors of Beckon <beckon@localhost>")
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)   # /etc is not under the prefix
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_COMPONENTS_ALL program sinks service sdk sdk_doc)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
foreach(component program sinks service)
  string(TOUPPER ${component} upper)
  set(CPACK_COMPONENT_${upper}_GROUP beckon)
endforeach()
set(CPACK_COMPONENT_SDK_GROUP dev)
set(CPACK_COMPONENT_SDK_DOC_GROUP dev)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_BECKON_PACKAGE_NAME beckon)
set(CPACK_DEBIAN_BECKON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_BECKON_PACKAGE_SHLIBDEPS ON)
# To trust GitHub and its like: who has only certificates of his own names them in `ca_file`; and to reload the service.
set(CPACK_DEBIAN_BECKON_PACKAGE_RECOMMENDS "ca-certificates, procps")
set(CPACK_DEBIAN_BECKON_PACKAGE_SUGGESTS beckon-dev)
set(CPACK_DEBIAN_BECKON_DESCRIPTION "tells people where they are @mentioned on GitHub
 A daemon that polls GitHub for new mentions in issues, pull requests, reviews
 and comments, without webhooks or admin rights, and delivers them to Slack,
 Discord, Mattermost, Teams, Telegram, Matrix, ntfy, Apprise, mail, the
 desktop, a webhook or the terminal, or to a shared library of one's own.
 .
 Every mention is told once, in order, and none is lost through a crash or an
 outage. The service is not enabled before it is configured.")
set(CPACK_DEBIAN_BECKON_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian/conffiles ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian/postinst
  ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian/prerm ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian/postrm)

set(CPACK_DEBIAN_DEV_PACKAGE_NAME beckon-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "beckon (>= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "cmake, pkg-config")
set(CPACK_DEBIAN_DEV_DESCRIPTION "headers and CMake package for sinks of Beckon
 What it takes to write a sink of Beckon, in C++ or plain C: a shared library
 that tells people where they are mentioned, loaded from a folder. `beckon
 new-sink` makes a project that builds against this.")

include(CPack)
