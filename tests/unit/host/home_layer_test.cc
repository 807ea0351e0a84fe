#include "core/platform/posix/home_layer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/platform/posix/home_layer_record.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/remove_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

bool Exists(const std::string& path) {
  struct stat st = {};
  return lstat(path.c_str(), &st) == 0;
}

void Write(const std::string& path, absl::string_view text) { std::ofstream(path, std::ios::binary) << text; }

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

unsigned ModeOf(const std::string& path) {
  struct stat st = {};
  EXPECT_EQ(lstat(path.c_str(), &st), 0) << path;
  return st.st_mode & 07777;
}

class HomeLayerTest : public ::testing::Test {
 protected:
  HomeLayerTest() : state_(tree_.Path("state/paddock")), ws_(tree_.Dir("ws")), layer_(LayerFor(ws_)) { umask(022); }

  std::string LayerFor(const std::string& workspace) const {
    struct stat st = {};
    EXPECT_EQ(stat(workspace.c_str(), &st), 0) << workspace;
    return absl::StrCat(state_, "/homes/", LeaseKey(st.st_dev, st.st_ino));
  }

  std::unique_ptr<HomeLayer> Take() const {
    auto layer = HomeLayer::Acquire(layer_, ws_);
    EXPECT_TRUE(layer.ok()) << layer.status();
    return layer.ok() ? *std::move(layer) : nullptr;
  }

  // "taken", or the reason's code.
  std::string Outcome() const {
    const auto layer = HomeLayer::Acquire(layer_, ws_);
    if (layer.ok()) return "taken";
    const std::optional<Reason> reason = ReasonOf(layer.status());
    return reason ? reason->code : std::string(layer.status().message());
  }

  std::vector<CollectedHome> Collect(bool all) const {
    auto homes = CollectHomes(state_, all);
    EXPECT_TRUE(homes.ok()) << homes.status();
    return homes.ok() ? *std::move(homes) : std::vector<CollectedHome>();
  }

  TempTree tree_;
  std::string state_, ws_, layer_;
};

TEST_F(HomeLayerTest, IsMadeForTheUserAlone) {
  const auto layer = Take();
  ASSERT_NE(layer, nullptr);
  EXPECT_EQ(layer->path(), layer_);
  for (const char* const name : {"", "/upper", "/work", "/bare", "/.."})
    EXPECT_EQ(ModeOf(layer_ + name), 0700u) << name;
  struct stat st = {};
  ASSERT_EQ(stat(layer_.c_str(), &st), 0);
  EXPECT_EQ(layer->device(), st.st_dev);
  EXPECT_EQ(layer->inode(), st.st_ino);
}

TEST_F(HomeLayerTest, KeepsWhatWasWritten) {
  Take();
  Write(layer_ + "/upper/cache", "hit");
  Take();
  EXPECT_EQ(Read(layer_ + "/upper/cache"), "hit");
}

TEST_F(HomeLayerTest, ASecondRunDoesNotGetIt) {
  {
    const auto layer = Take();
    EXPECT_EQ(Outcome(), "home_layer_busy");
  }
  EXPECT_EQ(Outcome(), "taken");
}

// A process that another thread has just cloned holds a copy of every descriptor for a moment.
TEST_F(HomeLayerTest, IsFreeAtOnceWhoeverHasACopyOfTheDescriptor) {
  auto layer = Take();
  const UniqueFd copy(dup(layer->lock()));
  EXPECT_EQ(Outcome(), "home_layer_busy");
  layer.reset();
  EXPECT_EQ(Outcome(), "taken");
}

TEST_F(HomeLayerTest, WhatASuddenEndLeftIsMended) {
  Take();
  const fs::path work = fs::path(layer_) / "work", inner = work / "work";
  fs::create_directories(inner / "incompat" / "volatile");
  Write(inner / "#12", "half copied");
  chmod(inner.c_str(), 0);
  chmod((layer_ + "/upper").c_str(), 0);  // by the command: chmod 0 ~
  EXPECT_EQ(Outcome(), "taken");
  EXPECT_TRUE(fs::is_empty(work));
  EXPECT_EQ(ModeOf(layer_ + "/upper"), 0700u);
}

