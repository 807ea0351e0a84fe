# Packages, made by cpack from the installed components: scripts/package. On Linux .deb for Debian 12: paddock (the tool),
# paddockd (the service), libpaddock0 (the C library) and libpaddock-dev (headers, archives, CMake and pkg-config files). For
# Windows a zip of the tool, the programs it needs beside it, and the C library.
set(CPACK_PACKAGE_NAME paddock)
set(CPACK_PACKAGE_VENDOR "Paddock")
set(CPACK_PACKAGE_CONTACT "The Paddock authors <security@paddock.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "runs untrusted commands in the strongest sandbox the host can give")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_THREADS 0)
set(CPACK_COMPONENTS_ALL tool development)
if(PADDOCK_SHARED)
  list(APPEND CPACK_COMPONENTS_ALL c-library)
endif()
if(PADDOCK_SERVICE)
  list(APPEND CPACK_COMPONENTS_ALL service)
endif()
set(CPACK_STRIP_FILES ON)

if(WIN32)
  set(CPACK_GENERATOR ZIP)
  set(CPACK_COMPONENTS_ALL tool c-library)
  set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)  # else development would be in it, too
  set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
  set(CPACK_PACKAGE_FILE_NAME "paddock-${PROJECT_VERSION}-windows-x86_64")
else()
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_GROUPING IGNORE)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)  # of whatever package holds a library
  set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "https://paddock.invalid")
  # Modes that Debian wants, whatever the umask of who builds.
  set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  # What a policy of Debian's asks of every package: a copyright, a changelog, compressed manual pages.
  set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/packaging/debian/complete.cmake")

  set(CPACK_DEBIAN_TOOL_PACKAGE_NAME paddock)
  set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION utils)
  set(CPACK_DEBIAN_TOOL_PACKAGE_RECOMMENDS bubblewrap)
  set(CPACK_COMPONENT_TOOL_DESCRIPTION "command line tool
 Runs a command that nobody vouches for in namespaces, with Landlock and
 seccomp, says why it chose that sandbox, and reports rule by rule what
 was enforced and what was not.")

  set(CPACK_DEBIAN_SERVICE_PACKAGE_NAME paddockd)
  set(CPACK_DEBIAN_SERVICE_PACKAGE_SECTION utils)
  set(CPACK_DEBIAN_SERVICE_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_SERVICE_PACKAGE_DEPENDS "paddock (= ${PROJECT_VERSION}-1)")
  set(CPACK_COMPONENT_SERVICE_DESCRIPTION "service
 Runs commands in sandboxes for the programs of one user, over gRPC on a
 unix socket, with limits on how many run and wait. With the client that
 paddock --remote becomes, and units for systemd.")

  set(CPACK_DEBIAN_C-LIBRARY_PACKAGE_NAME libpaddock0)
  set(CPACK_DEBIAN_C-LIBRARY_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_C-LIBRARY_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_C-LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/debian/triggers")
  set(CPACK_COMPONENT_C-LIBRARY_DESCRIPTION "C library
 What the tool paddock does, for programs in any language that can call C:
 orders and answers are JSON, runs are events and calls.")

  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libpaddock-dev)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libpaddock0 (= ${PROJECT_VERSION}-1), libabsl-dev, nlohmann-json3-dev, libtomlplusplus-dev, libseccomp-dev")
  set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "development files
 Headers and archives of the C++ libraries, the header of the C library,
 and what CMake and pkg-config need to find them.")
endif()
include(CPack)
