#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }
int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(UniqueFdTest, OwnsNothingByDefaultAndForAnyNegativeNumber) {
  EXPECT_FALSE(UniqueFd().valid());
  EXPECT_EQ(UniqueFd(-22).get(), -1);
}

TEST(UniqueFdTest, ClosesAtTheEndOfItsLife) {
  int fd = -1;
  {
    UniqueFd owner(OpenNull());
    fd = owner.get();
    ASSERT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(UniqueFdTest, MoveAssignmentClosesTheOldAndEmptiesTheSource) {
  UniqueFd target(OpenNull());
  UniqueFd source(OpenNull());
  const int old = target.get();
  const int kept = source.get();
  target = std::move(source);
  EXPECT_FALSE(IsOpen(old));
  EXPECT_TRUE(IsOpen(kept));
  EXPECT_EQ(target.get(), kept);
  EXPECT_FALSE(source.valid());  // NOLINT(bugprone-use-after-move): the moved-from state is promised
}

TEST(UniqueFdTest, MoveOntoItselfKeepsTheDescriptor) {
  UniqueFd owner(OpenNull());
  const int fd = owner.get();
  UniqueFd& alias = owner;
  owner = std::move(alias);
  EXPECT_EQ(owner.get(), fd);
  EXPECT_TRUE(IsOpen(fd));
}

TEST(UniqueFdTest, ReleaseHandsTheDescriptorOver) {
  UniqueFd owner(OpenNull());
  const int fd = owner.release();
  EXPECT_FALSE(owner.valid());
  EXPECT_TRUE(IsOpen(fd));
  close(fd);
}

TEST(UniqueFdTest, ClosingKeepsErrno) {
  UniqueFd owner(1 << 20);  // no such descriptor: close(2) sets EBADF
  errno = ENOENT;
  owner.reset();
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace paddock