TEST_F(HomeLayerTest, AMovedWorkspaceKeepsItsLayer) {
  Take();
  Write(layer_ + "/upper/cache", "hit");
  fs::rename(ws_, tree_.Path("moved"));
  ws_ = tree_.Path("moved");
  if (LookAtWorkspaceRoot(ws_, fs::path(layer_).filename().string())->born == "-") {
    GTEST_SKIP() << "host fact missing: this file system tells no time of birth";
  }
  Take();
  EXPECT_EQ(Read(layer_ + "/upper/cache"), "hit");
  EXPECT_THAT(Read(layer_ + "/workspace"), ::testing::EndsWith(ws_));
}

// Inodes are given out again: the next project is not to find what this one's commands left.
TEST_F(HomeLayerTest, AnotherWorkspaceWithTheSameInodeStartsAnew) {
  { const auto layer = Take(); }
  Write(layer_ + "/upper/.bashrc", "planted");
  Write(layer_ + "/workspace", "paddock-home 1 1.5\n/elsewhere");
  Take();
  EXPECT_FALSE(Exists(layer_ + "/upper/.bashrc"));
  EXPECT_TRUE(Exists(layer_ + "/upper"));
  Write(layer_ + "/upper/.bashrc", "planted");
  Write(layer_ + "/workspace", "torn");
  Take();
  EXPECT_FALSE(Exists(layer_ + "/upper/.bashrc"));
  EXPECT_EQ(std::distance(fs::directory_iterator(state_ + "/homes"), fs::directory_iterator()), 1);
}

TEST_F(HomeLayerTest, WhatOthersMayChangeIsNotUsed) {
  Take();
  chmod(layer_.c_str(), 0770);
  EXPECT_EQ(Outcome(), "home_layer_unusable");
  chmod(layer_.c_str(), 0700);
  EXPECT_EQ(Outcome(), "taken");
  fs::rename(layer_, tree_.Path("aside"));
  fs::create_directory_symlink(tree_.Path("aside"), layer_);
  EXPECT_EQ(Outcome(), "home_layer_unusable");
  fs::remove(layer_);
  fs::rename(tree_.Path("aside"), layer_);
  fs::remove_all(layer_ + "/upper");
  fs::create_directory_symlink(ws_, layer_ + "/upper");
  EXPECT_EQ(Outcome(), "home_layer_unusable");
}

TEST_F(HomeLayerTest, AWorkspaceThatWasReplacedSincePlanningIsRefused) {
  const std::string planned = layer_;
  ws_ = tree_.Dir("other");
  EXPECT_EQ(Outcome(), "home_layer_unusable");
  EXPECT_FALSE(Exists(planned));
}

// ---- gc.

