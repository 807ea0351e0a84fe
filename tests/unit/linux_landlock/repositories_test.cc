#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_repositories.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/unique_fd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NewRepositoriesTest : public ::testing::Test {
 protected:
  NewRepositoriesTest() {
    for (const char* const directory : {"ws/.git/hooks", "ws/src/deep", "ws/vendor/known/.git"}) tree_.Dir(directory);
  }

  // What the probe would have seen now, on a file system whose every stamp is another one.
  SeenTree Look() const {
    SeenTree seen;
    seen.racy_since = std::numeric_limits<int64_t>::max();
    const UniqueFd start(open(tree_.Path("ws").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto visit = [&](const WalkEntry& entry) {
      const auto git = FindGit(entry);
      if (git) seen.repositories.push_back(Seen(entry.path, *git));
      return !git;
    };
    seen.complete = WalkDirectory(start.get(), 1000, visit, [&](absl::string_view path, const struct stat& status) {
                      seen.directories.push_back(Seen(path, status));
                    }).complete;
    return seen;
  }

  template <typename Change>
  RunResult After(Change change) const {
    const SeenTree before = Look();
    // Time stamps come in steps of a timer's tick.
    const timespec tick = {0, 20'000'000};
    nanosleep(&tick, nullptr);
    change();
    return Compare(before);
  }

  RunResult Compare(const SeenTree& before) const {
    RunResult result;
    const std::string held = tree_.Path("ws/.vscode"), outside = tree_.Path("elsewhere");
    FindNewRepositories(tree_.Path("ws"), before, {held, outside}, &result);
    return result;
  }

  std::vector<std::string> Paths(const RunResult& result) const {
    std::vector<std::string> paths;
    for (const LeftBehind& left : result.left_behind) {
      EXPECT_EQ(left.change, "created");
      paths.push_back(left.path.substr(tree_.Path("ws").size() + 1));
    }
    return paths;
  }

  std::vector<std::string> PathsAfter(const std::vector<std::string>& made) const {
    return Paths(After([&] {
      for (const std::string& directory : made) tree_.Dir("ws/" + directory);
    }));
  }

  void Rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(tree_.Path("ws/" + from), tree_.Path("ws/" + to));
  }

  TempTree tree_;
};

TEST_F(NewRepositoriesTest, WhatWasThereIsNotTold) {
  EXPECT_THAT(PathsAfter({}), IsEmpty());
  EXPECT_THAT(PathsAfter({"src/deep/new", "vendor/known/build"}), IsEmpty());
}

TEST_F(NewRepositoriesTest, OnesInOldAndInNewDirectoriesAreFound) {
  EXPECT_THAT(PathsAfter({"src/deep/.git", "a/b/c/.git", "vendor/.git"}),
              ElementsAre("a/b/c/.git", "src/deep/.git", "vendor/.git"));
}

TEST_F(NewRepositoriesTest, WhatWasHeldIsNotEntered) {
  EXPECT_THAT(PathsAfter({".vscode/.git", ".vscodes/.git"}), ElementsAre(".vscodes/.git"));
}

// The new directory's own stamp is older than the run's end, and its path was known.
TEST_F(NewRepositoriesTest, ADirectoryMovedOntoAKnownPathIsRead) {
  for (const char* const directory : {"ws/p/A/child", "ws/q/A"}) tree_.Dir(directory);
  EXPECT_THAT(Paths(After([&] {
                tree_.Dir("ws/p/A/child/.git");
                Rename("q", "q0");
                Rename("p", "q");
              })),
              ElementsAre("q/A/child/.git"));
}

TEST_F(NewRepositoriesTest, ARepositoryMovedOntoAnothersPathIsTold) {
  for (const char* const directory : {"ws/p/A/.git", "ws/q/A/.git"}) tree_.Dir(directory);
  EXPECT_THAT(Paths(After([&] {
                Rename("q", "q0");
                Rename("p", "q");
              })),
              ElementsAre("q/A/.git", "q0/A/.git"));
}

// A clock that ticks too slowly to tell a change from the one before it.
TEST_F(NewRepositoriesTest, AStampThatMayBeThatOfALaterChangeIsNotTrusted) {
  SeenTree before = Look();
  tree_.Dir("ws/src/deep/.git");
  for (SeenEntry& directory : before.directories) {
    struct stat status = {};
    ASSERT_EQ(stat(tree_.Path("ws/" + directory.path).c_str(), &status), 0);
    directory.changed = Nanoseconds(status.st_ctim);
  }
  EXPECT_THAT(Paths(Compare(before)), IsEmpty());
  before.racy_since = 0;
  EXPECT_THAT(Paths(Compare(before)), ElementsAre("src/deep/.git"));
}

TEST_F(NewRepositoriesTest, WhatCannotBeLookedAtIsSaid) {
  if (geteuid() == 0) {
    const RunResult moved = After([&] { std::filesystem::rename(tree_.Path("ws"), tree_.Path("away")); });
    EXPECT_THAT(moved.notices, ElementsAre(HasSubstr("not everything")));
    return;
  }
  const RunResult result = After([&] {
    tree_.Dir("ws/src/deep/.git");
    ASSERT_EQ(chmod(tree_.Path("ws/src/deep").c_str(), 0311), 0);
  });
  EXPECT_THAT(result.notices, ElementsAre(HasSubstr("not everything")));
}

TEST_F(NewRepositoriesTest, ADirectoryThatIsGoneIsNoLoss) {
  EXPECT_THAT(After([&] { std::filesystem::remove_all(tree_.Path("ws/src")); }).notices, IsEmpty());
}

TEST_F(NewRepositoriesTest, AfterAnIncompleteWalkADoubtIsSaid) {
  SeenTree before = Look();
  before.complete = false;
  EXPECT_THAT(Compare(before).notices, ElementsAre(HasSubstr("could not be read whole")));
}

// Where case counts, ".GIT" is a name like any other, and git finds what is in it.
TEST_F(NewRepositoriesTest, AnotherSpellingIsNoHidingPlace) {
  EXPECT_THAT(PathsAfter({".GIT/evil/.git", "src/.Git/.git"}), ElementsAre(".GIT/evil/.git", "src/.Git/.git"));
}

// What was below is not looked for through the link.
TEST_F(NewRepositoriesTest, ADirectoryThatBecameALinkIsNotFollowed) {
  tree_.Dir("outside/deep/.git");
  const RunResult result = After([&] {
    Rename("src", "elsewhere");
    tree_.Link("ws/src", tree_.Path("outside"));
    tree_.Dir("ws/elsewhere/deep/.git");
  });
  EXPECT_THAT(Paths(result), ElementsAre("elsewhere/deep/.git"));
  EXPECT_THAT(result.notices, IsEmpty());
}

TEST_F(NewRepositoriesTest, AFileAndALinkCountAsWell) {
  const RunResult result = After([&] {
    tree_.File("ws/src/.git", "gitdir: elsewhere\n");
    tree_.Link("ws/new/.git", "../.git");
  });
  EXPECT_THAT(result.left_behind, SizeIs(2));
}

TEST_F(NewRepositoriesTest, OneThatWasMovedIsFoundWhereItIs) {
  const RunResult result = After([&] { Rename("vendor/known", "src/moved"); });
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
    Rename("src", "elsewhere");
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
