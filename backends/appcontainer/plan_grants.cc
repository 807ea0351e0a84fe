#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/plan_builder.h"
#include "backends/appcontainer/plan_entries.h"
#include "core/base/status_macros.h"
#include "core/windows_plan/grants.h"

namespace paddock {
namespace {

// Read trees are looked for one by one, since a request may name what nobody has looked at, or what Windows opens to
// packages anyway.
void AddReadRoot(AppContainerBuilder& b, const PathRule& path_rule, const std::string& rule) {
  Places places = b.places;
  const auto grants = FindGrants(b.request, b.facts, {path_rule}, {.entries = true}, &places);
  if (!grants.ok()) return;
  const WindowsGrant& grant = grants->front();
  b.places.Add(path_rule.path, grant.path);
  if (b.RootOf(grant.path) != nullptr) return;
  b.body.roots.push_back(ReadRoot(grant.path, grant.directory(), rule));
}

}  // namespace

absl::Status PlanPackageGrants(AppContainerBuilder& b) {
  ASSIGN_OR_RETURN(const std::vector<WindowsGrant> grants,
                   FindGrants(b.request, b.facts, b.request.write, {.entries = true}, &b.places));
  for (const WindowsGrant& grant : grants) {
    const std::string rule = absl::StrCat("filesystem.write ", grant.rule.text);
    if (grant.directory()) {
      b.Decide(rule, Verdict::kEnforced, "entries that allow the package, taken away after the run");
    } else {
      b.Decide(rule, Verdict::kApproximated, "an entry that allows the package, taken away after the run",
               "it can be written in place, not replaced");
    }
    if (b.RootOf(grant.path) == nullptr) b.body.roots.push_back(WriteRoot(grant.path, grant.directory(), rule));
  }
  // What the command is to work on it has to read, whatever it may write.
  if (!b.request.workspace.empty()) {
    AddReadRoot(b, {b.request.workspace, false, "workspace", {}}, "filesystem.read");
  }
  for (const PathRule& path_rule : b.request.read_only) {
    if (!path_rule.glob) AddReadRoot(b, path_rule, absl::StrCat("filesystem.read_only ", path_rule.text));
  }
  return absl::OkStatus();
}

}  // namespace paddock
