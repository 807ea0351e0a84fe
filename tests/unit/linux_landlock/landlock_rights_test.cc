#include "backends/linux_landlock/landlock_rights.h"

#ifdef __linux__
#include <linux/landlock.h>
#endif

#include <map>
#include <string>

#include "gtest/gtest.h"

namespace paddock {
namespace {

// Written by hand from the kernel's Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h: the
// number of each right's bit, and the ABI that brought it.
constexpr uint64_t kExecute = 1ull << 0;        // 1
constexpr uint64_t kWriteFile = 1ull << 1;      // 1
constexpr uint64_t kReadFile = 1ull << 2;       // 1
constexpr uint64_t kReadDir = 1ull << 3;        // 1
constexpr uint64_t kRemoveDir = 1ull << 4;      // 1
constexpr uint64_t kRemoveFile = 1ull << 5;     // 1
constexpr uint64_t kMakeChar = 1ull << 6;       // 1
constexpr uint64_t kMakeDir = 1ull << 7;        // 1
constexpr uint64_t kMakeReg = 1ull << 8;        // 1
constexpr uint64_t kMakeSock = 1ull << 9;       // 1
constexpr uint64_t kMakeFifo = 1ull << 10;      // 1
constexpr uint64_t kMakeBlock = 1ull << 11;     // 1
constexpr uint64_t kMakeSym = 1ull << 12;       // 1
constexpr uint64_t kRefer = 1ull << 13;         // 2, Linux 5.19
constexpr uint64_t kTruncate = 1ull << 14;      // 3, Linux 6.2
constexpr uint64_t kIoctlDev = 1ull << 15;      // 5, Linux 6.10
constexpr uint64_t kScopeAbstract = 1ull << 0;  // 6, Linux 6.12
constexpr uint64_t kScopeSignal = 1ull << 1;    // 6

constexpr uint64_t kAbi1 = (1ull << 13) - 1;

struct AbiRow {
  int abi;
  uint64_t handled, scopes;
};
constexpr AbiRow kAbis[] = {
    {1, kAbi1, 0},
    {2, kAbi1 | kRefer, 0},
    {3, kAbi1 | kRefer | kTruncate, 0},
    {4, kAbi1 | kRefer | kTruncate, 0},  // network rights only
    {5, kAbi1 | kRefer | kTruncate | kIoctlDev, 0},
    {6, kAbi1 | kRefer | kTruncate | kIoctlDev, kScopeAbstract | kScopeSignal},
    {7, kAbi1 | kRefer | kTruncate | kIoctlDev, kScopeAbstract | kScopeSignal},
};

TEST(LandlockRightsTest, HandlesWhatTheKernelDocumentsForEachAbi) {
  for (const AbiRow& row : kAbis) {
    EXPECT_EQ(LandlockHandledFs(row.abi), row.handled) << "abi " << row.abi;
    EXPECT_EQ(LandlockScopes(row.abi), row.scopes) << "abi " << row.abi;
  }
  EXPECT_EQ(std::size(kAbis), static_cast<size_t>(kNewestLandlockAbi));
}

TEST(LandlockRightsTest, HandlesNothingWithoutLandlock) {
  EXPECT_EQ(LandlockHandledFs(0), 0u);
  EXPECT_EQ(LandlockHandledFs(-1), 0u);
  EXPECT_EQ(LandlockScopes(0), 0u);
}

TEST(LandlockRightsTest, GrantsReadAsReadingListingAndExecuting) {
  for (const AbiRow& row : kAbis) {
    EXPECT_EQ(LandlockAllowed(LandlockGrant::kRead, row.abi), kExecute | kReadFile | kReadDir) << "abi " << row.abi;
  }
}

TEST(LandlockRightsTest, GrantsReadOnlyWithoutExecuting) {
  for (const AbiRow& row : kAbis) {
    EXPECT_EQ(LandlockAllowed(LandlockGrant::kReadOnly, row.abi), kReadFile | kReadDir) << "abi " << row.abi;
  }
}

TEST(LandlockRightsTest, GrantsReadWriteAsEverythingButDevices) {
  for (const AbiRow& row : kAbis) {
    EXPECT_EQ(LandlockAllowed(LandlockGrant::kReadWrite, row.abi), row.handled & ~(kMakeChar | kMakeBlock | kIoctlDev))
        << "abi " << row.abi;
  }
}

// /dev is read-only besides: nothing is made or removed there.
TEST(LandlockRightsTest, GrantsDevicesAsReadingWritingAndControlling) {
  const uint64_t wanted = kExecute | kReadFile | kReadDir | kWriteFile | kTruncate | kIoctlDev;
  for (const AbiRow& row : kAbis) {
    EXPECT_EQ(LandlockAllowed(LandlockGrant::kDevices, row.abi), wanted & row.handled) << "abi " << row.abi;
  }
}

TEST(LandlockRightsTest, NeverGrantsDeviceNodesAndNothingThatIsNotHandled) {
  for (int abi = 0; abi <= kNewestLandlockAbi; ++abi) {
    for (const LandlockGrant grant :
         {LandlockGrant::kRead, LandlockGrant::kReadWrite, LandlockGrant::kDevices, LandlockGrant::kReadOnly}) {
      const uint64_t allowed = LandlockAllowed(grant, abi);
      EXPECT_EQ(allowed & (kMakeChar | kMakeBlock), 0u) << Name(grant) << " at abi " << abi;
      EXPECT_EQ(allowed & ~LandlockHandledFs(abi), 0u) << Name(grant) << " at abi " << abi;
    }
  }
}

// security/landlock/fs.c, ACCESS_FILE; a rule for a file that names another right is EINVAL.
TEST(LandlockRightsTest, KeepsOnlyRightsOfFilesForFiles) {
  EXPECT_EQ(LandlockFileRights(~0ull), kExecute | kWriteFile | kReadFile | kTruncate | kIoctlDev);
  EXPECT_EQ(LandlockFileRights(LandlockAllowed(LandlockGrant::kReadWrite, 7)),
            kExecute | kWriteFile | kReadFile | kTruncate);
  EXPECT_EQ(LandlockFileRights(kReadDir | kRefer | kMakeReg), 0u);
}

#ifdef __linux__
TEST(LandlockRightsTest, AgreesWithTheKernelHeaderAsFarAsItGoes) {
  const std::map<uint64_t, uint64_t> pairs = {
      {kExecute, LANDLOCK_ACCESS_FS_EXECUTE},
      {kWriteFile, LANDLOCK_ACCESS_FS_WRITE_FILE},
      {kReadFile, LANDLOCK_ACCESS_FS_READ_FILE},
      {kReadDir, LANDLOCK_ACCESS_FS_READ_DIR},
      {kRemoveDir, LANDLOCK_ACCESS_FS_REMOVE_DIR},
      {kRemoveFile, LANDLOCK_ACCESS_FS_REMOVE_FILE},
      {kMakeChar, LANDLOCK_ACCESS_FS_MAKE_CHAR},
      {kMakeDir, LANDLOCK_ACCESS_FS_MAKE_DIR},
      {kMakeReg, LANDLOCK_ACCESS_FS_MAKE_REG},
      {kMakeSock, LANDLOCK_ACCESS_FS_MAKE_SOCK},
      {kMakeFifo, LANDLOCK_ACCESS_FS_MAKE_FIFO},
      {kMakeBlock, LANDLOCK_ACCESS_FS_MAKE_BLOCK},
      {kMakeSym, LANDLOCK_ACCESS_FS_MAKE_SYM},
#ifdef LANDLOCK_ACCESS_FS_REFER
      {kRefer, LANDLOCK_ACCESS_FS_REFER},
#endif
#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
      {kTruncate, LANDLOCK_ACCESS_FS_TRUNCATE},
#endif
#ifdef LANDLOCK_ACCESS_FS_IOCTL_DEV
      {kIoctlDev, LANDLOCK_ACCESS_FS_IOCTL_DEV},
#endif
#ifdef LANDLOCK_SCOPE_SIGNAL
      {kScopeAbstract << 32, uint64_t{LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET} << 32},
      {kScopeSignal << 32, uint64_t{LANDLOCK_SCOPE_SIGNAL} << 32},
#endif
  };
  for (const auto& [ours, kernel] : pairs) EXPECT_EQ(ours, kernel);
  EXPECT_GE(pairs.size(), 13u);
}
#endif

}  // namespace
}  // namespace paddock
