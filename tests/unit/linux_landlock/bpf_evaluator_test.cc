#include "tests/support/bpf_evaluator.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/seccomp_compiler.h"
#include "gtest/gtest.h"

namespace paddock {
namespace {

using Program = std::vector<sock_filter>;

constexpr uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr uint16_t kReturn = BPF_RET | BPF_K;
constexpr uint16_t kReturnA = BPF_RET | BPF_A;

uint32_t ValueOf(const Program& program, const seccomp_data& data = {}) {
  const auto run = EvaluateBpf(program, data);
  EXPECT_TRUE(run.ok()) << run.status();
  return run.ok() ? run->value : 0xdeadbeef;
}

TEST(BpfEvaluatorTest, LoadsEveryField) {
  seccomp_data data = {};
  data.nr = 7;
  data.arch = 0xc000003e;
  data.args[5] = 0x1122334455667788;
  EXPECT_EQ(ValueOf({{kLoad, 0, 0, 0}, {kReturnA, 0, 0, 0}}, data), 7u);
  EXPECT_EQ(ValueOf({{kLoad, 0, 0, 4}, {kReturnA, 0, 0, 0}}, data), 0xc000003e);
  EXPECT_EQ(ValueOf({{kLoad, 0, 0, 56}, {kReturnA, 0, 0, 0}}, data), 0x55667788u);
  EXPECT_EQ(ValueOf({{kLoad, 0, 0, 60}, {kReturnA, 0, 0, 0}}, data), 0x11223344u);
  EXPECT_EQ(ValueOf({{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0}, {kReturnA, 0, 0, 0}}, data), sizeof(seccomp_data));
}

TEST(BpfEvaluatorTest, ComputesAndJumps) {
  const auto compute = [](uint16_t op, uint32_t a, uint32_t k) {
    return ValueOf(
        {{BPF_LD | BPF_IMM, 0, 0, a}, {static_cast<uint16_t>(BPF_ALU | op | BPF_K), 0, 0, k}, {kReturnA, 0, 0, 0}});
  };
  EXPECT_EQ(compute(BPF_ADD, 0xffffffff, 2), 1u);
  EXPECT_EQ(compute(BPF_SUB, 1, 2), 0xffffffffu);
  EXPECT_EQ(compute(BPF_AND, 0xf0, 0x3c), 0x30u);
  EXPECT_EQ(compute(BPF_RSH, 0x80000000, 31), 1u);
  const auto jumps = [](uint16_t op, uint32_t a, uint32_t k) {
    return ValueOf({{BPF_LD | BPF_IMM, 0, 0, a},
                    {static_cast<uint16_t>(BPF_JMP | op | BPF_K), 1, 0, k},
                    {kReturn, 0, 0, 0},
                    {kReturn, 0, 0, 1}}) == 1;
  };
  EXPECT_TRUE(jumps(BPF_JEQ, 5, 5) && !jumps(BPF_JEQ, 5, 6));
  EXPECT_TRUE(jumps(BPF_JGT, 0x80000000, 5) && !jumps(BPF_JGT, 5, 5));
  EXPECT_TRUE(jumps(BPF_JGE, 5, 5) && !jumps(BPF_JGE, 4, 5));
  EXPECT_TRUE(jumps(BPF_JSET, 6, 2) && !jumps(BPF_JSET, 6, 1));
  EXPECT_EQ(ValueOf({{BPF_LD | BPF_IMM, 0, 0, 9},
                     {BPF_ST, 0, 0, 3},
                     {BPF_LDX | BPF_MEM, 0, 0, 3},
                     {BPF_MISC | BPF_TXA, 0, 0, 0},
                     {kReturnA, 0, 0, 0}}),
            9u);
}

TEST(BpfEvaluatorTest, RefusesWhatTheKernelRefuses) {
  const sock_filter end = {kReturn, 0, 0, SECCOMP_RET_ALLOW};
  EXPECT_TRUE(ValidateBpf(Program{end}).ok());
  const Program kBad[] = {
      {},
      Program(BPF_MAXINSNS + 1, end),
      {{kLoad, 0, 0, 0}},                          // falls off the end
      {{kLoad, 0, 0, 2}, end},                     // unaligned
      {{kLoad, 0, 0, 64}, end},                    // behind seccomp_data
      {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 0}, end},  // half words
      {{BPF_LD | BPF_W | BPF_IND, 0, 0, 0}, end},  // packet loads
      {{BPF_JMP | BPF_JA, 0, 0, 1}, end},          // behind the end
      {{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0}, end},
      {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, end},
      {{BPF_ALU | BPF_LSH | BPF_K, 0, 0, 32}, end},
      {{BPF_ALU | BPF_MOD | BPF_K, 0, 0, 3}, end},  // not for seccomp
      {{BPF_LD | BPF_MEM, 0, 0, 0}, end},           // never written
      {{BPF_ST, 0, 0, BPF_MEMWORDS}, end},
  };
  for (const Program& program : kBad) EXPECT_FALSE(ValidateBpf(program).ok()) << program.size();
}

TEST(BpfEvaluatorTest, SaysWhetherTheKernelCouldCacheTheDecision) {
  EXPECT_FALSE(EvaluateBpf(Program{{kLoad, 0, 0, 4}, {kReturnA, 0, 0, 0}}, {})->looked_further);
  EXPECT_TRUE(EvaluateBpf(Program{{kLoad, 0, 0, 16}, {kReturnA, 0, 0, 0}}, {})->looked_further);
}

TEST(BpfEvaluatorTest, DisassemblesToText) {
  const Program program = {{kLoad, 0, 0, 0},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 165},
                           {kLoad, 0, 0, 24},
                           {BPF_JMP | BPF_JSET | BPF_K, 1, 0, 0x10},
                           {kReturn, 0, 0, SECCOMP_RET_ALLOW},
                           {kReturn, 0, 0, SECCOMP_RET_ERRNO | 1}};
  EXPECT_EQ(DisassembleBpf(program, [](uint32_t number) { return number == 165 ? "mount" : ""; }),
            "   0  load nr\n"
            "   1  if nr == 165 (mount) goto 2 else 4\n"
            "   2  load arg1\n"
            "   3  if arg1 & 0x10 goto 5 else 4\n"
            "   4  return allow\n"
            "   5  return errno 1 EPERM\n");
}

