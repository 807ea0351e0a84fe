#include "backends/linux_landlock/launch_spec.h"

#include <sys/resource.h>

#include <chrono>
#include <map>

#include "backends/linux_landlock/landlock_rights.h"
#include "backends/linux_landlock/seccomp_program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LinuxPlan PlanFor(const std::vector<std::string>& command) {
  LinuxPlan plan;
  plan.uid = 1000;
  plan.gid = 100;
  plan.command = command;
  plan.environment = {"A=1", "PATH=/opt/bin:/bin"};
  plan.cwd = "/ws";
  return plan;
}

std::shared_ptr<const LinuxPlan> Shared(const LinuxPlan& plan) { return std::make_shared<LinuxPlan>(plan); }

std::vector<std::string> List(const char* const* pointers) {
  std::vector<std::string> list;
  for (; *pointers != nullptr; ++pointers) list.emplace_back(*pointers);
  return list;
}

TEST(ExecutableCandidatesTest, ACommandWithASlashIsItsOwnOnlyCandidate) {
  EXPECT_THAT(ExecutableCandidates("./run", {"PATH=/bin"}), ElementsAre("./run"));
  EXPECT_THAT(ExecutableCandidates("/bin/ls", {}), ElementsAre("/bin/ls"));
  EXPECT_THAT(ExecutableCandidates("dir/", {"PATH=/bin"}), ElementsAre("dir/"));
}

TEST(ExecutableCandidatesTest, PathIsTheCommandsOwnAndKeepsItsOrder) {
  EXPECT_THAT(ExecutableCandidates("ls", {"PATH=/opt/bin:/bin"}), ElementsAre("/opt/bin/ls", "/bin/ls"));
  EXPECT_THAT(ExecutableCandidates("ls", {"XPATH=/a", "PATH=/b"}), ElementsAre("/b/ls"));
}

// execvp(3): an empty entry is the working directory.
TEST(ExecutableCandidatesTest, AnEmptyEntryIsTheWorkingDirectory) {
  EXPECT_THAT(ExecutableCandidates("ls", {"PATH=:/bin:"}), ElementsAre("./ls", "/bin/ls", "./ls"));
  EXPECT_THAT(ExecutableCandidates("ls", {"PATH="}), ElementsAre("./ls"));
}

TEST(ExecutableCandidatesTest, WithoutPathThereIsADefaultThatHoldsNoWorkingDirectory) {
  const std::vector<std::string> candidates = ExecutableCandidates("ls", {"HOME=/root"});
  EXPECT_THAT(candidates, ::testing::Contains("/usr/bin/ls"));
  for (const std::string& candidate : candidates) EXPECT_EQ(candidate[0], '/');
}

TEST(PreparedLaunchTest, IdsAreMappedToThemselves) {
  PreparedLaunch prepared(Shared(PlanFor({"ls"})));
  EXPECT_STREQ(prepared.spec().uid_map, "1000 1000 1\n");
  EXPECT_STREQ(prepared.spec().gid_map, "100 100 1\n");
}

TEST(PreparedLaunchTest, TheCommandIsPassedByteForByte) {
  PreparedLaunch prepared(Shared(PlanFor({"printf", "%s\n", "", "\xff\x1b[31m", "a b\n"})));
  const ChildSpec& spec = prepared.spec();
  EXPECT_THAT(List(spec.argv), ElementsAre("printf", "%s\n", "", "\xff\x1b[31m", "a b\n"));
  EXPECT_THAT(List(spec.envp), ElementsAre("A=1", "PATH=/opt/bin:/bin"));
  EXPECT_THAT(List(spec.executables), ElementsAre("/opt/bin/printf", "/bin/printf"));
  EXPECT_STREQ(spec.cwd, "/ws");
}

// What execvp(3) does with a script that has no interpreter line; the child fills in the script.
TEST(PreparedLaunchTest, TheShellsArgumentsHaveAPlaceForTheScript) {
  PreparedLaunch prepared(Shared(PlanFor({"./script", "x", "y"})));
  ASSERT_EQ(prepared.spec().shell_argv[1], nullptr);
  char script[] = "./script";
  prepared.spec().shell_argv[1] = script;
  EXPECT_THAT(List(prepared.spec().shell_argv), ElementsAre("/bin/sh", "./script", "x", "y"));
}

