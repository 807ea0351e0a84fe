// What has to hold between verdicts, over random descriptors and tokens. A failure prints the seed and the case.
#include <gtest/gtest.h>

#include <algorithm>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/unit/access/samples.h"

namespace paddock::access {
namespace {

constexpr uint64_t kSeed = 20261129;
constexpr int kCases = 20000;

const GenericMapping& Files() { return MappingOf(ObjectType::kFile); }

struct Case {
  Token token;
  SecurityDescriptor descriptor;
  uint32_t wanted = 0;
};

Case RandomCase(Random& random, bool plain) {
  return {RandomToken(random), RandomDescriptor(random, plain), RandomMask(random)};
}

std::string Show(int i, const Case& c) {
  const auto sddl = ToSddl(c.descriptor);
  std::string text = absl::StrCat("seed ", kSeed, ", case ", i, ": ", sddl.ok() ? *sddl : sddl.status().message(),
                                  ", wanted 0x", absl::Hex(c.wanted), ", user ", c.token.user.ToString());
  for (const Group& group : c.token.groups) absl::StrAppend(&text, ", group ", group.sid.ToString());
  if (c.token.restricting) {
    absl::StrAppend(&text, c.token.write_restricted ? ", write-restricted" : ", restricted");
    for (const Sid& sid : *c.token.restricting) absl::StrAppend(&text, " ", sid.ToString());
  }
  return text;
}

// 0: denied, 1: unknown, 2: granted.
int Strength(Decision decision) { return decision == Decision::kDenied ? 0 : decision == Decision::kUnknown ? 1 : 2; }
int Strength(const Case& c) { return Strength(Check(c.token, c.descriptor, c.wanted, Files()).decision); }

TEST(Property, AnAllowEntryNeverTakesAccessAway) {
  Random random(kSeed);
  for (int i = 0; i < kCases; ++i) {
    Case c = RandomCase(random, false);
    if (c.descriptor.dacl_state != AclState::kPresent) continue;
    Case more = c;
    const Sid sid = RandomSid(random);
    // An entry for OWNER RIGHTS takes the place of what the owner has, whatever it says.
    if (sid == kOwnerRights) continue;
    auto& aces = more.descriptor.dacl.aces;
    aces.insert(aces.begin() + Below(random, static_cast<uint32_t>(aces.size()) + 1),
                AllowAce(sid, RandomMask(random)));
    ASSERT_GE(Strength(more), Strength(c)) << Show(i, c);
  }
}

TEST(Property, ADenyEntryNeverAddsAccess) {
  Random random(kSeed + 1);
  for (int i = 0; i < kCases; ++i) {
    Case c = RandomCase(random, false);
    if (c.descriptor.dacl_state != AclState::kPresent) continue;
    Case less = c;
    auto& aces = less.descriptor.dacl.aces;
    aces.insert(aces.begin() + Below(random, static_cast<uint32_t>(aces.size()) + 1),
                DenyAce(RandomSid(random), RandomMask(random)));
    ASSERT_LE(Strength(less), Strength(c)) << Show(i, c);
  }
}

Restriction RandomRestriction(Random& random) {
  Restriction restriction;
  while (OneIn(random, 2)) restriction.deny_only.push_back(RandomSid(random));
  while (OneIn(random, 2)) restriction.restricting.push_back(RandomSid(random));
  restriction.disable_max_privilege = OneIn(random, 2);
  restriction.lua_token = OneIn(random, 2);
  restriction.write_restricted = OneIn(random, 2);
  return restriction;
}

// Whether a SID that restricts `before` and no longer `after` has a deny entry. The entry goes with it, on Windows too:
// a second restriction may add access in this way alone.
bool LosesADenyEntry(const Token& before, const Token& after, const SecurityDescriptor& descriptor) {
  if (!before.restricting) return false;
  for (const Sid& sid : *before.restricting) {
    if (HasRestricting(after, sid)) continue;
    for (const Ace& ace : descriptor.dacl.aces) {
      if (ace.type != AceType::kAllow && (ace.sid == sid || ace.sid == kOwnerRights)) return true;
    }
  }
  return false;
}

TEST(Property, RestrictingNeverAddsAccess) {
  Random random(kSeed + 2);
  int taken = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = RandomCase(random, false);
    Case less = c;
    for (int times = OneIn(random, 3) ? 2 : 1; times > 0; --times) {
      less.token = Restrict(less.token, RandomRestriction(random));
    }
    if (LosesADenyEntry(c.token, less.token, c.descriptor)) continue;
    ASSERT_LE(Strength(less), Strength(c)) << Show(i, c);
    if (Strength(less) < Strength(c)) ++taken;
    const Rights before = MaximumAllowed(c.token, c.descriptor, Files());
    const Rights after = MaximumAllowed(less.token, less.descriptor, Files());
    ASSERT_EQ(after.granted & ~before.granted, 0u) << Show(i, c);
    ASSERT_EQ(after.possible & ~before.possible, 0u) << Show(i, c);
  }
  EXPECT_GT(taken, kCases / 100);
}

TEST(Property, DroppingWriteRestrictedOrLoweringNeverAddsAccess) {
  Random random(kSeed + 3);
  for (int i = 0; i < kCases; ++i) {
    const Case c = RandomCase(random, false);
    Case less = c;
    less.token.write_restricted = false;
    ASSERT_LE(Strength(less), Strength(c)) << Show(i, c);
    less = c;
    less.token.integrity /= 2;
    ASSERT_LE(Strength(less), Strength(c)) << Show(i, c);
    if (!c.token.package) continue;
    less = c;
    less.token.lpac = true;
    ASSERT_LE(Strength(less), Strength(c)) << Show(i, c);
    less = c;
    less.token.capabilities.clear();
    ASSERT_LE(Strength(less), Strength(c)) << Show(i, c);
  }
}

TEST(Property, OrderWithinDenyAndWithinAllowDoesNotMatter) {
  Random random(kSeed + 4);
  for (int i = 0; i < kCases; ++i) {
    Case c = RandomCase(random, true);
    for (Ace& ace : c.descriptor.dacl.aces) ace.flags = static_cast<uint8_t>(ace.flags & ~kInherited);
    c.descriptor.dacl = Canonical(c.descriptor.dacl);
    Case shuffled = c;
    std::shuffle(shuffled.descriptor.dacl.aces.begin(), shuffled.descriptor.dacl.aces.end(), random);
    shuffled.descriptor.dacl = Canonical(shuffled.descriptor.dacl);
    ASSERT_EQ(Strength(shuffled), Strength(c)) << Show(i, c);
    ASSERT_EQ(MaximumAllowed(c.token, c.descriptor, Files()), MaximumAllowed(c.token, shuffled.descriptor, Files()))
        << Show(i, c);
  }
}

TEST(Property, CanonicalOrderNeverAddsAccess) {
  Random random(kSeed + 9);
  int taken = 0;
  for (int i = 0; i < kCases; ++i) {
    Case c = RandomCase(random, false);
    for (Ace& ace : c.descriptor.dacl.aces) ace.flags = static_cast<uint8_t>(ace.flags & ~kInherited);
    Case sorted = c;
    sorted.descriptor.dacl = Canonical(c.descriptor.dacl);
    ASSERT_LE(Strength(sorted), Strength(c)) << Show(i, c);
    if (Strength(sorted) < Strength(c)) ++taken;
  }
  EXPECT_GT(taken, 0);
}

TEST(Property, EntriesSplitOrRepeatedChangeNothing) {
  Random random(kSeed + 5);
  for (int i = 0; i < kCases; ++i) {
    const Case c = RandomCase(random, false);
    Case split = c;
    split.descriptor.dacl.aces.clear();
    for (const Ace& ace : c.descriptor.dacl.aces) {
      Ace low = ace;
      Ace high = ace;
      low.mask &= 0xffff;
      high.mask &= 0xffff0000;
      split.descriptor.dacl.aces.push_back(low);
      split.descriptor.dacl.aces.push_back(high);
      if (OneIn(random, 3)) split.descriptor.dacl.aces.push_back(ace);
    }
    ASSERT_EQ(Strength(split), Strength(c)) << Show(i, c);
  }
}

TEST(Property, FewerRightsAreGrantedWhereMoreAre) {
  Random random(kSeed + 6);
  for (int i = 0; i < kCases; ++i) {
    const Case c = RandomCase(random, false);
    Case fewer = c;
    fewer.wanted = MapGeneric(c.wanted, Files()) & RandomMask(random);
    if (fewer.wanted == 0) continue;
    ASSERT_GE(Strength(fewer), Strength(c)) << Show(i, c);
  }
}

// MaximumAllowed says of each right what Check says of a request for it alone; and the mask of a verdict is honest.
TEST(Property, TheMaximumIsTheSumOfSingleRights) {
  Random random(kSeed + 7);
  for (int i = 0; i < kCases; ++i) {
    const Case c = RandomCase(random, false);
    const Rights rights = MaximumAllowed(c.token, c.descriptor, Files());
    Rights sum;
    for (uint32_t right = 1; right != 0 && right <= kAccessSystemSecurity; right <<= 1) {
      if ((right & (Files().all | kAccessSystemSecurity)) == 0) continue;
      const Decision decision = Check(c.token, c.descriptor, right, Files()).decision;
      if (decision == Decision::kGranted) sum.granted |= right;
      if (decision != Decision::kDenied) sum.possible |= right;
    }
    ASSERT_EQ(rights, sum) << Show(i, c);
    const Verdict verdict = Check(c.token, c.descriptor, c.wanted, Files());
    if (verdict.decision == Decision::kDenied) {
      ASSERT_NE(verdict.mask & MapGeneric(c.wanted, Files()), 0u) << Show(i, c);
    }
  }
}

// The worlds of what is not modelled: resolving a doubtful entry either way never contradicts a certain verdict.
TEST(Property, ACertainVerdictHoldsWhateverADoubtfulEntryMeans) {
  Random random(kSeed + 8);
  int unknown = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case c = RandomCase(random, false);
    const int strength = Strength(c);
    if (strength == 1) ++unknown;
    Case resolved = c;
    if (!resolved.descriptor.owner) resolved.descriptor.owner = RandomSid(random);
    auto& aces = resolved.descriptor.dacl.aces;
    for (size_t at = 0; at < aces.size();) {
      const bool allow = aces[at].type == AceType::kAllowCallback || aces[at].type == AceType::kAllowObject ||
                         aces[at].type == AceType::kAllowCallbackObject;
      const bool deny = aces[at].type == AceType::kDenyCallback || aces[at].type == AceType::kDenyObject ||
                        aces[at].type == AceType::kDenyCallbackObject;
      if (!HasSid(aces[at].type))
        aces[at] = OneIn(random, 2) ? AllowAce(RandomSid(random), RandomMask(random), aces[at].flags)
                                    : DenyAce(RandomSid(random), RandomMask(random), aces[at].flags);
      if (allow || deny) aces[at].type = allow ? AceType::kAllow : AceType::kDeny;
      if ((allow || deny) && OneIn(random, 2)) {
        aces.erase(aces.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        ++at;
      }
    }
    ASSERT_FALSE(strength == 2 && Strength(resolved) == 0) << Show(i, c);
    ASSERT_FALSE(strength == 0 && Strength(resolved) == 2) << Show(i, c);
  }
  EXPECT_GT(unknown, kCases / 50);
}

}  // namespace
}  // namespace paddock::access
