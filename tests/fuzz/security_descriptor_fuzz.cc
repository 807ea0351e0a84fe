#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "core/access/binary.h"
#include "core/access/check.h"
#include "core/access/inherit.h"
#include "core/access/restrict.h"
#include "core/access/sddl.h"

// Security descriptors in binary form: what is read is written and read back as the same, in SDDL as well where it has
// a text. Then it is checked: for a token, and for restricted versions of it, which never get more. The first four
// bytes are the rights that are asked for.

namespace paddock::access {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << '\n';
  std::abort();
}

void CheckForms(const SecurityDescriptor& descriptor) {
  const auto bytes = ToBinary(descriptor);
  if (!bytes.ok()) return;  // too large for a list's 65,535 bytes, as a child that inherits doubled entries may be
  const auto again = ParseBinary(*bytes);
  if (!again.ok() || !(*again == descriptor)) Fail("read back as another");
  const auto text = ToSddl(descriptor);
  if (!text.ok()) return;
  const auto from_text = ParseSddl(*text);
  if (!from_text.ok() || !(*from_text == descriptor)) Fail("another in SDDL: " + *text);
}

int Strength(const Token& token, const SecurityDescriptor& descriptor, uint32_t wanted) {
  const Verdict verdict = Check(token, descriptor, wanted, MappingOf(ObjectType::kFile));
  if (Describe(verdict, descriptor).empty()) Fail("a verdict without a word");
  return verdict.decision == Decision::kDenied ? 0 : verdict.decision == Decision::kUnknown ? 1 : 2;
}

// A token that the descriptor's own SIDs matter to.
Token TokenFor(const SecurityDescriptor& descriptor) {
  Token token;
  token.user = token.owner = descriptor.owner.value_or(kUsers);
  token.groups.push_back({kEveryone});
  for (size_t i = 0; i < descriptor.dacl.aces.size() && i < 8; i += 2)
    token.groups.push_back({descriptor.dacl.aces[i].sid});
  token.privileges = {Privilege::kChangeNotify, Privilege::kTakeOwnership};
  return token;
}

void CheckAccess(const SecurityDescriptor& descriptor, uint32_t wanted) {
  const Token token = TokenFor(descriptor);
  const int whole = Strength(token, descriptor, wanted);
  Restriction restriction;
  restriction.restricting = {kEveryone, descriptor.group.value_or(kUsers)};
  for (size_t i = 1; i < descriptor.dacl.aces.size() && i < 8; i += 3) {
    restriction.restricting.push_back(descriptor.dacl.aces[i].sid);
  }
  restriction.write_restricted = true;
  Token restricted = Restrict(token, restriction);
  const int writes = Strength(restricted, descriptor, wanted);
  if (writes > whole) Fail("write-restricted, it gets more");
  restricted.write_restricted = false;
  if (Strength(restricted, descriptor, wanted) > writes) Fail("restricted, it gets more");
  Token lowbox = token;
  lowbox.package = kUsers;
  if (Strength(lowbox, descriptor, wanted) > whole && LabelOf(descriptor).level <= token.integrity) {
    Fail("in a lowbox, it gets more");
  }
  for (const bool container : {false, true}) {
    CheckForms(NewChild(descriptor, token, container, MappingOf(ObjectType::kFile)));
  }
}

}  // namespace
}  // namespace paddock::access

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const uint32_t wanted = static_cast<uint32_t>(data[0]) | static_cast<uint32_t>(data[1]) << 8 |
                          static_cast<uint32_t>(data[2]) << 16 | static_cast<uint32_t>(data[3]) << 24;
  const auto descriptor =
      paddock::access::ParseBinary(absl::string_view(reinterpret_cast<const char*>(data) + 4, size - 4));
  if (!descriptor.ok()) return 0;
  if (!paddock::access::ToBinary(*descriptor).ok()) std::abort();
  paddock::access::CheckForms(*descriptor);
  paddock::access::CheckAccess(*descriptor, wanted);
  return 0;
}
