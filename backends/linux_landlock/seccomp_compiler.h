#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_COMPILER_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_COMPILER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/linux_landlock/seccomp_table.h"

// Turns the rules into classic BPF (Documentation/networking/filter.rst; for seccomp:
// Documentation/userspace-api/seccomp_filter.rst). Used when Paddock is built and by its tests, never at run time.
//
// Why not libseccomp's own generator: with "allow" as the default it has no way to say "all values but these", which
// the socket families, protocols and personalities need, and it takes one comparison for each argument. It is used for
// what it is good at: the numbers of system calls on each architecture.

namespace paddock {

// struct sock_filter of <linux/filter.h>, spelled out so that the compiler runs on any OS.
struct BpfInstruction {
  uint16_t code = 0;
  uint8_t jump_true = 0;
  uint8_t jump_false = 0;
  uint32_t k = 0;
  friend bool operator==(const BpfInstruction&, const BpfInstruction&) = default;
};

enum class SeccompArch : uint8_t { kX8664, kAarch64 };
absl::string_view ArchName(SeccompArch arch);  // "x86_64", "aarch64"
uint32_t AuditArch(SeccompArch arch);          // AUDIT_ARCH_*, seccomp_data.arch

// The number of a system call; nullopt if the architecture does not have it; an error if nobody knows the name.
using SyscallResolver = std::function<absl::StatusOr<std::optional<uint32_t>>(SeccompArch, absl::string_view)>;

// The program for those `rules` that apply under `options`. InvalidArgument for a rule that cannot be said: an unknown
// call, a test that never or always holds, a rule that an earlier one shadows, a program beyond 4,096 instructions.
// The way to an allowed call is a binary search over the numbers; every instruction before an argument is looked at is
// one that the kernel can evaluate in advance, so that since Linux 5.11 an always-allowed call costs one bit test.
absl::StatusOr<std::vector<BpfInstruction>> CompileSeccomp(absl::Span<const SeccompRule> rules,
                                                           const SeccompOptions& options, SeccompArch arch,
                                                           const SyscallResolver& resolve);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_COMPILER_H_
