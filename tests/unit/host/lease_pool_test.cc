#include "core/platform/posix/lease_pool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/unique_fd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

struct stat Look(const std::string& path) {
  struct stat st = {};
  EXPECT_EQ(lstat(path.c_str(), &st), 0) << path;
  return st;
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class LeasePoolTest : public ::testing::Test {
 protected:
  LeasePoolTest() : state_(tree_.Path("state")) { umask(022); }

  // What every run here holds, in the directory `ws` of the tree, named by the same key.
  static std::vector<Placeholder> Names(const std::string& ws) {
    return {
        {ws + "/.vscode"}, {ws + "/commondir", PlaceholderKind::kContent}, {ws + "/config", PlaceholderKind::kEmpty}};
  }

  std::unique_ptr<WorkspaceLease> Hold(const std::string& ws) {
    const std::string path = tree_.Dir(ws);
    auto lease = WorkspaceLease::Acquire(state_, ws, path, Names(path));
    EXPECT_TRUE(lease.ok()) << lease.status();
    EXPECT_TRUE(lease.ok() && (*lease)->Hold().ok());
    return lease.ok() ? *std::move(lease) : nullptr;
  }

  std::set<ino_t> Inodes(const std::string& ws) const {
    std::set<ino_t> inodes;
    for (const Placeholder& name : Names(tree_.Path(ws))) inodes.insert(Look(name.path).st_ino);
    return inodes;
  }

  size_t EntriesOf(const std::string& directory) const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(tree_.Path(directory)), fs::directory_iterator()));
  }

  TempTree tree_;
  std::string state_;
};

TEST_F(LeasePoolTest, TheNextRunTakesTheSameOnes) {
  auto first = Hold("ws");
  const std::set<ino_t> inodes = Inodes("ws");
  first->Release();
  EXPECT_EQ(EntriesOf("ws"), 0u);
  auto second = Hold("ws");
  EXPECT_EQ(Inodes("ws"), inodes);
  EXPECT_EQ(Read(tree_.Path("ws/commondir")), kPlaceholderContent);
  EXPECT_EQ(Read(tree_.Path("ws/config")), "");
  second->Release();
  EXPECT_EQ(EntriesOf("ws"), 0u);
}

// A command under a policy that does not deny these names can open them while another run's stand there, and write to
// what it holds open later. That must not be what is shown in another workspace.
TEST_F(LeasePoolTest, NothingMovesFromOneWorkspaceToAnother) {
  auto first = Hold("ws");
  const std::set<ino_t> inodes = Inodes("ws");
  const UniqueFd file(open(tree_.Path("ws/commondir").c_str(), O_WRONLY | O_CLOEXEC));
  const UniqueFd directory(open(tree_.Path("ws/.vscode").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  first->Release();
  auto other = Hold("other");
  for (const ino_t inode : Inodes("other")) EXPECT_FALSE(inodes.contains(inode));
  ASSERT_EQ(write(file.get(), "../evil\n", 8), 8);
  ASSERT_EQ(mkdirat(directory.get(), "evil", 0755), 0);
  EXPECT_EQ(Read(tree_.Path("other/commondir")), kPlaceholderContent);
  EXPECT_EQ(EntriesOf("other/.vscode"), 0u);
  other->Release();
  EXPECT_EQ(EntriesOf("other"), 0u);
}

// What the command could change must not come back.
TEST_F(LeasePoolTest, WhatWasChangedIsNotUsedAgain) {
  for (int round = 0; round < 2; ++round) {
    auto lease = Hold("ws");
    for (const Placeholder& name : Names(tree_.Path("ws"))) {
      const bool directory = name.kind == PlaceholderKind::kDirectory;
      EXPECT_EQ(Look(name.path).st_mode & 07777, directory ? 0755u : 0644u) << name.path << ", round " << round;
      EXPECT_LT(getxattr(name.path.c_str(), "user.mark", nullptr, 0), 0) << name.path << ", round " << round;
    }
    ASSERT_EQ(chmod(tree_.Path("ws/.vscode").c_str(), 01777), 0);
    ASSERT_EQ(chmod(tree_.Path("ws/config").c_str(), 0666), 0);
    // Where the file system has such attributes.
    if (setxattr(tree_.Path("ws/commondir").c_str(), "user.mark", "x", 1, 0) != 0) errno = 0;
    lease->Release();
    EXPECT_EQ(EntriesOf("ws"), 0u);
  }
}

TEST_F(LeasePoolTest, AFileWithASecondNameIsNotUsedAgain) {
  auto first = Hold("ws");
  const ino_t inode = Look(tree_.Path("ws/commondir")).st_ino;
  tree_.Dir("kept");
  fs::create_hard_link(tree_.Path("ws/commondir"), tree_.Path("kept/link"));
  first->Release();
  EXPECT_EQ(EntriesOf("ws"), 0u);
  auto second = Hold("ws");
  EXPECT_NE(Look(tree_.Path("ws/commondir")).st_ino, inode);
}

// A journal's file is used again, and may hold more text than is written to it now.
TEST_F(LeasePoolTest, WhatAnEarlierRunJournalledIsNotRead) {
  Hold("ws")->Release();
  // All of it is gone, so that it stays gone when a crash cuts the next run's text short.
  const std::string waiting = tree_.Path("state/leases/ws.pool/journal");
  struct stat before = {};
  ASSERT_EQ(stat(waiting.c_str(), &before), 0);
  std::ifstream file(waiting, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_GT(bytes.size(), 20u);
  EXPECT_EQ(bytes.find_first_not_of('\0'), std::string::npos);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  const std::string ws = tree_.Path("ws");
  if (child == 0) {
    const auto lease = WorkspaceLease::Acquire(state_, "ws", ws, {{ws + "/.vscode"}});
    if (lease.ok() && (*lease)->Hold().ok()) raise(SIGKILL);
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  struct stat after = {};
  ASSERT_EQ(stat(tree_.Path("state/leases/ws.journal").c_str(), &after), 0);
  ASSERT_EQ(after.st_ino, before.st_ino) << "the file is not used again, so that this shows nothing";
  EXPECT_THAT(JournalledPlaceholders(state_, "ws"), ElementsAre(ws + "/.vscode"));
  const auto collected = CollectLeases(state_);
  ASSERT_TRUE(collected.ok());
  ASSERT_EQ(collected->size(), 1u);
  EXPECT_THAT((*collected)[0].removed, ElementsAre(ws + "/.vscode"));
  EXPECT_EQ(EntriesOf("ws"), 0u);
}

TEST_F(LeasePoolTest, PoolsThatNobodyUsesAreRemoved) {
  Hold("ws")->Release();
  Hold("other")->Release();
  const std::string old = tree_.Path("state/leases/ws.pool");
  ASSERT_TRUE(fs::exists(old));
  const UniqueFd leases(open(tree_.Path("state/leases").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const timespec times[] = {{1, 0}, {1, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, old.c_str(), times, 0), 0);
  PlaceholderPool::Prune(leases.get(), std::chrono::hours(1));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(tree_.Path("state/leases/other.pool")));
  ASSERT_TRUE(CollectLeases(state_).ok());
  EXPECT_FALSE(fs::exists(tree_.Path("state/leases/other.pool")));
}

}  // namespace
}  // namespace paddock
