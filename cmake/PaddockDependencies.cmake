# Debian 12 (and vcpkg) names of what we build on. Nothing is downloaded here.
find_package(absl REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()

# Debian's package exports the shared libraries, while a sandbox launcher wants none to load: each absl target is
# pointed at the archive beside its shared object.
function(paddock_use_static_abseil)
  get_directory_property(targets IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    if(NOT target MATCHES "^absl::")
      continue()
    endif()
    get_target_property(location ${target} IMPORTED_LOCATION_NONE)
    string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${location}")
    if(location AND EXISTS "${archive}")
      set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_NONE "${archive}")
    endif()
  endforeach()
endfunction()
if(UNIX)
  paddock_use_static_abseil()
endif()

# Debian's archives are no position-independent code, so that a shared object of ours has to load Abseil's. They stand first:
# a linker takes nothing from an archive that it has found before. Where no shared objects lie beside the archives, as with
# vcpkg, these are position-independent and become a part of ours.
function(paddock_link_shared_abseil target)
  set(objects "")
  foreach(name bad_optional_access bad_variant_access base city civil_time cord cord_internal cordz_functions cordz_handle
      cordz_info debugging_internal demangle_internal exponential_biased graphcycles_internal hash int128 log_severity
      low_level_hash malloc_internal raw_logging_internal spinlock_wait stacktrace status statusor str_format_internal strerror
      strings strings_internal symbolize synchronization throw_delegate time time_zone)
    if(NOT TARGET absl::${name})
      continue()  # of another version of Abseil's
    endif()
    get_target_property(archive absl::${name} IMPORTED_LOCATION_NONE)
    string(REGEX REPLACE "\\.a$" ".so" object "${archive}")
    if(EXISTS "${object}")
      list(APPEND objects "${object}")
    endif()
  endforeach()
  target_link_libraries(${target} PRIVATE -Wl,--no-as-needed ${objects} -Wl,--as-needed)
endfunction()
