// Answers access checks that access_samba.py asks. One case a line on standard input, fields divided by blanks:
//
//   bin|sddl  DESCRIPTOR (hexadecimal, or SDDL)  WANTED (hexadecimal)  PRIVILEGES ("-" or letters: s, o)  SID[,SID...]
//
// The first SID is the user's, the others are enabled groups. One line out for each: "granted 0x..." with the mask,
// "denied", "unknown", or "error: ...".
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/access/binary.h"
#include "core/access/check.h"
#include "core/access/sddl.h"

namespace paddock::access {
namespace {

absl::StatusOr<Token> MakeToken(absl::string_view privileges, absl::string_view sids) {
  Token token;
  token.privileges = {};
  if (absl::StrContains(privileges, "s") && absl::StrContains(privileges, "o")) {
    token.privileges = {Privilege::kSecurity, Privilege::kTakeOwnership};
  } else if (absl::StrContains(privileges, "s")) {
    token.privileges = {Privilege::kSecurity};
  } else if (absl::StrContains(privileges, "o")) {
    token.privileges = {Privilege::kTakeOwnership};
  }
  bool first = true;
  for (const absl::string_view text : absl::StrSplit(sids, ',')) {
    const absl::StatusOr<Sid> sid = Sid::Parse(text);
    if (!sid.ok()) return sid.status();
    if (first) token.user = token.owner = *sid;
    if (!first) token.groups.push_back({*sid});
    first = false;
  }
  return token;
}

std::string Answer(const std::string& line) {
  std::istringstream fields(line);
  std::string form, text, wanted, privileges, sids;
  if (!(fields >> form >> text >> wanted >> privileges >> sids)) return "error: a line has five fields";
  const auto descriptor = form == "bin" ? ParseBinary(absl::HexStringToBytes(text)) : ParseSddl(text);
  if (!descriptor.ok()) return absl::StrCat("error: ", descriptor.status().message());
  const auto token = MakeToken(privileges, sids);
  if (!token.ok()) return absl::StrCat("error: ", token.status().message());
  const auto mask = static_cast<uint32_t>(std::stoul(wanted, nullptr, 16));
  const Verdict verdict = Check(*token, *descriptor, mask, MappingOf(ObjectType::kFile));
  if (verdict.decision != Decision::kGranted) return std::string(ToString(verdict.decision));
  return absl::StrCat("granted 0x", absl::Hex(verdict.mask));
}

}  // namespace
}  // namespace paddock::access

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << paddock::access::Answer(line) << '\n';
  return 0;
}
