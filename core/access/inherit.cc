#include "core/access/inherit.h"

#include <utility>

namespace paddock::access {
namespace {

constexpr uint8_t kInheritFlags = kObjectInherit | kContainerInherit | kNoPropagateInherit | kInheritOnly;

class Inheritance {
 public:
  Inheritance(const Token& token, bool container, const GenericMapping& mapping)
      : token_(token), container_(container), mapping_(mapping) {}

  Acl From(const Acl& parent) const {
    Acl child;
    child.revision = parent.revision;
    for (const Ace& ace : parent.aces) Append(ace, &child);
    return child;
  }

 private:
  void Append(const Ace& ace, Acl* child) const {
    const bool to_files = (ace.flags & kObjectInherit) != 0;
    const bool to_directories = (ace.flags & kContainerInherit) != 0;
    const bool passes_on = container_ && (to_files || to_directories) && (ace.flags & kNoPropagateInherit) == 0;
    const bool takes_effect = container_ ? to_directories : to_files;
    Ace effective = Effective(ace);
    Ace passed = ace;
    passed.flags = static_cast<uint8_t>((ace.flags & ~kInheritOnly) | kInherited);
    if (takes_effect && passes_on && effective.mask == ace.mask && effective.sid == ace.sid) {
      child->aces.push_back(std::move(passed));
      return;
    }
    if (takes_effect) child->aces.push_back(std::move(effective));
    if (!passes_on) return;
    passed.flags |= kInheritOnly;
    child->aces.push_back(std::move(passed));
  }

  // The entry as it counts on the child, and nowhere below.
  Ace Effective(Ace ace) const {
    ace.flags = static_cast<uint8_t>((ace.flags & ~kInheritFlags) | kInherited);
    if (!HasSid(ace.type)) return ace;
    if (ace.type != AceType::kMandatoryLabel) ace.mask = MapGeneric(ace.mask, mapping_);
    if (ace.sid == kCreatorOwner) ace.sid = token_.owner;
    if (ace.sid == kCreatorGroup) ace.sid = token_.primary_group;
    return ace;
  }

  const Token& token_;
  const bool container_;
  const GenericMapping& mapping_;
};

void SetDacl(Acl inherited, const Token& token, const GenericMapping& mapping, SecurityDescriptor* child) {
  if (!inherited.aces.empty()) {
    child->set_dacl(std::move(inherited));
    child->control |= kDaclAutoInherited;
  } else if (token.default_dacl) {
    child->set_dacl(*token.default_dacl);
    for (Ace& ace : child->dacl.aces) ace.mask = MapGeneric(ace.mask, mapping);
  }
}

}  // namespace

SecurityDescriptor NewChild(const SecurityDescriptor& parent, const Token& token, bool container,
                            const GenericMapping& mapping) {
  const Inheritance inheritance(token, container, mapping);
  SecurityDescriptor child;
  child.owner = token.owner;
  child.group = token.primary_group;
  child.sacl_known = parent.sacl_known;
  Acl dacl;
  if (parent.dacl_state == AclState::kPresent) dacl = inheritance.From(parent.dacl);
  SetDacl(std::move(dacl), token, mapping, &child);

  Acl sacl;
  if (parent.sacl_state == AclState::kPresent) sacl = inheritance.From(parent.sacl);
  const bool inherits = !sacl.aces.empty();
  SecurityDescriptor with_sacl;
  with_sacl.set_sacl(sacl);
  if (LabelOf(with_sacl).ace < 0 && token.integrity < kMediumIntegrity) sacl.aces.push_back(LabelAce(token.integrity));
  if (sacl.aces.empty()) return child;
  child.set_sacl(std::move(sacl));
  if (inherits) child.control |= kSaclAutoInherited;
  return child;
}

}  // namespace paddock::access
