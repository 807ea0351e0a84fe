#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SECCOMP_SYSCALLS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SECCOMP_SYSCALLS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/seccomp_compiler.h"

namespace paddock {

// A SyscallResolver: libseccomp's tables, and NewSyscalls() for names that it does not know yet. An error if the two
// contradict each other. Used at build time and by tests; nothing that ships links libseccomp.
absl::StatusOr<std::optional<uint32_t>> ResolveSyscall(SeccompArch arch, absl::string_view name);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_SECCOMP_SYSCALLS_H_
