#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_seccomp_syscalls.h"
#include "backends/linux_landlock/seccomp_compiler.h"
#include "backends/linux_landlock/seccomp_program.h"
#include "backends/linux_landlock/seccomp_table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/bpf_evaluator.h"
#include "tests/unit/linux_landlock/seccomp_calls.h"

// The programs, evaluated: every call number, every foreign architecture, and arguments at all edges.

namespace paddock {
namespace {

using ::testing::HasSubstr;

constexpr SeccompArch kArchs[] = {SeccompArch::kX8664, SeccompArch::kAarch64};
constexpr uint32_t kX32Bit = 0x40000000;
constexpr uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
constexpr uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr uint64_t kHighHalves[] = {0, uint64_t{1} << 32, 0xffffffff00000000, 0xdead000000000000};

std::vector<sock_filter> ToFilter(const std::vector<BpfInstruction>& program) {
  std::vector<sock_filter> filter;
  for (const BpfInstruction& i : program) filter.push_back({i.code, i.jump_true, i.jump_false, i.k});
  return filter;
}

class SeccompTest : public ::testing::TestWithParam<std::tuple<SeccompArch, SeccompOptions>> {
 protected:
  SeccompTest() {
    const auto program = CompileSeccomp(SeccompRules(), options_, arch_, ResolveSyscall);
    EXPECT_TRUE(program.ok()) << program.status();
    if (program.ok()) filter_ = ToFilter(*program);
    EXPECT_TRUE(ValidateBpf(filter_).ok()) << ValidateBpf(filter_);
    for (const CallNumbers& call : kNamedCalls) {
      if (const auto number = NumberOf(call, arch_)) numbers_[call.name] = *number;
    }
  }

  BpfRun Run(uint32_t number, const std::vector<uint64_t>& arguments = {}) const {
    return RunAs(AuditArch(arch_), number, arguments);
  }
  BpfRun RunAs(uint32_t audit_arch, uint32_t number, const std::vector<uint64_t>& arguments = {}) const {
    seccomp_data data = {};
    data.nr = static_cast<int>(number);
    data.arch = audit_arch;
    data.instruction_pointer = 0x5555555555555555;
    std::copy(arguments.begin(), arguments.end(), data.args);
    return EvaluateCheckedBpf(filter_, data);
  }

  // The rules as they are meant, without any program.
  static bool Meets(const ArgumentTest& test, const std::vector<uint64_t>& arguments) {
    const uint32_t value = static_cast<uint32_t>(arguments[test.argument]) & test.mask;
    const bool listed = std::count(test.values.begin(), test.values.end(), value) > 0;
    return test.kind == ArgumentTest::Kind::kAnyBitOf ? value != 0
           : test.kind == ArgumentTest::Kind::kOneOf  ? listed
                                                      : !listed;
  }
  std::vector<const SeccompRule*> RulesOf(uint32_t number) const {
    std::vector<const SeccompRule*> rules;
    for (const SeccompRule& rule : SeccompRules()) {
      for (absl::string_view name : rule.syscalls) {
        const auto found = numbers_.find(name);
        if (found != numbers_.end() && found->second == number && RuleApplies(rule, options_)) rules.push_back(&rule);
      }
    }
    return rules;
  }
  static uint32_t Expected(const std::vector<const SeccompRule*>& rules, const std::vector<uint64_t>& arguments) {
    for (const SeccompRule* rule : rules) {
      if (std::all_of(rule->condition.begin(), rule->condition.end(),
                      [&](const ArgumentTest& test) { return Meets(test, arguments); })) {
        return SECCOMP_RET_ERRNO | static_cast<uint32_t>(rule->result);
      }
    }
    return SECCOMP_RET_ALLOW;
  }

  static bool IsInetSocket(absl::string_view call, const std::vector<uint64_t>& arguments) {
    const auto family = static_cast<uint32_t>(arguments[0]);
    return call == "socket" && (family == AF_INET || family == AF_INET6);
  }

