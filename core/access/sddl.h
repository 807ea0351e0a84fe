#ifndef PADDOCK_CORE_ACCESS_SDDL_H_
#define PADDOCK_CORE_ACCESS_SDDL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/security_descriptor.h"

// Security descriptors as text (MS-DTYP 2.5.1; Microsoft Learn, "Security Descriptor String Format", "ACE Strings",
// "SID Strings"). Texts are untrusted: reading is linear in their length and allocates in proportion to it.

namespace paddock::access {

// What relative aliases mean ("LA" is an account of the machine, "DA" a group of its domain).
struct SddlDomains {
  std::optional<Sid> machine;  // S-1-5-21-a-b-c, for LA, LG
  std::optional<Sid> domain;   // S-1-5-21-a-b-c, for DA, DU, DG, ...
  std::optional<Sid> forest;   // the root domain's, for EA, SA, RO; of a single domain the same
};

inline constexpr size_t kMaxSddlLength = 1 << 20;  // bytes
inline constexpr size_t kMaxAces = 4096;           // more than fit into a list of 65,535 bytes

// "O:BAG:SYD:PAI(A;OICI;FA;;;BA)(D;;0x40;;;S-1-5-21-1-2-3-1001)S:(ML;;NW;;;LW)": parts in this order, each at most
// once, none required. D: alone is a present and empty list, "D:NO_ACCESS_CONTROL" a null one, no D: an absent one.
// Upper case, no blanks, except inside a condition or claim, which is kept as text. Masks are names of rights or a
// number. Errors are InvalidArgument with the offset of the byte at fault, and what would be right.
absl::StatusOr<SecurityDescriptor> ParseSddl(absl::string_view text, const SddlDomains& domains = {});

// A SID alone: an alias or "S-1-...".
absl::StatusOr<Sid> ParseSddlSid(absl::string_view text, const SddlDomains& domains = {});

// The text that ParseSddl reads back as the same descriptor. InvalidArgument for what SDDL cannot say: entries of types
// it has no name for, conditions and claims that came as bytes, control bits besides protection and inheritance. What
// `sacl_known` says is lost.
absl::StatusOr<std::string> ToSddl(const SecurityDescriptor& descriptor);
absl::StatusOr<std::string> ToSddl(const Ace& ace);

// A SID by its alias if it has one that means the same everywhere, else "S-1-...".
std::string ToSddl(const Sid& sid);

// A mask as ACE strings have it: "FA", "GRGX", else a number, "0x1200a9".
std::string MaskToSddl(uint32_t mask);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_SDDL_H_
