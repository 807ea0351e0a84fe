#include "backends/low_integrity/plan.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/low_integrity/assess.h"
#include "backends/low_integrity/low_plan.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/windows_plan/confinement.h"
#include "core/windows_plan/environment.h"
#include "core/windows_plan/grants.h"
#include "core/windows_plan/places.h"

namespace paddock {
namespace {

// Low, no write up, on a directory and by inheritance on all below it.
constexpr char kLowLabel[] = "S:(ML;OICI;NW;;;LW)";
// What Windows labels nothing with counts as medium; what is low already, nothing here can tell.
constexpr char kUnlessLow[] = "where something had a low label before, the command writes";

struct LowBuilder {
  const Request& request;
  const Facts& facts;
  LowIntegrityPlan& body;
  LaunchPlan& plan;
  Places places;

  void Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing = "") {
    plan.verdicts.push_back({rule, verdict, std::move(mechanism), std::move(missing)});
  }
};

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

absl::Status CheckRequest(const Request& request, const Facts& facts) {
  const auto state = WindowsPath::Parse(facts.leases.state_dir);
  if (!state.ok() || !state->IsAbsolute()) {
    return Refuse("state_dir_unusable", "no directory is known where Paddock could put what the command writes");
  }
  if (request.command.empty() || request.command.front().empty()) {
    return Refuse("command_empty", "the request has no command");
  }
  return absl::OkStatus();
}

// The last name of a path, as a part of another one.
std::string LastName(const std::string& path) {
  const auto parsed = WindowsPath::Parse(path);
  return parsed.ok() && !parsed->components().empty() ? parsed->components().back() : "copy";
}

void AddCopy(LowBuilder& b, const WindowsGrant& grant, const std::string& rule) {
  const size_t number = b.body.copies.size() + 1;
  TreeCopy copy;
  copy.from = grant.path;
  // Of the tree's own name, which programs show and some go by.
  copy.to = BelowDirectory(BelowDirectory(kRunFolder, absl::StrCat(number)), LastName(grant.path));
  copy.directory = grant.directory();
  copy.keep = BelowDirectory(BelowDirectory(b.facts.leases.state_dir, "copies"), absl::StrCat("{run}-", number));
  copy.rule = rule;
  b.body.copies.push_back(std::move(copy));
}

absl::Status PlanCopies(LowBuilder& b) {
  ASSIGN_OR_RETURN(const std::vector<WindowsGrant> grants,
                   FindGrants(b.request, b.facts, b.request.write, {.entries = false}, &b.places));
  for (const WindowsGrant& grant : grants) {
    const std::string rule = absl::StrCat("filesystem.write ", grant.rule.text);
    b.Decide(rule, Verdict::kApproximated, "a private copy with a low label",
             "the copy is written, by every other low process too, and not the tree itself");
    const bool inside = std::any_of(b.body.copies.begin(), b.body.copies.end(),
                                    [&](const TreeCopy& copy) { return MayLieIn(grant.path, copy.from); });
    if (!inside) AddCopy(b, grant, rule);
  }
  return absl::OkStatus();
}

// A path of the host in the copy that stands for it; as it is where there is none.
std::string InCopy(const LowBuilder& b, const std::string& path) {
  std::string located = b.places.Located(path);
  const auto inner = WindowsPath::Parse(located);
  for (const TreeCopy& copy : b.body.copies) {
    const auto outer = WindowsPath::Parse(copy.from);
    if (!copy.directory || !inner.ok() || !outer.ok() || !inner->IsWithin(*outer).Certain()) continue;
    std::string there = copy.to;
    for (size_t i = outer->components().size(); i < inner->components().size(); ++i) {
      there = BelowDirectory(there, inner->components()[i]);
    }
    return there;
  }
  return located;
}

// On the host nothing of a grant is written, so that nothing in it has to be protected.
void DecideNames(LowBuilder& b) {
  const struct {
    const char* key;
    const std::vector<PathRule>& rules;
  } kLists[] = {{"filesystem.deny_write ", b.request.deny_write}, {"filesystem.read_only ", b.request.read_only}};
  for (const auto& list : kLists) {
    for (const PathRule& rule : list.rules) {
      b.Decide(absl::StrCat(list.key, rule.text), Verdict::kApproximated,
               "a low process writes nothing that is labelled medium; a copy is not the host's", kUnlessLow);
    }
  }
  for (const PathRule& rule : b.request.deny_read) {
    b.Decide(absl::StrCat("filesystem.deny_read ", rule.text), Verdict::kNotEnforced, "none",
             "integrity levels keep no file from being read");
  }
}

void DecideReads(LowBuilder& b) {
  const bool minimal = b.request.policy.filesystem.read == ReadMode::kMinimal;
  b.Decide("filesystem.read", minimal ? Verdict::kNotEnforced : Verdict::kEnforced, "the user's own rights",
           minimal ? "the host can be read as it is" : "");
}

void PlanVariables(LowBuilder& b) {
  WindowsEnvironment environment(b.request);
  environment.Force("PADDOCK_SANDBOX", b.plan.backend.name);
  const std::string tmp = BelowDirectory(kRunFolder, "tmp"), home = BelowDirectory(kRunFolder, "home");
  b.body.folders.push_back(tmp);
  for (const char* const name : {"TEMP", "TMP"}) environment.Force(name, tmp);
  const bool asked_private = b.request.policy.filesystem.tmp == TmpMode::kPrivate;
  b.Decide("filesystem.tmp", asked_private ? Verdict::kApproximated : Verdict::kNotEnforced,
           "TEMP and TMP name a folder of the run's own with a low label",
           asked_private ? "the user's temporary folder can be read, and other low processes write the run's"
                         : "the user's temporary folder is not writable");
  if (b.request.policy.filesystem.home == HomeMode::kReadOnly) {
    b.Decide("filesystem.home", Verdict::kApproximated, "a low process writes nothing that is labelled medium",
             "AppData\\LocalLow, and the keys of the registry that are low, can be written");
  } else {
    b.body.folders.push_back(home);
    environment.Redirect(home);
    b.Decide(
        "filesystem.home", Verdict::kApproximated, "variables of common tools name a folder of the run's own",
        "AppData\\LocalLow, and the keys of the registry that are low, can be written and stay; other programs find "
        "the profile not writable");
  }
  b.body.process.environment = environment.Entries();
}

void DecideNetwork(LowBuilder& b) {
  if (b.request.policy.network.mode == NetworkMode::kOpen) {
    return b.Decide("network.mode", Verdict::kEnforced, "the host's network");
  }
  b.Decide("network.mode", Verdict::kNotEnforced, "none", "integrity levels keep nothing from the network");
}

void PlanToken(LowBuilder& b) {
  b.body.label = kLowLabel;
  // What the run creates carries its low label by itself.
  b.body.token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GRGX;;;{logon})";
}

