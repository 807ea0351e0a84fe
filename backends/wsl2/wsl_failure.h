#ifndef PADDOCK_BACKENDS_WSL2_WSL_FAILURE_H_
#define PADDOCK_BACKENDS_WSL2_WSL_FAILURE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/base/reason.h"

namespace paddock::wsl2 {

// Why wsl.exe ended before the relay said a word. `said` is what it wrote, which is in the user's language, but for the
// error codes in it, which decide. `exit_code`: 0xFFFFFFFF is its own failure; it also has statuses of its own that a
// program could have returned, and which therefore say nothing.
Reason WslFailure(absl::string_view distribution, absl::string_view said, uint32_t exit_code);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_WSL_FAILURE_H_
