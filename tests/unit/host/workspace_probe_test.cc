#include "core/platform/posix/workspace_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/file_system.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class WorkspaceProbeTest : public testing::Test {
 protected:
  WorkspaceProbeTest() {
    request_.workspace = tree_.Dir("ws");
    request_.write = {Rule(request_.workspace)};
    inputs_.home = tree_.Dir("home");
    inputs_.root = tree_.root();
  }
  static PathRule Rule(const std::string& path) { return {path, false, path, {}}; }
  PathRule GlobRule(const std::string& below_workspace) const {
    return {absl::StrCat(request_.workspace, "/", below_workspace), true, below_workspace, {}};
  }
  WorkspaceFacts Look(const MountTable& mounts = MountTable{""}) const {
    absl::StatusOr<WorkspaceFacts> facts = LookAtWorkspace(request_, mounts, inputs_);
    EXPECT_TRUE(facts.ok()) << facts.status();
    return facts.ok() ? *std::move(facts) : WorkspaceFacts{};
  }

  TempTree tree_;
  Request request_;
  WorkspaceProbeInputs inputs_;
};

TEST_F(WorkspaceProbeTest, TellsAnEmptyWorkspace) {
  EXPECT_TRUE(Look().empty.yes());
  tree_.File("ws/file");
  EXPECT_TRUE(Look().empty.no());
  EXPECT_TRUE(Look().scan_complete);
  EXPECT_TRUE(Look().read_only.no());
  EXPECT_FALSE(Look().filesystem.empty());
}

TEST_F(WorkspaceProbeTest, RootIsWhateverStandsThere) {
  request_.workspace = tree_.Path("nothing");
  EXPECT_EQ(Look().root.type, PathType::kAbsent);
  request_.workspace = tree_.File("file");
  EXPECT_EQ(Look().root.type, PathType::kFile);
  request_.workspace = tree_.Fifo("fifo");
  EXPECT_EQ(Look().root.type, PathType::kFifo);
  request_.workspace = tree_.Link("dangling", "gone");
  EXPECT_EQ(Look().root.type, PathType::kSymlink);
  EXPECT_EQ(Look().root.real_path, "");
}

TEST_F(WorkspaceProbeTest, AnUnreadableRootIsToldAsSuch) {
  chmod(request_.workspace.c_str(), 0300);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(request_.workspace.c_str(), AsOrdinaryUser::kNobody, 0), 0);
  }
  {
    const AsOrdinaryUser user;
    EXPECT_EQ(Look().root.type, PathType::kUnreadable);
  }
  chmod(request_.workspace.c_str(), 0700);
  const AsOrdinaryUser user;
  EXPECT_EQ(Look().root.type, PathType::kDirectory);
}

TEST_F(WorkspaceProbeTest, LooksAtEveryLiteralPathOfTheRequest) {
  request_.deny_write = {Rule(tree_.Path("ws/.mcp.json"))};
  request_.deny_read = {Rule(tree_.File("home/.ssh/id"))};
  request_.read_only = {Rule(tree_.Path("opt"))};
  request_.unix_sockets = {Rule(tree_.Path("run/sock"))};
  request_.cwd = tree_.Dir("elsewhere");
  const WorkspaceFacts facts = Look();
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/.mcp.json")).type, PathType::kAbsent);
  EXPECT_EQ(facts.paths.at(tree_.Path("home/.ssh/id")).type, PathType::kFile);
  EXPECT_THAT(facts.paths, Contains(Key(tree_.Path("opt"))));
  EXPECT_THAT(facts.paths, Contains(Key(tree_.Path("run/sock"))));
  EXPECT_EQ(facts.paths.at(tree_.Path("elsewhere")).type, PathType::kDirectory);
}

TEST_F(WorkspaceProbeTest, LooksAtEveryDirectoryBetweenGrantAndRule) {
  tree_.Dir("ws/a/b");
  request_.deny_write = {Rule(tree_.Path("ws/a/b/c/d"))};
  const WorkspaceFacts facts = Look();
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/a")).type, PathType::kDirectory);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/a/b")).type, PathType::kDirectory);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/a/b/c")).type, PathType::kAbsent);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/a/b/c/d")).type, PathType::kAbsent);
}

