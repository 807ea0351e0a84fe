#ifndef PADDOCK_CORE_PLATFORM_CALLER_H_
#define PADDOCK_CORE_PLATFORM_CALLER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/request/request.h"

namespace paddock {

// Who runs this process, and where: home from $HOME, else from the account's entry (Windows: %USERPROFILE%); entries of
// the environment without `=` are dropped, the first of two with one name holds, as for getenv(3). On Windows names are
// the same in any case; those that policies ask for get the spelling they are asked by ("PATH" for "Path").
// FailedPrecondition: the current directory has been removed or cannot be read.
absl::StatusOr<Caller> ReadCaller();

// What follows the program's name on the command line, in UTF-8, from what main() was given.
std::vector<std::string> ProgramArguments(int argc, char** argv);

// Makes this process run the program `name`, which lies beside its own file or in the directory `otherwise`, relative
// to that; arguments and everything else stay. Comes back only where that fails: NotFound says where it was looked for.
absl::Status ReplaceByProgram(absl::string_view name, absl::string_view otherwise,
                              const std::vector<std::string>& args);

// Ends the process. On Windows without the exit handlers of its libraries: a thread that was left behind with a
// question to the system may hold a lock that they wait for.
[[noreturn]] void EndProcess(int status);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_CALLER_H_
