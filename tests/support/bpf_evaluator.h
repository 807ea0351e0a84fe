#ifndef PADDOCK_TESTS_SUPPORT_BPF_EVALUATOR_H_
#define PADDOCK_TESTS_SUPPORT_BPF_EVALUATOR_H_

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

// Classic BPF as seccomp understands it, in user space: a filter can be tested with every call and argument, without
// being installed.

namespace paddock {

// What the kernel checks before it takes a seccomp filter (bpf_check_classic in net/core/filter.c, seccomp_check_filter
// in kernel/seccomp.c): known instructions only, loads inside struct seccomp_data and aligned, jumps forward and
// inside, no division by zero, scratch words written before they are read, a return at the end.
absl::Status ValidateBpf(absl::Span<const sock_filter> program);

struct BpfRun {
  uint32_t value = 0;           // SECCOMP_RET_*, with its data
  int instructions = 0;         // executed
  bool looked_further = false;  // loaded something else than number and architecture
};

// Runs `program` on `data`. InvalidArgument if ValidateBpf refuses it.
absl::StatusOr<BpfRun> EvaluateBpf(absl::Span<const sock_filter> program, const seccomp_data& data);

// The same without the check, for a program that was checked before.
BpfRun EvaluateCheckedBpf(absl::Span<const sock_filter> program, const seccomp_data& data);

// The program as text, one instruction a line, jump targets as line numbers. `call_name` names a call's number where
// the program compares it, and may return an empty string.
std::string DisassembleBpf(absl::Span<const sock_filter> program,
                           const std::function<std::string(uint32_t number)>& call_name);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_BPF_EVALUATOR_H_
