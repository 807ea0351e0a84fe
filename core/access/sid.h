#ifndef PADDOCK_CORE_ACCESS_SID_H_
#define PADDOCK_CORE_ACCESS_SID_H_

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace paddock::access {

// A security identifier (MS-DTYP 2.4.2), as a value of fixed size: revision 1, an authority of 48 bits and up to 15
// subauthorities. Copies do not allocate. The default value is the null SID, S-1-0-0.
class Sid {
 public:
  static constexpr size_t kMaxSubauthorities = 15;
  static constexpr size_t kMaxBytes = 8 + 4 * kMaxSubauthorities;

  constexpr Sid() : Sid(0, {0}) {}

  // For constants: `subauthorities` beyond the 15th are left out.
  constexpr Sid(uint64_t authority, std::initializer_list<uint32_t> subauthorities)
      : authority_(authority & kMaxAuthority) {
    for (const uint32_t value : subauthorities) {
      if (count_ < kMaxSubauthorities) subauthorities_[count_++] = value;
    }
  }

  // "S-1-5-32-544", "s-1-5-..." and "S-1-0x123456789ABC-...": an authority of 2^32 or more is written in hexadecimal
  // (MS-DTYP 2.4.2.1). InvalidArgument for anything else, a SID without subauthorities included, with the offset.
  static absl::StatusOr<Sid> Parse(absl::string_view text);

  // The SID at the front of `bytes`; what follows is the caller's. InvalidArgument with the offset.
  static absl::StatusOr<Sid> FromBytes(absl::string_view bytes);

  std::string ToString() const;
  void AppendBytes(std::string* bytes) const;
  size_t byte_size() const { return 8 + 4 * static_cast<size_t>(count_); }

  constexpr uint64_t authority() const { return authority_; }
  constexpr size_t size() const { return count_; }
  constexpr uint32_t operator[](size_t i) const { return subauthorities_[i]; }
  // The last subauthority, which tells accounts of one domain apart; 0 if there is none.
  constexpr uint32_t rid() const { return count_ == 0 ? 0 : subauthorities_[count_ - 1u]; }

  // This SID with one more subauthority: an account of a domain. Unchanged if it holds 15 already.
  constexpr Sid With(uint32_t value) const {
    Sid longer = *this;
    if (longer.count_ < kMaxSubauthorities) longer.subauthorities_[longer.count_++] = value;
    return longer;
  }

  // The last subauthority is compared first: accounts of one domain share all the others.
  friend constexpr bool operator==(const Sid& a, const Sid& b) {
    if (a.count_ != b.count_ || a.rid() != b.rid() || a.authority_ != b.authority_) return false;
    for (size_t i = 0; i < a.count_; ++i) {
      if (a.subauthorities_[i] != b.subauthorities_[i]) return false;
    }
    return true;
  }
  friend constexpr std::strong_ordering operator<=>(const Sid& a, const Sid& b) {
    if (a.authority_ != b.authority_) return a.authority_ <=> b.authority_;
    for (size_t i = 0; i < a.count_ && i < b.count_; ++i) {
      if (a.subauthorities_[i] != b.subauthorities_[i]) return a.subauthorities_[i] <=> b.subauthorities_[i];
    }
    return a.count_ <=> b.count_;
  }

 private:
  static constexpr uint64_t kMaxAuthority = (uint64_t{1} << 48) - 1;

  uint64_t authority_;
  uint8_t count_ = 0;
  std::array<uint32_t, kMaxSubauthorities> subauthorities_ = {};
};

// Well-known SIDs (MS-DTYP 2.4.2.4; Microsoft Learn, "Well-known SIDs").
inline constexpr Sid kEveryone(1, {0});
inline constexpr Sid kCreatorOwner(3, {0});
inline constexpr Sid kCreatorGroup(3, {1});
inline constexpr Sid kOwnerRights(3, {4});
inline constexpr Sid kInteractive(5, {4});
inline constexpr Sid kPrincipalSelf(5, {10});
inline constexpr Sid kAuthenticatedUsers(5, {11});
inline constexpr Sid kRestrictedCode(5, {12});
inline constexpr Sid kLocalSystem(5, {18});
inline constexpr Sid kWriteRestrictedCode(5, {33});
inline constexpr Sid kAdministrators(5, {32, 544});
inline constexpr Sid kUsers(5, {32, 545});
inline constexpr Sid kLocalAdministratorAccount(5, {114});  // local account and member of Administrators
inline constexpr Sid kAllApplicationPackages(15, {2, 1});
inline constexpr Sid kAllRestrictedApplicationPackages(15, {2, 2});

// Integrity levels: the RID of S-1-16-RID (MS-DTYP 2.4.4.13). Any RID is a level; these have names.
inline constexpr uint32_t kUntrustedIntegrity = 0x0000;
inline constexpr uint32_t kLowIntegrity = 0x1000;
inline constexpr uint32_t kMediumIntegrity = 0x2000;
inline constexpr uint32_t kMediumPlusIntegrity = 0x2100;
inline constexpr uint32_t kHighIntegrity = 0x3000;
inline constexpr uint32_t kSystemIntegrity = 0x4000;
constexpr Sid IntegritySid(uint32_t level) { return Sid(16, {level}); }
constexpr bool IsIntegritySid(const Sid& sid) { return sid.authority() == 16 && sid.size() == 1; }

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_SID_H_
