#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/plan_builder.h"
#include "core/base/status_macros.h"
#include "core/windows_plan/grants.h"

namespace paddock {
namespace {

// Files that another root's tree holds come after it.
void AddRoots(TokenPlanBuilder& b, const std::vector<WindowsGrant>& grants) {
  for (const WindowsGrant& grant : grants) {
    const std::string rule = absl::StrCat("filesystem.write ", grant.rule.text);
    if (grant.directory()) {
      b.Decide(rule, Verdict::kEnforced, "entries for the run's capability on the tree; a write-restricted token");
    } else {
      b.Decide(rule, Verdict::kApproximated, "an entry for the run's capability on the file; a write-restricted token",
               "it can be written in place, not replaced");
    }
    if (b.RootOf(grant.path) == nullptr) b.AddRoot(grant.path, grant.directory(), rule);
  }
}

}  // namespace

absl::Status PlanGrants(TokenPlanBuilder& b) {
  ASSIGN_OR_RETURN(const std::vector<WindowsGrant> grants,
                   FindGrants(b.request, b.facts, b.request.write, {.entries = true}, &b.places));
  AddRoots(b, grants);
  return absl::OkStatus();
}

}  // namespace paddock
