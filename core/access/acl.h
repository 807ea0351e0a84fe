#ifndef PADDOCK_CORE_ACCESS_ACL_H_
#define PADDOCK_CORE_ACCESS_ACL_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/access/sid.h"

namespace paddock::access {

// ACE types (MS-DTYP 2.4.4.1). A byte that is none of these is kept as it is; the evaluator answers `unknown` where
// such an ACE could matter.
enum class AceType : uint8_t {
  kAllow = 0x00,
  kDeny = 0x01,
  kAudit = 0x02,
  kAlarm = 0x03,
  kAllowCompound = 0x04,
  kAllowObject = 0x05,
  kDenyObject = 0x06,
  kAuditObject = 0x07,
  kAlarmObject = 0x08,
  kAllowCallback = 0x09,  // conditional, SDDL "XA"
  kDenyCallback = 0x0a,   // conditional, SDDL "XD"
  kAllowCallbackObject = 0x0b,
  kDenyCallbackObject = 0x0c,
  kAuditCallback = 0x0d,
  kAlarmCallback = 0x0e,
  kAuditCallbackObject = 0x0f,
  kAlarmCallbackObject = 0x10,
  kMandatoryLabel = 0x11,
  kResourceAttribute = 0x12,
  kScopedPolicyId = 0x13,
  kProcessTrustLabel = 0x14,
  kAccessFilter = 0x15,
};

// ACE flags (MS-DTYP 2.4.4.1).
inline constexpr uint8_t kObjectInherit = 0x01;
inline constexpr uint8_t kContainerInherit = 0x02;
inline constexpr uint8_t kNoPropagateInherit = 0x04;
inline constexpr uint8_t kInheritOnly = 0x08;
inline constexpr uint8_t kInherited = 0x10;
inline constexpr uint8_t kCritical = 0x20;
inline constexpr uint8_t kAuditSuccess = 0x40;
inline constexpr uint8_t kAuditFailure = 0x80;

// The mask of a mandatory label (MS-DTYP 2.4.4.13).
inline constexpr uint32_t kNoWriteUp = 0x1;
inline constexpr uint32_t kNoReadUp = 0x2;
inline constexpr uint32_t kNoExecuteUp = 0x4;

using Guid = std::array<uint8_t, 16>;  // as in memory on Windows: the first three fields little-endian

// One entry. How its body reads depends on the type:
//   HasSid(type), which are most     mask and SID; `data` or `text` holds what follows the SID
//   IsObjectAce(type)                object types besides
//   compound, and types not known    `data` is the whole body, `mask` and `sid` mean nothing
struct Ace {
  AceType type = AceType::kAllow;
  uint8_t flags = 0;
  uint32_t mask = 0;
  Sid sid;
  std::optional<Guid> object_type;
  std::optional<Guid> inherited_object_type;
  std::string data;  // bytes after the SID, as binary form gives them: a condition, a claim, an application's own
  std::string text;  // the same as SDDL gives it, parentheses included. At most one of the two is filled

  bool operator==(const Ace&) const = default;
};

Ace AllowAce(const Sid& sid, uint32_t mask, uint8_t flags = 0);
Ace DenyAce(const Sid& sid, uint32_t mask, uint8_t flags = 0);
Ace LabelAce(uint32_t level, uint32_t policy = kNoWriteUp, uint8_t flags = 0);

bool HasSid(AceType type);       // mask and SID stand where every ACE of the common kind has them
bool IsObjectAce(AceType type);  // GUIDs before the SID

// An access control list. Order decides: what comes first, wins.
struct Acl {
  uint8_t revision = 2;  // 2, or 4 where object ACEs stand (MS-DTYP 2.4.5)
  std::vector<Ace> aces;

  bool operator==(const Acl&) const = default;
};

// The order in which Windows' own tools write ACEs (Microsoft Learn, "Order of ACEs in a DACL"): explicit before
// inherited, within both deny before allow; inherited ACEs keep their order otherwise, since nearer ancestors come
// first.
bool IsCanonical(const Acl& acl);

// `acl` with its explicit ACEs in canonical order, stable. Inherited ACEs move behind them, in the order they had.
Acl Canonical(const Acl& acl);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_ACL_H_
