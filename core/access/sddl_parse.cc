#include <array>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/access/mapping.h"
#include "core/access/sddl.h"
#include "core/access/sddl_tables.h"
#include "core/base/status_macros.h"

namespace paddock::access {
namespace {

constexpr absl::string_view kNoAccessControl = "NO_ACCESS_CONTROL";
constexpr size_t kMaxNesting = 64;  // parentheses of a condition

int Digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(byte));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

class Reader {
 public:
  Reader(absl::string_view text, const SddlDomains& domains) : text_(text), domains_(domains) {}

  absl::StatusOr<SecurityDescriptor> Descriptor();
  absl::StatusOr<Sid> SidAlone() {
    ASSIGN_OR_RETURN(const Sid sid, ReadSid());
    if (!AtEnd()) return Error("something follows the SID; give one SID alone");
    return sid;
  }

 private:
  absl::Status Error(absl::string_view what) const { return ErrorAt(at_, what); }
  absl::Status ErrorAt(size_t offset, absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat("SDDL, offset ", offset, ": ", what));
  }
  bool AtEnd() const { return at_ == text_.size(); }
  bool Take(absl::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  // What stands before the next ';' or ')'.
  absl::string_view Field() const {
    const size_t end = text_.find_first_of(";)", at_);
    return text_.substr(at_, end == absl::string_view::npos ? end : end - at_);
  }
  absl::Status Semicolon(absl::string_view after) {
    if (Take(";")) return absl::OkStatus();
    return Error(absl::StrCat("a ';' belongs behind the ", after, " of an entry, as in (A;OICI;FA;;;BA)"));
  }

  absl::StatusOr<Sid> ReadSid();
  absl::StatusOr<Sid> NumericSid();
  absl::StatusOr<Sid> RelativeSid(const SddlRelativeAlias& alias) const;
  absl::Status List(absl::Span<const SddlBits> flags, AclState* state, Acl* acl, uint16_t* control);
  absl::StatusOr<Ace> Entry();
  absl::StatusOr<AceType> Type();
  absl::StatusOr<uint32_t> Names(absl::Span<const SddlBits> table, absl::string_view kind);
  absl::StatusOr<uint32_t> Mask(AceType type);
  absl::StatusOr<std::optional<Guid>> ReadGuid(AceType type);
  absl::Status Tail(Ace* ace);

  const absl::string_view text_;
  const SddlDomains& domains_;
  size_t at_ = 0;
};

absl::StatusOr<Sid> Reader::NumericSid() {
  size_t end = at_ + 4;  // "S-1-"
  if (text_.substr(end, 2) == "0x" || text_.substr(end, 2) == "0X") {
    end += 2;
    while (end < text_.size() && Digit(text_[end]) < 16) ++end;
  }
  while (end < text_.size() && (absl::ascii_isdigit(static_cast<unsigned char>(text_[end])) || text_[end] == '-'))
    ++end;
  absl::StatusOr<Sid> sid = Sid::Parse(text_.substr(at_, end - at_));
  if (!sid.ok()) return Error(sid.status().message());
  at_ = end;
  return sid;
}

absl::StatusOr<Sid> Reader::RelativeSid(const SddlRelativeAlias& alias) const {
  const bool machine = alias.domain == SddlDomain::kMachine, forest = alias.domain == SddlDomain::kForest;
  const std::optional<Sid>& base = machine ? domains_.machine : forest ? domains_.forest : domains_.domain;
  if (base) return base->With(alias.rid);
  return Error(absl::StrCat("\"", alias.name, "\" is relative to the SID of the ",
                            machine  ? "machine"
                            : forest ? "forest's root domain"
                                     : "domain",
                            ", which is not given; give it, or write the SID as S-1-5-21-..."));
}

absl::StatusOr<Sid> Reader::ReadSid() {
  if (text_.substr(at_, 4) == "S-1-" || text_.substr(at_, 4) == "s-1-") return NumericSid();
  const absl::string_view name = text_.substr(at_, 2);
  for (const SddlAlias& alias : SddlAliases()) {
    if (alias.name != name) continue;
    at_ += 2;
    return alias.sid;
  }
  for (const SddlRelativeAlias& alias : SddlRelativeAliases()) {
    if (alias.name != name) continue;
    ASSIGN_OR_RETURN(const Sid sid, RelativeSid(alias));
    at_ += 2;
    return sid;
  }
  return Error("no SID: write S-1-..., or an alias of two capital letters such as BA");
}

absl::StatusOr<uint32_t> Reader::Names(absl::Span<const SddlBits> table, absl::string_view kind) {
  uint32_t bits = 0;
  for (absl::string_view field = Field(); !field.empty(); field.remove_prefix(2)) {
    const SddlBits* known = nullptr;
    for (const SddlBits& entry : table) {
      if (field.substr(0, 2) == entry.name) known = &entry;
    }
    if (known == nullptr) {
      std::string all;
      for (const SddlBits& entry : table) absl::StrAppend(&all, all.empty() ? "" : " ", entry.name);
      return Error(absl::StrCat("unknown ", kind, "; known are ", all));
    }
    bits |= known->bits;
    at_ += 2;
  }
  return bits;
}

absl::StatusOr<uint32_t> Reader::Mask(AceType type) {
  const absl::string_view field = Field();
  if (field.empty() || !absl::ascii_isdigit(static_cast<unsigned char>(field[0]))) {
    return Names(type == AceType::kMandatoryLabel ? SddlLabelRights() : SddlRights(), "right");
  }
  const bool hex = field.substr(0, 2) == "0x" || field.substr(0, 2) == "0X";
  const uint32_t base = hex ? 16 : field[0] == '0' ? 8 : 10;
  uint64_t value = 0;
  const absl::string_view digits = hex ? field.substr(2) : field;
  for (const char digit : digits) {
    if (Digit(digit) >= static_cast<int>(base))
      return Error("a digit is wrong in this mask; write 0x1200a9, 17 or 021");
    value = value * base + static_cast<uint64_t>(Digit(digit));
    if (value > UINT32_MAX) return Error("a mask has 32 bits at most");
  }
  if (digits.empty()) return Error("no digits behind 0x");
  at_ += field.size();
  return static_cast<uint32_t>(value);
}

absl::StatusOr<std::optional<Guid>> Reader::ReadGuid(AceType type) {
  const absl::string_view field = Field();
  if (field.empty()) return std::optional<Guid>();
  if (!IsObjectAce(type)) return Error("only entries of the types OA, OD, OU, OL and ZA have an object type");
  // "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", and where its digits go: the first three fields are little-endian.
  constexpr std::array<uint8_t, 16> kPlace = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  const auto wrong = [&] { return Error("no GUID; it is written bf967aba-0de6-11d0-a285-00aa003049e2"); };
  if (field.size() != 36) return wrong();
  Guid guid{};
  size_t count = 0;
  for (size_t i = 0; i < field.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (field[i] != '-') return wrong();
      ++i;
      continue;
    }
    if (Digit(field[i]) > 15 || Digit(field[i + 1]) > 15) return wrong();
    guid[kPlace[count++]] = static_cast<uint8_t>(Digit(field[i]) * 16 + Digit(field[i + 1]));
    i += 2;
  }
  at_ += field.size();
  return std::optional<Guid>(guid);
}

