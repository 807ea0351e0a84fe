#ifndef PADDOCK_CORE_ACCESS_SDDL_TABLES_H_
#define PADDOCK_CORE_ACCESS_SDDL_TABLES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/access/acl.h"
#include "core/access/sid.h"

// The names of SDDL (MS-DTYP 2.5.1.1), for the reader and the writer.

namespace paddock::access {

struct SddlAlias {
  absl::string_view name;
  Sid sid;
};
absl::Span<const SddlAlias> SddlAliases();

enum class SddlDomain : uint8_t { kMachine, kDomain, kForest };
struct SddlRelativeAlias {
  absl::string_view name;
  SddlDomain domain;
  uint32_t rid;
};
absl::Span<const SddlRelativeAlias> SddlRelativeAliases();

struct SddlAceType {
  absl::string_view name;
  AceType type;
};
absl::Span<const SddlAceType> SddlAceTypes();

struct SddlBits {
  absl::string_view name;
  uint32_t bits;
};
absl::Span<const SddlBits> SddlAceFlags();
absl::Span<const SddlBits> SddlRights();       // of every type but labels
absl::Span<const SddlBits> SddlLabelRights();  // NR, NW, NX
absl::Span<const SddlBits> SddlDaclFlags();    // control bits
absl::Span<const SddlBits> SddlSaclFlags();

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_SDDL_TABLES_H_
