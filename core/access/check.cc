#include "core/access/check.h"

#include <cstddef>

namespace paddock::access {
namespace {

// What is not modelled is evaluated twice, in two worlds: in the best one every such part favours the token, in the
// worst none does. Each pass grows with what favours the token, so these two bound all others.
struct Bounds {
  uint32_t best = 0;
  uint32_t worst = 0;
};

// What an entry does to a mask that it is asked about.
enum class Effect : uint8_t { kNothing, kAllow, kDeny, kMayAllow, kMayDeny, kMayDoAnything };

Effect EffectOf(AceType type) {
  switch (type) {
    case AceType::kAllow:
      return Effect::kAllow;
    case AceType::kDeny:
      return Effect::kDeny;
    case AceType::kAllowObject:
    case AceType::kAllowCallback:
    case AceType::kAllowCallbackObject:
      return Effect::kMayAllow;
    case AceType::kDenyObject:
    case AceType::kDenyCallback:
    case AceType::kDenyCallbackObject:
      return Effect::kMayDeny;
    default:
      // What belongs in a SACL has no effect in a DACL.
      return HasSid(type) ? Effect::kNothing : Effect::kMayDoAnything;
  }
}

Effect Doubted(Effect effect) {
  if (effect == Effect::kAllow) return Effect::kMayAllow;
  if (effect == Effect::kDeny) return Effect::kMayDeny;
  return effect;
}

bool IsAllow(Effect effect) { return effect == Effect::kAllow || effect == Effect::kMayAllow; }

// The result of one pass over the DACL.
struct Walk {
  Bounds granted;
  int grant_ace = -1;  // the last entry that granted something in the worst world
  int deny_ace = -1;   // the first that denied something in the best world
  int doubt_ace = -1;  // the first on which the worlds disagreed
};

class Evaluation {
 public:
  Evaluation(const Token& token, const SecurityDescriptor& descriptor, const GenericMapping& mapping)
      : token_(token), descriptor_(descriptor), mapping_(mapping), label_(LabelOf(descriptor)) {}

  int label_ace() const { return label_.ace; }

  // What the mandatory label leaves.
  Bounds Integrity() const {
    const uint32_t relabel = token_.privileges.Has(Privilege::kRelabel) ? kWriteOwner : 0;
    if (!token_.no_write_up) return {~0u, ~0u};
    if (!descriptor_.sacl_known) {
      return {~0u, MandatoryMask(mapping_, kNoReadUp | kNoWriteUp | kNoExecuteUp) | relabel};
    }
    const bool lowbox_passes = token_.package && label_.level <= kMediumIntegrity;
    if (token_.integrity >= label_.level || lowbox_passes) return {~0u, ~0u};
    const uint32_t allowed = MandatoryMask(mapping_, label_.policy) | relabel;
    return {allowed, allowed};
  }

  // What the other entries of the SACL surely leave; `*ace` is the first that may take away one of `wanted`.
  uint32_t SurelyLeftBySacl(uint32_t wanted, int* ace) const {
    uint32_t left = ~0u;
    if (descriptor_.sacl_state != AclState::kPresent) return left;
    for (size_t i = 0; i < descriptor_.sacl.aces.size(); ++i) {
      const Ace& entry = descriptor_.sacl.aces[i];
      if ((entry.flags & kInheritOnly) != 0) continue;
      uint32_t keeps = ~0u;
      if (entry.type == AceType::kProcessTrustLabel || entry.type == AceType::kAccessFilter) {
        keeps = MapGeneric(entry.mask, mapping_);
      } else if (entry.type == AceType::kScopedPolicyId || !HasSid(entry.type)) {
        keeps = 0;
      }
      if ((wanted & left & ~keeps) != 0 && *ace < 0) *ace = static_cast<int>(i);
      left &= keeps;
    }
    return left;
  }

  uint32_t Privileges() const {
    uint32_t rights = token_.privileges.Has(Privilege::kSecurity) ? kAccessSystemSecurity : 0;
    if (token_.privileges.Has(Privilege::kTakeOwnership) || token_.privileges.Has(Privilege::kRelabel)) {
      rights |= kWriteOwner;
    }
    return rights;
  }

  // What ownership gives without any entry. An entry for OWNER RIGHTS takes its place.
  Bounds Owner() const {
    constexpr uint32_t kRights = kReadControl | kWriteDac;
    const bool owns = descriptor_.owner && HasEnabled(token_, *descriptor_.owner) &&
                      (!token_.restricting || HasRestricting(token_, *descriptor_.owner));
    if (descriptor_.owner && !owns) return {0, 0};
    Bounds rights{kRights, descriptor_.owner ? kRights : 0};
    if (descriptor_.dacl_state != AclState::kPresent) return rights;
    for (const Ace& ace : descriptor_.dacl.aces) {
      if ((ace.flags & kInheritOnly) != 0) continue;
      const bool plain = ace.type == AceType::kAllow || ace.type == AceType::kDeny;
      if (HasSid(ace.type) && ace.sid != kOwnerRights) continue;
      rights.worst = 0;
      if (plain) rights.best = 0;
    }
    return rights;
  }

