#include "core/windows_plan/grants.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/backend/assessment_builder.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

class Finder {
 public:
  Finder(const Request& request, const Facts& facts, const Places& places)
      : request_(request), facts_(facts), places_(places) {}

  // What the rule leads to on the host.
  absl::StatusOr<WindowsGrant> Resolve(const PathRule& rule) const {
    const bool is_workspace = !request_.workspace.empty() && SameWindowsPath(rule.path, request_.workspace);
    const PathFacts* const found = is_workspace ? &facts_.workspace.root : places_.Find(rule.path);
    if (found == nullptr || found->type == PathType::kAbsent || found->real_path.empty()) {
      return Refuse(is_workspace ? "workspace_missing" : "grant_missing",
                    absl::StrCat(rule.path, " (", rule.text, ") does not exist, or cannot be looked at"));
    }
    const WindowsGrant grant = {rule, found->real_path, *found};
    if (is_workspace || found->type == PathType::kDirectory || found->type == PathType::kFile) return grant;
    return Refuse("grant_not_a_tree", absl::StrCat(rule.path, " (", rule.text,
                                                   ") is neither a directory nor a file; name what it leads to"));
  }

  // A junction inside the workspace may have been made by an earlier run: it is followed only to where that run could
  // write anyway.
  absl::Status CheckContained(const WindowsGrant& grant) const {
    const std::string& root = facts_.workspace.root.real_path;
    if (root.empty() || MayLieIn(grant.path, root) || !MayLieIn(places_.Located(grant.rule.path), root)) {
      return absl::OkStatus();
    }
    return Refuse("grant_leaves_workspace",
                  absl::StrCat(grant.rule.path, " is a link in the workspace that leads to ", grant.path));
  }

  absl::Status CheckPlace(const WindowsGrant& grant) const {
    if (IsTooWide(grant.path, facts_.host)) {
      return Refuse("workspace_is_system",
                    absl::StrCat(grant.path, " (", grant.rule.text,
                                 ") is, or holds, a drive, a home directory or the system itself"));
    }
    const std::string& state = facts_.leases.state_dir;
    if (MayLieIn(state, grant.path) || MayLieIn(grant.path, state)) {
      return Refuse("grant_holds_paddock",
                    absl::StrCat(grant.path, " would let the command write Paddock's own state in ", state));
    }
    return absl::OkStatus();
  }

  // Entries on the wrong place outlive the run and reach further than anybody meant. Where the workspace lies is a
  // fact; of other places the name alone speaks.
  absl::Status CheckNotSynced(const WindowsGrant& grant) const {
    const std::string& workspace = facts_.workspace.root.real_path;
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
  absl::Status CheckVolume(const WindowsGrant& grant) const {
    const PathFacts& root = facts_.workspace.root;
    const bool known = !root.real_path.empty() && root.device != 0 && grant.facts.device == root.device;
    if (known) return absl::OkStatus();
    return Refuse("grant_volume_unknown",
                  absl::StrCat(grant.path, " (", grant.rule.text, ") is not known to lie on the workspace's volume"));
  }

 private:
  const Request& request_;
  const Facts& facts_;
  const Places& places_;
};

}  // namespace

absl::StatusOr<std::vector<WindowsGrant>> FindGrants(const Request& request, const Facts& facts,
                                                     const std::vector<PathRule>& rules, const GrantChecks& checks,
                                                     Places* places) {
  std::vector<WindowsGrant> grants;
  const Finder finder(request, facts, *places);
  for (const PathRule& rule : rules) {
    ASSIGN_OR_RETURN(WindowsGrant grant, finder.Resolve(rule));
    RETURN_IF_ERROR(finder.CheckContained(grant));
    RETURN_IF_ERROR(finder.CheckPlace(grant));
    if (checks.entries) {
      RETURN_IF_ERROR(finder.CheckNotSynced(grant));
      RETURN_IF_ERROR(finder.CheckVolume(grant));
    }
    places->Add(rule.path, grant.path);
    grants.push_back(std::move(grant));
  }
  std::stable_sort(grants.begin(), grants.end(), [](const WindowsGrant& left, const WindowsGrant& right) {
    return absl::AsciiStrToLower(left.path) < absl::AsciiStrToLower(right.path);
  });
  return grants;
}

}  // namespace paddock
