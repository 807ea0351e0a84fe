#include "core/platform/posix/run_cgroup.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/platform/posix/cgroup_facts.h"
#include "tests/unit/host/temp_tree.h"

// Over an ordinary directory: what the kernel does with a cgroup's files is the subject of tests/integration/limits.py.

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunCgroupTest : public testing::Test {
 protected:
  std::vector<std::string> Made() const { return Made(tree_); }
  static std::vector<std::string> Made(const TempTree& tree) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(tree.root())) paths.push_back(entry.path());
    return paths;
  }
  std::unique_ptr<RunCgroup> Make() const {
    auto cgroup = RunCgroup::Make(tree_.root(), {});
    EXPECT_TRUE(cgroup.ok()) << cgroup.status();
    return *std::move(cgroup);
  }
  static void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  TempTree tree_;
};

TEST_F(RunCgroupTest, IsThereWhileItIsHeldAndGoneAfterwards) {
  {
    const auto one = Make(), other = Make();
    EXPECT_EQ(Made().size(), 2u);
    EXPECT_NE(one->descriptor(), other->descriptor());
  }
  EXPECT_THAT(Made(), IsEmpty());
}

TEST_F(RunCgroupTest, AControllerThatCannotBeEnabledFailsAndLeavesNothing) {
  const auto cgroup = RunCgroup::Make(tree_.root(), {1 << 20, {}});
  ASSERT_FALSE(cgroup.ok());
  EXPECT_THAT(cgroup.status().message(), HasSubstr("enabling memory"));
  EXPECT_THAT(Made(), IsEmpty());
}

TEST_F(RunCgroupTest, ALimitThatCannotBeSetFailsAndLeavesNothing) {
  TempTree parent;
  parent.File("cgroup.subtree_control", "memory pids\n");
  for (const RunCgroup::Limits& limits : {RunCgroup::Limits{1 << 20, {}}, RunCgroup::Limits{{}, 8}}) {
    const auto cgroup = RunCgroup::Make(parent.root(), limits);
    ASSERT_FALSE(cgroup.ok());
    EXPECT_EQ(ReasonOf(cgroup.status())->code, "setup_failed");
    EXPECT_THAT(cgroup.status().message(), HasSubstr(limits.memory ? "memory.max" : "pids.max"));
    EXPECT_THAT(Made(parent), ElementsAre(parent.Path("cgroup.subtree_control")));
  }
}

TEST_F(RunCgroupTest, WithoutItsParentItFails) {
  const auto cgroup = RunCgroup::Make(tree_.Path("absent"), {});
  ASSERT_FALSE(cgroup.ok());
  EXPECT_THAT(cgroup.status().message(), HasSubstr("No such file"));
}

TEST_F(RunCgroupTest, TellsItsOwnLimitFromTheHostsWantOfMemory) {
  const auto cgroup = Make();
  const std::string path = Made().at(0);
  EXPECT_FALSE(cgroup->MemoryExceeded());
  Write(path + "/memory.events", "low 0\nhigh 0\nmax 5\noom 0\noom_kill 3\noom_group_kill 0\n");
  EXPECT_FALSE(cgroup->MemoryExceeded());
  Write(path + "/memory.events", "low 0\nhigh 0\nmax 5\noom 1\noom_kill 0\n");
  EXPECT_FALSE(cgroup->MemoryExceeded());
  Write(path + "/memory.events", "low 0\nhigh 0\nmax 5\noom 1\noom_kill 3\noom_group_kill 1\n");
  EXPECT_TRUE(cgroup->MemoryExceeded());
}

TEST_F(RunCgroupTest, TellsThatAProcessWasRefused) {
  const auto cgroup = Make();
  const std::string path = Made().at(0);
  EXPECT_FALSE(cgroup->ProcessesExceeded());
  Write(path + "/pids.events", "max 0\n");
  EXPECT_FALSE(cgroup->ProcessesExceeded());
  Write(path + "/pids.events", "max 2\n");
  EXPECT_TRUE(cgroup->ProcessesExceeded());
}

TEST_F(RunCgroupTest, WhatIsCollectedIsDeadOursAndEmpty) {
  const auto live = Make();
  const std::string live_path = Made().at(0);
  const std::string dead = tree_.Dir("paddock-run.abcdef");
  tree_.File("paddock-run.filled/cgroup");
  tree_.Dir("somebody.else");
  tree_.Link("paddock-run.link", "somebody.else");
  EXPECT_THAT(CollectRunCgroups(tree_.root()), ElementsAre(dead));
  EXPECT_TRUE(std::filesystem::exists(live_path));
  EXPECT_TRUE(std::filesystem::exists(tree_.Path("somebody.else")));
  EXPECT_THAT(CollectRunCgroups(tree_.Path("absent")), IsEmpty());
}

// In a real hierarchy, with or without controllers.
TEST(RealRunCgroupTest, RemovalWaitsForTheLastProcessToLeave) {
  const CgroupFacts facts = ProbeOwnCgroup();
  if (!facts.delegated.yes()) GTEST_SKIP() << facts.delegated.source;
  auto made = RunCgroup::Make(facts.path, {});
  ASSERT_TRUE(made.ok()) << made.status();
  const std::unique_ptr<RunCgroup> cgroup = *std::move(made);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd joined(ends[0]);
  UniqueFd join(ends[1]);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const UniqueFd processes(openat(cgroup->descriptor(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
    if (write(processes.get(), "0", 1) != 1 || write(join.get(), "j", 1) != 1) _exit(1);
    const timespec while_it_is_removed = {0, 100'000'000};
    nanosleep(&while_it_is_removed, nullptr);
    _exit(0);
  }
  join.reset();
  char letter = 0;
  ASSERT_EQ(read(joined.get(), &letter, 1), 1);
  EXPECT_THAT(CollectRunCgroups(facts.path), IsEmpty());
  cgroup->Remove();
  EXPECT_EQ(faccessat(cgroup->descriptor(), "cgroup.procs", F_OK, 0), -1) << "the directory is there still";
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace paddock
