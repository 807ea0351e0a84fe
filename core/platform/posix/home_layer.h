#ifndef PADDOCK_CORE_PLATFORM_POSIX_HOME_LAYER_H_
#define PADDOCK_CORE_PLATFORM_POSIX_HOME_LAYER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

// What the runs of one workspace wrote below the home directory (filesystem.home = "kept").
//
// On disk: <state_dir>/homes/KEY, for the user alone, where KEY is that of the workspace's leases:
//
//   workspace    whose layer this is: the time of birth of its root, and its path
//   upper, work  of the overlay over the home
//   bare         the home itself where the view shows nothing of the host's (filesystem.read = "minimal"): upper may
//                hold copies of the host's files
//
// The directory itself is the lock, exclusively, of the one run that uses the layer, and of who removes it. `removed-*`
// is a layer that is being taken away. The overlay is mounted volatile: nothing waits for the disk at the end of a run,
// and a layer that was in use when the power failed may hold torn files.

namespace paddock {

// One run's hold on the layer of its workspace. It ends with the object; if the process is killed, with the last copy
// of lock().
class HomeLayer {
 public:
  // Opens the layer at `path`, STATE_DIR/homes/KEY, and makes what is missing. If its workspace is gone and another one
  // has the number of its inode by now, the layer starts anew: what one project left is not for another.
  //
  // Never blocks on the lock. Reasons: `home_layer_busy`, another run has it; `home_layer_unusable`, it is not as it
  // was made, or the system does not let it be used.
  static absl::StatusOr<std::unique_ptr<HomeLayer>> Acquire(const std::string& path, const std::string& workspace);

  ~HomeLayer();
  HomeLayer(const HomeLayer&) = delete;
  HomeLayer& operator=(const HomeLayer&) = delete;

  const std::string& path() const { return path_; }  // without symbolic links
  uint64_t device() const { return device_; }
  uint64_t inode() const { return inode_; }
  int lock() const { return directory_.get(); }

 private:
  HomeLayer() = default;

  std::string path_;
  UniqueFd directory_;
  uint64_t device_ = 0, inode_ = 0;
};

// What `paddock gc` did with one layer.
struct CollectedHome {
  std::string path;
  std::string workspace;  // empty if that cannot be read
  bool live = false;      // a run holds it: left alone
  bool gone = false;      // its workspace is not there any more
  bool removed = false;
  std::string obstacle;   // why it could not be removed, or looked at
  uint64_t bytes = 0;     // on disk; 0 if live
  bool all_bytes = true;  // false: there is more
};

// Removes the layers below `state_dir` whose workspace is gone, or with `all` every one, but for those that a live run
// holds; lists the others, in order. A missing state_dir is an empty list.
absl::StatusOr<std::vector<CollectedHome>> CollectHomes(const std::string& state_dir, bool all);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_HOME_LAYER_H_
