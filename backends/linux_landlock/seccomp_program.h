#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_PROGRAM_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_PROGRAM_H_

#include <cstdint>

#include "backends/linux_landlock/seccomp_table.h"

struct sock_filter;  // <linux/filter.h>

// The filter programs that the build made out of seccomp_table.cc, for x86_64 and aarch64. Linux only.

namespace paddock {

struct SeccompProgram {
  const sock_filter* instructions = nullptr;  // static, never freed
  uint16_t length = 0;                        // in instructions, as in struct sock_fprog
};

// The program for prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER) or seccomp(SECCOMP_SET_MODE_FILTER), to be installed with
// no_new_privs set and after the last mount, unshare and set-up call of the process. The filter stays on every process
// that the caller starts. Async-signal-safe: it only looks up a pointer.
SeccompProgram BaselineProgram(const SeccompOptions& options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_PROGRAM_H_
