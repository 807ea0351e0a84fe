#include <sys/stat.h>

#include <cstdio>

#include "backends/linux_landlock/launch_watch.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::IsEmpty;

class WatchTest : public ::testing::Test {
 protected:
  std::vector<WatchedPath> Watched(const std::string& name, bool violation) const {
    return {{tree_.Path(name), violation ? "filesystem.deny_write x" : "", "somebody runs it", violation}};
  }

  template <typename Change>
  RunResult After(const std::vector<WatchedPath>& paths, Change change) const {
    const Watch watch(paths);
    change();
    RunResult result;
    watch.Compare(&result);
    return result;
  }

  std::string ChangeOf(const std::vector<WatchedPath>& paths, void (*change)(const TempTree&)) const {
    const RunResult result = After(paths, [&] { change(tree_); });
    return result.left_behind.empty() ? "none" : result.left_behind[0].change;
  }

  TempTree tree_;
};

TEST_F(WatchTest, NothingChangedIsNothingTold) {
  tree_.File("a", "x");
  const RunResult result = After(Watched("a", true), [&] {
    struct stat st = {};
    EXPECT_EQ(stat(tree_.Path("a").c_str(), &st), 0);  // being looked at is no change
  });
  EXPECT_THAT(result.violations, IsEmpty());
  EXPECT_THAT(result.left_behind, IsEmpty());
  EXPECT_EQ(ChangeOf(Watched("absent", false), [](const TempTree&) {}), "none");
}

TEST_F(WatchTest, EachChangeHasItsName) {
  EXPECT_EQ(ChangeOf(Watched("a", false), [](const TempTree& t) { t.File("a", "x"); }), "created");
  EXPECT_EQ(ChangeOf(Watched("a", false), [](const TempTree& t) { t.File("a", "longer"); }), "modified");
  EXPECT_EQ(ChangeOf(Watched("a", false), [](const TempTree& t) { chmod(t.Path("a").c_str(), 0777); }), "modified");
  EXPECT_EQ(ChangeOf(Watched("a", false),
                     [](const TempTree& t) {
                       t.File("b", "longer");
                       rename(t.Path("b").c_str(), t.Path("a").c_str());
                     }),
            "modified");
  EXPECT_EQ(ChangeOf(Watched("a", false), [](const TempTree& t) { remove(t.Path("a").c_str()); }), "removed");
}

TEST_F(WatchTest, ADeepLookSeesTheLastFileBelow) {
  tree_.File("hooks/nested/pre-commit", "old");
  std::vector<WatchedPath> paths = Watched("hooks", true);
  const auto rewrite = [&] { tree_.File("hooks/nested/pre-commit", "new"); };
  EXPECT_THAT(After(paths, rewrite).violations, IsEmpty()) << "a shallow look cannot see it";
  paths[0].deep = true;
  // Of another size: a clock of the file system's may not have ticked since.
  EXPECT_EQ(After(paths, [&] { tree_.File("hooks/nested/pre-commit", "newer"); }).violations.size(), 1u);
  EXPECT_THAT(After(paths, [] {}).violations, IsEmpty());
  EXPECT_EQ(After(paths, [&] { remove(tree_.Path("hooks/nested/pre-commit").c_str()); }).violations.size(), 1u);
}

TEST_F(WatchTest, ADirectoryIsModifiedByWhatIsMadeInIt) {
  tree_.Dir("hooks");
  EXPECT_EQ(ChangeOf(Watched("hooks", false), [](const TempTree& t) { t.File("hooks/post-checkout"); }), "modified");
}

TEST_F(WatchTest, ALinkIsComparedItself) {
  tree_.File("target", "x");
  tree_.Link("a", "target");
  EXPECT_EQ(ChangeOf(Watched("a", false), [](const TempTree& t) { t.File("target", "y"); }), "none");
  EXPECT_EQ(ChangeOf(Watched("a", false),
                     [](const TempTree& t) {
                       remove(t.Path("a").c_str());
                       t.Link("a", "elsewhere");
                     }),
            "modified");
}

TEST_F(WatchTest, ARulesPathIsAViolationThatNobodySaw) {
  const RunResult result = After(Watched(".mcp.json", true), [&] { tree_.File(".mcp.json"); });
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_FALSE(result.violations[0].observed);
  EXPECT_EQ(result.violations[0].rule, "filesystem.deny_write x");
  EXPECT_THAT(result.violations[0].what, ::testing::HasSubstr("created"));
  EXPECT_THAT(result.violations[0].what, ::testing::EndsWith(": " + result.violations[0].path));
  EXPECT_EQ(result.violations[0].path, tree_.Path(".mcp.json"));
  EXPECT_THAT(result.left_behind, IsEmpty());
}

TEST_F(WatchTest, OtherPathsAreLeftBehind) {
  const RunResult result = After(Watched("Makefile", false), [&] { tree_.File("Makefile"); });
  ASSERT_EQ(result.left_behind.size(), 1u);
  EXPECT_EQ(result.left_behind[0].path, tree_.Path("Makefile"));
  EXPECT_EQ(result.left_behind[0].why, "somebody runs it");
  EXPECT_THAT(result.violations, IsEmpty());
}

}  // namespace
}  // namespace paddock
