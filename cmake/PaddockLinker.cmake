# The cross build for Windows has some eighty programs. LLD links one in half a second, GNU ld in ten. The release stays with
# GNU ld, the linker that Debian's mingw-w64 is made with.
if(MINGW AND CMAKE_CROSSCOMPILING)
  find_program(PADDOCK_LLD ld.lld DOC "LLVM's linker")
  mark_as_advanced(PADDOCK_LLD)
  set(paddock_with_lld OFF)
  if(PADDOCK_LLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(paddock_with_lld ON)
  endif()
  option(PADDOCK_LINK_BY_LLD "Link by LLD in place of GNU ld" ${paddock_with_lld})
  if(PADDOCK_LINK_BY_LLD)
    add_link_options("SHELL:-wrapper ${PROJECT_SOURCE_DIR}/scripts/lib/mingw_lld,${PADDOCK_LLD}")
  endif()
endif()
