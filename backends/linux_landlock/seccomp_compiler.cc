#include "backends/linux_landlock/seccomp_compiler.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

// <linux/bpf_common.h>, <linux/filter.h>, <linux/seccomp.h>, <linux/audit.h>
constexpr uint16_t kLoadWord = 0x20;     // BPF_LD | BPF_W | BPF_ABS
constexpr uint16_t kAnd = 0x54;          // BPF_ALU | BPF_AND | BPF_K
constexpr uint16_t kJump = 0x05;         // BPF_JMP | BPF_JA
constexpr uint16_t kJumpEqual = 0x15;    // BPF_JMP | BPF_JEQ | BPF_K
constexpr uint16_t kJumpGreater = 0x25;  // BPF_JMP | BPF_JGT | BPF_K
constexpr uint16_t kJumpAtLeast = 0x35;  // BPF_JMP | BPF_JGE | BPF_K
constexpr uint16_t kJumpAnyBit = 0x45;   // BPF_JMP | BPF_JSET | BPF_K
constexpr uint16_t kReturn = 0x06;       // BPF_RET | BPF_K
constexpr size_t kMaxInstructions = 4096;

constexpr uint32_t kAllow = 0x7fff0000;
constexpr uint32_t kKillProcess = 0x80000000;
constexpr uint32_t kErrno = 0x00050000;

constexpr uint32_t kOffsetNumber = 0;      // seccomp_data.nr
constexpr uint32_t kOffsetArch = 4;        // seccomp_data.arch
constexpr uint32_t kOffsetArguments = 16;  // seccomp_data.args, 8 bytes each, low half first on little-endian
constexpr uint32_t kAllBits = 0xffffffff;
constexpr uint32_t kSkippedCall = 0xffffffff;  // a tracer's way to say "no call": the kernel runs none

// Writes a program from its end: BPF jumps forward only, so what an instruction jumps to exists when it is written. A
// label is the distance of its instruction from the end.
class Assembler {
 public:
  using Label = size_t;

  Label Return(uint32_t value) {
    auto known = returns_.find(value);
    if (known != returns_.end() && Distance(known->second) <= kReach) return known->second;
    return returns_[value] = Append({kReturn, 0, 0, value});
  }

  Label Branch(uint16_t code, uint32_t k, Label if_true, Label if_false) {
    if_true = Near(if_true);
    if_false = Near(if_false);
    // Near() may have put a jump in between; kReach leaves room for it.
    return Append({code, static_cast<uint8_t>(Distance(if_true)), static_cast<uint8_t>(Distance(if_false)), k});
  }

  Label LoadThen(uint32_t offset, Label next) { return Fall({kLoadWord, 0, 0, offset}, next); }
  Label AndThen(uint32_t mask, Label next) { return Fall({kAnd, 0, 0, mask}, next); }

  std::vector<BpfInstruction> Finish() {
    std::reverse(reversed_.begin(), reversed_.end());
    return std::move(reversed_);
  }

 private:
  static constexpr size_t kReach = 253;  // 255, less one jump that Near() may add for each branch

  size_t Distance(Label target) const { return reversed_.size() - target - 1; }
  Label Append(const BpfInstruction& instruction) {
    reversed_.push_back(instruction);
    return reversed_.size() - 1;
  }
  Label Near(Label target) {
    if (Distance(target) <= kReach) return target;
    if (reversed_[target].code == kReturn) return Return(reversed_[target].k);
    return Append({kJump, 0, 0, static_cast<uint32_t>(Distance(target))});
  }
  Label Fall(const BpfInstruction& instruction, Label next) {
    if (Distance(next) != 0) Append({kJump, 0, 0, static_cast<uint32_t>(Distance(next))});
    return Append(instruction);
  }

  std::vector<BpfInstruction> reversed_;
  std::map<uint32_t, Label> returns_;
};

using Outcome = std::vector<const SeccompRule*>;  // of one call, in order; empty: allowed

struct Interval {
  uint32_t first = 0;
  const Outcome* outcome = nullptr;
};