  const SeccompArch arch_ = std::get<0>(GetParam());
  const SeccompOptions options_ = std::get<1>(GetParam());
  std::vector<sock_filter> filter_;
  std::map<absl::string_view, uint32_t> numbers_;
};

INSTANTIATE_TEST_SUITE_P(All, SeccompTest,
                         ::testing::Combine(::testing::ValuesIn(kArchs), ::testing::ValuesIn(SeccompVariants())),
                         [](const auto& one) {
                           return absl::StrCat(ArchName(std::get<0>(one.param)), "_",
                                               VariantName(std::get<1>(one.param)));
                         });

TEST_P(SeccompTest, EveryNumberDecidesAsTheTableSays) {
  int refused = 0;
  for (uint32_t number = 0; number <= 600; ++number) {
    const std::vector<uint64_t> zeros(6);
    const uint32_t expected = number > kNewestReviewedSyscall ? kEnosys : Expected(RulesOf(number), zeros);
    EXPECT_EQ(Run(number, zeros).value, expected) << number;
    refused += expected != SECCOMP_RET_ALLOW;
  }
  EXPECT_GT(refused, 131 + 40);  // 131 lie above the reviewed ones
}

TEST_P(SeccompTest, NumbersBeyondTheReviewedOnesDoNotExist) {
  for (uint32_t number :
       {kNewestReviewedSyscall + 1, 512u, 547u, 1000u, 0x3fffffffu, 0x7fffffffu, 0x80000000u, 0xfffffffeu}) {
    EXPECT_EQ(Run(number).value, kEnosys) << number;
  }
  EXPECT_EQ(Run(0xffffffff).value, SECCOMP_RET_ALLOW) << "a tracer sets -1 to skip a call; the kernel runs nothing";
}

TEST_P(SeccompTest, X32NumbersDoNotExist) {
  for (uint32_t number = 0; number <= 600; ++number) EXPECT_EQ(Run(kX32Bit | number).value, kEnosys) << number;
}

TEST_P(SeccompTest, OtherArchitecturesKill) {
  const uint32_t other = AuditArch(arch_ == SeccompArch::kX8664 ? SeccompArch::kAarch64 : SeccompArch::kX8664);
  for (uint32_t audit_arch : {uint32_t{AUDIT_ARCH_I386}, uint32_t{AUDIT_ARCH_ARM}, other, 0u, 0xffffffffu}) {
    for (uint32_t number = 0; number <= 600; ++number) {
      EXPECT_EQ(RunAs(audit_arch, number).value, SECCOMP_RET_KILL_PROCESS) << audit_arch << " " << number;
    }
  }
}

// Every edge of every argument that a rule looks at, with all sorts of rubbish in the half that the kernel drops.
TEST_P(SeccompTest, ConditionsDecideAsTheTableSays) {
  std::set<uint32_t> edges = {0, 1, 2, 0x7fffffff, 0xffffffff, 0644, 0100755, 0x60008, 0x800};
  for (int bit = 0; bit < 32; ++bit) edges.insert(1u << bit);
  for (const SeccompRule& rule : SeccompRules()) {
    for (const ArgumentTest& test : rule.condition) {
      edges.insert({test.mask, ~test.mask});
      for (uint32_t value : test.values) edges.insert({value - 1, value, value + 1, value | 1u << 31, value | 0100});
    }
  }
  for (uint32_t number = 0; number <= kNewestReviewedSyscall; ++number) {
    const std::vector<const SeccompRule*> rules = RulesOf(number);
    std::set<uint8_t> looked_at;
    for (const SeccompRule* rule : rules) {
      for (const ArgumentTest& test : rule->condition) looked_at.insert(test.argument);
    }
    if (looked_at.empty()) continue;
    ASSERT_LE(looked_at.size(), 2u) << "this test tries pairs";
    int wrong = 0;
    for (uint32_t first : edges) {
      for (uint32_t second : edges) {
        const uint64_t high = kHighHalves[(first + second) % 4];
        std::vector<uint64_t> arguments(6, high);
        arguments[*looked_at.begin()] |= first;
        arguments[*looked_at.rbegin()] |= second;
        wrong += Run(number, arguments).value != Expected(rules, arguments);
      }
    }
    EXPECT_EQ(wrong, 0) << "call " << number;
  }
}

TEST_P(SeccompTest, RefusedCallsAreRefusedWhateverTheArguments) {
  for (const char* name : {"mount", "setns", "clone3", "bpf", "keyctl", "io_uring_setup", "open_by_handle_at"}) {
    for (uint64_t value : {uint64_t{0}, ~uint64_t{0}, uint64_t{0x123456789}}) {
      EXPECT_NE(Run(numbers_.at(name), std::vector<uint64_t>(6, value)).value, SECCOMP_RET_ALLOW) << name;
    }
  }
}

TEST_P(SeccompTest, WhatDevelopersNeedIsAllowedWithoutALookAtArguments) {
  int tried = 0;
  for (const CallNumbers& call : kAlwaysAllowed) {
    const auto number = NumberOf(call, arch_);
    if (!number.has_value()) continue;
    ++tried;
    const BpfRun run = Run(*number, std::vector<uint64_t>(6, ~uint64_t{0}));
    EXPECT_EQ(run.value, SECCOMP_RET_ALLOW) << call.name;
    EXPECT_FALSE(run.looked_further) << call.name << ": the kernel could not cache the decision";
    EXPECT_LE(run.instructions, 12) << call.name;
  }
  EXPECT_GE(tried, 60);
}

TEST_P(SeccompTest, WhatDevelopersNeedIsAllowedWithItsArguments) {
  const struct {
    const char* call;
    std::vector<uint64_t> arguments;
  } kCalls[] = {
      {"clone", {SIGCHLD}},
      {"clone", {CLONE_VM | CLONE_VFORK | SIGCHLD}},
      {"clone",
       {CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
        CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID}},
      {"clone", {CLONE_PIDFD | SIGCHLD}},
      {"unshare", {CLONE_FILES}},
      {"unshare", {CLONE_FS}},
      {"personality", {0}},
      {"personality", {0xffffffff}},
      {"personality", {~uint64_t{0}}},
      {"personality", {ADDR_NO_RANDOMIZE}},
      {"personality", {PER_LINUX32}},
      {"personality", {uint64_t{PER_LINUX32} | ADDR_NO_RANDOMIZE}},
      {"seccomp", {SECCOMP_SET_MODE_FILTER, 0}},
      {"seccomp", {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG}},
      {"seccomp", {SECCOMP_SET_MODE_STRICT, 0}},
      {"seccomp", {SECCOMP_GET_ACTION_AVAIL, SECCOMP_FILTER_FLAG_NEW_LISTENER}},
      {"ioctl", {1, TIOCGWINSZ}},
      {"ioctl", {1, TIOCSCTTY}},
      {"ioctl", {1, TIOCGPTN}},
      {"ioctl", {1, FIONBIO}},
      {"socket", {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0}},
      {"socket", {AF_UNIX, SOCK_DGRAM, 77}},
      {"socket", {AF_INET, SOCK_STREAM, 0}},
      {"socket", {AF_INET, SOCK_STREAM, IPPROTO_TCP}},
      {"socket", {AF_INET6, SOCK_DGRAM, IPPROTO_UDP}},
      {"socket", {AF_INET, SOCK_DGRAM, IPPROTO_ICMP}},
      {"socket", {AF_INET, SOCK_STREAM, IPPROTO_MPTCP}},
      {"socket", {AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE}},
      {"socketpair", {AF_UNIX, SOCK_STREAM, 0}},
      {"openat", {static_cast<uint64_t>(AT_FDCWD), 0, O_RDWR | O_CREAT, 0644}},
      {"openat", {static_cast<uint64_t>(AT_FDCWD), 0, O_RDONLY, 07777}},  // the mode of such a call is rubbish
      {"openat", {static_cast<uint64_t>(AT_FDCWD), 0, O_TMPFILE | O_RDWR, 01777}},
      {"fchmod", {3, 0755}},
      {"fchmod", {3, 01777}},
      {"fchmodat", {static_cast<uint64_t>(AT_FDCWD), 0, 0700}},
      {"mknodat", {static_cast<uint64_t>(AT_FDCWD), 0, S_IFIFO | 0600, 0}},
      {"mknodat", {static_cast<uint64_t>(AT_FDCWD), 0, S_IFSOCK | 0755, 0}},
      {"mknodat", {static_cast<uint64_t>(AT_FDCWD), 0, 0644, 0}},
  };
  for (const auto& call : kCalls) {
    const bool offline = options_.network_off && IsInetSocket(call.call, call.arguments);
    EXPECT_EQ(Run(numbers_.at(call.call), call.arguments).value,
              offline ? SECCOMP_RET_ERRNO | EAFNOSUPPORT : SECCOMP_RET_ALLOW)
        << call.call << " " << ::testing::PrintToString(call.arguments);
  }
}

// What reaches other programs of the same user by a number, where there is no namespace of one's own.
TEST_P(SeccompTest, TheHostsOwnNamespacesAreOutOfReach) {
  const struct {
    const char* call;
    std::vector<uint64_t> arguments;
    uint32_t shared;  // the result there; allowed everywhere else
  } kCalls[] = {
      {"kill", {0xffffffff, SIGKILL}, kEperm},
      {"kill", {~uint64_t{0}, SIGKILL}, kEperm},
      {"kill", {1234, SIGTERM}, SECCOMP_RET_ALLOW},
      {"kill", {0, SIGTERM}, SECCOMP_RET_ALLOW},
      {"prlimit64", {0, 7, 0, 0}, SECCOMP_RET_ALLOW},
      {"prlimit64", {1, 7, 0, 0}, kEperm},
      {"setpriority", {0 /* PRIO_PROCESS */, 0, 10}, SECCOMP_RET_ALLOW},
      {"setpriority", {1 /* PRIO_PGRP */, 0, 10}, kEperm},
      {"setpriority", {2 /* PRIO_USER */, 0, 10}, kEperm},
      {"ioprio_set", {1 /* IOPRIO_WHO_PROCESS */, 0, 0}, SECCOMP_RET_ALLOW},
      {"ioprio_set", {3 /* IOPRIO_WHO_USER */, 0, 0}, kEperm},
      {"shmget", {1, 4096, 0600}, kEnosys},
      {"semget", {1, 1, 0600}, kEnosys},
      {"msgget", {1, 0600}, kEnosys},
      {"mq_open", {0, O_RDWR}, kEnosys},
  };
  for (const auto& call : kCalls) {
    EXPECT_EQ(Run(numbers_.at(call.call), call.arguments).value,
              options_.host_namespaces ? call.shared : SECCOMP_RET_ALLOW)
        << call.call << " " << ::testing::PrintToString(call.arguments);
  }
}

TEST_P(SeccompTest, WhatHasToBeRefusedIsRefused) {
  const uint64_t kRubbish = 0xdeadbeef00000000;  // the kernel takes an int and drops this
  const uint32_t kFamily = SECCOMP_RET_ERRNO | EAFNOSUPPORT;
  const uint32_t kProtocol = SECCOMP_RET_ERRNO | EPROTONOSUPPORT;
  const struct {
    const char* call;
    std::vector<uint64_t> arguments;
    uint32_t result;
  } kCalls[] = {
      {"clone", {CLONE_NEWUSER | SIGCHLD}, kEperm},
      {"clone", {kRubbish | CLONE_NEWNET}, kEperm},
      {"unshare", {CLONE_NEWNS}, kEperm},
      {"unshare", {0x80 /* CLONE_NEWTIME */}, kEperm},
      {"unshare", {kRubbish | CLONE_NEWPID | CLONE_FILES}, kEperm},
      {"personality", {READ_IMPLIES_EXEC}, kEperm},
      {"personality", {MMAP_PAGE_ZERO | ADDR_NO_RANDOMIZE}, kEperm},
      {"personality", {0xfffffffe}, kEperm},
      {"seccomp", {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER}, SECCOMP_RET_ERRNO | EBUSY},
      {"seccomp",
       {kRubbish | SECCOMP_SET_MODE_FILTER, kRubbish | SECCOMP_FILTER_FLAG_NEW_LISTENER | 1},
       SECCOMP_RET_ERRNO | EBUSY},
      {"ioctl", {0, TIOCSTI}, kEperm},
      {"ioctl", {0, kRubbish | TIOCSTI}, kEperm},
      {"ioctl", {0, kRubbish | TIOCLINUX}, kEperm},
      {"ioctl", {0, TIOCSETD}, kEperm},
      {"socket", {AF_PACKET, SOCK_RAW, 0}, kFamily},
      {"socket", {AF_VSOCK, SOCK_STREAM, 0}, kFamily},
      {"socket", {kRubbish | AF_ALG, SOCK_SEQPACKET, 0}, kFamily},
      {"socket", {AF_UNSPEC, SOCK_STREAM, 0}, kFamily},
      {"socket", {0xffffffff, SOCK_STREAM, 0}, kFamily},
      {"socket", {1000, SOCK_STREAM, 0}, kFamily},
      {"socketpair", {AF_TIPC, SOCK_STREAM, 0}, kFamily},
      {"socket", {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER}, kProtocol},
      {"socket", {kRubbish | AF_NETLINK, SOCK_RAW, kRubbish | NETLINK_AUDIT}, kProtocol},
      {"socket", {AF_INET, SOCK_STREAM, IPPROTO_SCTP}, kProtocol},
      {"socket", {AF_INET6, SOCK_STREAM, kRubbish | 256 /* IPPROTO_SMC */}, kProtocol},
  };
  for (const auto& call : kCalls) {
    EXPECT_EQ(Run(numbers_.at(call.call), call.arguments).value, call.result)
        << call.call << " " << ::testing::PrintToString(call.arguments);
  }
}

TEST_P(SeccompTest, SetIdFilesAreRefusedToRootCallers) {
  const uint64_t kHere = static_cast<uint64_t>(AT_FDCWD);
  const struct {
    const char* call;
    std::vector<uint64_t> arguments;
  } kCalls[] = {
      {"chmod", {0, 04755}},
      {"fchmod", {3, 02755}},
      {"fchmod", {3, uint64_t{1} << 32 | 06755}},
      {"fchmodat", {kHere, 0, 04755}},
      {"fchmodat2", {kHere, 0, 04755, 0}},
      {"creat", {0, 04755}},
      {"open", {0, O_WRONLY | O_CREAT, 04755}},
      {"openat", {kHere, 0, O_WRONLY | O_CREAT | O_EXCL, 02755}},
      {"openat", {kHere, 0, O_WRONLY | O_TMPFILE, 04755}},
      {"mknod", {0, S_IFREG | 04755, 0}},
      {"mknodat", {kHere, 0, 04755, 0}},
      {"mknodat", {kHere, 0, S_IFCHR | 0666, 0x103}},
      {"mknodat", {kHere, 0, S_IFBLK | 0666, 0x800}},
  };
  const uint32_t expected = options_.root_caller ? kEperm : SECCOMP_RET_ALLOW;
  int tried = 0;
  for (const auto& call : kCalls) {
    if (!numbers_.contains(call.call)) continue;
    ++tried;
    EXPECT_EQ(Run(numbers_.at(call.call), call.arguments).value, expected)
        << call.call << " " << ::testing::PrintToString(call.arguments);
  }
  EXPECT_GE(tried, 9);
  EXPECT_EQ(Run(numbers_.at("openat2")).value, options_.root_caller ? kEnosys : SECCOMP_RET_ALLOW);
}

TEST_P(SeccompTest, PerfIsAnOption) {
  EXPECT_EQ(Run(numbers_.at("perf_event_open")).value, options_.allow_perf ? SECCOMP_RET_ALLOW : kEperm);
}

TEST_P(SeccompTest, ProgramsAreSmall) { EXPECT_LE(filter_.size(), 200u); }

#if defined(__x86_64__) || defined(__aarch64__)
TEST(SeccompProgramTest, TheBuiltInProgramsAreTheCompiledOnes) {
#if defined(__x86_64__)
  const SeccompArch native = SeccompArch::kX8664;
#else
  const SeccompArch native = SeccompArch::kAarch64;
#endif
  for (const SeccompOptions& options : SeccompVariants()) {
    const auto compiled = CompileSeccomp(SeccompRules(), options, native, ResolveSyscall);
    ASSERT_TRUE(compiled.ok());
    const SeccompProgram shipped = BaselineProgram(options);
    std::vector<BpfInstruction> instructions;
    for (int i = 0; i < shipped.length; ++i) {
      const sock_filter& in = shipped.instructions[i];
      instructions.push_back({in.code, in.jt, in.jf, in.k});
    }
    EXPECT_EQ(instructions, *compiled) << VariantName(options);
  }
}
#endif

TEST(SeccompTableTest, TheListOfNumbersNamesWhatTheTableNames) {
  std::set<std::string> in_table, in_list;
  for (const SeccompRule& rule : SeccompRules()) {
    EXPECT_FALSE(rule.reason.empty() || rule.breaks.empty());
    EXPECT_EQ(rule.condition.empty(), rule.condition_text.empty() || rule.when == SeccompWhen::kNoPerf);
    for (absl::string_view name : rule.syscalls) in_table.insert(std::string(name));
  }
  for (const CallNumbers& call : kNamedCalls) in_list.insert(std::string(call.name));
  EXPECT_EQ(in_table, in_list);
}

TEST(SeccompTableTest, LibseccompKnowsTheSameNumbers) {
  for (SeccompArch arch : kArchs) {
    for (const CallNumbers& call : kNamedCalls) {
      const auto resolved = ResolveSyscall(arch, call.name);
      ASSERT_TRUE(resolved.ok()) << resolved.status();
      EXPECT_EQ(*resolved, NumberOf(call, arch)) << ArchName(arch) << " " << call.name;
    }
  }
}

// Rules that cannot be said fail, and so does the build.
class SeccompCompilerTest : public ::testing::Test {
 protected:
  static absl::Status Compile(const std::vector<SeccompRule>& rules) {
    return CompileSeccomp(rules, {}, SeccompArch::kX8664, ResolveSyscall).status();
  }
  static SeccompRule Rule(absl::Span<const absl::string_view> names, absl::Span<const ArgumentTest> condition) {
    SeccompRule rule;
    rule.syscalls = names;
    rule.condition = condition;
    return rule;
  }
  const std::vector<absl::string_view> mount_ = {"mount"};
  const std::vector<uint32_t> values_ = {0x10};
};

TEST_F(SeccompCompilerTest, UnknownNames) {
  const std::vector<absl::string_view> misspelt = {"muont"};
  EXPECT_THAT(std::string(Compile({Rule(misspelt, {})}).message()), HasSubstr("muont"));
  EXPECT_TRUE(Compile({Rule(mount_, {})}).ok());
}

TEST_F(SeccompCompilerTest, TestsThatMakeNoSense) {
  using Kind = ArgumentTest::Kind;
  const std::vector<ArgumentTest> good = {{5, Kind::kOneOf, 0xf0, values_}};
  EXPECT_TRUE(Compile({Rule(mount_, good)}).ok());
  for (const ArgumentTest& bad :
       {ArgumentTest{6, Kind::kOneOf, 0xf0, values_}, ArgumentTest{0, Kind::kOneOf, 0x0f, values_},
        ArgumentTest{0, Kind::kOneOf, 0xf0, {}}, ArgumentTest{0, Kind::kAnyBitOf, 0, {}},
        ArgumentTest{0, Kind::kAnyBitOf, 0xf0, values_}}) {
    const std::vector<ArgumentTest> condition = {bad};
    EXPECT_FALSE(Compile({Rule(mount_, condition)}).ok());
  }
}

TEST_F(SeccompCompilerTest, RulesBehindOneThatAlwaysDecides) {
  EXPECT_THAT(std::string(Compile({Rule(mount_, {}), Rule(mount_, {})}).message()), HasSubstr("always decides"));
}

}  // namespace
}  // namespace paddock