// The condition or claim in parentheses behind the SID. It is not interpreted: the evaluator takes it both ways.
absl::Status Reader::Tail(Ace* ace) {
  if (!Take(";")) return absl::OkStatus();
  const bool expected = ace->type == AceType::kAllowCallback || ace->type == AceType::kDenyCallback ||
                        ace->type == AceType::kAllowCallbackObject || ace->type == AceType::kAuditCallback ||
                        ace->type == AceType::kResourceAttribute || ace->type == AceType::kAccessFilter;
  if (!expected) return ErrorAt(at_ - 1, "this type of entry ends with its SID; take the ';' away");
  const size_t begin = at_;
  size_t depth = 0;
  bool quoted = false;
  while (!AtEnd()) {
    const char byte = text_[at_];
    if (byte == '"') quoted = !quoted;
    if (!quoted && byte == '(' && ++depth > kMaxNesting) return Error("more than 64 parentheses inside each other");
    if (depth == 0) return Error("a '(' belongs before a condition or claim");
    ++at_;
    if (!quoted && byte == ')' && --depth == 0) {
      ace->text = std::string(text_.substr(begin, at_ - begin));
      return absl::OkStatus();
    }
  }
  return ErrorAt(begin, "the condition or claim has no end; close its quotes and parentheses");
}

