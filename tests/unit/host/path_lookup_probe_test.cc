#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/path_lookup.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PathLookupTest : public testing::Test {
 protected:
  TempTree tree_;
};

TEST_F(PathLookupTest, TellsTypesApart) {
  EXPECT_EQ(LookAtPath(tree_.Dir("d")).type, PathType::kDirectory);
  EXPECT_EQ(LookAtPath(tree_.File("f")).type, PathType::kFile);
  EXPECT_EQ(LookAtPath(tree_.Fifo("p")).type, PathType::kFifo);
  EXPECT_EQ(LookAtPath(tree_.Link("l", "f")).type, PathType::kSymlink);
  EXPECT_EQ(LookAtPath("/dev/null").type, PathType::kDevice);
  EXPECT_EQ(LookAtPath(tree_.Path("absent")).type, PathType::kAbsent);
  EXPECT_EQ(LookAtPath(tree_.Path("f/below-a-file")).type, PathType::kAbsent);
  EXPECT_EQ(LookAtPath("/").type, PathType::kDirectory);
  EXPECT_EQ(LookAtPath("/").real_path, "/");
}

TEST_F(PathLookupTest, GivesTheFilesOwnNumbers) {
  const std::string file = tree_.File("f");
  chmod(file.c_str(), 04750);
  struct stat status = {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  const PathFacts facts = LookAtPath(file);
  EXPECT_EQ(facts.device, status.st_dev);
  EXPECT_EQ(facts.inode, status.st_ino);
  EXPECT_EQ(facts.owner, static_cast<int64_t>(status.st_uid));
  EXPECT_EQ(facts.mode, 04750u);
  EXPECT_EQ(facts.real_path, file);
  EXPECT_FALSE(facts.crosses_symlink);
}

TEST_F(PathLookupTest, AFinalLinkIsItselfAndTellsWhereItLeads) {
  const std::string target = tree_.Dir("real/target");
  const struct {
    const char* name;
    std::string text;
  } kLinks[] = {{"relative", "real/target"},
                {"absolute", target},
                {"up", absl::StrCat("../", target)},
                {"dots", "./real/./target/"},
                {"down-and-up", "real/target/../target"},
                {"chain", "relative"}};
  tree_.Link("relative", "real/target");
  for (const auto& link : kLinks) {
    const std::string path = link.name == std::string("relative") ? tree_.Path("relative")
                             : link.name == std::string("up")     ? tree_.Link("up", "real/../real/target")
                                                                  : tree_.Link(link.name, link.text);
    const PathFacts facts = LookAtPath(path);
    EXPECT_EQ(facts.type, PathType::kSymlink) << link.name;
    EXPECT_EQ(facts.real_path, target) << link.name;
    EXPECT_TRUE(facts.crosses_symlink) << link.name;
  }
}

TEST_F(PathLookupTest, WhatElseDecidesWhereALinkLeadsIsTold) {
  tree_.Dir("real/target");
  tree_.Dir("other");
  const std::string plain = tree_.Link("plain", "real/target");
  const std::string chain = tree_.Link("chain", "plain");
  const std::string up = tree_.Link("up", "other/../real/target");
  EXPECT_THAT(LookAtPath(plain).via, IsEmpty());
  EXPECT_THAT(LookAtPath(chain).via, ElementsAre(plain));
  EXPECT_THAT(LookAtPath(up).via, ElementsAre(tree_.Path("other")));
  EXPECT_THAT(LookAtPath(tree_.Path("real/target")).via, IsEmpty());
}

TEST_F(PathLookupTest, ALinkOnTheWayIsToldAndNamed) {
  tree_.File("real/sub/file");
  const std::string one = tree_.Link("one", "real");
  const std::string two = tree_.Link("real/two", "sub");
  const PathLook look = LookAtPathAndLinks(tree_.Path("one/two/file"));
  EXPECT_EQ(look.facts.type, PathType::kFile);
  EXPECT_EQ(look.facts.real_path, tree_.Path("real/sub/file"));
  EXPECT_TRUE(look.facts.crosses_symlink);
  EXPECT_THAT(look.links, ElementsAre(one, two));
  EXPECT_EQ(LookAtPath(tree_.Path("one/two/file")).real_path, tree_.Path("real/sub/file"));
  EXPECT_THAT(LookAtPathAndLinks(tree_.Path("real/sub/file")).links, IsEmpty());
}

TEST_F(PathLookupTest, DotDotGoesUpFromWhereTheLinkLeads) {
  tree_.File("a/secret", "");
  tree_.Dir("a/b");
  tree_.Link("link", "a/b");
  EXPECT_EQ(LookAtPath(tree_.Path("link/../secret")).real_path, tree_.Path("a/secret"));
  EXPECT_EQ(LookAtPath(tree_.Path("a/b/../../a")).type, PathType::kDirectory);
  EXPECT_EQ(LookAtPath("/../../").real_path, "/");
}

TEST_F(PathLookupTest, OfAnAbsentPathTheRealPathIsWhereItWouldBeMade) {
  tree_.Dir("real");
  tree_.Link("link", "real");
  const PathFacts plain = LookAtPath(tree_.Path("real/x/y"));
  EXPECT_EQ(plain.real_path, tree_.Path("real/x/y"));
  EXPECT_FALSE(plain.crosses_symlink);
  const PathFacts through = LookAtPath(tree_.Path("link/x/y"));
  EXPECT_EQ(through.type, PathType::kAbsent);
  EXPECT_EQ(through.real_path, tree_.Path("real/x/y"));
  EXPECT_TRUE(through.crosses_symlink);
}

TEST_F(PathLookupTest, DanglingAndCircularLinksLeadNowhere) {
  const PathFacts dangling = LookAtPath(tree_.Link("dangling", "nothing/here"));
  EXPECT_EQ(dangling.type, PathType::kSymlink);
  EXPECT_EQ(dangling.real_path, "");
  tree_.Link("x", "y");
  const PathFacts circular = LookAtPath(tree_.Link("y", "x"));
  EXPECT_EQ(circular.type, PathType::kSymlink);
  EXPECT_EQ(circular.real_path, "");
  EXPECT_EQ(LookAtPath(tree_.Path("x/below")).real_path, "");
}

TEST_F(PathLookupTest, ManyLinksInARowEndAsInTheKernel) {
  tree_.File("l0");
  for (int i = 1; i <= 64; ++i) tree_.Link(absl::StrCat("l", i), absl::StrCat("l", i - 1));
  EXPECT_EQ(LookAtPath(tree_.Path("l40")).real_path, tree_.Path("l0"));
  EXPECT_EQ(LookAtPath(tree_.Path("l64")).real_path, "");
  struct stat status = {};
  EXPECT_EQ(stat(tree_.Path("l40").c_str(), &status), 0);
  EXPECT_NE(stat(tree_.Path("l64").c_str(), &status), 0);
}

TEST_F(PathLookupTest, APathLongerThanPathMaxIsFollowed) {
  const std::string name(200, 'n');
  UniqueFd at(open(tree_.root().c_str(), O_PATH | O_DIRECTORY));
  std::string path = tree_.root();
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(mkdirat(at.get(), name.c_str(), 0755), 0);
    at = UniqueFd(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY));
    absl::StrAppend(&path, "/", name);
  }
  ASSERT_GT(path.size(), 4096u * 1);
  const PathFacts facts = LookAtPath(path);
  EXPECT_EQ(facts.type, PathType::kDirectory);
  EXPECT_EQ(facts.real_path, path);
  EXPECT_TRUE(OpenWithoutLinks(path, O_RDONLY | O_DIRECTORY).valid());
  EXPECT_EQ(LookAtPath(path + "/absent").type, PathType::kAbsent);
}

