#ifndef PADDOCK_CORE_PLATFORM_POSIX_RUN_DIRECTORY_H_
#define PADDOCK_CORE_PLATFORM_POSIX_RUN_DIRECTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {

// A directory of one run's own on the host, for what a command may write and nobody keeps. Made and locked on
// construction, removed with all that is in it when the run has ended; what nobody was left to remove goes when the
// next one is made below the same parent.
class RunDirectory {
 public:
  // Below `parent`, which is made for the user alone unless it is there. Fails with `state_dir_unusable`.
  static absl::StatusOr<std::unique_ptr<RunDirectory>> Make(const std::string& parent);
  ~RunDirectory() { Remove(); }
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::string& path() const { return path_; }

  // Async-signal-safe: a guard calls it on the memory of a process that was killed.
  void Remove();

  // What Remove() works on: a process that is to call it has to keep these open.
  std::vector<int> descriptors() const { return {parent_.get(), directory_.get()}; }

 private:
  RunDirectory(std::string path, UniqueFd parent, UniqueFd directory);

  std::string path_;
  const char* name_;  // in path_
  UniqueFd parent_, directory_;
  bool removed_ = false;
};

// Removes the directories of dead runs below `parent_path`, and returns their paths, sorted. What a live launcher holds
// stays.
std::vector<std::string> CollectRunDirectories(const std::string& parent_path);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_RUN_DIRECTORY_H_
