#include "backends/linux_landlock/launch_seccomp_syscalls.h"

#include <seccomp.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace paddock {

absl::StatusOr<std::optional<uint32_t>> ResolveSyscall(SeccompArch arch, absl::string_view name) {
  const uint32_t token = arch == SeccompArch::kX8664 ? SCMP_ARCH_X86_64 : SCMP_ARCH_AARCH64;
  const int number = seccomp_syscall_resolve_name_arch(token, std::string(name).c_str());
  for (const NewSyscall& fresh : NewSyscalls()) {
    if (fresh.name != name) continue;
    if (number >= 0 && static_cast<uint32_t>(number) != fresh.number) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is ", fresh.number, " in the table of new system calls, ",
                                                     number, " according to libseccomp"));
    }
    return fresh.number;
  }
  if (number >= 0) return static_cast<uint32_t>(number);
  // Below -1: libseccomp's placeholder for a call that only other architectures have.
  if (number != __NR_SCMP_ERROR) return std::nullopt;
  return absl::InvalidArgumentError(
      absl::StrCat("libseccomp does not know a system call ", name, ": give its number in NewSyscalls()"));
}

}  // namespace paddock
