#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_repositories.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NewRepositoriesTest : public ::testing::Test {
 protected:
  NewRepositoriesTest() {
    for (const char* const directory : {"ws/.git/hooks", "ws/src/deep", "ws/vendor/known/.git"}) tree_.Dir(directory);
    // Time stamps come in steps of a timer's tick: what is older than the run has to be older by one.
    const timespec tick = {0, 20'000'000};
    nanosleep(&tick, nullptr);
  }

  template <typename Change>
  RunResult After(Change change) const {
    const NewRepositories repositories(tree_.Path("ws"), known_);
    change();
    RunResult result;
    repositories.Compare(&result);
    return result;
  }

  std::vector<std::string> PathsAfter(const std::vector<std::string>& made) const {
    std::vector<std::string> paths;
    const RunResult result = After([&] {
      for (const std::string& directory : made) tree_.Dir("ws/" + directory);
    });
    for (const LeftBehind& left : result.left_behind) {
      EXPECT_EQ(left.change, "created");
      paths.push_back(left.path.substr(tree_.Path("ws").size() + 1));
    }
    return paths;
  }

  TempTree tree_;
  // As the probe gives them.
  const std::vector<std::string> known_ = {
      "", ".git", "src", "src/deep", "vendor", "vendor/known", "vendor/known/.git"};
};

TEST_F(NewRepositoriesTest, WhatWasThereIsNotTold) {
  EXPECT_THAT(PathsAfter({}), IsEmpty());
  EXPECT_THAT(PathsAfter({"src/deep/new", "vendor/known/build"}), IsEmpty());
}

TEST_F(NewRepositoriesTest, OnesInOldAndInNewDirectoriesAreFound) {
  EXPECT_THAT(PathsAfter({"src/deep/.git", "a/b/c/.git", "vendor/.git"}),
              ElementsAre("a/b/c/.git", "src/deep/.git", "vendor/.git"));
}

TEST_F(NewRepositoriesTest, AFileAndALinkCountAsWell) {
  const RunResult result = After([&] {
    tree_.File("ws/src/.git", "gitdir: elsewhere\n");
    tree_.Link("ws/new/.git", "../.git");
  });
  EXPECT_THAT(result.left_behind, SizeIs(2));
}

TEST_F(NewRepositoriesTest, OneThatWasMovedIsFoundWhereItIs) {
  const RunResult result =
      After([&] { std::filesystem::rename(tree_.Path("ws/vendor/known"), tree_.Path("ws/src/moved")); });
  ASSERT_THAT(result.left_behind, SizeIs(1));
  EXPECT_EQ(result.left_behind[0].path, tree_.Path("ws/src/moved/.git"));
}

// The command may set the other times of a directory, not this one.
TEST_F(NewRepositoriesTest, SettingTimesBackHidesNothing) {
  const RunResult result = After([&] {
    tree_.Dir("ws/src/deep/.git");
    const timespec old[] = {{1, 0}, {1, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, tree_.Path("ws/src/deep").c_str(), old, 0), 0);
  });
  EXPECT_THAT(result.left_behind, SizeIs(1));
}

TEST_F(NewRepositoriesTest, NoLinkIsFollowed) {
  tree_.Dir("outside/repository/.git");
  const RunResult result = After([&] {
    tree_.Link("ws/out", tree_.Path("outside"));
    std::filesystem::rename(tree_.Path("ws/src"), tree_.Path("ws/elsewhere"));
    tree_.Link("ws/src", tree_.Path("outside/repository"));
  });
  EXPECT_THAT(result.left_behind, IsEmpty());
}

TEST_F(NewRepositoriesTest, AFloodIsCountedNotListed) {
  const RunResult result = After([&] {
    for (int i = 0; i < 130; ++i) tree_.Dir(absl::StrCat("ws/n", i, "/.git"));
  });
  EXPECT_THAT(result.left_behind, SizeIs(100));
  EXPECT_THAT(result.notices, ElementsAre("30 more new repositories are not listed"));
}

}  // namespace
}  // namespace paddock
