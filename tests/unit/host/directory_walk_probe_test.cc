#include <errno.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/unique_fd.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DirectoryWalkTest : public testing::Test {
 protected:
  std::set<std::string> Walk(uint64_t max_entries = 1000000, absl::string_view skip = "") {
    const UniqueFd start(open(tree_.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::set<std::string> seen;
    result_ = WalkDirectory(start.get(), max_entries, [&](const WalkEntry& entry) {
      EXPECT_TRUE(seen.insert(std::string(entry.path)).second) << entry.path;
      struct stat status = {};
      if (fstatat(entry.directory_fd, std::string(entry.name).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        EXPECT_EQ(errno, EACCES) << entry.path;  // in a directory that may be listed and not searched
      } else {
        EXPECT_EQ(entry.is_directory, S_ISDIR(status.st_mode)) << entry.path;
      }
      return entry.name != skip;
    });
    return seen;
  }
  TempTree tree_;
  WalkResult result_;
};

TEST_F(DirectoryWalkTest, SeesEveryEntryOnce) {
  tree_.File("a/b/file");
  tree_.File("a/\nodd \xff");
  tree_.Fifo("pipe");
  tree_.Dir("empty");
  EXPECT_THAT(Walk(), ElementsAre("a", "a/\nodd \xff", "a/b", "a/b/file", "empty", "pipe"));
  EXPECT_TRUE(result_.complete);
  EXPECT_EQ(result_.entries, 6u);
  EXPECT_EQ(result_.root_entries, 3u);
}

TEST_F(DirectoryWalkTest, AnEmptyDirectoryHasNoEntries) {
  EXPECT_THAT(Walk(), IsEmpty());
  EXPECT_EQ(result_.root_entries, 0u);
  EXPECT_TRUE(result_.complete);
}

TEST_F(DirectoryWalkTest, NeverFollowsALink) {
  const TempTree outside;
  outside.File("secret");
  tree_.Link("out", outside.root());
  tree_.Link("loop", ".");
  EXPECT_THAT(Walk(), ElementsAre("loop", "out"));
}

TEST_F(DirectoryWalkTest, EntersOnlyWhatTheVisitorWants) {
  tree_.File("skip/a");
  tree_.File("enter/b");
  EXPECT_THAT(Walk(1000, "skip"), ElementsAre("enter", "enter/b", "skip"));
}

TEST_F(DirectoryWalkTest, EndsAtTheBoundAndSaysSo) {
  for (int i = 0; i < 50; ++i) tree_.File(absl::StrCat("d", i % 5, "/f", i));
  EXPECT_EQ(Walk(20).size(), 20u);
  EXPECT_FALSE(result_.complete);
  EXPECT_EQ(Walk(55).size(), 55u);
  EXPECT_TRUE(result_.complete);
}

// Deeper than PATH_MAX, and than the descriptors at hand.
TEST_F(DirectoryWalkTest, DepthCostsNeitherStackNorDescriptors) {
  constexpr int kDepth = 1500;
  UniqueFd at(open(tree_.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(mkdirat(at.get(), "dd", 0755), 0);
    // A sibling that is visited after the way back up, at some levels.
    if (i % 500 == 0) {
      ASSERT_EQ(mkdirat(at.get(), "after", 0755), 0);
    }
    at = UniqueFd(openat(at.get(), "dd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (i % 500 == 0) {
      ASSERT_EQ(mkdirat(at.get(), "inner", 0755), 0);
    }
  }
  rlimit saved = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &saved), 0);
  const rlimit low = {128, saved.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const std::set<std::string> seen = Walk();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &saved), 0);
  EXPECT_EQ(seen.size(), static_cast<size_t>(kDepth + 6));
  EXPECT_TRUE(result_.complete);
}

TEST_F(DirectoryWalkTest, AClosedDirectoryOfOnesOwnLeavesTheWalkIncomplete) {
  tree_.File("closed/file");
  tree_.File("open/file");
  if (geteuid() == 0) {
    ASSERT_EQ(chown(tree_.Path("closed").c_str(), AsOrdinaryUser::kNobody, 0), 0);
  }
  ASSERT_EQ(chmod(tree_.Path("closed").c_str(), 0), 0);
  {
    const AsOrdinaryUser user;
    EXPECT_THAT(Walk(), ElementsAre("closed", "open", "open/file"));
    EXPECT_FALSE(result_.complete);
  }
  chmod(tree_.Path("closed").c_str(), 0755);
}

// What lies in it can be listed, and nobody can tell whose it is.
TEST_F(DirectoryWalkTest, ADirectoryThatCannotBeSearchedLeavesTheWalkIncomplete) {
  tree_.File("listed/below/file");
  if (geteuid() == 0) {
    ASSERT_EQ(chown(tree_.Path("listed").c_str(), AsOrdinaryUser::kNobody, 0), 0);
  }
  ASSERT_EQ(chmod(tree_.Path("listed").c_str(), 0400), 0);
  {
    const AsOrdinaryUser user;
    EXPECT_THAT(Walk(), ElementsAre("listed", "listed/below"));
    EXPECT_FALSE(result_.complete);
  }
  chmod(tree_.Path("listed").c_str(), 0755);
}

TEST_F(DirectoryWalkTest, AClosedDirectoryOfSomebodyElseIsOutOfReachForTheSandboxToo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to leave a directory to somebody else";
  tree_.File("closed/file");
  ASSERT_EQ(chmod(tree_.Path("closed").c_str(), 0700), 0);
  const AsOrdinaryUser user;
  EXPECT_THAT(Walk(), ElementsAre("closed"));
  EXPECT_TRUE(result_.complete);
}

// The kernel's own file systems are not entered where they are mounted below the start; procfs holds millions.
TEST(DirectoryWalkOnHostTest, LeavesProcfsOut) {
  const UniqueFd start(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  uint64_t in_proc = 0;
  WalkDirectory(start.get(), 100000, [&](const WalkEntry& entry) {
    if (entry.path.substr(0, 5) == "proc/") ++in_proc;
    return entry.path == "proc" || entry.path.substr(0, 5) == "proc/";
  });
  EXPECT_EQ(in_proc, 0u);
}

}  // namespace
}  // namespace paddock
