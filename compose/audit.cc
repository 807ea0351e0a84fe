#include "compose/audit.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "compose/audit_view.h"
#include "compose/prepare.h"
#include "core/audit/judge.h"
#include "core/audit/sockets.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/platform/administrator_policy.h"
#include "core/platform/posix/audit_probe.h"
#include "core/policy/load.h"

namespace paddock {
namespace {

// Why nothing would run, if no candidate could be planned; else the first plan that a run would try.
std::optional<Reason> PlanFirst(const Decided& decided, std::optional<LaunchPlan>* plan) {
  std::optional<Reason> why;
  for (const Candidate& candidate : decided.decision.ranked) {
    auto planned = decided.runtime->Plan(candidate.backend, decided.request, decided.facts);
    if (planned.ok()) {
      *plan = *std::move(planned);
      return std::nullopt;
    }
    why = ReasonOf(planned.status()).value_or(MakeReason("launch_failed", planned.status().message()));
    if (!absl::IsUnavailable(planned.status())) return why;
  }
  const BackendRef forced = ParseBackendRef(decided.request.policy.backend.forced);
  for (const Rejection& rejection : decided.decision.rejected) {
    const bool wanted = forced.name.empty() ? !rejection.rule.empty() : rejection.backend.name == forced.name;
    if (!why.has_value() && wanted && !rejection.reasons.empty()) why = rejection.reasons.front();
  }
  return why.has_value() ? why : MakeReason("no_rule", "no rule matches this workload on this host");
}

// The root, the home, or what holds it: refused whatever is in it, and too much to search.
bool IsNoWorkspace(const Facts& facts) {
  const std::string& root = facts.workspace.root.real_path;
  return root == "/" || (!root.empty() && !facts.host.home.empty() && PathIsWithin(facts.host.home, root));
}

// What a run could write, and the workspace. The host's own /tmp, if the policy leaves it in place, is not the
// workspace's to answer for.
std::vector<std::string> Trees(const Decided& decided, const audit::View& view) {
  const std::string& root = decided.facts.workspace.root.real_path;
  std::vector<std::string> trees;
  if (!root.empty()) trees.push_back(root);
  const bool host_tmp = decided.request.policy.filesystem.tmp == TmpMode::kHost;
  for (const audit::View::Step& step : view.steps) {
    if (step.sight != audit::Sight::kWritable) continue;
    if (!host_tmp || (step.path != "/tmp" && step.path != "/var/tmp")) trees.push_back(step.path);
  }
  return trees;
}

std::vector<OwnFile> OwnFiles(const Decided& decided, const RunSettings& options, const Caller& caller) {
  const PolicyPaths paths = PosixPolicyPaths(caller.environment, caller.home, decided.request.workspace);
  std::vector<OwnFile> files;
  const auto add = [&](const char* role, const std::string& path, bool only_tightens = false) {
    if (!path.empty()) files.push_back({role, path, only_tightens});
  };
  add("the administrator's policy", AdministratorPolicy().value_or(""));
  add("the user's policy", options.policy.has_value() ? JoinPath(caller.cwd, *options.policy) : paths.user);
  add("the repository's policy, which can only tighten", paths.repo, /*only_tightens=*/true);
  add("Paddock itself", caller.executable);
  return files;
}

AuditInputs InputsFor(const Decided& decided, const audit::View& view, const RunSettings& options,
                      const Caller& caller) {
  const Facts& facts = decided.facts;
  AuditInputs inputs;
  inputs.trees = Trees(decided, view);
  inputs.repositories = facts.workspace.repositories;
  for (const PathRule& rule : decided.request.deny_read) {
    if (!rule.glob) inputs.stores.push_back(rule.path);
  }
  for (std::string& store : UsualLinkStores(facts.host.home, inputs.repositories)) {
    inputs.stores.push_back(std::move(store));
  }
  inputs.sockets = audit::WellKnownSockets(facts.host.home, facts.host.linux_host.runtime_dir);
  for (const std::string& path : facts.host.linux_host.socket_paths) inputs.sockets.push_back(path);
  for (const PathRule& rule : decided.request.unix_sockets) inputs.sockets.push_back(rule.path);
  const auto agent = caller.environment.find("SSH_AUTH_SOCK");
  if (agent != caller.environment.end()) inputs.sockets.push_back(agent->second);
  for (const audit::View::Later& later : view.executed_later) inputs.look_at.push_back(later.path);
  inputs.own_files = OwnFiles(decided, options, caller);
  inputs.state_directory = facts.leases.state_dir;
  const auto path = caller.environment.find("PATH");
  if (path != caller.environment.end()) inputs.search_path = path->second;
  return inputs;
}

audit::AuditReport OnlyRefused(const Reason& reason, const std::string& workspace) {
  audit::AuditReport report;
  report.workspace = workspace;
  report.scan.complete = false;
  report.findings.push_back(audit::RunRefused(reason, workspace));
  return report;
}

audit::AuditReport Audit(const Decided& decided, const RunSettings& options, const Caller& caller) {
  std::optional<LaunchPlan> plan;
  const std::optional<Reason> refusal = PlanFirst(decided, &plan);
  if (refusal.has_value() && IsNoWorkspace(decided.facts)) {
    return OnlyRefused(*refusal, decided.facts.workspace.root.real_path);
  }
  audit::View view = plan.has_value() ? ViewOfPlan(*plan) : ViewWithoutPlan(decided.request, decided.facts);
  const std::string& root = decided.facts.workspace.root.real_path;
  if (!root.empty()) view.AddObeyedNames(root);
  const audit::Observations seen = ObserveForAudit(InputsFor(decided, view, options, caller));
  audit::AuditReport report;
  report.workspace = root;
  report.backend = view.backend;
  report.scan = seen.scan;
  report.findings = audit::Judge({decided.request, decided.facts, view, seen, refusal});
  return report;
}

// A workspace that is refused before anybody looks at it is a finding; any other mistake is the caller's to mend.
std::optional<audit::AuditReport> RefusedWorkspace(const absl::Status& status, const RunSettings& options,
                                                   const Caller& caller) {
  const std::optional<Reason> reason = ReasonOf(status);
  if (!reason.has_value() || !absl::StartsWith(reason->code, "workspace_")) return std::nullopt;
  return OnlyRefused(*reason, WorkspaceOf(options, caller));
}

}  // namespace

absl::StatusOr<audit::AuditReport> AuditHere(const RunSettings& settings, const std::vector<std::string>& command,
                                             const Caller& caller, const RuntimeOptions& options) {
  const auto decided = DecideHere(settings, command, caller, options);
  if (decided.ok()) return Audit(*decided, settings, caller);
  std::optional<audit::AuditReport> report = RefusedWorkspace(decided.status(), settings, caller);
  if (report.has_value()) return *std::move(report);
  return decided.status();
}

}  // namespace paddock