TEST_F(PathLookupTest, WhatMayNotBeSearchedIsUnreadable) {
  tree_.File("closed/file");
  ASSERT_EQ(chmod(tree_.Path("closed").c_str(), 0600), 0);
  const PathFacts control = LookAtPath(tree_.Path("closed"));
  EXPECT_EQ(control.type, PathType::kDirectory);
  {
    const AsOrdinaryUser user;
    EXPECT_EQ(LookAtPath(tree_.Path("closed/file")).type, PathType::kUnreadable);
  }
  chmod(tree_.Path("closed").c_str(), 0700);
}

TEST_F(PathLookupTest, OpenWithoutLinksRefusesEveryLink) {
  tree_.File("real/file");
  tree_.Link("link", "real");
  tree_.Link("real/final", "file");
  EXPECT_TRUE(OpenWithoutLinks(tree_.Path("real/file"), O_RDONLY).valid());
  EXPECT_FALSE(OpenWithoutLinks(tree_.Path("link/file"), O_RDONLY).valid());
  EXPECT_EQ(errno, ELOOP);
  EXPECT_FALSE(OpenWithoutLinks(tree_.Path("real/final"), O_RDONLY).valid());
  EXPECT_EQ(errno, ELOOP);
  EXPECT_TRUE(OpenWithoutLinks("/", O_RDONLY | O_DIRECTORY).valid());
}

}  // namespace
}  // namespace paddock
