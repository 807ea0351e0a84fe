#ifndef PADDOCK_CORE_ACCESS_BINARY_H_
#define PADDOCK_CORE_ACCESS_BINARY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/security_descriptor.h"

namespace paddock::access {

// A self-relative security descriptor (MS-DTYP 2.4.6), as GetFileSecurity and a Windows backup give it. `bytes` is
// untrusted: every offset and length is checked against its end, a list against its own size, an entry against its own;
// work and memory are proportional to the input. What lies between the parts, or behind a list's last entry, is
// ignored. InvalidArgument with the offset at fault.
absl::StatusOr<SecurityDescriptor> ParseBinary(absl::string_view bytes);

// The self-relative form: SACL, DACL, owner, group. ParseBinary reads it back as the same descriptor. InvalidArgument
// for conditions and claims that came as SDDL text, and for lists of more than 65,535 bytes.
absl::StatusOr<std::string> ToBinary(const SecurityDescriptor& descriptor);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_BINARY_H_