TEST(PreparedLaunchTest, MountsKeepTheirOrderAndEachPrivateOneItsOwnScratch) {
  LinuxPlan plan = PlanFor({"ls"});
  MountStep bind;
  bind.op = MountOp::kBind;
  bind.source = "/host";
  bind.target = "/view";
  bind.writable = bind.optional = true;
  bind.directory = false;
  bind.identity = {7, 8};
  MountStep tmp;
  tmp.op = MountOp::kPrivate;
  tmp.target = "/tmp";
  tmp.sticky = true;
  plan.mounts = {bind, tmp, tmp};
  PreparedLaunch prepared(Shared(plan));
  const ChildSpec& spec = prepared.spec();
  ASSERT_EQ(spec.mount_count, 3u);
  EXPECT_EQ(spec.mounts[0].op, MountOp::kBind);
  EXPECT_STREQ(spec.mounts[0].source, "/host");
  EXPECT_STREQ(spec.mounts[0].target, "/view");
  EXPECT_TRUE(spec.mounts[0].writable && spec.mounts[0].optional && !spec.mounts[0].directory);
  EXPECT_EQ(spec.mounts[0].identity, (Identity{7, 8}));
  EXPECT_EQ(spec.mounts[0].tree, -1);
  EXPECT_TRUE(spec.mounts[1].sticky);
  EXPECT_STRNE(spec.mounts[1].scratch_name, spec.mounts[2].scratch_name);
  EXPECT_EQ(spec.mounts_before_placeholders, 3u) << "there are none";
}

TEST(PreparedLaunchTest, TheFirstStepOntoAPlaceholderIsKnown) {
  LinuxPlan plan = PlanFor({"ls"});
  for (const char* target : {"/tmp", "/ws", "/ws/.vscode", "/ws/readme"}) {
    MountStep step;
    step.op = MountOp::kCover;
    step.target = target;
    plan.mounts.push_back(step);
  }
  plan.placeholders = {{"/ws/.vscode"}};
  EXPECT_EQ(PreparedLaunch(Shared(plan)).spec().mounts_before_placeholders, 2u);
}

TEST(PreparedLaunchTest, LandlockRulesNameOnlyWhatTheAbiAndTheFileKnow) {
  LinuxPlan plan = PlanFor({"ls"});
  plan.landlock_abi = 3;
  plan.landlock = {{"/", LandlockGrant::kRead, true}, {"/ws/file", LandlockGrant::kReadWrite, false}};
  PreparedLaunch prepared(Shared(plan));
  const ChildSpec& spec = prepared.spec();
  EXPECT_EQ(spec.landlock_fs, LandlockHandledFs(3));
  EXPECT_EQ(spec.landlock_scopes, 0u);
  ASSERT_EQ(spec.landlock_rule_count, 2u);
  EXPECT_EQ(spec.landlock_rules[0].access, LandlockAllowed(LandlockGrant::kRead, 3));
  EXPECT_EQ(spec.landlock_rules[1].access, LandlockFileRights(LandlockAllowed(LandlockGrant::kReadWrite, 3)));
}

TEST(PreparedLaunchTest, WithoutLandlockThereIsNoRuleset) {
  LinuxPlan plan = PlanFor({"ls"});
  plan.landlock = {{"/", LandlockGrant::kRead, true}};
  PreparedLaunch prepared(Shared(plan));
  EXPECT_EQ(prepared.spec().landlock_fs, 0u);
  EXPECT_EQ(prepared.spec().landlock_rule_count, 0u);
}

std::map<int, std::pair<rlim_t, rlim_t>> RlimitsOf(const LinuxPlan& plan) {
  PreparedLaunch prepared(Shared(plan));
  std::map<int, std::pair<rlim_t, rlim_t>> limits;
  for (size_t i = 0; i < prepared.spec().rlimit_count; ++i) {
    const ChildRlimit& limit = prepared.spec().rlimits[i];
    limits[limit.resource] = {limit.soft, limit.hard};
  }
  return limits;
}

