#include "core/platform/posix/audit_walk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string FakeKey() {
  std::string key = absl::StrCat("-----BEGIN ", "RSA PRIVATE", " KEY-----\n");
  for (int i = 0; i < 20; ++i) key += "MIIE";
  return key + "\n";
}

class AuditWalkTest : public testing::Test {
 protected:
  audit::Observations Walk(const AuditLimits& limits = {}, const std::vector<std::string>& stores = {}) {
    audit::Observations seen;
    WalkForAudit({tree_.root()}, stores, limits, &seen);
    return seen;
  }
  template <typename T>
  std::vector<std::string> Paths(const audit::Sample<T>& sample) {
    std::vector<std::string> paths;
    for (const T& item : sample.kept) paths.push_back(Below(PathOf(item)));
    return paths;
  }
  std::string Below(const std::string& path) { return path.substr(tree_.root().size()); }

  static const std::string& PathOf(const audit::Node& node) { return node.path; }
  static const std::string& PathOf(const audit::SymbolicLink& link) { return link.path; }
  template <typename T>
  static const std::string& PathOf(const T& item) {
    return item.node.path;
  }

  TempTree tree_;
};

TEST_F(AuditWalkTest, AnOrdinaryTreeHoldsNothing) {
  tree_.File("src/main.c", "int main() { return 0; }\n");
  tree_.Link("src/again.c", "main.c");
  const audit::Observations seen = Walk();
  EXPECT_TRUE(seen.scan.complete);
  EXPECT_EQ(seen.scan.entries, 3u);
  EXPECT_EQ(seen.scan.files_read, 1u);
  EXPECT_THAT(seen.secrets.kept, IsEmpty());
  EXPECT_THAT(seen.links_out.kept, IsEmpty());
  EXPECT_THAT(seen.world_writable_files.kept, IsEmpty());
}

TEST_F(AuditWalkTest, WhatOthersMayWrite) {
  ASSERT_EQ(chmod(tree_.Dir("open").c_str(), 01777), 0);
  ASSERT_EQ(chmod(tree_.File("file").c_str(), 0666), 0);
  ASSERT_EQ(chmod(tree_.Dir("team").c_str(), 0775), 0);
  ASSERT_EQ(chmod(tree_.File("shared").c_str(), 0664), 0);
  const audit::Observations seen = Walk();
  EXPECT_THAT(Paths(seen.world_writable_directories), ElementsAre("/open"));
  EXPECT_EQ(seen.world_writable_directories.kept.front().mode, 01777u);
  EXPECT_THAT(Paths(seen.world_writable_files), ElementsAre("/file"));
  EXPECT_THAT(Paths(seen.group_writable_directories.at(getegid())), ElementsAre("/team"));
  EXPECT_THAT(Paths(seen.group_writable_files.at(getegid())), ElementsAre("/shared"));
}

TEST_F(AuditWalkTest, SetIdFilesButNoDirectories) {
  ASSERT_EQ(chmod(tree_.File("suid").c_str(), 04755), 0);
  ASSERT_EQ(chmod(tree_.Dir("setgid").c_str(), 02755), 0);  // only hands its group on
  EXPECT_THAT(Paths(Walk().privileged), ElementsAre("/suid"));
}

TEST_F(AuditWalkTest, FileCapabilities) {
  const std::string path = tree_.File("tool");
  ASSERT_EQ(chmod(path.c_str(), 0755), 0);
  EXPECT_THAT(Paths(Walk().privileged), IsEmpty());
  // VFS_CAP_REVISION_2 with CAP_NET_BIND_SERVICE (linux/capability.h).
  const unsigned char value[20] = {0, 0, 0, 2, 0, 4};
  if (setxattr(path.c_str(), "security.capability", value, sizeof value, 0) != 0) {
    GTEST_SKIP() << "needs CAP_SETFCAP and a file system with attributes: " << strerror(errno);
  }
  const audit::Observations seen = Walk();
  EXPECT_THAT(Paths(seen.privileged), ElementsAre("/tool"));
  EXPECT_TRUE(seen.privileged.kept.front().capabilities);
}

TEST_F(AuditWalkTest, AFifoDoesNotBlockAndIsListed) {
  tree_.Fifo(".env");  // by its name a secret
  tree_.Fifo("key.pem");
  const audit::Observations seen = Walk();
  EXPECT_THAT(Paths(seen.special), UnorderedElementsAre("/.env", "/key.pem"));
  EXPECT_THAT(seen.secrets.kept, IsEmpty());
  EXPECT_TRUE(seen.scan.complete);
}

