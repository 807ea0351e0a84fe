#ifndef PADDOCK_CORE_ACCESS_SECURITY_DESCRIPTOR_H_
#define PADDOCK_CORE_ACCESS_SECURITY_DESCRIPTOR_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "core/access/acl.h"
#include "core/access/sid.h"

namespace paddock::access {

// Absent and null grant everything to everybody (MS-DTYP 2.5.3.2); a present list without ACEs grants nothing to
// anybody but its owner. Absent and null are told apart because tools write them differently.
enum class AclState : uint8_t { kAbsent, kNull, kPresent };

// Control bits (MS-DTYP 2.4.6) besides those that follow from the rest of the descriptor.
inline constexpr uint16_t kOwnerDefaulted = 0x0001;
inline constexpr uint16_t kGroupDefaulted = 0x0002;
inline constexpr uint16_t kDaclDefaulted = 0x0008;
inline constexpr uint16_t kSaclDefaulted = 0x0020;
inline constexpr uint16_t kDaclTrusted = 0x0040;
inline constexpr uint16_t kServerSecurity = 0x0080;
inline constexpr uint16_t kDaclAutoInheritRequired = 0x0100;
inline constexpr uint16_t kSaclAutoInheritRequired = 0x0200;
inline constexpr uint16_t kDaclAutoInherited = 0x0400;
inline constexpr uint16_t kSaclAutoInherited = 0x0800;
inline constexpr uint16_t kDaclProtected = 0x1000;
inline constexpr uint16_t kSaclProtected = 0x2000;
inline constexpr uint16_t kResourceManagerValid = 0x4000;

// A security descriptor as data. What a source could not tell is said here, and the evaluator answers `unknown` where
// it could matter: no owner, and `sacl_known` false for a source without labels (`icacls /save` gives neither).
struct SecurityDescriptor {
  std::optional<Sid> owner;
  std::optional<Sid> group;
  uint16_t control = 0;  // the bits above; never the presence of lists or SE_SELF_RELATIVE (0x8000)
  uint8_t resource_manager = 0;
  AclState dacl_state = AclState::kAbsent;
  Acl dacl;  // empty unless present
  AclState sacl_state = AclState::kAbsent;
  Acl sacl;
  bool sacl_known = true;

  bool operator==(const SecurityDescriptor&) const = default;

  void set_dacl(Acl acl) {
    dacl_state = AclState::kPresent;
    dacl = std::move(acl);
  }
  void set_sacl(Acl acl) {
    sacl_state = AclState::kPresent;
    sacl = std::move(acl);
  }
};

// The integrity label of an object: the first mandatory label of its SACL that is not inherit-only, else medium without
// write up (Microsoft Learn, "Mandatory Integrity Control").
struct Label {
  uint32_t level = kMediumIntegrity;
  uint32_t policy = kNoWriteUp;
  int ace = -1;  // its index in the SACL

  bool operator==(const Label&) const = default;
};
Label LabelOf(const SecurityDescriptor& descriptor);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_SECURITY_DESCRIPTOR_H_
