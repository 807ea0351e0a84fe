# Installed tree: the tool, its manual pages and completion scripts (cli/CMakeLists.txt), the libraries with their headers
# below include/paddock, the C library with include/paddock.h, CMake targets (paddock::runtime, paddock::c, ...), paddock.pc and
# paddock-c.pc, the documentation and the schemas.
# tests/install_consumer builds a program against it. By components, which packages are made of (PaddockPackages.cmake):
# tool, c-library, development. On Windows c-library is whole by itself, with the header and the import library.
include(CMakePackageConfigHelpers)

set(paddock_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/paddock")
get_property(paddock_libraries GLOBAL PROPERTY PADDOCK_LIBRARIES)
list(FILTER paddock_libraries EXCLUDE REGEX "^paddock_cli")  # the tool's own, no interface for others

# The Windows archives and the Linux ones carry the same names, so both find_package and pkg-config work on them.
install(TARGETS paddock_options ${paddock_libraries} EXPORT paddockTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
set(paddock_c_development development)
if(TARGET paddock_c)
  if(WIN32)
    set(paddock_c_development c-library)
  endif()
  install(TARGETS paddock_c EXPORT paddockCTargets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT c-library NAMELINK_COMPONENT development
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT c-library
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${paddock_c_development})
  set_target_properties(paddock_c PROPERTIES EXPORT_NAME c)
  target_include_directories(paddock_c INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  install(FILES "${PROJECT_SOURCE_DIR}/capi/paddock.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT ${paddock_c_development})
  install(EXPORT paddockCTargets NAMESPACE paddock:: DESTINATION "${paddock_package_dir}" COMPONENT ${paddock_c_development})
endif()
install(EXPORT paddockTargets NAMESPACE paddock:: DESTINATION "${paddock_package_dir}" COMPONENT development)

# Headers keep their paths, so that `#include "core/policy/policy.h"` means the same here and there.
foreach(folder core backends provision compose capi)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/paddock" COMPONENT development
    FILES_MATCHING PATTERN "*.h")
endforeach()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/paddockConfig.cmake.in" "${PROJECT_BINARY_DIR}/paddockConfig.cmake"
  INSTALL_DESTINATION "${paddock_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/paddockConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/paddockConfig.cmake" "${PROJECT_BINARY_DIR}/paddockConfigVersion.cmake"
  DESTINATION "${paddock_package_dir}" COMPONENT ${paddock_c_development})

# A linker reads archives from left to right: who uses another stands before it. Libraries are registered in the order of
# the flow, so the reverse of it is that order.
set(paddock_pc_libraries "")
set(paddock_pc_system "")
foreach(library IN LISTS paddock_libraries)
  set(paddock_pc_libraries "-l${library} ${paddock_pc_libraries}")
  get_target_property(linked ${library} LINK_LIBRARIES)
  list(FILTER linked INCLUDE REGEX "^[a-z0-9]+(_[0-9]+)?$")  # of the system: what is ours and Abseil's has a prefix
  list(APPEND paddock_pc_system ${linked})
endforeach()
list(REMOVE_DUPLICATES paddock_pc_system)
list(TRANSFORM paddock_pc_system PREPEND "-l")
list(JOIN paddock_pc_system " " paddock_pc_system)
file(RELATIVE_PATH paddock_pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${CMAKE_CURRENT_LIST_DIR}/paddock.pc.in" "${PROJECT_BINARY_DIR}/paddock.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/paddock.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
if(TARGET paddock_c)
  configure_file("${CMAKE_CURRENT_LIST_DIR}/paddock-c.pc.in" "${PROJECT_BINARY_DIR}/paddock-c.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/paddock-c.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT ${paddock_c_development})
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT tool)
# To be taken to a machine with Windows, whatever this one is.
install(FILES "${PROJECT_SOURCE_DIR}/scripts/windows/snapshot.ps1" DESTINATION "${CMAKE_INSTALL_DATADIR}/paddock/windows" COMPONENT tool)
set(PADDOCK_THIRD_PARTY_NOTICES "" CACHE PATH "Licences of what is linked in, to be installed: scripts/package fills it")
if(PADDOCK_THIRD_PARTY_NOTICES)
  install(DIRECTORY "${PADDOCK_THIRD_PARTY_NOTICES}/" DESTINATION "${CMAKE_INSTALL_DOCDIR}/third-party" COMPONENT tool)
endif()
install(FILES README.md LICENSE SECURITY.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT tool)