TEST_F(WorkspaceProbeTest, SaysWhereAGrantThatIsALinkLeads) {
  tree_.Dir("elsewhere");
  request_.write.push_back(Rule(tree_.Link("ws/out", tree_.Path("elsewhere"))));
  const WorkspaceFacts facts = Look();
  EXPECT_TRUE(facts.paths.at(tree_.Path("ws/out")).crosses_symlink);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/out")).real_path, tree_.Path("elsewhere"));
  EXPECT_EQ(facts.paths.at(tree_.Path("elsewhere")).type, PathType::kDirectory);
}

TEST_F(WorkspaceProbeTest, ExpandsGlobsInOneWalk) {
  tree_.File("ws/.env");
  tree_.File("ws/a/b/.env");
  tree_.File("ws/a/key.pem");
  tree_.File("ws/a/env");
  tree_.Link("ws/c/.env", "../../home/secret");
  tree_.File("home/secret");
  tree_.File("ws/.git/.env");  // git's own files are guarded by name
  request_.deny_read = {GlobRule("**/.env"), GlobRule("**/*.pem"), GlobRule("*/key.pem"), GlobRule("none/*")};
  const WorkspaceFacts facts = Look();
  EXPECT_THAT(facts.globs.at(tree_.Path("ws/**/.env")),
              ElementsAre(tree_.Path("ws/.env"), tree_.Path("ws/a/b/.env"), tree_.Path("ws/c/.env")));
  EXPECT_THAT(facts.globs.at(tree_.Path("ws/**/*.pem")), ElementsAre(tree_.Path("ws/a/key.pem")));
  EXPECT_THAT(facts.globs.at(tree_.Path("ws/*/key.pem")), ElementsAre(tree_.Path("ws/a/key.pem")));
  EXPECT_THAT(facts.globs.at(tree_.Path("ws/none/*")), IsEmpty());
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/.env")).type, PathType::kFile);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/c/.env")).type, PathType::kSymlink);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/c/.env")).real_path, tree_.Path("home/secret"));
  EXPECT_EQ(facts.paths.at(tree_.Path("home/secret")).type, PathType::kFile);
}

TEST_F(WorkspaceProbeTest, AGlobThatStartsElsewhereGetsAWalkOfItsOwn) {
  tree_.File("home/.config/app/token");
  tree_.File("home/.config/app/deep/token");
  request_.deny_read = {{tree_.Path("home/.config/*/token"), true, "~/.config/*/token", {}},
                        {tree_.Path("absent/**/x"), true, "/absent/**/x", {}}};
  const WorkspaceFacts facts = Look();
  EXPECT_THAT(facts.globs.at(tree_.Path("home/.config/*/token")), ElementsAre(tree_.Path("home/.config/app/token")));
  EXPECT_THAT(facts.globs.at(tree_.Path("absent/**/x")), IsEmpty());
}

TEST_F(WorkspaceProbeTest, AWorkspaceThatIsALinkIsWalkedWhereItLeads) {
  tree_.File("ws/a/.env");
  tree_.GitDir("ws/.git");
  request_.workspace = tree_.Link("alias", "ws");
  request_.write = {Rule(request_.workspace)};
  request_.deny_read = {GlobRule("**/.env")};
  request_.deny_write = {Rule(request_.workspace + "/x/y")};
  const WorkspaceFacts facts = Look();
  EXPECT_EQ(facts.root.type, PathType::kSymlink);
  EXPECT_EQ(facts.root.real_path, tree_.Path("ws"));
  EXPECT_THAT(facts.globs.at(tree_.Path("alias/**/.env")), ElementsAre(tree_.Path("ws/a/.env")));
  ASSERT_EQ(facts.repositories.size(), 1u);
  EXPECT_EQ(facts.repositories[0].root, tree_.Path("ws"));
  EXPECT_THAT(facts.paths, Contains(Key(tree_.Path("ws/x/y"))));
  EXPECT_THAT(facts.paths, Contains(Key(tree_.Path("ws/x"))));
}

