#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_DESKTOP_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_DESKTOP_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/platform/windows/unique_handle.h"
#include "core/windows_launch/record.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_plan/specs.h"

namespace paddock {

struct StationTraits {
  using Handle = HWINSTA;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { CloseWindowStation(handle); }
};
struct DesktopTraits {
  using Handle = HDESK;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { CloseDesktop(handle); }
};

// Where the command's windows are. Lives as long as the run.
struct RunDesktop {
  BasicUniqueHandle<StationTraits> station;  // none: the interactive one
  BasicUniqueHandle<DesktopTraits> desktop;
  std::string name;                // "station\desktop", of STARTUPINFO
  bool shared_in_session = false;  // the station is that of all runs of this logon session
};

// Makes the desktop of `spec`, and its window station if it is to have one. Only an administrator may name a station
// (Microsoft Learn, "CreateWindowStationW"): to everybody else the system gives the one that belongs to the logon
// session, which then is opened to the session instead of to the run; the desktop stays the run's own.
//
// Desktops are made on the calling process's station, which therefore is another one for a moment. Not for two threads
// at a time.
absl::StatusOr<RunDesktop> MakeDesktop(const DesktopSpec& spec, const Symbols& symbols, LaunchRecorder& recorder);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_DESKTOP_H_
