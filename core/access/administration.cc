#include "core/access/administration.h"

#include "core/access/mapping.h"

namespace paddock::access {
namespace {

static_assert(kFileControl == (kDelete | kWriteDac | kWriteOwner | kFileWriteData | kFileAppendData));
static_assert(kDirectoryControl == (kDelete | kWriteDac | kWriteOwner | kFileDeleteChild));

// An entry of a type that is not known is taken for one that allows.
bool NeverAllows(AceType type) {
  switch (type) {
    case AceType::kDeny:
    case AceType::kDenyObject:
    case AceType::kDenyCallback:
    case AceType::kDenyCallbackObject:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool IsAdministration(const Sid& sid) {
  return sid == kAdministrators || sid == kLocalSystem || sid == kTrustedInstaller;
}

std::optional<Sid> WhoElseControls(const SecurityDescriptor& descriptor, uint32_t control) {
  if (!descriptor.owner.has_value() || descriptor.dacl_state != AclState::kPresent) return kEveryone;
  if (!IsAdministration(*descriptor.owner)) return *descriptor.owner;
  for (const Ace& ace : descriptor.dacl.aces) {
    if (NeverAllows(ace.type) || (ace.flags & kInheritOnly) != 0) continue;
    if (!HasSid(ace.type)) return kEveryone;
    const uint32_t rights = MapGeneric(ace.mask, MappingOf(ObjectType::kFile));
    if ((rights & control) == 0) continue;
    // The owner's rights are the administration's, as the owner is.
    if (!IsAdministration(ace.sid) && ace.sid != kOwnerRights) return ace.sid;
  }
  return std::nullopt;
}

}  // namespace paddock::access
