#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/plan_builder.h"
#include "core/backend/assessment_builder.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

struct Grant {
  PathRule rule;
  std::string path;
  PathFacts facts;
};

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

// What the rule leads to on the host.
absl::Status Resolve(const TokenPlanBuilder& b, const PathRule& rule, Grant* grant) {
  const bool is_workspace = !b.request.workspace.empty() && SameWindowsPath(rule.path, b.request.workspace);
  const PathFacts* const found = is_workspace ? &b.facts.workspace.root : b.Find(rule.path);
  if (found == nullptr || found->type == PathType::kAbsent || found->real_path.empty()) {
    return Refuse(is_workspace ? "workspace_missing" : "grant_missing",
                  absl::StrCat(rule.path, " (", rule.text, ") does not exist, or cannot be looked at"));
  }
  *grant = {rule, found->real_path, *found};
  if (is_workspace || found->type == PathType::kDirectory || found->type == PathType::kFile) return absl::OkStatus();
  return Refuse("grant_not_a_tree",
                absl::StrCat(rule.path, " (", rule.text, ") is neither a directory nor a file; name what it leads to"));
}

// A junction inside the workspace may have been made by an earlier run: it is followed only to where that run could
// write anyway.
absl::Status CheckContained(const TokenPlanBuilder& b, const Grant& grant) {
  const std::string& root = b.facts.workspace.root.real_path;
  if (root.empty() || MayLieIn(grant.path, root) || !MayLieIn(b.Located(grant.rule.path), root)) {
    return absl::OkStatus();
  }
  return Refuse("grant_leaves_workspace",
                absl::StrCat(grant.rule.path, " is a link in the workspace that leads to ", grant.path));
}

// Entries on the wrong place outlive the run and reach further than anybody meant.
absl::Status CheckPlace(const TokenPlanBuilder& b, const Grant& grant) {
  if (IsTooWide(grant.path, b.facts.host)) {
    return Refuse("workspace_is_system",
                  absl::StrCat(grant.path, " (", grant.rule.text,
                               ") is, or holds, a drive, a home directory or the system itself"));
  }
  const std::string& state = b.facts.leases.state_dir;
  if (MayLieIn(state, grant.path) || MayLieIn(grant.path, state)) {
    return Refuse("grant_holds_paddock",
                  absl::StrCat(grant.path, " would let the command write Paddock's own state in ", state));
  }
  // Where the workspace lies is a fact; of other places the name alone speaks.
  const std::string& workspace = b.facts.workspace.root.real_path;
  if (!workspace.empty() && LiesIn(grant.path, workspace)) return absl::OkStatus();
  const auto parsed = WindowsPath::Parse(grant.path);
  for (const std::string& name : parsed.ok() ? parsed->components() : std::vector<std::string>()) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (lower == "onedrive" || absl::StartsWith(lower, "onedrive - ")) {
      return Refuse("workspace_synced", absl::StrCat(grant.path, " lies in a folder named ", name));
    }
  }
  return absl::OkStatus();
}

// Of the workspace's volume the facts tell whether it is local and keeps lists of access; of no other.
absl::Status CheckVolume(const TokenPlanBuilder& b, const Grant& grant) {
  const PathFacts& root = b.facts.workspace.root;
  const bool known = !root.real_path.empty() && root.device != 0 && grant.facts.device == root.device;
  if (known) return absl::OkStatus();
  return Refuse("grant_volume_unknown",
                absl::StrCat(grant.path, " (", grant.rule.text, ") is not known to lie on the workspace's volume"));
}

// Files that another root's tree holds come after it.
void AddRoots(TokenPlanBuilder& b, std::vector<Grant> grants) {
  std::stable_sort(grants.begin(), grants.end(), [](const Grant& left, const Grant& right) {
    return absl::AsciiStrToLower(left.path) < absl::AsciiStrToLower(right.path);
  });
  for (const Grant& grant : grants) {
    const std::string rule = absl::StrCat("filesystem.write ", grant.rule.text);
    const bool directory = grant.facts.type != PathType::kFile;
    if (directory) {
      b.Decide(rule, Verdict::kEnforced, "entries for the run's capability on the tree; a write-restricted token");
    } else {
      b.Decide(rule, Verdict::kApproximated, "an entry for the run's capability on the file; a write-restricted token",
               "it can be written in place, not replaced");
    }
    if (b.RootOf(grant.path) == nullptr) b.AddRoot(grant.path, directory, rule);
  }
}

}  // namespace

absl::Status PlanGrants(TokenPlanBuilder& b) {
  std::vector<Grant> grants;
  for (const PathRule& rule : b.request.write) {
    Grant grant;
    RETURN_IF_ERROR(Resolve(b, rule, &grant));
    RETURN_IF_ERROR(CheckContained(b, grant));
    RETURN_IF_ERROR(CheckPlace(b, grant));
    RETURN_IF_ERROR(CheckVolume(b, grant));
    b.places.push_back({rule.path, grant.path});
    grants.push_back(std::move(grant));
  }
  AddRoots(b, std::move(grants));
  return absl::OkStatus();
}

}  // namespace paddock
