#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_PROGRAM_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/report/outcome.h"

namespace paddock {

// What CreateProcess is to start.
struct Program {
  std::string application;   // full path; of a batch file, System32's cmd.exe
  std::string command_line;  // for it
  // Where there is nothing to start: kNotFound or kNotExecutable, with a reason. kExited: there is.
  Outcome outcome = {ExitKind::kExited, 0, 0, {}};
};

// Finds argv[0] as cmd.exe would with PATH and PATHEXT of `environment` (NAME=VALUE), but never in the current
// directory unless argv[0] says so (".\x"), where a workspace could have put its own git.exe: a bare name is looked for
// in the absolute directories of PATH alone, and what has a separator counts from `cwd`. Of PATHEXT only .COM, .EXE,
// .BAT and .CMD count: the rest is opened by other programs, which the caller has to name. Batch files are run by
// System32's cmd.exe, never by %COMSPEC%.
//
// InvalidArgument with a reason if an argument cannot be handed over (windows_cmd.h, windows_command_line.h).
absl::StatusOr<Program> FindProgram(const std::vector<std::string>& argv, const std::string& cwd,
                                    const std::vector<std::string>& environment);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_PROGRAM_H_
