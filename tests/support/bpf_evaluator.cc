#include "tests/support/bpf_evaluator.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace paddock {
namespace {

constexpr size_t kScratchWords = BPF_MEMWORDS;

struct Machine {
  uint32_t a = 0, x = 0;
  std::array<uint32_t, kScratchWords> scratch = {};
};

// The instructions that seccomp_check_filter lets through.
bool IsKnown(uint16_t code) {
  constexpr uint16_t kKnown[] = {BPF_LD | BPF_W | BPF_ABS,
                                 BPF_LD | BPF_W | BPF_LEN,
                                 BPF_LDX | BPF_W | BPF_LEN,
                                 BPF_LD | BPF_IMM,
                                 BPF_LDX | BPF_IMM,
                                 BPF_LD | BPF_MEM,
                                 BPF_LDX | BPF_MEM,
                                 BPF_ST,
                                 BPF_STX,
                                 BPF_MISC | BPF_TAX,
                                 BPF_MISC | BPF_TXA,
                                 BPF_RET | BPF_K,
                                 BPF_RET | BPF_A,
                                 BPF_ALU | BPF_NEG,
                                 BPF_JMP | BPF_JA};
  constexpr uint16_t kWithOperand[] = {BPF_ALU | BPF_ADD, BPF_ALU | BPF_SUB, BPF_ALU | BPF_MUL, BPF_ALU | BPF_DIV,
                                       BPF_ALU | BPF_AND, BPF_ALU | BPF_OR,  BPF_ALU | BPF_XOR, BPF_ALU | BPF_LSH,
                                       BPF_ALU | BPF_RSH, BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JGE, BPF_JMP | BPF_JGT,
                                       BPF_JMP | BPF_JSET};
  for (uint16_t known : kKnown) {
    if (known == code) return true;
  }
  for (uint16_t known : kWithOperand) {
    if ((known | BPF_K) == code || (known | BPF_X) == code) return true;
  }
  return false;
}

bool IsConditionalJump(uint16_t code) { return BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA; }

absl::Status Refuse(size_t at, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("instruction ", at, ": ", what));
}

absl::Status CheckInstruction(absl::Span<const sock_filter> program, size_t at) {
  const sock_filter& i = program[at];
  const size_t left = program.size() - at - 1;
  if (!IsKnown(i.code)) return Refuse(at, "not allowed in a seccomp filter");
  if (i.code == (BPF_LD | BPF_W | BPF_ABS) && (i.k % 4 != 0 || i.k >= sizeof(seccomp_data))) {
    return Refuse(at, "loads from outside of seccomp_data, or unaligned");
  }
  if ((i.code == (BPF_ALU | BPF_DIV | BPF_K)) && i.k == 0) return Refuse(at, "divides by zero");
  if ((i.code == (BPF_ALU | BPF_LSH | BPF_K) || i.code == (BPF_ALU | BPF_RSH | BPF_K)) && i.k >= 32) {
    return Refuse(at, "shifts by 32 or more");
  }
  const uint16_t kind = BPF_CLASS(i.code);
  const bool memory =
      kind == BPF_ST || kind == BPF_STX || ((kind == BPF_LD || kind == BPF_LDX) && BPF_MODE(i.code) == BPF_MEM);
  if (memory && i.k >= kScratchWords) return Refuse(at, "scratch word out of range");
  if (i.code == (BPF_JMP | BPF_JA) && i.k >= left) return Refuse(at, "jumps behind the end");
  if (IsConditionalJump(i.code) && (i.jt >= left || i.jf >= left)) return Refuse(at, "jumps behind the end");
  return absl::OkStatus();
}

// check_load_and_stores: a scratch word is written on every way to its reading.
absl::Status CheckScratch(absl::Span<const sock_filter> program) {
  std::vector<uint32_t> written(program.size() + 1, 0xffffffff);
  uint32_t now = 0;
  for (size_t at = 0; at < program.size(); ++at) {
    now &= written[at];
    const sock_filter& i = program[at];
    const uint16_t kind = BPF_CLASS(i.code);
    if (kind == BPF_ST || kind == BPF_STX) now |= 1u << i.k;
    if ((kind == BPF_LD || kind == BPF_LDX) && BPF_MODE(i.code) == BPF_MEM && (now & (1u << i.k)) == 0) {
      return Refuse(at, "reads a scratch word that may not have been written");
    }
    if (i.code == (BPF_JMP | BPF_JA)) {
      written[at + 1 + i.k] &= now;
      now = 0xffffffff;
    } else if (IsConditionalJump(i.code)) {
      written[at + 1 + i.jt] &= now;
      written[at + 1 + i.jf] &= now;
      now = 0xffffffff;
    }
  }
  return absl::OkStatus();
}

