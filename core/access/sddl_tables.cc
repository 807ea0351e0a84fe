#include "core/access/sddl_tables.h"

#include "core/access/mapping.h"
#include "core/access/security_descriptor.h"

namespace paddock::access {
namespace {

constexpr SddlAlias kAliases[] = {
    {"WD", Sid(1, {0})},
    {"CO", Sid(3, {0})},
    {"CG", Sid(3, {1})},
    {"OW", Sid(3, {4})},
    {"NU", Sid(5, {2})},
    {"IU", Sid(5, {4})},
    {"SU", Sid(5, {6})},
    {"AN", Sid(5, {7})},
    {"ED", Sid(5, {9})},
    {"PS", Sid(5, {10})},
    {"AU", Sid(5, {11})},
    {"RC", Sid(5, {12})},
    {"SY", Sid(5, {18})},
    {"LS", Sid(5, {19})},
    {"NS", Sid(5, {20})},
    {"WR", Sid(5, {33})},
    {"UD", Sid(5, {84, 0, 0, 0, 0, 0})},
    {"BA", Sid(5, {32, 544})},
    {"BU", Sid(5, {32, 545})},
    {"BG", Sid(5, {32, 546})},
    {"PU", Sid(5, {32, 547})},
    {"AO", Sid(5, {32, 548})},
    {"SO", Sid(5, {32, 549})},
    {"PO", Sid(5, {32, 550})},
    {"BO", Sid(5, {32, 551})},
    {"RE", Sid(5, {32, 552})},
    {"RU", Sid(5, {32, 554})},
    {"RD", Sid(5, {32, 555})},
    {"NO", Sid(5, {32, 556})},
    {"MU", Sid(5, {32, 558})},
    {"LU", Sid(5, {32, 559})},
    {"IS", Sid(5, {32, 568})},
    {"CY", Sid(5, {32, 569})},
    {"ER", Sid(5, {32, 573})},
    {"CD", Sid(5, {32, 574})},
    {"RA", Sid(5, {32, 575})},
    {"ES", Sid(5, {32, 576})},
    {"MS", Sid(5, {32, 577})},
    {"HA", Sid(5, {32, 578})},
    {"AA", Sid(5, {32, 579})},
    {"RM", Sid(5, {32, 580})},
    {"AC", Sid(15, {2, 1})},
    {"LW", Sid(16, {0x1000})},
    {"ME", Sid(16, {0x2000})},
    {"MP", Sid(16, {0x2100})},
    {"HI", Sid(16, {0x3000})},
    {"SI", Sid(16, {0x4000})},
    {"AS", Sid(18, {1})},
    {"SS", Sid(18, {2})},
};

constexpr SddlRelativeAlias kRelativeAliases[] = {
    {"LA", SddlDomain::kMachine, 500}, {"LG", SddlDomain::kMachine, 501}, {"RO", SddlDomain::kForest, 498},
    {"DA", SddlDomain::kDomain, 512},  {"DU", SddlDomain::kDomain, 513},  {"DG", SddlDomain::kDomain, 514},
    {"DC", SddlDomain::kDomain, 515},  {"DD", SddlDomain::kDomain, 516},  {"CA", SddlDomain::kDomain, 517},
    {"SA", SddlDomain::kForest, 518},  {"EA", SddlDomain::kForest, 519},  {"PA", SddlDomain::kDomain, 520},
    {"CN", SddlDomain::kDomain, 522},  {"AP", SddlDomain::kDomain, 525},  {"KA", SddlDomain::kDomain, 526},
    {"EK", SddlDomain::kForest, 527},  {"RS", SddlDomain::kDomain, 553},
};

constexpr SddlAceType kAceTypes[] = {
    {"A", AceType::kAllow},
    {"D", AceType::kDeny},
    {"AU", AceType::kAudit},
    {"AL", AceType::kAlarm},
    {"OA", AceType::kAllowObject},
    {"OD", AceType::kDenyObject},
    {"OU", AceType::kAuditObject},
    {"OL", AceType::kAlarmObject},
    {"XA", AceType::kAllowCallback},
    {"XD", AceType::kDenyCallback},
    {"ZA", AceType::kAllowCallbackObject},
    {"XU", AceType::kAuditCallback},
    {"ML", AceType::kMandatoryLabel},
    {"RA", AceType::kResourceAttribute},
    {"SP", AceType::kScopedPolicyId},
    {"TL", AceType::kProcessTrustLabel},
    {"FL", AceType::kAccessFilter},
};

constexpr SddlBits kAceFlags[] = {
    {"OI", kObjectInherit}, {"CI", kContainerInherit}, {"NP", kNoPropagateInherit}, {"IO", kInheritOnly},
    {"ID", kInherited},     {"CR", kCritical},         {"SA", kAuditSuccess},       {"FA", kAuditFailure},
};

// The writer takes the first name whose bits are the whole mask, so types of one's own come before sums.
constexpr SddlBits kRights[] = {
    {"GA", kGenericAll},   {"GX", kGenericExecute},
    {"GW", kGenericWrite}, {"GR", kGenericRead},
    {"FA", 0x1f01ff},      {"FR", 0x120089},
    {"FW", 0x120116},      {"FX", 0x1200a0},
    {"SD", kDelete},       {"RC", kReadControl},
    {"WD", kWriteDac},     {"WO", kWriteOwner},
    {"KA", 0xf003f},       {"KR", 0x20019},
    {"KW", 0x20006},       {"KX", 0x20019},
    {"CC", 0x1},           {"DC", 0x2},
    {"LC", 0x4},           {"SW", 0x8},
    {"RP", 0x10},          {"WP", 0x20},
    {"DT", 0x40},          {"LO", 0x80},
    {"CR", 0x100},
};

constexpr SddlBits kLabelRights[] = {{"NW", kNoWriteUp}, {"NR", kNoReadUp}, {"NX", kNoExecuteUp}};
constexpr SddlBits kDaclFlags[] = {{"P", kDaclProtected}, {"AR", kDaclAutoInheritRequired}, {"AI", kDaclAutoInherited}};
constexpr SddlBits kSaclFlags[] = {{"P", kSaclProtected}, {"AR", kSaclAutoInheritRequired}, {"AI", kSaclAutoInherited}};

}  // namespace

absl::Span<const SddlAlias> SddlAliases() { return kAliases; }
absl::Span<const SddlRelativeAlias> SddlRelativeAliases() { return kRelativeAliases; }
absl::Span<const SddlAceType> SddlAceTypes() { return kAceTypes; }
absl::Span<const SddlBits> SddlAceFlags() { return kAceFlags; }
absl::Span<const SddlBits> SddlRights() { return kRights; }
absl::Span<const SddlBits> SddlLabelRights() { return kLabelRights; }
absl::Span<const SddlBits> SddlDaclFlags() { return kDaclFlags; }
absl::Span<const SddlBits> SddlSaclFlags() { return kSaclFlags; }

}  // namespace paddock::access
