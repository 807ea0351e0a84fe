#ifndef PADDOCK_TESTS_UNIT_WINDOWS_TOKEN_LEASE_SCENE_H_
#define PADDOCK_TESTS_UNIT_WINDOWS_TOKEN_LEASE_SCENE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "core/lease/lease.h"
#include "tests/support/memory_volume.h"

namespace paddock {

// A developer's checkout, C:\w, on a volume in memory, and plans for it.
class LeaseScene {
 public:
  LeaseScene();

  static access::Token User();
  // .git and hooks are protected, .mcp.json and .claude are absent; `extra` protects src\b.txt besides.
  static WritableRoot Plan(bool extra = false);

  LeaseHost Host(MemoryProcess* process);
  absl::StatusOr<std::unique_ptr<AclLease>> Acquire(MemoryProcess* process, const WritableRoot& plan, int threads = 1);
  // The entries of SIDs of ours and, `with_user`, the denial of the user's.
  uint64_t OurEntries(bool with_user = true) const;
  // Lists by path of what was there at first, for comparison.
  std::map<uint64_t, access::SecurityDescriptor> Descriptors() const;
  uint64_t Hidden() const;
  void AppendUserEdit(const std::string& path);

  MemoryWorld world;

 private:
  std::atomic<uint32_t> random_ = 1;
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_UNIT_WINDOWS_TOKEN_LEASE_SCENE_H_