uint32_t Compute(uint16_t code, uint32_t a, uint32_t operand) {
  switch (BPF_OP(code)) {
    case BPF_ADD:
      return a + operand;
    case BPF_SUB:
      return a - operand;
    case BPF_MUL:
      return a * operand;
    case BPF_DIV:
      return operand == 0 ? 0 : a / operand;
    case BPF_AND:
      return a & operand;
    case BPF_OR:
      return a | operand;
    case BPF_XOR:
      return a ^ operand;
    case BPF_LSH:
      return a << (operand & 31);
    case BPF_RSH:
      return a >> (operand & 31);
    default:  // BPF_NEG
      return 0u - a;
  }
}

bool Holds(uint16_t code, uint32_t a, uint32_t operand) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return a == operand;
    case BPF_JGT:
      return a > operand;
    case BPF_JGE:
      return a >= operand;
    default:  // BPF_JSET
      return (a & operand) != 0;
  }
}

uint32_t Load(const sock_filter& i, const seccomp_data& data, const Machine& machine) {
  switch (BPF_MODE(i.code)) {
    case BPF_ABS: {
      uint32_t word = 0;
      std::memcpy(&word, reinterpret_cast<const char*>(&data) + i.k, sizeof(word));
      return word;
    }
    case BPF_LEN:
      return sizeof(seccomp_data);
    case BPF_MEM:
      return machine.scratch[i.k];
    default:  // BPF_IMM
      return i.k;
  }
}

// What the accumulator holds at each instruction, as text; jumps go forward, so one pass is enough.
std::vector<std::string> Accumulator(absl::Span<const sock_filter> program) {
  std::vector<std::optional<std::string>> before(program.size() + 1);
  const auto flow = [&](size_t to, const std::string& value) {
    before[to] = before[to].has_value() && *before[to] != value ? "A" : value;
  };
  flow(0, "A");
  std::vector<std::string> held(program.size());
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& i = program[at];
    held[at] = before[at].value_or("A");
    if (BPF_CLASS(i.code) == BPF_RET) continue;
    if (i.code == (BPF_JMP | BPF_JA)) {
      flow(at + 1 + i.k, held[at]);
    } else if (IsConditionalJump(i.code)) {
      flow(at + 1 + i.jt, held[at]);
      flow(at + 1 + i.jf, held[at]);
    } else if (i.code == (BPF_LD | BPF_W | BPF_ABS)) {
      const size_t argument = (i.k - offsetof(seccomp_data, args)) / 8;
      flow(at + 1, i.k == offsetof(seccomp_data, nr)     ? "nr"
                   : i.k == offsetof(seccomp_data, arch) ? "arch"
                   : i.k < offsetof(seccomp_data, args)  ? "ip"
                                                         : absl::StrCat("arg", argument, i.k % 8 == 0 ? "" : ".high"));
    } else if (i.code == (BPF_ALU | BPF_AND | BPF_K)) {
      flow(at + 1, absl::StrFormat("(%s & 0%o)", held[at], i.k));
    } else {
      flow(at + 1, "A");
    }
  }
  return held;
}

std::string ReturnName(uint32_t value) {
  const uint32_t data = value & SECCOMP_RET_DATA;
  switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return "allow";
    case SECCOMP_RET_KILL_PROCESS:
      return "kill process";
    case SECCOMP_RET_ERRNO:
      return absl::StrCat("errno ", data, " ", strerrorname_np(static_cast<int>(data)));
    default:
      return absl::StrFormat("0x%08x", value);
  }
}

}  // namespace

