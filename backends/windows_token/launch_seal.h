#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_SEAL_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_SEAL_H_

#include "absl/status/status.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

// Takes a process or a thread away from the other processes of its user: who asks to open it from now on gets nothing
// of it, its own user not even as its owner. `object` is open for WRITE_DAC. Handles that are open stay what they are.
absl::Status SealObject(HANDLE object);

// The same for this process and all its threads, and mitigations: DLLs from System32 first, none from other machines or
// of low integrity, no extension points.
absl::Status SealOwnProcess();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_SEAL_H_
