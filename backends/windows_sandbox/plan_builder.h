#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_PLAN_BUILDER_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_PLAN_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backends/windows_sandbox/sandbox_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// A folder of the request that the machine gets.
struct PlannedFolder {
  std::string asked;    // as the request has it
  std::string host;     // where it is
  std::string sandbox;  // inside; of a copied workspace: of the copy
  bool writable = false;
};

// A plan under construction: what the functions below read from each other. One is made per call of Plan.
struct SandboxPlanBuilder {
  const Request& request;
  const Facts& facts;
  WindowsSandboxPlan& body;
  LaunchPlan& plan;

  std::vector<PlannedFolder> folders = {};

  const PathFacts* Find(const std::string& path) const;
  // The folder that `path` lies in for certain, or may lie in.
  const PlannedFolder* FolderOf(absl::string_view path) const;
  const PlannedFolder* FolderThatMayHold(absl::string_view path) const;
  void Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing = "");
};

bool MayLieInFolder(absl::string_view path, absl::string_view folder);
bool LiesInFolder(absl::string_view path, absl::string_view folder);
// "C:\paddock\workspace\src" of "C:\ws\src" in C:\ws.
std::string InsideOf(const PlannedFolder& folder, absl::string_view text);

// How the workspace gets into the machine; assess.cc and the plan agree by it.
WorkspaceMode ModeFor(const Request& request);

// Whether something that nobody may read may lie in a folder that the machine gets, so that it is read there.
bool SecretsMayBeMapped(const Request& request, const Facts& facts);

// plan_folders.cc: what is mapped where. Refuses what is not there, is no directory, is a drive, a profile or the
// system, holds Paddock's own files, or lies where no machine sees it.
absl::Status PlanFolders(SandboxPlanBuilder& b);

// plan_verdicts.cc: one for each rule of the policy.
void PlanVerdicts(SandboxPlanBuilder& b);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_PLAN_BUILDER_H_
