#ifndef PADDOCK_CORE_HOST_PLACEHOLDER_H_
#define PADDOCK_CORE_HOST_PLACEHOLDER_H_

#include <cstdint>
#include <string>

namespace paddock {

enum class PlaceholderKind : uint8_t {
  kDirectory,
  kContent,  // a file that says "." (`.git/commondir`: the common directory is the git directory)
  kEmpty,    // an empty file
};

// Something made on the host for a run and removed afterwards, so that a name that does not exist yet can be denied.
struct Placeholder {
  std::string path;  // absolute, through no symbolic link
  PlaceholderKind kind = PlaceholderKind::kDirectory;
  friend bool operator==(const Placeholder&, const Placeholder&) = default;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_PLACEHOLDER_H_