TEST(PreparedLaunchTest, WithoutLimitsOnlyCoreFilesAreBounded) {
  PreparedLaunch prepared(Shared(PlanFor({"ls"})));
  ASSERT_EQ(prepared.spec().rlimit_count, 1u);
  EXPECT_EQ(prepared.spec().rlimits[0].resource, static_cast<int>(RLIMIT_CORE));
  // 0 would still start the host's core_pattern pipe handler; 1 does not.
  EXPECT_EQ(prepared.spec().rlimits[0].hard, 1u);
  EXPECT_EQ(prepared.spec().pid_max, nullptr);
  EXPECT_EQ(prepared.spec().scratch_size, nullptr);
}

TEST(PreparedLaunchTest, LimitsBecomeRlimitsWhereThePlanSaysSo) {
  LinuxPlan plan = PlanFor({"ls"});
  plan.limits.processes = 64;
  plan.limits.memory = 1u << 20;
  plan.limits.file_size = 4096;
  plan.limits.cpu = std::chrono::milliseconds(1500);
  plan.process_limits = {false, true, true, true};
  const auto limits = RlimitsOf(plan);
  EXPECT_EQ(limits.at(RLIMIT_NPROC), std::make_pair(rlim_t{64}, rlim_t{64}));
  EXPECT_EQ(limits.at(RLIMIT_DATA), std::make_pair(rlim_t{1u << 20}, rlim_t{1u << 20}));
  EXPECT_EQ(limits.at(RLIMIT_FSIZE), std::make_pair(rlim_t{4096}, rlim_t{4096}));
  // Rounded up to whole seconds; SIGKILL comes a second after the SIGXCPU by which the outcome is told.
  EXPECT_EQ(limits.at(RLIMIT_CPU), std::make_pair(rlim_t{2}, rlim_t{3}));
  PreparedLaunch prepared(Shared(plan));
  EXPECT_STREQ(prepared.spec().scratch_size, "1048576");

  plan.process_limits = {};
  EXPECT_EQ(RlimitsOf(plan).count(RLIMIT_NPROC), 0u);
  EXPECT_EQ(RlimitsOf(plan).count(RLIMIT_DATA), 0u);
}

TEST(PreparedLaunchTest, ACpuLimitBelowASecondIsOne) {
  LinuxPlan plan = PlanFor({"ls"});
  plan.limits.cpu = std::chrono::milliseconds(1);
  plan.process_limits.rlimit_cpu = true;
  EXPECT_EQ(RlimitsOf(plan).at(RLIMIT_CPU).first, 1u);
}

// kernel/pid.c: numbers below 300 are not given out again after the first wrap, and pid_max has to be above 300.
TEST(PreparedLaunchTest, PidMaxLeavesRoomForTheReservedNumbers) {
  LinuxPlan plan = PlanFor({"ls"});
  plan.process_limits.namespace_pid_max = true;
  plan.limits.processes = 1;
  EXPECT_STREQ(PreparedLaunch(Shared(plan)).spec().pid_max, "301");
  plan.limits.processes = 0;
  EXPECT_STREQ(PreparedLaunch(Shared(plan)).spec().pid_max, "301");
  plan.limits.processes = 512;
  EXPECT_STREQ(PreparedLaunch(Shared(plan)).spec().pid_max, "812");
}

TEST(PreparedLaunchTest, TheFilterIsTheOneForThisCaller) {
  for (const bool root : {false, true}) {
    LinuxPlan plan = PlanFor({"ls"});
    plan.seccomp_root_caller = root;
    PreparedLaunch prepared(Shared(plan));
    const SeccompProgram program = BaselineProgram({.root_caller = root, .allow_perf = false});
    EXPECT_EQ(prepared.spec().seccomp->len, program.length);
    EXPECT_EQ(prepared.spec().seccomp->filter, program.instructions);
  }
}

}  // namespace
}  // namespace paddock
