#include "core/policy/merge.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/policy/builtin_profiles.h"
#include "core/policy/levels.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

constexpr absl::string_view kDefaultProfile = "coding";

absl::Status Invalid(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "policy_invalid", what);
}

const Setting* FindIn(const std::optional<PolicyFile>& file, Key key) {
  return file.has_value() ? file->spec.Find(key) : nullptr;
}

// The profile, as the setting that chose it: --profile, the user's file, the administrator's, the default.
absl::StatusOr<Setting> ChosenProfile(const PolicySources& sources) {
  const KeyInfo& info = InfoOf(Key::kExtends);
  if (sources.profile.empty()) {
    for (const Setting* extends : {sources.flags.Find(Key::kExtends), FindIn(sources.user, Key::kExtends),
                                   FindIn(sources.service, Key::kExtends), FindIn(sources.admin, Key::kExtends)}) {
      if (extends != nullptr) return *extends;
    }
  }
  Setting setting;
  setting.origin = Origin{sources.profile.empty() ? "built-in" : "--profile", 0};
  const auto choice = CheckChoice(info, sources.profile.empty() ? kDefaultProfile : sources.profile);
  if (!choice.ok()) return Invalid(absl::StrCat("--profile: ", choice.status().message()));
  setting.choice = *choice;
  return setting;
}

// Lays `spec` over `merged`. Whatever it extends, the profile stays the chosen one.
void ApplyLevel(PolicySpec spec, Rank rank, const Setting& extends, Merged* merged) {
  merged->Apply(std::move(spec), rank);
  PolicySpec chosen;
  chosen.Set(Key::kExtends, extends);
  merged->Apply(std::move(chosen), rank);
}

// A level that lists hosts while the mode, as of that level, is not brokered, expects what will not happen. A later
// level that only changes the mode is free to: the list then means nothing. The administrator's list alone is a bound.
absl::Status CheckAllowNeedsBroker(const Merged& merged) {
  const Slot* allow = merged.Find(Key::kNetworkAllow);
  const Slot* mode = merged.Find(Key::kNetworkMode);
  if (allow == nullptr || mode == nullptr || allow->setting.list.empty() || allow->rank < mode->rank)
    return absl::OkStatus();
  if (allow->rank == Rank::kAdmin && mode->rank != Rank::kAdmin) return absl::OkStatus();
  if (mode->setting.choice == static_cast<size_t>(NetworkMode::kBrokered)) return absl::OkStatus();
  return Invalid(absl::StrCat(OriginText(allow->setting.origin), ": network.allow: lists hosts, but network.mode is ",
                              SettingText(InfoOf(Key::kNetworkMode), mode->setting), " (",
                              OriginText(mode->setting.origin), "); write mode = \"brokered\", or leave the list out"));
}

bool IsStrict(const PolicySources& sources, const Merged& merged) {
  const Setting* strict = merged.FindSetting(Key::kStrict);
  return sources.strict || (strict != nullptr && strict->flag);
}

absl::Status ApplyRepo(const PolicyFile& repo, const PathRoots& roots, bool strict, Merged* merged) {
  const auto required = DeriveRequirements(merged->ToPolicy(), *merged, strict);
  RETURN_IF_ERROR(CheckTightens(repo.spec, *merged, required, roots));
  merged->Apply(repo.spec, Rank::kRepo);
  return CheckAllowNeedsBroker(*merged);
}

std::string Entry(absl::string_view key, const PathEntry& entry) {
  return absl::StrCat(key, " ", Quote(entry.text), " (", OriginText(entry.origin), ")");
}

