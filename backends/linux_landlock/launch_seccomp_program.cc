#include <linux/filter.h>

#include <cstddef>

#include "backends/linux_landlock/seccomp_program.h"

namespace paddock {
namespace {

#include "seccomp_programs.inc"

template <size_t kLength>
constexpr SeccompProgram Program(const sock_filter (&instructions)[kLength]) {
  static_assert(kLength <= BPF_MAXINSNS);
  return {instructions, static_cast<uint16_t>(kLength)};
}

}  // namespace

SeccompProgram BaselineProgram(const SeccompOptions& options) {
  if (options.host_namespaces && options.root_caller) {
    return options.network_off ? Program(k_shared_root_offline) : Program(k_shared_root);
  }
  if (options.host_namespaces) return options.network_off ? Program(k_shared_user_offline) : Program(k_shared_user);
  if (options.root_caller) return options.allow_perf ? Program(k_root_perf) : Program(k_root);
  return options.allow_perf ? Program(k_user_perf) : Program(k_user);
}

}  // namespace paddock
