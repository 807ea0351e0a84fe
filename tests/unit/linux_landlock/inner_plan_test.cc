#include "backends/linux_landlock/launch_inner_plan.h"

#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace paddock {
namespace {

InnerPlan Sample() {
  auto plan = std::make_shared<LinuxPlan>();
  plan->tier = LinuxTier::kBubblewrap;
  plan->landlock_abi = 7;
  plan->landlock = {{"/", LandlockGrant::kRead}, {"/ws/file", LandlockGrant::kReadWrite, /*directory=*/false}};
  MountStep pin;
  pin.op = MountOp::kPin;
  pin.target = "/ws/.git";
  pin.identity = {5, 77};
  plan->mounts = {pin};
  plan->seccomp_root_caller = true;
  plan->process_limits.rlimit_nproc = true;
  plan->limits.memory = uint64_t{1} << 40;
  plan->limits.processes = 512;
  plan->limits.cpu = std::chrono::milliseconds(1500);
  plan->command = {"printf", "\xff\n", ""};
  plan->environment = {"A=1", "B=\x80"};
  plan->cwd = "/ws";
  return {std::move(plan), /*tty=*/true, 80, 24};
}

TEST(InnerPlanTest, WhatIsWrittenIsRead) {
  const InnerPlan sample = Sample();
  const auto read = DecodeInnerPlan(EncodeInnerPlan(sample));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->tty);
  EXPECT_EQ(read->columns, 80);
  EXPECT_EQ(read->rows, 24);
  const LinuxPlan &was = *sample.plan, &is = *read->plan;
  EXPECT_EQ(is.tier, LinuxTier::kBubblewrap);
  EXPECT_EQ(is.landlock_abi, was.landlock_abi);
  EXPECT_EQ(is.landlock, was.landlock);
  EXPECT_EQ(is.mounts.size(), 1u);
  EXPECT_EQ(is.mounts[0].target, "/ws/.git");
  EXPECT_EQ(is.mounts[0].op, MountOp::kPin);
  EXPECT_EQ(is.mounts[0].identity, was.mounts[0].identity);
  EXPECT_TRUE(is.seccomp_root_caller);
  EXPECT_FALSE(is.seccomp_allow_perf);
  EXPECT_TRUE(is.process_limits.rlimit_nproc);
  EXPECT_EQ(is.limits.memory, was.limits.memory);
  EXPECT_EQ(is.limits.processes, was.limits.processes);
  EXPECT_EQ(is.limits.cpu, was.limits.cpu);
  EXPECT_EQ(is.limits.file_size, std::nullopt);
  EXPECT_EQ(is.command, was.command);
  EXPECT_EQ(is.environment, was.environment);
  EXPECT_EQ(is.cwd, was.cwd);
}

TEST(InnerPlanTest, WhatIsCutShortOrTooLongIsNone) {
  const std::string bytes = EncodeInnerPlan(Sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeInnerPlan(absl::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeInnerPlan(bytes + "x").ok());
}

// No byte of it leads astray: another plan at most, never a crash or an endless list.
TEST(InnerPlanTest, EveryDamagedByteIsSurvived) {
  const std::string bytes = EncodeInnerPlan(Sample());
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    refused += DecodeInnerPlan(damaged).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace paddock
