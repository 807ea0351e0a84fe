#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_RUNNER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_RUNNER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backends/windows_token/launch_enforcement.h"

namespace paddock {

// paddock-runner.exe, a process of the dedicated user, in the place of its main: `arguments` are the program's, the
// name of a pipe alone. Closes this process to others of its user, opens the pipe if its server is the process that
// started this one, and does what it is ordered: it checks, makes one command, and, where that has a terminal, keeps it
// until the launcher closes the pipe. Whatever ends the launcher ends this.
absl::Status RunRunner(const std::vector<std::string>& arguments, Enforcement& enforcement);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_RUNNER_H_
