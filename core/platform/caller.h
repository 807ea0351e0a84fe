#ifndef PADDOCK_CORE_PLATFORM_CALLER_H_
#define PADDOCK_CORE_PLATFORM_CALLER_H_

#include "absl/status/statusor.h"
#include "core/request/request.h"

namespace paddock {

// Who runs this process, and where: home from $HOME, else from the account's entry; entries of the environment without
// `=` are dropped, the first of two with one name holds, as for getenv(3). FailedPrecondition: the current directory
// has been removed or cannot be read.
absl::StatusOr<Caller> ReadCaller();

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_CALLER_H_