absl::Status CheckGrants(const FilesystemPolicy& fs, const PathRoots& roots) {
  const struct {
    absl::string_view key;
    const std::vector<PathEntry>& entries;
  } kDenials[] = {{"filesystem.deny_write", fs.deny_write},
                  {"filesystem.deny_read", fs.deny_read},
                  {"filesystem.read_only", fs.read_only}};
  for (const PathEntry& grant : fs.write) {
    for (const auto& denial : kDenials) {
      for (const PathEntry& entry : denial.entries) {
        if (!PathCovers(entry.text, grant.text, roots)) continue;
        return Invalid(absl::StrCat(Entry("filesystem.write", grant), " is covered as a whole by ",
                                    Entry(denial.key, entry),
                                    ", so that nothing of it could be written; drop one of the two"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNetwork(const Policy& policy) {
  if (!policy.network.allow.empty() && policy.network.mode != NetworkMode::kBrokered) {
    return Invalid("network.allow lists hosts, but network.mode is not \"brokered\"");
  }
  const Level reachable = policy.network.mode == NetworkMode::kOff        ? network_level::kOff
                          : policy.network.mode == NetworkMode::kBrokered ? network_level::kBrokered
                                                                          : network_level::kOpen;
  for (const Requirement& requirement : policy.requirements) {
    if (requirement.guarantee != Guarantee::kNetwork || requirement.level <= reachable) continue;
    return Invalid(absl::StrCat("require.network = \"", LevelName(Guarantee::kNetwork, requirement.level),
                                "\" contradicts network.mode = \"", Name(policy.network.mode),
                                "\", which asks for less; change one of the two"));
  }
  return absl::OkStatus();
}

absl::Status CheckBackends(const BackendPolicy& backend) {
  if (backend.forced.empty() || backend.allow.empty()) return absl::OkStatus();
  const std::string name = backend.forced.substr(0, backend.forced.find(':'));
  for (const std::string& allowed : backend.allow) {
    if (allowed == name) return absl::OkStatus();
  }
  return Invalid(absl::StrCat("--backend ", name, " is not in backend.allow"));
}

absl::Status CheckLimits(const LimitsPolicy& limits) {
  const struct {
    absl::string_view key;
    bool zero;
  } kLimits[] = {
      {"wall", limits.wall && limits.wall->count() <= 0}, {"cpu", limits.cpu && limits.cpu->count() <= 0},
      {"memory", limits.memory && *limits.memory == 0},   {"processes", limits.processes && *limits.processes == 0},
      {"output", limits.output && *limits.output == 0},   {"file_size", limits.file_size && *limits.file_size == 0},
  };
  for (const auto& limit : kLimits) {
    if (limit.zero) return Invalid(absl::StrCat("limits.", limit.key, " is zero, so that nothing could run"));
  }
  return absl::OkStatus();
}

absl::Status Validate(const Policy& policy, const PathRoots& roots) {
  RETURN_IF_ERROR(CheckGrants(policy.filesystem, roots));
  RETURN_IF_ERROR(CheckNetwork(policy));
  RETURN_IF_ERROR(CheckBackends(policy.backend));
  RETURN_IF_ERROR(CheckLimits(policy.limits));
  if (!policy.capabilities.empty() && policy.workload != Workload::kPackagedApp) {
    return Invalid(absl::StrCat("capabilities are for workload \"packaged-app\" alone, and this is \"",
                                Name(policy.workload), "\""));
  }
  return absl::OkStatus();
}

// Said to be empty: every backend would be forbidden, while an absent list allows all.
absl::Status CheckSomeBackend(const Merged& merged) {
  const Slot* allow = merged.Find(Key::kBackendAllow);
  if (allow == nullptr || !allow->setting.list.empty()) return absl::OkStatus();
  return Invalid(
      absl::StrCat(OriginText(allow->setting.origin),
                   ": backend.allow: is empty, so that no backend could be chosen; leave it out to allow all"));
}

}  // namespace

absl::StatusOr<Policy> BuildPolicy(const PolicySources& sources) {
  const PathRoots roots{sources.workspace, sources.home};
  ASSIGN_OR_RETURN(const Setting extends, ChosenProfile(sources));
  ASSIGN_OR_RETURN(PolicySpec start, BuiltinProfile(InfoOf(Key::kExtends).values[extends.choice]));
  Merged merged;
  ApplyLevel(std::move(start), Rank::kBuiltIn, extends, &merged);
  std::vector<Merged> bounds;
  for (const std::optional<PolicyFile>* ceiling : {&sources.admin, &sources.service}) {
    if (!ceiling->has_value()) continue;
    merged.Apply((*ceiling)->spec, Rank::kAdmin);
    RETURN_IF_ERROR(CheckAllowNeedsBroker(merged));
    bounds.push_back(merged);
  }
  if (sources.user) {
    ApplyLevel(sources.user->spec, Rank::kUser, extends, &merged);
    RETURN_IF_ERROR(CheckAllowNeedsBroker(merged));
  }
  if (sources.admin) merged.AddDenials(sources.admin->spec);
  if (sources.service) merged.AddDenials(sources.service->spec);
  if (sources.repo) RETURN_IF_ERROR(ApplyRepo(*sources.repo, roots, IsStrict(sources, merged), &merged));
  ApplyLevel(sources.flags, Rank::kFlags, extends, &merged);
  RETURN_IF_ERROR(CheckAllowNeedsBroker(merged));
  RETURN_IF_ERROR(CheckSomeBackend(merged));

  Policy policy = merged.ToPolicy();
  policy.requirements = DeriveRequirements(policy, merged, IsStrict(sources, merged));
  for (const Merged& bound : bounds) {
    const auto least = DeriveRequirements(bound.ToPolicy(), bound, /*strict=*/false);
    RETURN_IF_ERROR(CheckCeiling(bound, merged, least, policy.requirements, roots));
  }
  RETURN_IF_ERROR(Validate(policy, roots));
  return policy;
}

absl::Status ValidatePolicy(const Policy& policy) { return Validate(policy, {}); }

}  // namespace paddock
