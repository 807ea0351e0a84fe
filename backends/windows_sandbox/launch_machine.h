#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_MACHINE_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_MACHINE_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// The machine, seen from the host: %SystemRoot%\System32\WindowsSandbox.exe with a .wsb file, which every version has;
// where that is not there, wsb.exe (Windows 11 24H2), which is told to connect as well, since a machine without a
// window was reported not to run its logon command.
class HostMachine {
 public:
  // Starts it, with the file `path` that holds `text`. Unavailable: `sandbox_instance_running`, `feature_absent`,
  // `setup_failed`.
  static absl::StatusOr<std::unique_ptr<HostMachine>> Start(const std::string& path, const std::string& text);
  ~HostMachine();  // Kill

  // Set when the process that shows the machine ended; null where none is known.
  HANDLE process() const { return shown_.valid() ? shown_.get() : starter_.get(); }

  // To be called once the machine has reported: the process that shows it may be another than the one that was started.
  void FindWindowProcess();
  // The starter ended, and may have handed the machine to somebody else: it tells nothing any more.
  void ForgetStarter() { starter_.reset(); }

  // Waits until the machine is gone, or as long as `patience` lasts. False: it is not known to be gone.
  bool WaitForEnd(std::chrono::milliseconds patience);

  // Ends it from outside. Thread-safe.
  void Kill();

  absl::string_view started_by() const { return id_.empty() ? "WindowsSandbox.exe" : "wsb.exe"; }

 private:
  HostMachine() = default;
  absl::Status StartBySystem(const std::wstring& program, const std::string& path);
  absl::Status StartByAlias(const std::wstring& program, const std::string& text);

  std::mutex mutex_;  // of Kill
  UniqueHandle job_, starter_, shown_;
  std::wstring alias_;  // wsb.exe
  std::string id_;      // of the machine, by wsb.exe
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_MACHINE_H_
