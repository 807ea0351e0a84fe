#include "core/access/mapping.h"

#include <array>
#include <cstddef>

#include "core/access/acl.h"

namespace paddock::access {
namespace {

// Microsoft Learn: "File Security and Access Rights", "Registry Key Security and Access Rights", "Process Security and
// Access Rights", "Thread ...", "Desktop ...", "Window Station Security and Access Rights"; the others as the kernel's
// object types report them. In the order of ObjectType.
constexpr std::array<GenericMapping, 11> kMappings = {{
    // read      write      execute    all
    {0x00120089, 0x00120116, 0x001200a0, 0x001f01ff},  // file
    {0x00020019, 0x00020006, 0x00020039, 0x000f003f},  // key
    {0x00020410, 0x00020bea, 0x00121001, 0x001fffff},  // process
    {0x00020048, 0x00020437, 0x00121800, 0x001fffff},  // thread
    {0x0002001a, 0x000201e0, 0x00020005, 0x000f01ff},  // token
    {0x00020005, 0x00020002, 0x00020008, 0x000f001f},  // section
    {0x00020001, 0x00020002, 0x00120000, 0x001f0003},  // event
    {0x00020001, 0x00020000, 0x00120000, 0x001f0001},  // mutant
    {0x00020001, 0x00020002, 0x00120000, 0x001f0003},  // semaphore
    {0x00020041, 0x000200be, 0x00020100, 0x000f01ff},  // desktop
    {0x00020303, 0x0002001c, 0x00020060, 0x000f037f},  // window station
}};

}  // namespace

const GenericMapping& MappingOf(ObjectType type) { return kMappings[static_cast<size_t>(type)]; }

uint32_t MandatoryMask(const GenericMapping& mapping, uint32_t policy) {
  const uint32_t reads = mapping.read | kReadControl;
  const uint32_t executes = (mapping.execute & ~mapping.read) | kSynchronize;
  const uint32_t writes = mapping.write | kDelete | kWriteDac | kWriteOwner | kAccessSystemSecurity;
  const bool can_read = (policy & kNoReadUp) == 0;
  const bool can_write = (policy & kNoWriteUp) == 0;
  const bool can_execute = (policy & kNoExecuteUp) == 0;
  if (can_read && can_write && can_execute) return ~uint32_t{0};
  const uint32_t kept = (can_read ? reads : 0) | (can_write ? writes : 0) | (can_execute ? executes : 0);
  uint32_t taken = 0;
  if (!can_read) taken |= reads;
  if (!can_write) taken |= writes;
  if (!can_execute) taken |= executes;
  const uint32_t base = mapping.read | mapping.execute | kSynchronize | kReadControl | (can_write ? mapping.all : 0);
  return base & ~(taken & ~kept);
}

}  // namespace paddock::access
