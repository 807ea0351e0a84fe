#include "backends/linux_landlock/landlock_rights.h"

#include <algorithm>

namespace paddock {
namespace {

struct Right {
  uint64_t bit;
  int abi;      // since
  bool file;    // applies to a file itself, not only below a directory
  bool read;    // part of LandlockGrant::kRead
  bool write;   // part of LandlockGrant::kReadWrite, beyond kRead
  bool device;  // part of LandlockGrant::kDevices, beyond kRead
};

constexpr uint64_t kExecute = 1ull << 0;

constexpr Right kRights[] = {
    // bit        abi  file   read   write  device
    {kExecute, 1, true, true, false, false},      // EXECUTE
    {1ull << 1, 1, true, false, true, true},      // WRITE_FILE
    {1ull << 2, 1, true, true, false, false},     // READ_FILE
    {1ull << 3, 1, false, true, false, false},    // READ_DIR
    {1ull << 4, 1, false, false, true, false},    // REMOVE_DIR
    {1ull << 5, 1, false, false, true, false},    // REMOVE_FILE
    {1ull << 6, 1, false, false, false, false},   // MAKE_CHAR: never
    {1ull << 7, 1, false, false, true, false},    // MAKE_DIR
    {1ull << 8, 1, false, false, true, false},    // MAKE_REG
    {1ull << 9, 1, false, false, true, false},    // MAKE_SOCK
    {1ull << 10, 1, false, false, true, false},   // MAKE_FIFO
    {1ull << 11, 1, false, false, false, false},  // MAKE_BLOCK: never
    {1ull << 12, 1, false, false, true, false},   // MAKE_SYM
    {1ull << 13, 2, false, false, true, false},   // REFER
    {1ull << 14, 3, true, false, true, true},     // TRUNCATE
    {1ull << 15, 5, true, false, false, true},    // IOCTL_DEV
};

constexpr uint64_t kBindTcp = 1ull << 0;
constexpr uint64_t kConnectTcp = 1ull << 1;
constexpr int kTcpSince = 4;

constexpr uint64_t kScopeAbstractUnixSocket = 1ull << 0;
constexpr uint64_t kScopeSignal = 1ull << 1;

}  // namespace

int UsedLandlockAbi(const LinuxFacts& host) {
  return std::min(host.landlock_abi.value.value_or(0), kNewestLandlockAbi);
}

uint64_t LandlockHandledFs(int abi) {
  uint64_t handled = 0;
  for (const Right& right : kRights) handled |= right.abi <= abi ? right.bit : 0;
  return handled;
}

uint64_t LandlockHandledNet(int abi) { return abi >= kTcpSince ? kBindTcp | kConnectTcp : 0; }

uint64_t LandlockScopes(int abi) { return abi >= kLandlockScopesSince ? kScopeAbstractUnixSocket | kScopeSignal : 0; }

uint64_t LandlockAllowed(LandlockGrant grant, int abi) {
  uint64_t allowed = 0;
  for (const Right& right : kRights) {
    if (grant == LandlockGrant::kReadOnly && right.bit == kExecute) continue;
    const bool granted = right.read || (grant == LandlockGrant::kReadWrite && right.write) ||
                         (grant == LandlockGrant::kDevices && right.device);
    allowed |= granted && right.abi <= abi ? right.bit : 0;
  }
  return allowed;
}

uint64_t LandlockFileRights(uint64_t access) {
  uint64_t file_rights = 0;
  for (const Right& right : kRights) file_rights |= right.file ? right.bit : 0;
  return access & file_rights;
}

}  // namespace paddock
