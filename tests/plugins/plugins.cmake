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

# One that breaks the contract as its settings say.
add_library(faulty_sink MODULE plugins/faulty/faulty.cpp)
target_link_libraries(faulty_sink PRIVATE Beckon::sink)
set_target_properties(faulty_sink PROPERTIES
  PREFIX "" OUTPUT_NAME faulty LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/faulty_sinks)
add_dependencies(plugins_test faulty_sink)

# A sink built against each released version's own headers, and that version's layout beside today's (released/README.md).
set(released 1.0)
foreach(version IN LISTS released)
  set(headers ${CMAKE_CURRENT_LIST_DIR}/released/${version})
  string(MAKE_C_IDENTIFIER rows_${version} rows)
  add_library(released_${version} MODULE plugins/released/sink.cpp)
  target_include_directories(released_${version} PRIVATE ${headers})
  target_compile_features(released_${version} PRIVATE cxx_std_17)
  set_target_properties(released_${version} PROPERTIES
    PREFIX "" OUTPUT_NAME ${version} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/released_sinks)
  add_dependencies(plugins_test released_${version})
  foreach(side then today)
    add_library(${rows}_${side} OBJECT plugins/released/rows.c)
    set_target_properties(${rows}_${side} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)
    target_sources(plugins_test PRIVATE $<TARGET_OBJECTS:${rows}_${side}>)
  endforeach()
  target_include_directories(${rows}_then PRIVATE ${headers})
  target_compile_definitions(${rows}_then PRIVATE ROWS=${rows})
  target_include_directories(${rows}_today PRIVATE ${CMAKE_SOURCE_DIR}/plugins/include ${headers})
  target_compile_definitions(${rows}_today PRIVATE ROWS=${rows}_today)
endforeach()
target_compile_definitions(plugins_test PRIVATE BECKON_RELEASED_SINKS="${CMAKE_BINARY_DIR}/released_sinks")

# What an author does with an installed Beckon (package.cmake).
function(package_test fact step)
  add_test(NAME SinkPackage.${fact} COMMAND ${CMAKE_COMMAND}
    -D STEP=${step} -D BUILD=${CMAKE_BINARY_DIR} -D PREFIX=${CMAKE_BINARY_DIR}/package_test/prefix
    -D FOLDER=${CMAKE_BINARY_DIR}/package_test/${fact} -D GENERATOR=${CMAKE_GENERATOR} ${ARGN}
    -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/package.cmake)
  set_tests_properties(SinkPackage.${fact} PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED sink_package)
endfunction()
package_test(IsInstalledAndMoved install)
set_tests_properties(SinkPackage.IsInstalledAndMoved PROPERTIES FIXTURES_REQUIRED "" FIXTURES_SETUP sink_package)
package_test(AWebhookSinkBuildsWithGcc project -D KIND=webhook -D COMPILER=g++)
package_test(AWebhookSinkBuildsWithClang project -D KIND=webhook -D COMPILER=clang++-16 -D STANDARD=20)
package_test(AWorkerSinkBuildsWithGcc project -D KIND=worker -D COMPILER=g++ -D STANDARD=20)
package_test(AWorkerSinkBuildsWithClang project -D KIND=worker -D COMPILER=clang++-16)
package_test(ASinkInCBuildsWithGcc project -D KIND=c -D COMPILER=gcc)
package_test(ASinkInCBuildsWithClang project -D KIND=c -D COMPILER=clang-16)
package_test(PkgConfigIsEnoughForGcc pkgconfig -D COMPILER=gcc)
package_test(PkgConfigIsEnoughForClang pkgconfig -D COMPILER=clang-16)

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
