# The seccomp programs are computed while Paddock is built: the launcher only loads them, and links no libseccomp.
find_path(SECCOMP_INCLUDE_DIR seccomp.h REQUIRED)
find_library(SECCOMP_LIBRARY seccomp REQUIRED)

# Not installed: for the generator and the tests.
add_library(paddock_seccomp_compiler STATIC seccomp_compiler.cc seccomp_table.cc launch_seccomp_syscalls.cc)
target_compile_options(paddock_seccomp_compiler PRIVATE ${PADDOCK_WARNINGS})
target_include_directories(paddock_seccomp_compiler SYSTEM PRIVATE ${SECCOMP_INCLUDE_DIR})
target_link_libraries(paddock_seccomp_compiler PUBLIC paddock_base ${SECCOMP_LIBRARY})

add_executable(paddock_seccomp_generator launch_seccomp_generator.cc)
target_compile_options(paddock_seccomp_generator PRIVATE ${PADDOCK_WARNINGS})
target_link_libraries(paddock_seccomp_generator PRIVATE paddock_seccomp_compiler absl::str_format)

set(PADDOCK_SECCOMP_PROGRAMS "${CMAKE_CURRENT_BINARY_DIR}/seccomp/seccomp_programs.inc")
file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/seccomp")
add_custom_command(OUTPUT "${PADDOCK_SECCOMP_PROGRAMS}"
  COMMAND paddock_seccomp_generator "${PADDOCK_SECCOMP_PROGRAMS}"
  DEPENDS paddock_seccomp_generator
  COMMENT "Computing the seccomp programs" VERBATIM)

# The programs alone: BaselineProgram() of seccomp_program.h. For the launcher.
paddock_library(linux_seccomp SOURCES launch_seccomp_program.cc "${PADDOCK_SECCOMP_PROGRAMS}" DEPS paddock_base)
target_include_directories(paddock_linux_seccomp PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/seccomp")
