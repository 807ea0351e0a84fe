# Builds for 64-bit Windows on Debian with mingw-w64, in its flavour with posix threads (std::thread and std::mutex are
# missing in the other). Libraries come from the prefix that scripts/mingw_prefix builds, never from /usr; what is built
# runs under Wine.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

get_filename_component(paddock_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PADDOCK_MINGW_PREFIX)
if(NOT PADDOCK_MINGW_PREFIX)
  execute_process(COMMAND "${paddock_root}/scripts/mingw_prefix" --path
    OUTPUT_VARIABLE paddock_prefix OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT IS_DIRECTORY "${paddock_prefix}")
    message(FATAL_ERROR "${paddock_prefix} is not there yet: run scripts/mingw_prefix, which builds it")
  endif()
  set(PADDOCK_MINGW_PREFIX "${paddock_prefix}" CACHE PATH "What scripts/mingw_prefix has built; `none` for building it")
endif()

set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
if(NOT PADDOCK_MINGW_PREFIX STREQUAL "none")
  list(PREPEND CMAKE_FIND_ROOT_PATH "${PADDOCK_MINGW_PREFIX}")
endif()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Programs of one file each: no libgcc, libstdc++ or winpthread beside them to find, or to be planted.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")

set(CMAKE_CROSSCOMPILING_EMULATOR "${paddock_root}/scripts/lib/wine_run;--prefix;${CMAKE_BINARY_DIR}/wine;--")
