# What the tests of the plugin room need besides their program: libraries that misbehave, and the template of a sink.

# One library for each misdeed, without the flags of the build: broken ones come from strangers.
file(GLOB misdeeds CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/broken/*.c ${CMAKE_CURRENT_LIST_DIR}/broken/*.cpp)
foreach(source ${misdeeds})
  cmake_path(GET source STEM misdeed)
  add_library(broken_${misdeed} MODULE ${source})
  target_link_libraries(broken_${misdeed} PRIVATE Beckon::sink)
  set_target_properties(broken_${misdeed} PROPERTIES
    PREFIX "" OUTPUT_NAME ${misdeed} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/broken_sinks)
  add_dependencies(plugins_test broken_${misdeed})
endforeach()
target_compile_definitions(plugins_test PRIVATE BECKON_BROKEN_SINKS="${CMAKE_BINARY_DIR}/broken_sinks")
set_target_properties(plugins_test PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)

# Libraries that do at run time what a delivery tells them, for sinks in processes of their own.
foreach(kind webhook worker)
  add_library(misdeeds_${kind} MODULE plugins/misdeeds/misdeeds.cpp)
  target_link_libraries(misdeeds_${kind} PRIVATE Beckon::sink)
  set_target_properties(misdeeds_${kind} PROPERTIES
    PREFIX "" OUTPUT_NAME ${kind} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/misdeeds)
endforeach()
target_compile_definitions(misdeeds_worker PRIVATE MISDEEDS_WORKER)
foreach(target misdeeds_webhook misdeeds_worker)
  target_compile_features(${target} PRIVATE cxx_std_20)
  add_dependencies(plugins_test ${target})
endforeach()

# What an author does: install the package, build the template against it, give the library to Beckon.
add_executable(template_test plugins/template_test.cpp)
target_include_directories(template_test PRIVATE ${CMAKE_CURRENT_LIST_DIR}/..)
target_link_libraries(template_test PRIVATE beckon_options room_plugins GTest::gmock GTest::gtest_main)
add_dependencies(plugins_test template_test)
add_test(NAME SinkPackage.TemplateBuildsAgainstTheInstalledPackageAndDelivers
  COMMAND ${CMAKE_COMMAND}
    -D BUILD=${CMAKE_BINARY_DIR} -D SOURCE=${CMAKE_SOURCE_DIR}/plugins/template -D TEST=$<TARGET_FILE:template_test>
    -D GENERATOR=${CMAKE_GENERATOR} -D COMPILER=${CMAKE_CXX_COMPILER} -D LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}
    -P ${CMAKE_CURRENT_LIST_DIR}/package.cmake)
set_tests_properties(SinkPackage.TemplateBuildsAgainstTheInstalledPackageAndDelivers PROPERTIES TIMEOUT 300)

# A class that is no sink is told so by the compiler, in words.
function(wrong_class number fact words)
  add_test(NAME WrongClass.${fact} COMMAND ${CMAKE_CXX_COMPILER} -std=c++17 -fsyntax-only -DWRONG=${number}
    -I${CMAKE_SOURCE_DIR}/plugins/include ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/wrong_class.cpp)
  set_tests_properties(WrongClass.${fact} PROPERTIES PASS_REGULAR_EXPRESSION "${words}")
endfunction()
wrong_class(1 NeedsAConstructorFromSettings "expected signature: explicit Sink.const beckon::Settings& settings")
wrong_class(2 InterpretHasASignature "expected signature: beckon::Outcome interpret.const beckon::Delivery& delivery, const")
wrong_class(3 HalfAKindIsNamed "half a webhook sink: it needs both")
wrong_class(4 RenderIsConst "expected signature: beckon::Rendered render.const beckon::Delivery& delivery. const")
wrong_class(5 NoKindIsNamed "no sink: it needs render and interpret .a webhook sink. or deliver")
wrong_class(6 BothKindsAreNamed "two kinds of sink in one class")
wrong_class(7 DeliverHasASignature "expected signature: beckon::Outcome deliver.const beckon::Delivery& delivery")
wrong_class(8 CheckIsStatic "expected signature: static void check.const beckon::Values& settings")
wrong_class(9 FeedbackIsStatic "expected signature: static std::optional<beckon::Feedback> feedback.const beckon::Values& settings")
