#ifndef PADDOCK_CORE_PLATFORM_CALLER_H_
#define PADDOCK_CORE_PLATFORM_CALLER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/request/request.h"

namespace paddock {

// Who runs this process, and where: home from $HOME, else from the account's entry (Windows: %USERPROFILE%); entries of
// the environment without `=` are dropped, the first of two with one name holds, as for getenv(3). On Windows names are
// the same in any case; those that policies ask for get the spelling they are asked by ("PATH" for "Path").
// FailedPrecondition: the current directory has been removed or cannot be read.
absl::StatusOr<Caller> ReadCaller();

// What follows the program's name on the command line, in UTF-8, from what main() was given.
std::vector<std::string> ProgramArguments(int argc, char** argv);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_CALLER_H_