void ListLeases(LowBuilder& b) {
  b.plan.leases.push_back({"run folder", kRunFolder});
  for (const TreeCopy& copy : b.body.copies) b.plan.leases.push_back({"labelled copy", copy.to});
}

absl::Status Fill(LowBuilder& b) {
  b.places.Add(b.request.workspace, b.facts.workspace.root.real_path);
  RETURN_IF_ERROR(PlanCopies(b));
  DecideNames(b);
  DecideReads(b);
  b.body.process = ProcessFor(b.request, b.request.cwd.empty() ? kRunFolder : InCopy(b, b.request.cwd));
  PlanVariables(b);
  DecideNetwork(b);
  DecideSockets(b.request, &b.plan.verdicts);
  PlanToken(b);
  b.body.limits = b.request.policy.limits;
  const bool job_of_its_own = b.facts.host.windows_host.in_job.no();
  b.body.job = JobFor(b.body.limits, /*ui_limits=*/job_of_its_own);
  DecideLimits(b.body.limits, job_of_its_own, &b.plan.verdicts);
  ListLeases(b);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LaunchPlan> PlanLowIntegrity(absl::string_view tier, const Request& request, const Facts& facts) {
  if (!tier.empty()) {
    return ReasonError(absl::StatusCode::kNotFound, "unknown_tier", absl::StrCat("low_integrity has no tier ", tier));
  }
  const Assessment assessment = AssessLowIntegrity(request, facts);
  if (!assessment.usable()) return ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
  RETURN_IF_ERROR(CheckRequest(request, facts));
  auto body = std::make_shared<LowIntegrityPlan>();
  body->state_dir = facts.leases.state_dir;
  LaunchPlan plan;
  plan.backend = {"low_integrity", ""};
  plan.promised = assessment.reached;
  plan.risks = assessment.risks;
  LowBuilder builder{request, facts, *body, plan, Places(facts)};
  RETURN_IF_ERROR(Fill(builder));
  plan.body = std::move(body);
  return plan;
}

}  // namespace paddock
