# Targets of this project: one static library for each folder, so that the link line itself shows who may use whom.

add_library(paddock_options INTERFACE)
target_compile_features(paddock_options INTERFACE cxx_std_20)
target_include_directories(paddock_options INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/paddock>")

if(WIN32)
  target_compile_definitions(paddock_options INTERFACE _WIN32_WINNT=0x0A00)  # Windows 10, the oldest that Paddock knows
endif()
if(MSVC)
  set(PADDOCK_WARNINGS /W4)
  target_compile_options(paddock_options INTERFACE /permissive- /utf-8 /Zc:__cplusplus /EHsc)
else()
  set(PADDOCK_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
endif()

# paddock_library(NAME SOURCES a.cc ... DEPS lib ...): the static library paddock_NAME, exported as paddock::NAME.
function(paddock_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(paddock_${name} STATIC ${ARG_SOURCES})
  add_library(paddock::${name} ALIAS paddock_${name})
  set_target_properties(paddock_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_options(paddock_${name} PRIVATE ${PADDOCK_WARNINGS})
  target_link_libraries(paddock_${name} PUBLIC paddock_options ${ARG_DEPS})
  set_property(GLOBAL APPEND PROPERTY PADDOCK_LIBRARIES paddock_${name})
endfunction()

set(PADDOCK_TEST_OPTIONS "" CACHE STRING "More compiler options for the sources of unit tests, most of a build's time")

# Tests of this build run under Wine, not on Windows: they are labelled with what they can show.
set(PADDOCK_WINE OFF)
if(WIN32 AND CMAKE_CROSSCOMPILING)
  set(PADDOCK_WINE ON)
endif()

# paddock_test(NAME SOURCES a_test.cc ... DEPS lib ... [LABELS unit]): a GoogleTest program, one CTest entry.
function(paddock_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(PADDOCK_WINE)
    list(APPEND ARG_LABELS wine)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${PADDOCK_WARNINGS} ${PADDOCK_TEST_OPTIONS})
  target_compile_definitions(${name} PRIVATE PADDOCK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# paddock_fuzzer(NAME SOURCES x_fuzz.cc DEPS lib ...): a libFuzzer program; its seeds lie in tests/fuzz/corpus/NAME.
function(paddock_fuzzer name)
  if(NOT PADDOCK_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${PADDOCK_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
endfunction()