  // One pass of the DACL for `wanted`: each right goes by the first entry that speaks of it.
  Walk Over(Pass pass, uint32_t wanted) const {
    Walk walk;
    if (descriptor_.dacl_state != AclState::kPresent) {
      // No list grants all; but nobody granted the package anything.
      if (pass != Pass::kPackage) walk.granted = {wanted, wanted};
      return walk;
    }
    Bounds open{wanted, wanted};
    for (size_t i = 0; i < descriptor_.dacl.aces.size() && (open.best | open.worst) != 0; ++i) {
      const Ace& ace = descriptor_.dacl.aces[i];
      if ((ace.flags & kInheritOnly) != 0) continue;
      Effect effect = EffectOf(ace.type);
      if (effect == Effect::kNothing) continue;
      const uint32_t mask = effect == Effect::kMayDoAnything ? ~0u : MapGeneric(ace.mask, mapping_);
      if ((mask & (open.best | open.worst)) == 0) continue;
      if (effect != Effect::kMayDoAnything) effect = EffectOn(pass, effect, ace.sid);
      // Windows maps generic rights when it stores a descriptor, and not when it checks one: in a descriptor that came
      // to the disk in another way, a deny entry for them may deny nothing.
      const uint32_t sure = effect == Effect::kDeny ? mask & ace.mask : mask;
      Apply(effect, sure, static_cast<int>(i), &open, &walk);
      const uint32_t doubtful = mask & ~sure & (open.best | open.worst);
      if (doubtful != 0) Apply(Effect::kMayDeny, doubtful, static_cast<int>(i), &open, &walk);
    }
    return walk;
  }

  // The rights of a request that the restricting SIDs have to grant: all, or for a write-restricted token none unless
  // the request writes.
  bool AsksRestricting(uint32_t remaining) const {
    if (!token_.restricting) return false;
    return !token_.write_restricted || (remaining & WriteMask(mapping_)) != 0;
  }

 private:
  // `effect` as far as the SID of the entry counts in the pass.
  Effect EffectOn(Pass pass, Effect effect, const Sid& sid) const {
    if (pass == Pass::kPackage) return IsAllow(effect) && HasPackage(token_, sid) ? effect : Effect::kNothing;
    if (sid == kOwnerRights) {
      if (!descriptor_.owner) return Doubted(effect);
      if (Matches(pass, effect, *descriptor_.owner)) return effect;
      // A token that holds S-1-3-4 itself: the entry may stand for the owner alone.
      return Matches(pass, effect, sid) ? Doubted(effect) : Effect::kNothing;
    }
    return Matches(pass, effect, sid) ? effect : Effect::kNothing;
  }

  bool Matches(Pass pass, Effect effect, const Sid& sid) const {
    if (pass == Pass::kRestricted) return HasRestricting(token_, sid);
    return IsAllow(effect) ? HasEnabled(token_, sid) : HasForDeny(token_, sid);
  }

  static void Apply(Effect effect, uint32_t mask, int ace, Bounds* open, Walk* walk) {
    const bool in_best = effect == Effect::kAllow || effect == Effect::kMayAllow || effect == Effect::kMayDoAnything;
    if (in_best) {
      walk->granted.best |= mask & open->best;
      open->best &= ~mask;
    }
    if (effect == Effect::kAllow) {
      if ((mask & open->worst) != 0) walk->grant_ace = ace;
      walk->granted.worst |= mask & open->worst;
      open->worst &= ~mask;
    }
    if (effect == Effect::kDeny) {
      if ((mask & open->best) != 0 && walk->deny_ace < 0) walk->deny_ace = ace;
      open->best &= ~mask;
    }
    if (effect == Effect::kDeny || effect == Effect::kMayDeny || effect == Effect::kMayDoAnything) open->worst &= ~mask;
    const bool doubtful = effect > Effect::kDeny;
    if (doubtful && walk->doubt_ace < 0) walk->doubt_ace = ace;
  }

  const Token& token_;
  const SecurityDescriptor& descriptor_;
  const GenericMapping& mapping_;
  const Label label_;
};

// Gathers the passes of one request. The first pass that refuses in the best world decides; without one, the first that
// does not grant in the worst; without one of these, the last.
class Result {
 public:
  bool denied() const { return denied_; }

  void Add(Pass pass, Bounds missing, const Walk& walk) {
    if (denied_) return;
    if (missing.best != 0) {
      denied_ = true;
      verdict_ = {Decision::kDenied, missing.best, pass, walk.deny_ace};
    } else if (missing.worst != 0 && verdict_.decision != Decision::kUnknown) {
      verdict_ = {Decision::kUnknown, missing.worst, pass, walk.doubt_ace};
    } else if (missing.worst != 0) {
      verdict_.mask |= missing.worst;
    } else if (verdict_.decision != Decision::kUnknown) {
      verdict_ = {Decision::kGranted, 0, pass, walk.grant_ace};
    }
  }

  Verdict Finish(uint32_t wanted) {
    if (verdict_.decision == Decision::kGranted) verdict_.mask = wanted;
    return verdict_;
  }