TEST_F(AuditWalkTest, LinksInCirclesEndAndLinksOutAreToldApart) {
  tree_.Link("self", "self");
  tree_.Link("up", "..");
  tree_.Link("a", "b");
  tree_.Link("b", "a");
  tree_.Link("passwd", "/etc/passwd");
  tree_.Link("inside", tree_.File("file"));
  tree_.Link("gone", "/nonexistent/place");
  const audit::Observations seen = Walk();
  EXPECT_THAT(Paths(seen.links_out), ElementsAre("/gone", "/passwd", "/up"));
  EXPECT_EQ(seen.links_out.kept[1].real_path, "/etc/passwd");
  AuditLimits limits;
  limits.max_links_resolved = 1;
  EXPECT_EQ(Walk(limits).scan.links_unresolved, 2u);  // of three that do not stay inside by their text
}

TEST_F(AuditWalkTest, HardLinksInsideAreExplained) {
  const std::string file = tree_.File("file");
  ASSERT_EQ(link(file.c_str(), tree_.Path("other").c_str()), 0);
  const audit::Observations seen = Walk();
  EXPECT_EQ(seen.linked_inside, 1u);
  EXPECT_THAT(seen.linked_outside.kept, IsEmpty());
}

TEST_F(AuditWalkTest, HardLinksOutsideAreFoundAndLookedUpInStores) {
  const TempTree outside;
  outside.File("noise");
  const std::string stored = outside.File("files/ab/cdef");
  ASSERT_EQ(link(stored.c_str(), tree_.Path("linked").c_str()), 0);
  ASSERT_EQ(link(stored.c_str(), tree_.Path("twice").c_str()), 0);
  audit::Observations seen = Walk();
  ASSERT_EQ(seen.linked_outside.kept.size(), 1u);
  EXPECT_EQ(seen.linked_outside.kept.front().found, 2u);
  EXPECT_EQ(seen.linked_outside.kept.front().node.links, 3u);
  EXPECT_EQ(seen.linked_outside.kept.front().elsewhere, "");
  seen = Walk({}, {"/nonexistent", outside.root()});
  EXPECT_EQ(seen.linked_outside.kept.front().elsewhere, stored);
  AuditLimits limits;
  limits.max_store_entries = 1;
  EXPECT_EQ(Walk(limits, {outside.root()}).scan.stores_incomplete, 1u);
}

TEST_F(AuditWalkTest, ObjectsOfGitAreKeptApart) {
  const TempTree outside;
  tree_.Dir(".git/objects/ab");
  ASSERT_EQ(link(outside.File("object").c_str(), tree_.Path(".git/objects/ab/cd").c_str()), 0);
  const audit::Observations seen = Walk();
  EXPECT_THAT(Paths(seen.git_objects_outside), ElementsAre("/.git/objects/ab/cd"));
  EXPECT_THAT(seen.linked_outside.kept, IsEmpty());
}

TEST_F(AuditWalkTest, SecretsByNameAndByText) {
  tree_.File(".env", "A=1\n");
  tree_.File("empty/.env");
  tree_.File(".npmrc", "registry=https://registry.example\n");
  tree_.File("sub/.npmrc", "//registry.example/:_authToken=x\n");
  tree_.File("src/main.go", absl::StrCat("package main\n\nvar k = `", FakeKey(), "`\n"));
  const audit::Observations seen = Walk();
  EXPECT_THAT(Paths(seen.secrets), UnorderedElementsAre("/.env", "/sub/.npmrc", "/src/main.go"));
  for (const audit::Secret& secret : seen.secrets.kept) {
    EXPECT_EQ(secret.line, Below(secret.node.path) == "/src/main.go" ? 3 : 0) << secret.node.path;
  }
}

TEST_F(AuditWalkTest, WhatIsNoTextAndWhatGitKeepsIsNotRead) {
  tree_.File("image", std::string("\0PNG", 4) + FakeKey());
  tree_.File(".git/ORIG_KEY", FakeKey());
  tree_.File("sub/.git/x/y", FakeKey());
  EXPECT_THAT(Walk().secrets.kept, IsEmpty());
  tree_.File("plain", FakeKey());
  EXPECT_THAT(Paths(Walk().secrets), ElementsAre("/plain"));
}

