#include "core/platform/posix/run_directory.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RunDirectoryTest, IsForTheUserAloneAndGoesWithAllThatIsInIt) {
  const TempTree tree;
  const std::string parent = tree.Path("state/runs");
  std::string path;
  {
    const auto made = RunDirectory::Make(parent);
    ASSERT_TRUE(made.ok()) << made.status();
    path = (*made)->path();
    EXPECT_EQ(fs::path(path).parent_path(), parent);
    struct stat st = {};
    ASSERT_EQ(stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0700u);
    tree.File("outside");
    fs::create_directories(path + "/tmp/a/b");
    fs::create_symlink(tree.root(), path + "/tmp/a/link");
    fs::permissions(path + "/tmp/a", fs::perms::none);
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(tree.Path("outside"))) << "removed through a link";
}

TEST(RunDirectoryTest, RemovingTwiceTakesNothingElse) {
  const TempTree tree;
  const auto made = RunDirectory::Make(tree.root());
  ASSERT_TRUE(made.ok()) << made.status();
  (*made)->Remove();
  fs::create_directory((*made)->path());
  (*made)->Remove();
  EXPECT_TRUE(fs::exists((*made)->path())) << "somebody else's by now";
}

TEST(RunDirectoryTest, WhatALiveRunHoldsIsNotCollected) {
  const TempTree tree;
  const auto made = RunDirectory::Make(tree.root());
  ASSERT_TRUE(made.ok()) << made.status();
  tree.File("run.dead/tmp/left");
  tree.File("other/file");
  EXPECT_THAT(CollectRunDirectories(tree.root()), ElementsAre(tree.Path("run.dead")));
  EXPECT_TRUE(fs::exists((*made)->path()));
  EXPECT_TRUE(fs::exists(tree.Path("other/file")));
  EXPECT_THAT(CollectRunDirectories(tree.Path("absent")), IsEmpty());
}

TEST(RunDirectoryTest, TheNextRunTakesAwayWhatADeadOneLeft) {
  const TempTree tree;
  tree.File("run.dead/home/.cache/x");
  ASSERT_TRUE(RunDirectory::Make(tree.root()).ok());
  EXPECT_FALSE(fs::exists(tree.Path("run.dead")));
}

TEST(RunDirectoryTest, AStateDirectoryThatCannotBeWrittenIsTold) {
  const TempTree tree;
  tree.File("state");
  const auto made = RunDirectory::Make(tree.Path("state/runs"));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(ReasonOf(made.status())->code, "state_dir_unusable");
}

}  // namespace
}  // namespace paddock