TEST_F(HomeLayerTest, CollectingListsAndKeepsWhatIsInUseOrWanted) {
  EXPECT_THAT(Collect(true), IsEmpty());
  const auto layer = Take();
  Write(layer_ + "/upper/cache", std::string(100'000, 'x'));
  for (const bool all : {false, true}) {
    const auto homes = Collect(all);
    ASSERT_EQ(homes.size(), 1u);
    EXPECT_TRUE(homes[0].live);
    EXPECT_FALSE(homes[0].removed);
  }
  EXPECT_TRUE(Exists(layer_ + "/upper/cache"));
}

TEST_F(HomeLayerTest, CollectingAllRemoves) {
  Take();
  Write(layer_ + "/upper/cache", std::string(100'000, 'x'));
  const auto listed = Collect(false);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].workspace, ws_);
  EXPECT_FALSE(listed[0].gone);
  EXPECT_FALSE(listed[0].removed);
  EXPECT_GE(listed[0].bytes, 100'000u);
  EXPECT_TRUE(listed[0].all_bytes);
  EXPECT_TRUE(Exists(layer_ + "/upper/cache"));
  const auto removed = Collect(true);
  ASSERT_EQ(removed.size(), 1u);
  EXPECT_TRUE(removed[0].removed) << removed[0].obstacle;
  EXPECT_TRUE(fs::is_empty(state_ + "/homes"));
}

TEST_F(HomeLayerTest, ASizeThatCannotBeToldIsSaidToBeMore) {
  if (geteuid() == 0) GTEST_SKIP() << "root may look at everything";
  Take();
  Write(layer_ + "/upper/cache", std::string(100'000, 'x'));
  EXPECT_TRUE(Collect(false)[0].all_bytes);
  chmod((layer_ + "/upper").c_str(), 0);
  EXPECT_FALSE(Collect(false)[0].all_bytes);
}

TEST_F(HomeLayerTest, ALayerGoesWithItsWorkspace) {
  Take();
  const std::string gone = ws_;
  fs::remove_all(gone);
  auto homes = Collect(false);
  ASSERT_EQ(homes.size(), 1u);
  EXPECT_TRUE(homes[0].gone);
  EXPECT_TRUE(homes[0].removed) << homes[0].obstacle;
  EXPECT_TRUE(fs::is_empty(state_ + "/homes"));
}

TEST_F(HomeLayerTest, ALayerWhoseWorkspaceCannotBeLookedAtStays) {
  if (geteuid() == 0) GTEST_SKIP() << "root may look at everything";
  fs::rename(ws_, tree_.Dir("closed") + "/ws");
  ws_ = tree_.Path("closed/ws");
  Take();
  chmod(tree_.Path("closed").c_str(), 0);
  const auto homes = Collect(false);
  chmod(tree_.Path("closed").c_str(), 0700);
  ASSERT_EQ(homes.size(), 1u);
  EXPECT_FALSE(homes[0].gone);
  EXPECT_FALSE(homes[0].removed);
}

TEST_F(HomeLayerTest, WhatWasBeingRemovedGoes) {
  Take();
  fs::create_directories(state_ + "/homes/removed-fd00-2a-7/upper/x");
  const auto homes = Collect(false);
  EXPECT_EQ(homes.size(), 1u);
  EXPECT_FALSE(Exists(state_ + "/homes/removed-fd00-2a-7"));
  EXPECT_TRUE(Exists(layer_));
}

// ---- Trees that a command made to be hard to remove.

TEST(RemoveTreeTest, AnyDepthModeAndName) {
  const TempTree tree;
  const std::string top = tree.Dir("top");
  tree.File("outside", "stays");
  UniqueFd at(open(top.c_str(), O_RDONLY | O_DIRECTORY)), middle;
  for (int i = 0; i < 3000; ++i) {  // 600,000 bytes of path
    const std::string name(200, 'd');
    ASSERT_EQ(mkdirat(at.get(), name.c_str(), 0700), 0);
    ASSERT_EQ(symlinkat(tree.Path("outside").c_str(), at.get(), ".up-1"), 0);
    at.reset(openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    if (i == 1500) middle.reset(dup(at.get()));
  }
  ASSERT_EQ(fchmod(middle.get(), 0), 0);
  chmod(top.c_str(), 0);
  const UniqueFd parent(open(tree.root().c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_TRUE(RemoveTree(parent.get(), "top"));
  EXPECT_FALSE(Exists(top));
  EXPECT_EQ(Read(tree.Path("outside")), "stays");
}

TEST(RemoveTreeTest, WideAndClosed) {
  const TempTree tree;
  for (int i = 0; i < 300; ++i) {
    tree.File(absl::StrCat("top/d", i % 10, "/e", i % 7, "/f", i), "x");
  }
  for (int i = 0; i < 10; ++i) chmod(tree.Path(absl::StrCat("top/d", i, "/e3")).c_str(), 0);
  for (int i = 0; i < 10; ++i) chmod(tree.Path(absl::StrCat("top/d", i)).c_str(), 0500);
  const UniqueFd parent(open(tree.root().c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_TRUE(RemoveTree(parent.get(), "top"));
  EXPECT_FALSE(Exists(tree.Path("top")));
  EXPECT_TRUE(RemoveTree(parent.get(), "top")) << "nothing there is as good as removed";
}

TEST(RemoveTreeTest, AFileAndALink) {
  const TempTree tree;
  tree.File("file");
  tree.File("kept/inner");
  tree.Link("link", "kept");
  const UniqueFd parent(open(tree.root().c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_TRUE(RemoveTree(parent.get(), "file"));
  EXPECT_TRUE(RemoveTree(parent.get(), "link"));
  EXPECT_FALSE(Exists(tree.Path("link")));
  EXPECT_TRUE(Exists(tree.Path("kept/inner")));
}

}  // namespace
}  // namespace paddock
