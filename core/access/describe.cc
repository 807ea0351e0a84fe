#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/access/check.h"
#include "core/access/sddl.h"

namespace paddock::access {
namespace {

struct PassText {
  absl::string_view name;
  absl::string_view granted;  // who or what granted all that was asked for
  absl::string_view denied;   // why the rights are refused, where no entry denies it
};

// In the order of Pass.
constexpr std::array<PassText, 8> kPasses = {{
    {"request", "nothing was asked for", "nothing was asked for"},
    {"integrity", "the integrity level suffices", "the object's integrity label is above the token's level"},
    {"sacl", "the SACL takes nothing away", "the SACL takes it away"},
    {"privilege", "the token's privileges grant it", "only a privilege that the token lacks grants it"},
    {"owner", "the token owns the object", "the token does not own the object"},
    {"dacl", "user and groups are granted it", "no entry grants it to user or groups"},
    {"restricted", "user and groups are granted it, and the restricting SIDs",
     "no entry grants it to a restricting SID"},
    {"package", "user and groups are granted it, and the package", "no entry grants it to the package or a capability"},
}};

const PassText& TextOf(Pass pass) { return kPasses[static_cast<size_t>(pass)]; }

const Ace* DecidingAce(const Verdict& verdict, const SecurityDescriptor& descriptor) {
  const bool in_sacl = verdict.pass == Pass::kIntegrity || verdict.pass == Pass::kSacl;
  const Acl& acl = in_sacl ? descriptor.sacl : descriptor.dacl;
  const auto index = static_cast<size_t>(verdict.ace);
  return verdict.ace >= 0 && index < acl.aces.size() ? &acl.aces[index] : nullptr;
}

std::string EntryText(const Ace& ace, int index) {
  const absl::StatusOr<std::string> sddl = ToSddl(ace);
  return absl::StrCat("entry ", index, sddl.ok() ? absl::StrCat(", ", *sddl) : "");
}

}  // namespace

absl::string_view ToString(Decision decision) {
  if (decision == Decision::kGranted) return "granted";
  return decision == Decision::kDenied ? "denied" : "unknown";
}

absl::string_view ToString(Pass pass) { return TextOf(pass).name; }

std::string Describe(const Verdict& verdict, const SecurityDescriptor& descriptor) {
  const Ace* ace = DecidingAce(verdict, descriptor);
  std::string text =
      absl::StrCat(ToString(verdict.decision), " 0x", absl::Hex(verdict.mask), " by ", ToString(verdict.pass), ": ");
  if (verdict.decision == Decision::kUnknown) {
    if (ace != nullptr) return absl::StrCat(text, EntryText(*ace, verdict.ace), " may decide, and is not evaluated");
    return absl::StrCat(text, verdict.pass == Pass::kIntegrity ? "the label is not known" : "the owner is not known");
  }
  const bool denied = verdict.decision == Decision::kDenied;
  if (denied && ace != nullptr && verdict.pass != Pass::kIntegrity) {
    return absl::StrCat(text, EntryText(*ace, verdict.ace), " denies it");
  }
  absl::StrAppend(&text, denied ? TextOf(verdict.pass).denied : TextOf(verdict.pass).granted);
  if (ace != nullptr) absl::StrAppend(&text, " (", EntryText(*ace, verdict.ace), ")");
  return text;
}

}  // namespace paddock::access
