#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_TABLE_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_TABLE_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// The system calls that a sandboxed command is refused, as one table. The filter program, docs/seccomp.md and the
// tests all read it. Plain data, the same on every OS; constants of the Linux ABI are written out, and the unit test
// compares them with the kernel's headers.
//
// The filter allows what the table does not name, with three exceptions that hold before it: a call made through
// another architecture's entry kills the process, x32 numbers and numbers above kNewestReviewedSyscall get ENOSYS.

namespace paddock {

// What differs between runs. Each combination is one program, all of them built with Paddock.
struct SeccompOptions {
  // The launcher's user id is 0 outside of the sandbox, and so is the owner of what the command creates: a set-id file
  // that it leaves in the workspace would be a root shell for any other user of the host.
  bool root_caller = false;
  // perf_event_open stays allowed. Only where kernel.perf_event_paranoid is 2 or more: the kernel then grants a
  // process without capabilities nothing but user-mode events of its own processes. What is asked for stands in
  // memory, where a filter cannot look.
  bool allow_perf = false;
  // The command runs in the host's own namespaces (tier `landlock`): what reaches other processes and IPC objects of
  // the same user by number alone is refused.
  bool host_namespaces = false;
  // With host_namespaces: there is no network namespace to hold the network off, so that no internet socket is made.
  bool network_off = false;
};

// Every combination that there is a program for, in the order of VariantName().
absl::Span<const SeccompOptions> SeccompVariants();

// The last number of which it is known what the call does: file_setattr, Linux 6.17. A call that a newer kernel adds is
// refused as an older kernel refuses it, until somebody has looked at it. (open_tree_attr, 6.15, would have slipped
// through a list made for 6.14.)
inline constexpr uint32_t kNewestReviewedSyscall = 469;

// The error that the refused call returns. Values of <asm-generic/errno.h>.
enum class SeccompResult : uint8_t {
  kEperm = 1,
  kEbusy = 16,
  kEnosys = 38,
  kEprotonosupport = 93,
  kEafnosupport = 97,
};

// One test of one argument. Only the low 32 bits are looked at: each argument tested here is an int, unsigned int or
// umode_t of which the kernel drops the rest, or a flag word whose meaning is in the low half (clone, unshare).
struct ArgumentTest {
  enum class Kind : uint8_t {
    kAnyBitOf,  // (argument & mask) != 0; `values` is empty
    kOneOf,     // (argument & mask) is one of `values`
    kNoneOf,    // (argument & mask) is none of `values`
  };
  uint8_t argument = 0;  // 0 to 5
  Kind kind = Kind::kAnyBitOf;
  uint32_t mask = 0xffffffff;
  absl::Span<const uint32_t> values;
};

// When a rule is part of the program.
enum class SeccompWhen : uint8_t { kAlways, kRootCaller, kNoPerf, kHostNamespaces, kNetworkOff };

struct SeccompRule {
  absl::Span<const absl::string_view> syscalls;  // the kernel's names
  absl::Span<const ArgumentTest> condition;      // all have to hold; empty: every such call
  SeccompResult result = SeccompResult::kEperm;
  SeccompWhen when = SeccompWhen::kAlways;
  absl::string_view condition_text;  // the condition in words; empty if there is none
  absl::string_view reason;          // what an attacker would do with it
  absl::string_view breaks;          // what honest programs lose
};

// In order: where several rules name one call, the first whose condition holds decides.
absl::Span<const SeccompRule> SeccompRules();

// A call newer than the tables that ship with a compiler or libseccomp. Numbers from 424 on are the same on every
// architecture (since Linux 5.1, scripts/syscall.tbl).
struct NewSyscall {
  absl::string_view name;
  uint32_t number = 0;
};
absl::Span<const NewSyscall> NewSyscalls();

bool RuleApplies(const SeccompRule& rule, const SeccompOptions& options);
absl::string_view ResultName(SeccompResult result);  // "EPERM"
// "user", "user_perf", "root", "root_perf", "shared_user", "shared_user_offline", "shared_root", "shared_root_offline".
absl::string_view VariantName(const SeccompOptions& options);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_SECCOMP_TABLE_H_