absl::StatusOr<AceType> Reader::Type() {
  const absl::string_view field = Field();
  for (const SddlAceType& type : SddlAceTypes()) {
    if (field != type.name) continue;
    at_ += field.size();
    return type.type;
  }
  return Error("unknown type of entry; A allows, D denies, ML is a label");
}

absl::StatusOr<Ace> Reader::Entry() {
  Ace ace;
  ASSIGN_OR_RETURN(ace.type, Type());
  RETURN_IF_ERROR(Semicolon("type"));
  ASSIGN_OR_RETURN(const uint32_t flags, Names(SddlAceFlags(), "flag"));
  ace.flags = static_cast<uint8_t>(flags);
  RETURN_IF_ERROR(Semicolon("flags"));
  ASSIGN_OR_RETURN(ace.mask, Mask(ace.type));
  RETURN_IF_ERROR(Semicolon("rights"));
  ASSIGN_OR_RETURN(ace.object_type, ReadGuid(ace.type));
  RETURN_IF_ERROR(Semicolon("object type"));
  ASSIGN_OR_RETURN(ace.inherited_object_type, ReadGuid(ace.type));
  RETURN_IF_ERROR(Semicolon("inherited object type"));
  ASSIGN_OR_RETURN(ace.sid, ReadSid());
  RETURN_IF_ERROR(Tail(&ace));
  if (!Take(")")) return Error("a ')' ends an entry");
  return ace;
}

absl::Status Reader::List(absl::Span<const SddlBits> flags, AclState* state, Acl* acl, uint16_t* control) {
  *state = AclState::kPresent;
  for (bool found = true; found;) {
    found = false;
    for (const SddlBits& flag : flags) {
      if (!Take(flag.name)) continue;
      *control = static_cast<uint16_t>(*control | flag.bits);
      found = true;
    }
    if (Take(kNoAccessControl)) {
      *state = AclState::kNull;
      found = true;
    }
  }
  while (Take("(")) {
    if (*state == AclState::kNull) return Error("NO_ACCESS_CONTROL means that there is no list; take one of them away");
    if (acl->aces.size() == kMaxAces) return Error(absl::StrCat("more than ", kMaxAces, " entries"));
    ASSIGN_OR_RETURN(Ace ace, Entry());
    if (IsObjectAce(ace.type)) acl->revision = 4;
    acl->aces.push_back(std::move(ace));
  }
  return absl::OkStatus();
}

absl::StatusOr<SecurityDescriptor> Reader::Descriptor() {
  SecurityDescriptor descriptor;
  if (Take("O:")) {
    ASSIGN_OR_RETURN(descriptor.owner, ReadSid());
  }
  if (Take("G:")) {
    ASSIGN_OR_RETURN(descriptor.group, ReadSid());
  }
  if (Take("D:")) {
    RETURN_IF_ERROR(List(SddlDaclFlags(), &descriptor.dacl_state, &descriptor.dacl, &descriptor.control));
  }
  if (Take("S:")) {
    RETURN_IF_ERROR(List(SddlSaclFlags(), &descriptor.sacl_state, &descriptor.sacl, &descriptor.control));
  }
  if (!AtEnd()) return Error("neither an entry nor one of the parts O: G: D: S:, which stand in this order, each once");
  return descriptor;
}

absl::Status CheckLength(absl::string_view text) {
  if (text.size() <= kMaxSddlLength) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("SDDL of ", text.size(), " bytes; no descriptor needs more than ", kMaxSddlLength));
}

}  // namespace

absl::StatusOr<SecurityDescriptor> ParseSddl(absl::string_view text, const SddlDomains& domains) {
  RETURN_IF_ERROR(CheckLength(text));
  return Reader(text, domains).Descriptor();
}

absl::StatusOr<Sid> ParseSddlSid(absl::string_view text, const SddlDomains& domains) {
  RETURN_IF_ERROR(CheckLength(text));
  return Reader(text, domains).SidAlone();
}

}  // namespace paddock::access
