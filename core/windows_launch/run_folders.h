#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_RUN_FOLDERS_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_RUN_FOLDERS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/lease/acl_volume.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// Whether an entry that was written stands in the list of a file.
using EntryCheck = std::function<absl::Status(AclFile& file, const access::Ace& entry)>;

// Reads it back. Unavailable, `readback_failed`, where it does not.
absl::Status ReadBackEntry(AclFile& file, const access::Ace& entry);

// The folders of a run below Paddock's state: "runs\NAME", which {run_folder} stands for, and those of the plan.
class RunFolders {
 public:
  // Makes "runs\NAME", under a lock that says that the run lives, and sets {run_folder}.
  static absl::StatusOr<std::unique_ptr<RunFolders>> Make(const std::string& state_dir, Symbols* symbols);

  RunFolders(const RunFolders&) = delete;
  RunFolders& operator=(const RunFolders&) = delete;
  ~RunFolders();  // Remove

  // Makes what is missing of the plan's folders, and adds each one's entry.
  absl::Status Add(const std::vector<OwnFolder>& folders, const Symbols& symbols, const EntryCheck& check);

  const std::string& path() const { return path_; }

  // Removes what is not kept. What cannot be removed is told in `notices`, and left to `gc`.
  void Remove(std::vector<std::string>* notices);

 private:
  RunFolders() = default;

  std::string name_, path_;
  std::unique_ptr<LeaseState> runs_;
  std::unique_ptr<LeaseState::Lock> lock_;
  std::vector<std::string> to_remove_;
};

// Removes the folders that killed runs have left below `state_dir`. Gives their paths; what cannot be removed stands in
// `stuck`, with the reason.
absl::StatusOr<std::vector<std::string>> CollectRunFolders(const std::string& state_dir,
                                                           std::vector<std::string>* stuck);

// Removes a directory and everything in it. Links are removed, never followed.
absl::Status RemoveFolder(const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_RUN_FOLDERS_H_
