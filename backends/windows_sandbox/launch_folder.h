#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_FOLDER_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_FOLDER_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/windows_sandbox/order.h"
#include "backends/windows_sandbox/sandbox_plan.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// The folder of one run, "windows_sandbox\NAME" below Paddock's state:
//
//   machine.wsb; the folder in: paddock-guest.exe, order.json, control; the folder out: the mailbox
//
// Beside it "NAME.lock", open while the run lives and gone with its process, by which `gc` knows a folder that a killed
// run has left. A second lock is the one machine of this user's.
class MachineFolder {
 public:
  // FailedPrecondition with `sandbox_instance_running` if another run of this user's has the machine.
  static absl::StatusOr<std::unique_ptr<MachineFolder>> Make(const std::string& state_dir);

  MachineFolder(const MachineFolder&) = delete;
  MachineFolder& operator=(const MachineFolder&) = delete;
  ~MachineFolder();  // Remove

  // Fills it. Unavailable with `guest_program_missing` if that cannot be copied.
  absl::Status Fill(const WindowsSandboxPlan& plan, const std::string& guest_program);

  // Writes the control file, with a beat that is newer than the last. Thread-safe; what cannot be written now comes
  // with the next beat.
  void Tell(GuestCommand command);
  void Beat();

  const std::string& nonce() const { return nonce_; }
  std::string out() const;
  std::string configuration() const;                 // the path of machine.wsb
  const std::string& text() const { return text_; }  // what stands in it

  // What cannot be removed is told in `notices`, and left to `gc`.
  void Remove(std::vector<std::string>* notices);

 private:
  MachineFolder() = default;
  void WriteControl();

  std::string path_, nonce_, text_;
  UniqueFileHandle instance_, lock_, control_;
  std::mutex mutex_;  // of what is told
  Control told_;
};

// Removes a directory and everything in it. Links are removed, never followed.
absl::Status RemoveMachineFolder(const std::string& path);

// For calls of Win32, of any length.
absl::StatusOr<std::wstring> LongPath(absl::string_view path);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_FOLDER_H_
