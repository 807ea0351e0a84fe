#ifndef PADDOCK_CORE_WINDOWS_PLAN_SPECS_H_
#define PADDOCK_CORE_WINDOWS_PLAN_SPECS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/policy/policy.h"

// The parts of a plan body that backends with a process of Windows have in common. Symbols, in paths, SDDL and values
// of variables alike, stand for what only the launch knows: which there are, the body of each backend says.

namespace paddock {

// A directory of the run's own, "runs\NAME" below Paddock's state, removed after the run.
inline constexpr char kRunFolder[] = "{run_folder}";

// A directory below Paddock's own state that the command may write.
struct OwnFolder {
  std::string path;
  std::string ace;    // SDDL; for a dedicated user one more. Empty: a lease grants it
  bool kept = false;  // stays, and is one of `roots`: made before leases are taken. Else made and removed by the run
  friend bool operator==(const OwnFolder&, const OwnFolder&) = default;
};

struct JobSpec {
  bool kill_on_close = true;
  bool die_on_unhandled_exception = true;
  std::optional<uint64_t> processes;             // ActiveProcessLimit
  std::optional<uint64_t> memory;                // JobMemoryLimit, bytes
  std::optional<std::chrono::milliseconds> cpu;  // PerJobUserTimeLimit
  std::vector<std::string> ui_limits;            // JOB_OBJECT_UILIMIT_*: "handles", "readclipboard", ...; empty: none
  friend bool operator==(const JobSpec&, const JobSpec&) = default;
};

struct DesktopSpec {
  bool own_station = true;  // else a desktop of its own on WinSta0, which shares clipboard and atoms
  std::string station;      // "paddock-{run}"; empty on WinSta0
  std::string desktop;
  std::string descriptor;  // SDDL, of both
  friend bool operator==(const DesktopSpec&, const DesktopSpec&) = default;
};

struct ProcessSpec {
  std::vector<std::string> command;  // argv; the program is searched, and the line made, by the launcher
  std::string cwd;
  std::vector<std::string> environment;  // NAME=VALUE, sorted as Windows sorts them
  bool tty = false;                      // a pseudoconsole
  std::vector<std::string> handles;      // what is inherited: "stdin", "stdout", "stderr"; nothing with a tty
  std::vector<std::string> mitigations;  // PROCESS_CREATION_MITIGATION_POLICY_*: "image_load_no_remote", ...
  friend bool operator==(const ProcessSpec&, const ProcessSpec&) = default;
};

Json ToJson(const OwnFolder& folder);
Json ToJson(const JobSpec& job);
Json ToJson(const DesktopSpec& desktop);
Json ToJson(const ProcessSpec& process);

// What the launcher itself watches; the rest of the limits is the job's.
Json WatchedLimitsJson(const LimitsPolicy& limits);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_SPECS_H_
