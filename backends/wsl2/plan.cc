#include "backends/wsl2/plan.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/wsl2/assess.h"
#include "backends/wsl2/path_map.h"
#include "backends/wsl2/plan_spellings.h"
#include "backends/wsl2/relay_scripts.h"
#include "backends/wsl2/wsl2_plan.h"
#include "core/backend/policy_rules.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/host/wsl.h"
#include "core/policy/merge.h"

namespace paddock {
namespace {

using wsl2::NestedRun;
using wsl2::PathMap;
using wsl2::Wsl2Plan;

// Variables that say something about the system they come from, and nothing about another. What a policy inherits of
// these is the distribution's own.
constexpr absl::string_view kOfTheSystem[] = {
    "PATH",   "HOME", "USER", "LOGNAME",  "SHELL", "PWD",   "OLDPWD",  "HOSTNAME",        "TMP",           "TEMP",
    "TMPDIR", "LANG", "TERM", "LANGUAGE", "TZ",    "SHLVL", "DISPLAY", "WAYLAND_DISPLAY", "SSH_AUTH_SOCK", "COLORTERM",
};

bool IsOfTheSystem(absl::string_view name) {
  return absl::StartsWith(name, "LC_") || absl::StartsWith(name, "XDG_") || absl::StartsWith(name, "WSL") ||
         std::any_of(std::begin(kOfTheSystem), std::end(kOfTheSystem),
                     [name](absl::string_view known) { return absl::EqualsIgnoreCase(known, name); });
}

// What somebody, other than the built-in profile, inherits by its full name, and the caller on Windows has. All else is
// looked for inside: JAVA_HOME of Windows means nothing there.
std::map<std::string, std::string> CarriedVariables(const Request& request) {
  PolicySources built_in;
  built_in.profile = request.policy.profile;
  const auto profile = BuildPolicy(built_in);
  std::map<std::string, std::string> carried;
  if (!profile.ok()) return carried;
  const std::vector<std::string>& usual = profile->environment.inherit;
  for (const std::string& name : request.policy.environment.inherit) {
    const auto found = request.environment.find(name);
    if (found == request.environment.end() || IsOfTheSystem(name)) continue;
    if (std::find(usual.begin(), usual.end(), name) == usual.end()) carried.insert(*found);
  }
  return carried;
}

struct MappedList {
  absl::string_view key;
  std::vector<PathEntry> FilesystemPolicy::*entries;
};
constexpr MappedList kLists[] = {
    {"filesystem.write", &FilesystemPolicy::write},
    {"filesystem.deny_write", &FilesystemPolicy::deny_write},
    {"filesystem.read_only", &FilesystemPolicy::read_only},
    {"filesystem.deny_read", &FilesystemPolicy::deny_read},
};

absl::Status MapEntries(absl::string_view key, PathMap& map, std::vector<PathEntry>& entries, Wsl2Plan& body) {
  for (PathEntry& entry : entries) {
    ASSIGN_OR_RETURN(std::string mapped, map.EntryToLinux(entry.text));
    if (mapped == entry.text) continue;
    body.rules.emplace_back(absl::StrCat(key, " ", mapped), absl::StrCat(key, " ", entry.text));
    entry.text = std::move(mapped);
  }
  return absl::OkStatus();
}

// The policy as the far side has to hold it. Which backend and which system was decided here.
absl::Status MapPolicy(const Request& request, PathMap& map, Wsl2Plan& body) {
  Policy& policy = body.run.policy;
  policy = request.policy;
  policy.backend = BackendPolicy();
  policy.command_os = CommandOs::kNative;
  for (const MappedList& list : kLists) {
    RETURN_IF_ERROR(MapEntries(list.key, map, policy.filesystem.*list.entries, body));
  }
  return MapEntries("network.unix_sockets", map, policy.network.unix_sockets, body);
}

absl::Status MapRun(const Request& request, const Facts& facts, PathMap& map, Wsl2Plan& body) {
  NestedRun& run = body.run;
  RETURN_IF_ERROR(MapPolicy(request, map, body));
  wsl2::PlanSpellings(request, facts, map, body);
  if (!request.workspace.empty()) {
    ASSIGN_OR_RETURN(run.workspace, map.ToLinux(request.workspace));
  }
  ASSIGN_OR_RETURN(run.cwd, map.ToLinux(request.cwd));
  run.command = request.command;
  run.environment = CarriedVariables(request);
  if (request.tty == TtyMode::kAlways) run.tty = wsl2::WindowCells{80, 24};
  body.workspace = request.workspace;
  body.mounts = map.used();
  return wsl2::EncodeNestedRun(run).status();
}

void DecideVerdicts(const Request& request, const WslDistribution& distribution, const Wsl2Plan& body,
                    LaunchPlan& plan) {
  const bool namespaces = distribution.user_namespaces.yes() || distribution.bubblewrap.yes();
  const std::string mechanism = absl::StrCat("linux_landlock in ", distribution.name);
  for (const std::string& rule : PolicyRules(request)) {
    RuleVerdict verdict{rule, Verdict::kEnforced, mechanism, ""};
    const auto by_name = body.by_name.find(rule);
    if (!namespaces) {
      verdict.verdict = Verdict::kApproximated;
      verdict.missing = "how far it holds is known to the distribution alone, and told by its report";
    } else if (by_name != body.by_name.end()) {
      verdict.verdict = Verdict::kApproximated;
      verdict.missing = by_name->second;
    } else if (absl::StartsWith(rule, "limits.") && rule != "limits.wall" && rule != "limits.output") {
      verdict.verdict = Verdict::kApproximated;
      verdict.missing = "for each process, unless the distribution leaves a cgroup to its user";
    } else if (rule == "network.mode" && plan.promised[Guarantee::kNetwork] == network_level::kOpen &&
               request.policy.network.mode != NetworkMode::kOpen) {
      verdict.verdict = Verdict::kApproximated;
      verdict.missing = "whether the distribution makes network namespaces is not known";
    }
    plan.verdicts.push_back(std::move(verdict));
  }
}

void AddRisks(const Request& request, const Facts& facts, LaunchPlan& plan) {
  if (request.policy.network.mode == NetworkMode::kOpen && !facts.host.windows_host.mirrored_networking.no()) {
    plan.risks.push_back(
        {"wsl_localhost_is_windows",
         "WSL2 may share the network of Windows (mirrored networking): 127.0.0.1 is then Windows itself, "
         "with every service that listens there"});
  }
}

}  // namespace

absl::StatusOr<LaunchPlan> PlanWsl2(absl::string_view tier, const Request& request, const Facts& facts) {
  if (!tier.empty()) {
    return ReasonError(absl::StatusCode::kNotFound, "unknown_tier", absl::StrCat("wsl2 has no tier ", tier));
  }
  const Assessment assessment = AssessWsl2(request, facts);
  if (!assessment.usable()) return ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
  const WslDistribution& distribution = *WslDistributionFor(request, facts);
  auto body = std::make_shared<Wsl2Plan>();
  body->distribution = distribution.name;
  body->relay_file =
      absl::StrCat("paddock-linux-", facts.host.architecture.empty() ? "x86_64" : facts.host.architecture);
  body->arguments = wsl2::RunArguments(distribution.name, wsl2::kHashSymbol, wsl2::kNonceSymbol, false);
  PathMap map(distribution);
  RETURN_IF_ERROR(MapRun(request, facts, map, *body));
  LaunchPlan plan;
  plan.backend = {"wsl2", ""};
  plan.promised = assessment.reached;
  plan.risks = assessment.risks;
  AddRisks(request, facts, plan);
  DecideVerdicts(request, distribution, *body, plan);
  plan.leases.push_back({"relay", absl::StrCat("~/", wsl2::kRelayDirectory, "/", wsl2::kHashSymbol, "/paddock")});
  plan.body = std::move(body);
  return plan;
}

}  // namespace paddock
