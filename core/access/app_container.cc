#include "core/access/app_container.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/sha256.h"

namespace paddock::access {
namespace {

constexpr uint64_t kAppPackageAuthority = 15;
constexpr uint32_t kPackageBase = 2, kCapabilityBase = 3, kNamedCapability = 1024;
constexpr size_t kPackageWords = 7, kCapabilityWords = 8;
constexpr size_t kMaxName = 64, kMaxCapability = 255;

struct NumberedCapability {
  absl::string_view name;
  uint32_t rid;
};
// winnt.h, SECURITY_CAPABILITY_*; Microsoft Learn, "Well-known SIDs".
constexpr NumberedCapability kNumbered[] = {
    {"internetClient", 1},
    {"internetClientServer", 2},
    {"privateNetworkClientServer", 3},
    {"picturesLibrary", 4},
    {"videosLibrary", 5},
    {"musicLibrary", 6},
    {"documentsLibrary", 7},
    {"enterpriseAuthentication", 8},
    {"sharedUserCertificates", 9},
    {"removableStorage", 10},
    {"appointments", 11},
    {"contacts", 12},
};

bool IsName(absl::string_view name, size_t longest) {
  return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
  });
}

// `base`, and then the first words of the digest of the name's 16-bit units, all little-endian.
Sid Derived(Sid base, const std::string& folded, size_t words) {
  std::string units;
  for (const char c : folded) units.append({c, '\0'});
  const Sha256::Digest digest = Sha256Of(units);
  for (size_t i = 0; i < words; ++i) {
    uint32_t word = 0;
    for (size_t byte = 0; byte < 4; ++byte) word |= uint32_t{digest[4 * i + byte]} << (8 * byte);
    base = base.With(word);
  }
  return base;
}

}  // namespace

absl::StatusOr<Sid> PackageSid(absl::string_view name) {
  if (!IsName(name, kMaxName)) return absl::InvalidArgumentError(absl::StrCat("no AppContainer can be named ", name));
  return Derived(Sid(kAppPackageAuthority, {kPackageBase}), absl::AsciiStrToLower(name), kPackageWords);
}

absl::StatusOr<Sid> CapabilitySid(absl::string_view name) {
  if (!IsName(name, kMaxCapability)) return absl::InvalidArgumentError(absl::StrCat("no capability is named ", name));
  for (const NumberedCapability& row : kNumbered) {
    if (absl::EqualsIgnoreCase(row.name, name)) return Sid(kAppPackageAuthority, {kCapabilityBase, row.rid});
  }
  return Derived(Sid(kAppPackageAuthority, {kCapabilityBase, kNamedCapability}), absl::AsciiStrToUpper(name),
                 kCapabilityWords);
}

bool IsPackageSid(const Sid& sid) {
  return sid.authority() == kAppPackageAuthority && sid.size() == 1 + kPackageWords && sid[0] == kPackageBase;
}

}  // namespace paddock::access
