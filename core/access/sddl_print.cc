#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "core/access/mapping.h"
#include "core/access/sddl.h"
#include "core/access/sddl_tables.h"
#include "core/base/status_macros.h"

namespace paddock::access {
namespace {

// Rights of one type of object, whose letters ("CC", "DT") tell nobody anything on another.
constexpr uint32_t kSpecificRights = 0x1ff;

std::string Names(absl::Span<const SddlBits> table, uint32_t bits) {
  std::string text;
  for (const SddlBits& entry : table) {
    if ((bits & entry.bits) == entry.bits) absl::StrAppend(&text, entry.name);
  }
  return text;
}

std::string GuidText(const Guid& guid) {
  constexpr uint8_t kPlace[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::string text;
  for (size_t i = 0; i < guid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    absl::StrAppend(&text, absl::Hex(guid[kPlace[i]], absl::kZeroPad2));
  }
  return text;
}

std::string LabelMask(uint32_t mask) {
  constexpr uint32_t kNamed = kNoWriteUp | kNoReadUp | kNoExecuteUp;
  if (mask == 0 || (mask & ~kNamed) != 0) return absl::StrCat("0x", absl::Hex(mask));
  return Names(SddlLabelRights(), mask);
}

const SddlAceType* TypeOf(AceType type) {
  for (const SddlAceType& known : SddlAceTypes()) {
    if (known.type == type) return &known;
  }
  return nullptr;
}

absl::Status AppendList(absl::string_view part, AclState state, const Acl& acl, absl::Span<const SddlBits> flags,
                        uint16_t control, std::string* text) {
  if (state == AclState::kAbsent) {
    if (Names(flags, control).empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("SDDL has no text for protection or inheritance of an absent list (", part, ")"));
  }
  absl::StrAppend(text, part, Names(flags, control));
  if (state == AclState::kNull) absl::StrAppend(text, "NO_ACCESS_CONTROL");
  uint8_t revision = 2;
  for (const Ace& ace : acl.aces) {
    ASSIGN_OR_RETURN(const std::string entry, ToSddl(ace));
    if (IsObjectAce(ace.type)) revision = 4;
    absl::StrAppend(text, entry);
  }
  if (acl.revision == revision) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("SDDL has no text for a list of revision ", acl.revision, " (", part,
                                                 "); its entries ask for revision ", revision));
}

}  // namespace

std::string ToSddl(const Sid& sid) {
  for (const SddlAlias& alias : SddlAliases()) {
    if (alias.sid == sid) return std::string(alias.name);
  }
  return sid.ToString();
}

std::string MaskToSddl(uint32_t mask) {
  for (const SddlBits& right : SddlRights()) {
    if (right.bits == mask && (mask & ~kSpecificRights) != 0) return std::string(right.name);
  }
  if (mask == 0 || (mask & ~kGenericRights) != 0) return absl::StrCat("0x", absl::Hex(mask));
  return Names(SddlRights().subspan(0, 4), mask);
}

absl::StatusOr<std::string> ToSddl(const Ace& ace) {
  const SddlAceType* type = TypeOf(ace.type);
  if (type == nullptr || !ace.data.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "SDDL has no text for this entry (type 0x%02x, %u bytes behind its SID); keep it in binary form",
        static_cast<unsigned>(ace.type), ace.data.size()));
  }
  const std::string mask = ace.type == AceType::kMandatoryLabel ? LabelMask(ace.mask) : MaskToSddl(ace.mask);
  return absl::StrCat("(", type->name, ";", Names(SddlAceFlags(), ace.flags), ";", mask, ";",
                      ace.object_type ? GuidText(*ace.object_type) : "", ";",
                      ace.inherited_object_type ? GuidText(*ace.inherited_object_type) : "", ";", ToSddl(ace.sid),
                      ace.text.empty() ? "" : absl::StrCat(";", ace.text), ")");
}

absl::StatusOr<std::string> ToSddl(const SecurityDescriptor& descriptor) {
  constexpr uint16_t kNamed = kDaclProtected | kDaclAutoInheritRequired | kDaclAutoInherited | kSaclProtected |
                              kSaclAutoInheritRequired | kSaclAutoInherited;
  if ((descriptor.control & ~kNamed) != 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("SDDL has no text for the control bits 0x%04x; clear them, or keep the binary form",
                        descriptor.control & ~kNamed));
  }
  if (descriptor.resource_manager != 0) {
    return absl::InvalidArgumentError("SDDL has no text for resource manager control bits; keep the binary form");
  }
  std::string text;
  if (descriptor.owner) absl::StrAppend(&text, "O:", ToSddl(*descriptor.owner));
  if (descriptor.group) absl::StrAppend(&text, "G:", ToSddl(*descriptor.group));
  RETURN_IF_ERROR(AppendList("D:", descriptor.dacl_state, descriptor.dacl, SddlDaclFlags(), descriptor.control, &text));
  RETURN_IF_ERROR(AppendList("S:", descriptor.sacl_state, descriptor.sacl, SddlSaclFlags(), descriptor.control, &text));
  return text;
}

}  // namespace paddock::access
