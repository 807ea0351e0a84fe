// A command may take the owner's rights from the directories that it can write; its placeholders go all the same.

#include <sys/prctl.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/lease.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

TEST(LeaseRightsTest, DirectoriesThatTheCommandShutAreOpenedForTheRemoval) {
  const TempTree tree;
  const std::string ws = tree.Path("user-ws"), state = tree.Path("user-state");
  ASSERT_EQ(chmod(tree.Path("").c_str(), 0777), 0);
  const AsOrdinaryUser user;
  ASSERT_EQ(prctl(PR_SET_DUMPABLE, 1), 0);  // since seteuid, /proc/self would be root's
  ASSERT_EQ(mkdir(ws.c_str(), 0755), 0);
  auto lease = WorkspaceLease::Acquire(
      state, "fd00-2a", ws, {{absl::StrCat(ws, "/a")}, {absl::StrCat(ws, "/a/b")}, {absl::StrCat(ws, "/a/b/c")}});
  ASSERT_TRUE(lease.ok()) << lease.status();
  const absl::Status held = (*lease)->Hold();
  ASSERT_TRUE(held.ok()) << held;
  for (const char* const path : {"/a/b", "/a", ""}) ASSERT_EQ(chmod(absl::StrCat(ws, path).c_str(), 0), 0) << path;
  (*lease)->Release();
  struct stat st = {};
  ASSERT_EQ(lstat(ws.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777u, 0u) << "as the command left it";
  ASSERT_EQ(chmod(ws.c_str(), 0755), 0);
  EXPECT_NE(lstat(absl::StrCat(ws, "/a").c_str(), &st), 0);
}

}  // namespace
}  // namespace paddock