TEST_F(WorkspaceProbeTest, FindsNestedRepositoriesAndTheirGuardedPaths) {
  tree_.GitDir("ws/.git");
  tree_.GitDir("ws/vendor/dep/.git");
  tree_.GitDir("ws/.git/modules/m");
  tree_.File("ws/m/.git", "gitdir: ../.git/modules/m\n");
  tree_.Dir("ws/vendor/dep/src/.git-not");
  const WorkspaceFacts facts = Look();
  ASSERT_EQ(facts.repositories.size(), 3u);
  EXPECT_EQ(facts.repositories[0].root, tree_.Path("ws"));
  EXPECT_EQ(facts.repositories[1].root, tree_.Path("ws/m"));
  EXPECT_EQ(facts.repositories[2].root, tree_.Path("ws/vendor/dep"));
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/vendor/dep/.git/hooks")).type, PathType::kAbsent);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/.git/modules/m/config")).type, PathType::kFile);
}

TEST_F(WorkspaceProbeTest, RemembersWhatItSaw) {
  tree_.GitDir("ws/.git");
  tree_.GitDir("ws/vendor/dep/.git");
  tree_.File("ws/src/main.c");
  tree_.File("ws/m/.git", "gitdir: elsewhere\n");
  timespec begin = {}, end = {};
  clock_gettime(CLOCK_REALTIME_COARSE, &begin);
  const WorkspaceFacts facts = Look();
  clock_gettime(CLOCK_REALTIME_COARSE, &end);
  ASSERT_NE(facts.seen, nullptr);
  EXPECT_GE(facts.seen->racy_since, (int64_t{begin.tv_sec} - 2) * 1'000'000'000 + begin.tv_nsec);
  EXPECT_LE(facts.seen->racy_since, (int64_t{end.tv_sec} - 2) * 1'000'000'000 + end.tv_nsec);
  EXPECT_TRUE(facts.seen->complete);
  std::vector<std::string> directories, repositories;
  for (const SeenEntry& entry : facts.seen->directories) {
    directories.push_back(entry.path);
    struct stat status = {};
    ASSERT_EQ(stat(tree_.Path("ws/" + entry.path).c_str(), &status), 0);
    EXPECT_EQ(entry.inode, status.st_ino) << entry.path;
    EXPECT_EQ(entry.changed, int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec) << entry.path;
  }
  for (const SeenEntry& entry : facts.seen->repositories) repositories.push_back(entry.path);
  EXPECT_THAT(directories, UnorderedElementsAre("", "m", "src", "vendor", "vendor/dep"));
  EXPECT_THAT(repositories, UnorderedElementsAre(".git", "m/.git", "vendor/dep/.git"));
}

TEST_F(WorkspaceProbeTest, ARepositoryGrantedBesideTheWorkspaceIsFoundToo) {
  tree_.GitDir("lib/.git");
  request_.write.push_back(Rule(tree_.Path("lib")));
  ASSERT_EQ(Look().repositories.size(), 1u);
  EXPECT_EQ(Look().repositories[0].root, tree_.Path("lib"));
}

TEST_F(WorkspaceProbeTest, DirectoriesAboveAnIncludeTargetAreLookedAt) {
  tree_.GitDir("ws/.git");
  tree_.File("ws/.git/config", "[core]\nhooksPath = .husky/_\n");
  tree_.Dir("ws/.husky");
  const WorkspaceFacts facts = Look();
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/.husky")).type, PathType::kDirectory);
  EXPECT_EQ(facts.paths.at(tree_.Path("ws/.husky/_")).type, PathType::kAbsent);
}

TEST_F(WorkspaceProbeTest, ManyRepositoriesAreBounded) {
  for (int i = 0; i < 2100; ++i) tree_.File(absl::StrCat("ws/r", i, "/.git"), "x");
  const WorkspaceFacts facts = Look();
  EXPECT_EQ(facts.repositories.size(), 2000u);
  EXPECT_FALSE(facts.scan_complete);
}

TEST_F(WorkspaceProbeTest, AWalkThatIsCutShortIsTold) {
  for (int i = 0; i < 30; ++i) tree_.File(absl::StrCat("ws/f", i));
  inputs_.max_entries = 10;
  EXPECT_FALSE(Look().scan_complete);
  inputs_.max_entries = 30;
  EXPECT_TRUE(Look().scan_complete);
}

TEST_F(WorkspaceProbeTest, TheHomeItselfIsNotWalked) {
  tree_.GitDir("home/proj/.git");
  request_.workspace = tree_.Path("home");
  EXPECT_FALSE(Look().scan_complete);
  EXPECT_THAT(Look().repositories, IsEmpty());
  EXPECT_TRUE(Look().empty.no());
  request_.workspace = tree_.Path("home/proj");
  EXPECT_TRUE(Look().scan_complete);
  EXPECT_EQ(Look().repositories.size(), 1u);
}

TEST_F(WorkspaceProbeTest, SubmountsAreThoseBelowTheRealPath) {
  const std::string ws = tree_.Path("ws");
  const MountTable mounts{absl::StrCat("9000001 0 0:1 / / rw - ext4 a rw\n9000002 0 0:2 / ", ws,
                                       "/node_modules rw - tmpfs b rw\n9000003 0 0:3 / ", ws, "2 rw - tmpfs c rw\n")};
  EXPECT_THAT(Look(mounts).submounts, ElementsAre(ws + "/node_modules"));
  EXPECT_EQ(Look(mounts).filesystem, "ext4");
}

TEST_F(WorkspaceProbeTest, NulBytesAreRefused) {
  request_.deny_read = {Rule(std::string("/a\0b", 4))};
  EXPECT_EQ(LookAtWorkspace(request_, MountTable{""}, inputs_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(WorkspaceProbeTest, NoWorkspaceIsNoError) {
  request_ = Request{};
  const WorkspaceFacts facts = Look();
  EXPECT_EQ(facts.root.type, PathType::kAbsent);
  EXPECT_TRUE(facts.empty.unknown());
}

TEST_F(WorkspaceProbeTest, HostileNamesAreJustNames) {
  const std::string odd = "ws/-rf \n\x1b[2J\xff";
  tree_.GitDir(odd + "/.git");
  tree_.File(odd + "/.env");
  request_.deny_read = {GlobRule("**/.env")};
  const WorkspaceFacts facts = Look();
  EXPECT_THAT(facts.globs.at(tree_.Path("ws/**/.env")), ElementsAre(tree_.Path(odd + "/.env")));
  ASSERT_EQ(facts.repositories.size(), 1u);
  EXPECT_TRUE(facts.repositories[0].well_formed.yes());
}

TEST(LocationTest, ByTypeAndSource) {
  const struct {
    const char *type, *source, *options, *point;
    WorkspaceLocation location;
  } kCases[] = {
      {"ext4", "/dev/sda1", "rw", "/", WorkspaceLocation::kLocal},
      {"overlay", "overlay", "rw", "/", WorkspaceLocation::kLocal},
      {"nfs4", "host:/x", "rw", "/mnt/x", WorkspaceLocation::kNetworkFilesystem},
      {"cifs", "//host/x", "rw", "/mnt/x", WorkspaceLocation::kNetworkFilesystem},
      {"fuse.sshfs", "host:", "rw", "/mnt/x", WorkspaceLocation::kNetworkFilesystem},
      {"9p", "C:\\134", "rw,aname=drvfs;path=C:\\;uid=0", "/mnt/c", WorkspaceLocation::kDrvfs},
      {"9p", "drvfs", "rw", "/mnt/c", WorkspaceLocation::kDrvfs},
      {"virtiofs", "drvfsa", "rw", "/mnt/c", WorkspaceLocation::kDrvfs},
      {"drvfs", "C:\\134", "rw", "/mnt/c", WorkspaceLocation::kDrvfs},
      {"9p", "hostshare", "rw,trans=virtio", "/mnt/host", WorkspaceLocation::kNetworkFilesystem},
      {"fuse.unheard-of", "x", "rw", "/mnt/x", WorkspaceLocation::kUnknown},
      {"vfat", "/dev/sdb1", "rw", "/media/dev/STICK", WorkspaceLocation::kRemovable},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(LocationOf(test.type, test.source, test.options, test.point), test.location)
        << test.type << " " << test.source;
  }
}

}  // namespace
}  // namespace paddock
