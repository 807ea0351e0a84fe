#include "core/access/binary.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace paddock::access {
namespace {

constexpr uint16_t kDaclPresentBit = 0x0004;
constexpr uint16_t kSaclPresentBit = 0x0010;
constexpr uint16_t kSelfRelativeBit = 0x8000;
constexpr size_t kHeaderSize = 20;
constexpr size_t kAclHeaderSize = 8;
constexpr size_t kAceHeaderSize = 4;
constexpr uint32_t kObjectTypePresent = 0x1;
constexpr uint32_t kInheritedObjectTypePresent = 0x2;

absl::Status ErrorAt(size_t offset, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("security descriptor, offset ", offset, ": ", what));
}

uint8_t Byte(absl::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }
uint16_t Word(absl::string_view bytes, size_t at) {
  return static_cast<uint16_t>(Byte(bytes, at) | Byte(bytes, at + 1) << 8);
}
uint32_t Long(absl::string_view bytes, size_t at) {
  return static_cast<uint32_t>(Word(bytes, at)) | static_cast<uint32_t>(Word(bytes, at + 2)) << 16;
}

void AppendNumber(uint32_t value, size_t size, std::string* bytes) {
  for (size_t i = 0; i < size; ++i) bytes->push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

// Moves a GUID of `body` at `*at` into `*guid`.
absl::Status TakeGuid(absl::string_view body, size_t offset, size_t* at, std::optional<Guid>* guid) {
  if (body.size() < *at + 16) return ErrorAt(offset, "an object type does not fit in its entry");
  guid->emplace();
  for (size_t i = 0; i < 16; ++i) (**guid)[i] = Byte(body, *at + i);
  *at += 16;
  return absl::OkStatus();
}

// `body` is what follows the header of an entry, which stands at `offset` of the descriptor.
absl::Status ReadBody(absl::string_view body, size_t offset, Ace* ace) {
  if (!HasSid(ace->type)) {
    ace->data = std::string(body);
    return absl::OkStatus();
  }
  if (body.size() < 4) return ErrorAt(offset, "an entry without room for its mask");
  ace->mask = Long(body, 0);
  size_t at = 4;
  if (IsObjectAce(ace->type)) {
    if (body.size() < 8) return ErrorAt(offset, "an object entry without room for its flags");
    const uint32_t present = Long(body, 4);
    at = 8;
    if ((present & ~(kObjectTypePresent | kInheritedObjectTypePresent)) != 0) {
      return ErrorAt(offset, "unknown flags of an object entry");
    }
    if ((present & kObjectTypePresent) != 0) RETURN_IF_ERROR(TakeGuid(body, offset, &at, &ace->object_type));
    if ((present & kInheritedObjectTypePresent) != 0) {
      RETURN_IF_ERROR(TakeGuid(body, offset, &at, &ace->inherited_object_type));
    }
  }
  const absl::StatusOr<Sid> sid = Sid::FromBytes(body.substr(at));
  if (!sid.ok()) return ErrorAt(offset, sid.status().message());
  ace->sid = *sid;
  ace->data = std::string(body.substr(at + sid->byte_size()));
  return absl::OkStatus();
}

absl::StatusOr<Acl> ReadAcl(absl::string_view bytes, size_t offset) {
  if (offset < kHeaderSize || offset > bytes.size() || bytes.size() - offset < kAclHeaderSize) {
    return ErrorAt(offset, "a list outside of the descriptor");
  }
  Acl acl;
  acl.revision = Byte(bytes, offset);
  if (acl.revision < 2 || acl.revision > 4) return ErrorAt(offset, "a list of a revision that is none of 2, 3 and 4");
  const size_t size = Word(bytes, offset + 2);
  if (size < kAclHeaderSize || size > bytes.size() - offset) {
    return ErrorAt(offset + 2, "a list that is smaller than its head, or ends behind the descriptor");
  }
  const absl::string_view list = bytes.substr(offset, size);
  size_t at = kAclHeaderSize;
  for (size_t count = Word(bytes, offset + 4); count > 0; --count) {
    if (list.size() - at < kAceHeaderSize) return ErrorAt(offset + at, "more entries announced than the list holds");
    const size_t ace_size = Word(list, at + 2);
    if (ace_size < kAceHeaderSize || ace_size % 4 != 0 || ace_size > list.size() - at) {
      return ErrorAt(offset + at, "an entry whose size is too small, no multiple of 4, or ends behind its list");
    }
    Ace ace;
    ace.type = static_cast<AceType>(Byte(list, at));
    ace.flags = Byte(list, at + 1);
    RETURN_IF_ERROR(ReadBody(list.substr(at + kAceHeaderSize, ace_size - kAceHeaderSize), offset + at, &ace));
    acl.aces.push_back(std::move(ace));
    at += ace_size;
  }
  return acl;
}

absl::Status ReadList(absl::string_view bytes, bool present, uint32_t offset, AclState* state, Acl* acl) {
  *state = !present ? AclState::kAbsent : offset == 0 ? AclState::kNull : AclState::kPresent;
  if (*state != AclState::kPresent) return absl::OkStatus();
  ASSIGN_OR_RETURN(*acl, ReadAcl(bytes, offset));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Sid>> ReadSidAt(absl::string_view bytes, uint32_t offset) {
  if (offset == 0) return std::optional<Sid>();
  if (offset < kHeaderSize || offset > bytes.size()) return ErrorAt(offset, "a SID outside of the descriptor");
  const absl::StatusOr<Sid> sid = Sid::FromBytes(bytes.substr(offset));
  if (!sid.ok()) return ErrorAt(offset, sid.status().message());
  return std::optional<Sid>(*sid);
}

absl::StatusOr<std::string> AceBytes(const Ace& ace) {
  if (!ace.text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the condition or claim ", ace.text, " came as text and has no binary form here; keep its SDDL"));
  }
  std::string body;
  if (HasSid(ace.type)) {
    AppendNumber(ace.mask, 4, &body);
    if (IsObjectAce(ace.type)) {
      AppendNumber(
          (ace.object_type ? kObjectTypePresent : 0) | (ace.inherited_object_type ? kInheritedObjectTypePresent : 0), 4,
          &body);
      if (ace.object_type) body.append(ace.object_type->begin(), ace.object_type->end());
      if (ace.inherited_object_type) body.append(ace.inherited_object_type->begin(), ace.inherited_object_type->end());
    }
    ace.sid.AppendBytes(&body);
  }
  body += ace.data;
  const size_t size = kAceHeaderSize + body.size();
  if (size % 4 != 0 || size > UINT16_MAX) {
    return absl::InvalidArgumentError(
        absl::StrCat("an entry of ", size, " bytes: it needs a multiple of 4 up to 65,532"));
  }
  std::string bytes;
  bytes.push_back(static_cast<char>(ace.type));
  bytes.push_back(static_cast<char>(ace.flags));
  AppendNumber(static_cast<uint32_t>(size), 2, &bytes);
  return bytes + body;
}

absl::StatusOr<std::string> AclBytes(const Acl& acl) {
  std::string entries;
  for (const Ace& ace : acl.aces) {
    ASSIGN_OR_RETURN(const std::string entry, AceBytes(ace));
    entries += entry;
  }
  const size_t size = kAclHeaderSize + entries.size();
  if (size > UINT16_MAX) {
    return absl::InvalidArgumentError(absl::StrCat("a list of ", size, " bytes: it holds 65,535 at most"));
  }
  std::string bytes;
  bytes.push_back(static_cast<char>(acl.revision));
  bytes.push_back(0);
  AppendNumber(static_cast<uint32_t>(size), 2, &bytes);
  AppendNumber(static_cast<uint32_t>(acl.aces.size()), 2, &bytes);
  AppendNumber(0, 2, &bytes);
  return bytes + entries;
}

}  // namespace

absl::StatusOr<SecurityDescriptor> ParseBinary(absl::string_view bytes) {
  if (bytes.size() < kHeaderSize) return ErrorAt(0, "shorter than its head of 20 bytes");
  if (Byte(bytes, 0) != 1) return ErrorAt(0, "a revision other than 1");
  const uint16_t control = Word(bytes, 2);
  if ((control & kSelfRelativeBit) == 0) {
    return ErrorAt(2, "not self-relative: it holds pointers; convert it with MakeSelfRelativeSD");
  }
  SecurityDescriptor descriptor;
  descriptor.resource_manager = Byte(bytes, 1);
  descriptor.control = static_cast<uint16_t>(control & ~(kDaclPresentBit | kSaclPresentBit | kSelfRelativeBit));
  ASSIGN_OR_RETURN(descriptor.owner, ReadSidAt(bytes, Long(bytes, 4)));
  ASSIGN_OR_RETURN(descriptor.group, ReadSidAt(bytes, Long(bytes, 8)));
  RETURN_IF_ERROR(
      ReadList(bytes, (control & kSaclPresentBit) != 0, Long(bytes, 12), &descriptor.sacl_state, &descriptor.sacl));
  RETURN_IF_ERROR(
      ReadList(bytes, (control & kDaclPresentBit) != 0, Long(bytes, 16), &descriptor.dacl_state, &descriptor.dacl));
  return descriptor;
}

absl::StatusOr<std::string> ToBinary(const SecurityDescriptor& descriptor) {
  std::string body;
  const auto place = [&](const std::string& part) {
    const auto offset = static_cast<uint32_t>(kHeaderSize + body.size());
    body += part;
    return offset;
  };
  const auto place_sid = [&](const std::optional<Sid>& sid) -> uint32_t {
    if (!sid) return 0;
    std::string bytes;
    sid->AppendBytes(&bytes);
    return place(bytes);
  };
  uint32_t sacl = 0;
  uint32_t dacl = 0;
  uint32_t control = static_cast<uint32_t>(descriptor.control) | kSelfRelativeBit;
  if (descriptor.sacl_state != AclState::kAbsent) control |= kSaclPresentBit;
  if (descriptor.dacl_state != AclState::kAbsent) control |= kDaclPresentBit;
  if (descriptor.sacl_state == AclState::kPresent) {
    ASSIGN_OR_RETURN(const std::string bytes, AclBytes(descriptor.sacl));
    sacl = place(bytes);
  }
  if (descriptor.dacl_state == AclState::kPresent) {
    ASSIGN_OR_RETURN(const std::string bytes, AclBytes(descriptor.dacl));
    dacl = place(bytes);
  }
  const uint32_t owner = place_sid(descriptor.owner);
  const uint32_t group = place_sid(descriptor.group);

  std::string bytes;
  bytes.push_back(1);
  bytes.push_back(static_cast<char>(descriptor.resource_manager));
  AppendNumber(control, 2, &bytes);
  for (const uint32_t offset : {owner, group, sacl, dacl}) AppendNumber(offset, 4, &bytes);
  return bytes + body;
}

}  // namespace paddock::access
