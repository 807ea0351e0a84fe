#ifndef PADDOCK_CORE_ACCESS_INHERIT_H_
#define PADDOCK_CORE_ACCESS_INHERIT_H_

#include "core/access/mapping.h"
#include "core/access/security_descriptor.h"
#include "core/access/token.h"

namespace paddock::access {

// The descriptor that a file (or, with `container`, a directory) gets which `token` creates below `parent` without
// giving a descriptor of its own (MS-DTYP 2.5.3.4; Microsoft Learn, "ACE Inheritance Rules"):
//   - owner and group are the token's;
//   - each inheritable entry of the parent's DACL comes down once, marked as inherited: on a file without inheritance
//     flags; on a directory with them, or without where it is marked not to propagate. An entry that a directory only
//     passes on is inherit-only there. Where the entry that takes effect differs from the one to be passed on (CREATOR
//     OWNER, CREATOR GROUP, generic rights), a directory gets both;
//   - where nothing is inherited, the token's default DACL applies, and without one there is no DACL;
//   - labels are inherited alike; where none is, a token below medium labels what it creates with its own level.
// Other entries of the SACL are inherited by the same rules, and count as in the parent.
SecurityDescriptor NewChild(const SecurityDescriptor& parent, const Token& token, bool container,
                            const GenericMapping& mapping);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_INHERIT_H_