 private:
  bool denied_ = false;
  Verdict verdict_{Decision::kGranted, 0, Pass::kRequest, -1};
};

Walk At(int ace) {
  Walk walk;
  walk.deny_ace = walk.doubt_ace = ace;
  return walk;
}

Verdict CheckMapped(const Evaluation& evaluation, const Token& token, uint32_t wanted) {
  Result result;
  const Bounds integrity = evaluation.Integrity();
  result.Add(Pass::kIntegrity, {wanted & ~integrity.best, wanted & ~integrity.worst}, At(evaluation.label_ace()));
  int sacl_ace = -1;
  const uint32_t left = evaluation.SurelyLeftBySacl(wanted, &sacl_ace);
  result.Add(Pass::kSacl, {0, wanted & ~left}, At(sacl_ace));

  const uint32_t by_privilege = evaluation.Privileges();
  const uint32_t needs_privilege = wanted & kAccessSystemSecurity & ~by_privilege;
  result.Add(Pass::kPrivilege, {needs_privilege, needs_privilege}, At(-1));
  if (result.denied()) return result.Finish(wanted);

  const uint32_t remaining = wanted & ~by_privilege;
  Bounds rest{remaining, remaining};
  if ((remaining & (kReadControl | kWriteDac)) != 0) {
    const Bounds owner = evaluation.Owner();
    rest = {remaining & ~owner.best, remaining & ~owner.worst};
    if (rest.best != remaining) result.Add(Pass::kOwner, {0, 0}, At(-1));
  }
  if (rest.worst != 0) {
    const Walk walk = evaluation.Over(Pass::kDacl, rest.worst);
    result.Add(Pass::kDacl, {rest.best & ~walk.granted.best, rest.worst & ~walk.granted.worst}, walk);
    if (evaluation.AsksRestricting(rest.worst) && !result.denied()) {
      const Walk again = evaluation.Over(Pass::kRestricted, rest.worst);
      const uint32_t missing = evaluation.AsksRestricting(rest.best) ? rest.best & ~again.granted.best : 0;
      result.Add(Pass::kRestricted, {missing, rest.worst & ~again.granted.worst}, again);
    }
  }
  if (token.package && !result.denied()) {
    const Walk walk = evaluation.Over(Pass::kPackage, wanted);
    result.Add(Pass::kPackage, {wanted & ~walk.granted.best, wanted & ~walk.granted.worst}, walk);
  }
  return result.Finish(wanted);
}

Rights MaximumOf(const Evaluation& evaluation, const Token& token, const GenericMapping& mapping) {
  const uint32_t all = mapping.all | kAccessSystemSecurity;
  const Bounds integrity = evaluation.Integrity();
  int ignored = -1;
  const uint32_t left = evaluation.SurelyLeftBySacl(all, &ignored);
  const uint32_t by_privilege = evaluation.Privileges() & all;
  const Bounds owner = evaluation.Owner();
  const uint32_t asked = all & ~kAccessSystemSecurity;

  Bounds granted = evaluation.Over(Pass::kDacl, asked).granted;
  if (token.restricting) {
    const Bounds restricted = evaluation.Over(Pass::kRestricted, asked).granted;
    const uint32_t exempt = token.write_restricted ? ~WriteMask(mapping) : 0;
    granted.best &= restricted.best | exempt;
    granted.worst &= restricted.worst | exempt;
  }
  granted.best |= (owner.best & all) | by_privilege;
  granted.worst |= (owner.worst & all) | by_privilege;
  if (token.package) {
    const Bounds package = evaluation.Over(Pass::kPackage, all).granted;
    granted.best &= package.best;
    granted.worst &= package.worst;
  }
  return {granted.worst & integrity.worst & left, granted.best & integrity.best};
}

}  // namespace

Rights MaximumAllowed(const Token& token, const SecurityDescriptor& descriptor, const GenericMapping& mapping) {
  return MaximumOf(Evaluation(token, descriptor, mapping), token, mapping);
}

Verdict Check(const Token& token, const SecurityDescriptor& descriptor, uint32_t wanted,
              const GenericMapping& mapping) {
  const Evaluation evaluation(token, descriptor, mapping);
  const uint32_t mapped = MapGeneric(wanted, mapping);
  if (mapped == 0) return {Decision::kDenied, 0, Pass::kRequest, -1};
  if ((mapped & kMaximumAllowed) == 0) return CheckMapped(evaluation, token, mapped);

  const uint32_t named = mapped & ~kMaximumAllowed;
  const Rights rights = MaximumOf(evaluation, token, mapping);
  if (named != 0) {
    Verdict verdict = CheckMapped(evaluation, token, named);
    if (verdict.decision == Decision::kGranted) verdict.mask |= rights.granted;
    return verdict;
  }
  if (rights.granted != 0) return {Decision::kGranted, rights.granted, Pass::kDacl, -1};
  if (rights.possible != 0) return {Decision::kUnknown, rights.possible, Pass::kDacl, -1};
  return {Decision::kDenied, kMaximumAllowed, Pass::kDacl, -1};
}

}  // namespace paddock::access
