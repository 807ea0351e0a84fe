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
    return options.network_off ? Program(kSharedRootOffline) : Program(kSharedRoot);
  }
  if (options.host_namespaces) return options.network_off ? Program(kSharedUserOffline) : Program(kSharedUser);
  if (options.root_caller) return options.allow_perf ? Program(kRootPerf) : Program(kRoot);
  return options.allow_perf ? Program(kUserPerf) : Program(kUser);
}

}  // namespace paddock
