// Placeholders are taken away wherever the directories that they stand in are by then.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/lease.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;

constexpr char kKey[] = "fd00-2a";

class LeaseMovedTest : public ::testing::Test {
 protected:
  LeaseMovedTest() : state_(tree_.Path("state")), ws_(tree_.Dir("ws")) {
    umask(022);
    tree_.Dir("ws/.git");
  }

  // A directory, a file, and one inside another.
  std::unique_ptr<WorkspaceLease> HoldAll() {
    const std::vector<Placeholder> names = {{ws_ + "/.vscode"},
                                            {ws_ + "/.git/commondir", PlaceholderKind::kContent},
                                            {ws_ + "/.github"},
                                            {ws_ + "/.github/hooks"}};
    auto lease = WorkspaceLease::Acquire(state_, kKey, ws_, names);
    EXPECT_TRUE(lease.ok()) << lease.status();
    EXPECT_TRUE(lease.ok() && (*lease)->Hold().ok());
    return lease.ok() ? *std::move(lease) : nullptr;
  }

  std::vector<std::string> Below(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      names.push_back(fs::relative(entry.path(), directory).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TempTree tree_;
  std::string state_, ws_;
};

TEST_F(LeaseMovedTest, AMovedWorkspaceKeepsNothing) {
  const auto lease = HoldAll();
  ASSERT_THAT(Below(ws_), ::testing::ElementsAre(".git", ".git/commondir", ".github", ".github/hooks", ".vscode"));
  const std::string moved = tree_.Path("elsewhere");
  ASSERT_EQ(rename(ws_.c_str(), moved.c_str()), 0);
  lease->Release();
  EXPECT_THAT(Below(moved), ::testing::ElementsAre(".git"));
}

TEST_F(LeaseMovedTest, ALinkInTheWorkspacesPlaceLeadsNowhere) {
  const auto lease = HoldAll();
  const std::string moved = tree_.Path("elsewhere"), decoy = tree_.Dir("decoy");
  tree_.Dir("decoy/.vscode");
  ASSERT_EQ(rename(ws_.c_str(), moved.c_str()), 0);
  ASSERT_EQ(symlink(decoy.c_str(), ws_.c_str()), 0);
  lease->Release();
  EXPECT_THAT(Below(moved), ::testing::ElementsAre(".git"));
  EXPECT_THAT(Below(decoy), ::testing::ElementsAre(".vscode")) << "not ours";
}

TEST_F(LeaseMovedTest, WhatTheUserPutsIntoOneMovesAndStays) {
  const auto lease = HoldAll();
  std::ofstream(ws_ + "/.vscode/settings.json") << "{}";
  const std::string moved = tree_.Path("elsewhere");
  ASSERT_EQ(rename(ws_.c_str(), moved.c_str()), 0);
  lease->Release();
  EXPECT_THAT(Below(moved), ::testing::ElementsAre(".git", ".vscode", ".vscode/settings.json"));
}

TEST_F(LeaseMovedTest, TheLastOfTwoRunsFindsWhatTheFirstMade) {
  const auto first = HoldAll();
  const auto last = HoldAll();
  const std::string moved = tree_.Path("elsewhere");
  ASSERT_EQ(rename(ws_.c_str(), moved.c_str()), 0);
  first->Release();
  ASSERT_THAT(Below(moved), ::testing::Contains(".vscode")) << "the other run's still";
  last->Release();
  EXPECT_THAT(Below(moved), ::testing::ElementsAre(".git"));
}

TEST_F(LeaseMovedTest, MoreDirectoriesThanAreKeptOpenAreFoundByPath) {
  std::vector<Placeholder> names;
  for (int i = 0; i < 200; ++i) {
    const std::string name = absl::StrCat("d", i);
    names.push_back({tree_.Dir("ws/" + name) + "/.vscode"});
  }
  auto lease = WorkspaceLease::Acquire(state_, kKey, ws_, names);
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_LT((*lease)->descriptors().size(), 100u);
  ASSERT_TRUE((*lease)->Hold().ok());
  for (const Placeholder& name : names) ASSERT_TRUE(fs::is_directory(name.path));
  (*lease)->Release();
  for (const Placeholder& name : names) EXPECT_FALSE(fs::exists(name.path)) << name.path;
}

TEST_F(LeaseMovedTest, AForkedCopyFindsThemAndTheOriginalThenHasNothingToDo) {
  auto lease = HoldAll();
  ASSERT_EQ(rename(ws_.c_str(), tree_.Path("elsewhere").c_str()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    lease->Release();
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_THAT(Below(tree_.Path("elsewhere")), ::testing::ElementsAre(".git"));
  lease->Release();
  EXPECT_THAT(Below(tree_.Path("elsewhere")), ::testing::ElementsAre(".git"));
}

}  // namespace
}  // namespace paddock
