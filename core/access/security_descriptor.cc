#include "core/access/security_descriptor.h"

namespace paddock::access {

Label LabelOf(const SecurityDescriptor& descriptor) {
  Label label;
  if (descriptor.sacl_state != AclState::kPresent) return label;
  for (size_t i = 0; i < descriptor.sacl.aces.size(); ++i) {
    const Ace& ace = descriptor.sacl.aces[i];
    if (ace.type != AceType::kMandatoryLabel || (ace.flags & kInheritOnly) != 0 || !IsIntegritySid(ace.sid)) continue;
    return {ace.sid.rid(), ace.mask, static_cast<int>(i)};
  }
  return label;
}

}  // namespace paddock::access