absl::Status ValidateBpf(absl::Span<const sock_filter> program) {
  if (program.empty() || program.size() > BPF_MAXINSNS)
    return absl::InvalidArgumentError("no or too many instructions");
  for (size_t at = 0; at < program.size(); ++at) {
    if (absl::Status status = CheckInstruction(program, at); !status.ok()) return status;
  }
  if (BPF_CLASS(program.back().code) != BPF_RET) return Refuse(program.size() - 1, "the last one does not return");
  return CheckScratch(program);
}

BpfRun EvaluateCheckedBpf(absl::Span<const sock_filter> program, const seccomp_data& data) {
  Machine machine;
  BpfRun run;
  for (size_t at = 0;; ++at) {
    const sock_filter& i = program[at];
    const uint32_t operand = BPF_SRC(i.code) == BPF_X ? machine.x : i.k;
    ++run.instructions;
    switch (BPF_CLASS(i.code)) {
      case BPF_LD:
        machine.a = Load(i, data, machine);
        run.looked_further |= BPF_MODE(i.code) == BPF_ABS && i.k > offsetof(seccomp_data, arch);
        break;
      case BPF_LDX:
        machine.x = Load(i, data, machine);
        break;
      case BPF_ST:
        machine.scratch[i.k] = machine.a;
        break;
      case BPF_STX:
        machine.scratch[i.k] = machine.x;
        break;
      case BPF_ALU:
        if (BPF_OP(i.code) == BPF_DIV && operand == 0) return run;  // the kernel ends the program with 0, a kill
        machine.a = Compute(i.code, machine.a, operand);
        break;
      case BPF_JMP:
        at += BPF_OP(i.code) == BPF_JA ? i.k : Holds(i.code, machine.a, operand) ? i.jt : i.jf;
        break;
      case BPF_RET:
        run.value = BPF_RVAL(i.code) == BPF_A ? machine.a : i.k;
        return run;
      default:  // BPF_MISC
        (BPF_MISCOP(i.code) == BPF_TAX ? machine.x : machine.a) = BPF_MISCOP(i.code) == BPF_TAX ? machine.a : machine.x;
        break;
    }
  }
}

absl::StatusOr<BpfRun> EvaluateBpf(absl::Span<const sock_filter> program, const seccomp_data& data) {
  if (absl::Status status = ValidateBpf(program); !status.ok()) return status;
  return EvaluateCheckedBpf(program, data);
}

std::string DisassembleBpf(absl::Span<const sock_filter> program,
                           const std::function<std::string(uint32_t number)>& call_name) {
  const std::vector<std::string> held = Accumulator(program);
  std::string text;
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& i = program[at];
    absl::StrAppendFormat(&text, "%4d  ", at);
    if (i.code == (BPF_RET | BPF_K)) {
      absl::StrAppend(&text, "return ", ReturnName(i.k));
    } else if (i.code == (BPF_JMP | BPF_JA)) {
      absl::StrAppend(&text, "goto ", at + 1 + i.k);
    } else if (IsConditionalJump(i.code) && BPF_SRC(i.code) == BPF_K) {
      const uint16_t op = BPF_OP(i.code);
      const std::string name = held[at] == "nr" ? call_name(i.k) : "";
      const std::string value = held[at] == "nr" && i.k < 0x10000 ? absl::StrCat(i.k) : absl::StrFormat("0x%x", i.k);
      absl::StrAppend(&text, "if ", held[at],
                      op == BPF_JEQ   ? " == "
                      : op == BPF_JGT ? " > "
                      : op == BPF_JGE ? " >= "
                                      : " & ",
                      value, name.empty() ? "" : absl::StrCat(" (", name, ")"), " goto ", at + 1 + i.jt, " else ",
                      at + 1 + i.jf);
    } else if (i.code == (BPF_LD | BPF_W | BPF_ABS)) {
      absl::StrAppend(&text, "load ", at + 1 < held.size() ? held[at + 1] : "");
    } else if (i.code == (BPF_ALU | BPF_AND | BPF_K)) {
      absl::StrAppendFormat(&text, "and 0%o", i.k);
    } else {
      absl::StrAppendFormat(&text, "code 0x%02x jt %d jf %d k 0x%x", i.code, i.jt, i.jf, i.k);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace paddock