absl::Status CheckTest(const ArgumentTest& test) {
  if (test.argument > 5) return absl::InvalidArgumentError(absl::StrCat("no argument ", test.argument));
  if (test.mask == 0) return absl::InvalidArgumentError("a test of no bit");
  if ((test.kind == ArgumentTest::Kind::kAnyBitOf) != test.values.empty()) {
    return absl::InvalidArgumentError("kAnyBitOf has no values, the other kinds have some");
  }
  for (uint32_t value : test.values) {
    if ((value & ~test.mask) != 0) return absl::InvalidArgumentError(absl::StrCat("value ", value, " is masked away"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<uint32_t, Outcome>> OutcomesByNumber(absl::Span<const SeccompRule> rules,
                                                             const SeccompOptions& options, SeccompArch arch,
                                                             const SyscallResolver& resolve) {
  std::map<uint32_t, Outcome> outcomes;
  for (const SeccompRule& rule : rules) {
    for (const ArgumentTest& test : rule.condition) RETURN_IF_ERROR(CheckTest(test));
    for (absl::string_view name : rule.syscalls) {
      ASSIGN_OR_RETURN(std::optional<uint32_t> number, resolve(arch, name));
      if (!number.has_value() || !RuleApplies(rule, options)) continue;
      if (*number > kNewestReviewedSyscall) {
        return absl::InvalidArgumentError(absl::StrCat(name, " is above kNewestReviewedSyscall: raise that first"));
      }
      Outcome& outcome = outcomes[*number];
      if (!outcome.empty() && outcome.back()->condition.empty()) {
        return absl::InvalidArgumentError(absl::StrCat("a rule for ", name, " stands behind one that always decides"));
      }
      outcome.push_back(&rule);
    }
  }
  return outcomes;
}

class Compiler {
 public:
  std::vector<BpfInstruction> Compile(const std::map<uint32_t, Outcome>& outcomes, SeccompArch arch) {
    const std::vector<Interval> intervals = Intervals(outcomes);
    const Label known = Search(intervals);
    const Label unknown = out_.Branch(kJumpEqual, kSkippedCall, out_.Return(kAllow), Errno(SeccompResult::kEnosys));
    const Label number = out_.Branch(kJumpGreater, kNewestReviewedSyscall, unknown, known);
    const Label native = out_.LoadThen(kOffsetNumber, number);
    const Label kill = out_.Return(kKillProcess);
    out_.LoadThen(kOffsetArch, out_.Branch(kJumpEqual, AuditArch(arch), native, kill));
    return out_.Finish();
  }

 private:
  using Label = Assembler::Label;

  Label Errno(SeccompResult result) { return out_.Return(kErrno | static_cast<uint32_t>(result)); }

  std::vector<Interval> Intervals(const std::map<uint32_t, Outcome>& outcomes) {
    std::vector<Interval> intervals = {{0, &allowed_}};
    for (const auto& [number, outcome] : outcomes) {
      if (intervals.back().first == number) intervals.pop_back();
      if (intervals.empty() || !SameOutcome(*intervals.back().outcome, outcome))
        intervals.push_back({number, &outcome});
      intervals.push_back({number + 1, &allowed_});
    }
    return intervals;
  }

  static bool SameOutcome(const Outcome& a, const Outcome& b) {
    if (a == b) return true;
    return !a.empty() && !b.empty() && a.front()->condition.empty() && b.front()->condition.empty() &&
           a.front()->result == b.front()->result;
  }

  // Expects the number in the accumulator.
  Label Search(absl::Span<const Interval> intervals) {
    if (intervals.size() == 1) return Decide(*intervals[0].outcome);
    if (intervals.size() == 3 && intervals[1].first + 1 == intervals[2].first &&
        SameOutcome(*intervals[0].outcome, *intervals[2].outcome)) {
      const Label around = Decide(*intervals[0].outcome);
      return out_.Branch(kJumpEqual, intervals[1].first, Decide(*intervals[1].outcome), around);
    }
    const size_t middle = intervals.size() / 2;
    const Label above = Search(intervals.subspan(middle));
    const Label below = Search(intervals.first(middle));
    return out_.Branch(kJumpAtLeast, intervals[middle].first, above, below);
  }

  Label Decide(const Outcome& outcome) {
    if (outcome.empty()) return out_.Return(kAllow);
    if (outcome.front()->condition.empty()) return Errno(outcome.front()->result);
    auto [known, added] = decisions_.try_emplace(outcome, 0);
    if (!added) return known->second;
    Label label = out_.Return(kAllow);
    for (auto rule = outcome.rbegin(); rule != outcome.rend(); ++rule) label = Rule(**rule, label);
    return known->second = label;
  }

  Label Rule(const SeccompRule& rule, Label otherwise) {
    Label label = Errno(rule.result);
    for (auto test = rule.condition.rbegin(); test != rule.condition.rend(); ++test) {
      label = Test(*test, label, otherwise);
    }
    return label;
  }

  Label Test(const ArgumentTest& test, Label holds, Label fails) {
    Label label = fails;
    if (test.kind == ArgumentTest::Kind::kAnyBitOf) {
      label = out_.Branch(kJumpAnyBit, test.mask, holds, fails);
    } else {
      const bool one_of = test.kind == ArgumentTest::Kind::kOneOf;
      const Label found = one_of ? holds : fails;
      label = one_of ? fails : holds;
      for (auto value = test.values.rbegin(); value != test.values.rend(); ++value) {
        label = out_.Branch(kJumpEqual, *value, found, label);
      }
      if (test.mask != kAllBits) label = out_.AndThen(test.mask, label);
    }
    return out_.LoadThen(kOffsetArguments + 8u * test.argument, label);
  }

  const Outcome allowed_ = {};
  Assembler out_;
  std::map<Outcome, Label> decisions_;
};

}  // namespace

absl::string_view ArchName(SeccompArch arch) { return arch == SeccompArch::kX8664 ? "x86_64" : "aarch64"; }

uint32_t AuditArch(SeccompArch arch) {
  return arch == SeccompArch::kX8664 ? 0xc000003e : 0xc00000b7;  // AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64
}

absl::StatusOr<std::vector<BpfInstruction>> CompileSeccomp(absl::Span<const SeccompRule> rules,
                                                           const SeccompOptions& options, SeccompArch arch,
                                                           const SyscallResolver& resolve) {
  ASSIGN_OR_RETURN(const auto outcomes, OutcomesByNumber(rules, options, arch, resolve));
  std::vector<BpfInstruction> program = Compiler().Compile(outcomes, arch);
  if (program.size() > kMaxInstructions) {
    return absl::InvalidArgumentError(absl::StrCat(program.size(), " instructions, the kernel takes 4096"));
  }
  return program;
}

}  // namespace paddock