TEST_F(AuditWalkTest, BoundsAreSaid) {
  tree_.File("long", std::string(3000, 'x') + FakeKey());
  tree_.File("short", "x");
  AuditLimits limits;
  limits.max_file_bytes = 1000;
  audit::Observations seen = Walk(limits);
  EXPECT_EQ(seen.scan.read_in_part, 1u);
  EXPECT_THAT(seen.secrets.kept, IsEmpty());
  limits = {};
  limits.max_files_read = 1;
  EXPECT_EQ(Walk(limits).scan.not_read, 1u);
  limits = {};
  limits.max_bytes_read = 1;
  EXPECT_EQ(Walk(limits).scan.not_read, 1u);
  limits = {};
  limits.max_entries = 1;
  EXPECT_FALSE(Walk(limits).scan.complete);
  seen = Walk();
  EXPECT_TRUE(seen.scan.complete);
  EXPECT_EQ(seen.scan.read_in_part + seen.scan.not_read, 0u);
}

TEST_F(AuditWalkTest, AFileThatIsExactlyAsLongAsTheBoundIsReadWhole) {
  tree_.File("file", std::string(1000, 'x'));
  AuditLimits limits;
  limits.max_file_bytes = 1000;
  EXPECT_EQ(Walk(limits).scan.read_in_part, 0u);
}

TEST_F(AuditWalkTest, ClosedDirectoriesAndFilesOfOnesOwn) {
  tree_.File("closed/file");
  const std::string file = tree_.File("unreadable", "text");
  if (geteuid() == 0) {
    ASSERT_EQ(chown(tree_.Path("closed").c_str(), AsOrdinaryUser::kNobody, 0), 0);
    ASSERT_EQ(chown(file.c_str(), AsOrdinaryUser::kNobody, 0), 0);
  }
  ASSERT_EQ(chmod(tree_.Path("closed").c_str(), 0), 0);
  ASSERT_EQ(chmod(file.c_str(), 0), 0);
  {
    const AsOrdinaryUser user;
    const audit::Observations seen = Walk();
    EXPECT_FALSE(seen.scan.complete);
    EXPECT_EQ(seen.scan.not_read, 1u);
  }
  chmod(tree_.Path("closed").c_str(), 0755);
}

TEST_F(AuditWalkTest, OddNamesStayAsTheyAre) {
  tree_.File("new\nline\x1b[2J\xff.env", "x");
  EXPECT_THAT(Paths(Walk().secrets), ElementsAre("/new\nline\x1b[2J\xff.env"));
}

TEST_F(AuditWalkTest, AGrantOfOneFile) {
  const std::string file = tree_.File(".env", "A=1\n");
  tree_.File("id_rsa", FakeKey());
  audit::Observations seen;
  WalkForAudit({file}, {}, {}, &seen);
  EXPECT_THAT(Paths(seen.secrets), ElementsAre("/.env"));
  EXPECT_TRUE(seen.scan.complete);
}

TEST_F(AuditWalkTest, ATreeThatIsNotThereIsNotComplete) {
  audit::Observations seen;
  WalkForAudit({tree_.Path("missing")}, {}, {}, &seen);
  EXPECT_FALSE(seen.scan.complete);
}

// Another process changes what lies under a name all the time: from a file to a FIFO, to a link to a file with a secret
// outside, to a directory. The walk neither hangs nor reads the file outside.
TEST_F(AuditWalkTest, WhatIsReplacedDuringTheWalk) {
  const TempTree outside;
  const std::string key = outside.File("key", FakeKey());
  for (int i = 0; i < 50; ++i) tree_.File(absl::StrCat("f", i), "text\n");
  const std::string path = tree_.Path("f7");
  std::atomic<bool> done = false;
  std::thread changer([&] {
    for (int i = 0; !done; ++i) {
      unlink(path.c_str());
      rmdir(path.c_str());
      if (i % 4 == 0) mkfifo(path.c_str(), 0644);
      if (i % 4 == 1) {
        EXPECT_EQ(symlink(key.c_str(), path.c_str()), 0);
      }
      if (i % 4 == 2) mkdir(path.c_str(), 0755);
      if (i % 4 == 3) tree_.File("f7", "text\n");
    }
  });
  for (int i = 0; i < 200; ++i) EXPECT_THAT(Walk().secrets.kept, IsEmpty());
  done = true;
  changer.join();
}

}  // namespace
}  // namespace paddock