// Programs longer than a conditional jump reaches (255 instructions).
TEST(SeccompCompilerReachTest, LongProgramsDecideTheSame) {
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < 200; ++i) texts.push_back(absl::StrCat(2 * i));
  const std::vector<absl::string_view> names(texts.begin(), texts.end());
  std::vector<std::vector<uint32_t>> values(names.size());
  std::vector<std::vector<ArgumentTest>> conditions(names.size());
  std::vector<SeccompRule> rules(names.size());
  for (uint32_t i = 0; i < names.size(); ++i) {
    for (uint32_t v = 0; v < 1 + i % 20; ++v) values[i].push_back(3 * v + i);
    const auto kind = i % 2 == 0 ? ArgumentTest::Kind::kOneOf : ArgumentTest::Kind::kNoneOf;
    conditions[i] = {{static_cast<uint8_t>(i % 6), kind, 0xffffff, values[i]}};
    rules[i].syscalls = absl::MakeConstSpan(&names[i], 1);
    rules[i].condition = conditions[i];
  }
  const auto resolve = [](SeccompArch, absl::string_view name) -> absl::StatusOr<std::optional<uint32_t>> {
    return static_cast<uint32_t>(std::stoul(std::string(name)));
  };
  const auto program = CompileSeccomp(rules, {}, SeccompArch::kX8664, resolve);
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_GT(program->size(), 1000u);
  Program filter;
  for (const BpfInstruction& i : *program) filter.push_back({i.code, i.jump_true, i.jump_false, i.k});
  ASSERT_TRUE(ValidateBpf(filter).ok()) << ValidateBpf(filter);
  for (uint32_t number = 0; number < 2 * names.size(); ++number) {
    for (uint32_t value = 0; value < 280; ++value) {
      seccomp_data data = {static_cast<int>(number), AuditArch(SeccompArch::kX8664), 0, {}};
      const uint32_t i = number / 2;
      data.args[i % 6] = uint64_t{value} | 0xff00000000000000;
      const bool listed = std::count(values[i].begin(), values[i].end(), value) > 0;
      const bool refused = number % 2 == 0 && listed == (i % 2 == 0);
      ASSERT_EQ(EvaluateCheckedBpf(filter, data).value, refused ? SECCOMP_RET_ERRNO | 1 : SECCOMP_RET_ALLOW)
          << number << " " << value;
    }
  }
}

}  // namespace
}  // namespace paddock
