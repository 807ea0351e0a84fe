#ifndef PADDOCK_CORE_PLATFORM_POSIX_HOME_LAYER_RECORD_H_
#define PADDOCK_CORE_PLATFORM_POSIX_HOME_LAYER_RECORD_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// The file `workspace` of a home layer: says whose it is, beyond the number of an inode, which the next directory may
// get.
//
//   paddock-home 1 SECONDS.NANOSECONDS    born; "-" where the file system does not say
//   PATH                                  to the end of the file, whatever bytes it holds

namespace paddock {

struct HomeLayerRecord {
  std::string born;
  std::string workspace;
  friend bool operator==(const HomeLayerRecord&, const HomeLayerRecord&) = default;
};

// What `workspace` is now, if it is the directory that `key` names; nullopt if not.
std::optional<HomeLayerRecord> LookAtWorkspaceRoot(const std::string& workspace, absl::string_view key);

// Whether `now` is the workspace of `record`: the same one, perhaps moved. Without a time of birth, a move looks like
// another one.
bool IsSameWorkspace(const HomeLayerRecord& record, const HomeLayerRecord& now);

// Nullopt if there is none, or a malformed one.
std::optional<HomeLayerRecord> ReadHomeLayerRecord(int layer);
// False with errno. The file is the old or the new one at any time.
bool WriteHomeLayerRecord(int layer, const HomeLayerRecord& record);

// Takes the layer `name` out of the way first, under a name that begins like this, then away. Its lock is the caller's.
// False with errno.
inline constexpr char kRemovedLayer[] = "removed-";
bool RemoveHomeLayer(int homes, const char* name);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_HOME_LAYER_RECORD_H_
