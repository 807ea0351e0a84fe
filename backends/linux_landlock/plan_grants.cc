#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

// What the rule leads to on the host, with links resolved.
absl::Status Resolve(const PlanBuilder& b, const PathRule& rule, PlanBuilder::Grant* grant) {
  const bool is_workspace = rule.path == b.request.workspace;
  const PathFacts* const found = is_workspace ? &b.facts.workspace.root : b.Find(rule.path);
  if (found == nullptr || found->type == PathType::kAbsent || found->real_path.empty()) {
    return Refuse(is_workspace ? "workspace_missing" : "grant_missing",
                  absl::StrCat(rule.path, " (", rule.text, ") does not exist"));
  }
  // The facts of a link are the link's own: owner and type are asked of what it leads to.
  const PathFacts* const real = found->crosses_symlink ? b.Find(found->real_path) : nullptr;
  *grant = {found->real_path, real == nullptr ? *found : *real, rule};
  return absl::OkStatus();
}

// A link inside the workspace may have been made by an earlier run: it is followed only to where that run could write
// anyway.
absl::Status CheckContained(const PlanBuilder& b, const PlanBuilder::Grant& grant) {
  const std::string& root = b.facts.workspace.root.real_path;
  if (root.empty() || grant.rule.path == b.request.workspace || PathIsWithin(grant.path, root)) return absl::OkStatus();
  const bool inside = PathIsWithin(grant.rule.path, b.request.workspace) || PathIsWithin(grant.rule.path, root);
  if (!inside) return absl::OkStatus();
  return Refuse("grant_leaves_workspace",
                absl::StrCat(grant.rule.path, " is a symbolic link in the workspace that leads to ", grant.path));
}

// Whoever may write these owns the next start.
absl::Status CheckOwnFiles(const PlanBuilder& b, const PlanBuilder::Grant& grant) {
  const std::string home = b.RealPath(b.facts.host.home);
  if (grant.path == "/" || (!home.empty() && PathIsWithin(home, grant.path))) {
    return Refuse(grant.path == "/" ? "workspace_is_root" : "workspace_is_home",
                  absl::StrCat(grant.path, " (", grant.rule.text, ") is no place to hand over whole"));
  }
  const std::string state = b.RealPath(b.facts.leases.state_dir);
  if (!state.empty() && (PathIsWithin(state, grant.path) || PathIsWithin(grant.path, state))) {
    return Refuse("grant_holds_paddock",
                  absl::StrCat(grant.path, " would let the command write Paddock's own state in ", state));
  }
  return absl::OkStatus();
}

// Root without capabilities cannot write what belongs to somebody else; an id-mapped mount mends that.
bool IsForeign(const PlanBuilder& b, const PlanBuilder::Grant& grant) {
  return b.body.uid == 0 && grant.facts.owner > 0;
}

absl::Status CheckOwner(const PlanBuilder& b, const PlanBuilder::Grant& grant) {
  if (!IsForeign(b, grant)) return absl::OkStatus();
  const Fact& idmapped = b.facts.host.linux_host.idmapped_mounts;
  std::string obstacle;
  if (b.body.tier != LinuxTier::kNamespaces) {
    obstacle = absl::StrCat("tier ", Name(b.body.tier), " makes no id-mapped mounts");
  } else if (idmapped.no()) {
    obstacle = absl::StrCat("this host has no id-mapped mounts (", idmapped.source, ")");
  } else {
    return absl::OkStatus();
  }
  return Refuse("workspace_foreign_owned", absl::StrCat(grant.path, " belongs to uid ", grant.facts.owner,
                                                        ", Paddock runs as root, and ", obstacle));
}

MountStep BindStep(const PlanBuilder& b, const PlanBuilder::Grant& grant) {
  MountStep step;
  step.op = MountOp::kBind;
  step.source = step.target = grant.path;
  step.writable = true;
  step.directory = grant.facts.type == PathType::kDirectory || grant.facts.crosses_symlink;
  // The facts of a link are the link's own; the tree behind it is checked by its real path alone.
  if (!grant.facts.crosses_symlink) step.identity = {grant.facts.device, grant.facts.inode};
  if (IsForeign(b, grant)) step.idmap_owner = grant.facts.owner;
  return step;
}

// True if the repository itself vouches for the worktree: its git directory, which names the worktree back, lies where
// git puts it. Elsewhere an earlier run may have made it, with a `commondir` that leads to any repository of the user.
bool IsVouchedFor(const RepositoryFacts& repository) {
  return repository.kind == RepositoryKind::kGitFile && repository.back_linked.yes() && !repository.well_formed.no() &&
         (repository.git_dir == repository.common_dir ||
          ParentPath(repository.git_dir) == absl::StrCat(repository.common_dir, "/worktrees"));
}

// A linked worktree's git directory lies in the main repository, which then counts as part of the workspace.
void GrantLinkedRepository(PlanBuilder& b) {
  for (const RepositoryFacts& repository : b.facts.workspace.repositories) {
    if (repository.root != b.facts.workspace.root.real_path || !IsVouchedFor(repository)) continue;
    if (b.GrantOf(repository.common_dir) != nullptr) continue;
    PlanBuilder::Grant grant;
    grant.path = repository.common_dir;
    if (const PathFacts* const known = b.Find(grant.path)) grant.facts = *known;
    grant.facts.type = PathType::kDirectory;
    grant.rule = {grant.path, false, "the worktree's repository", {"built-in", 0}};
    b.grants.push_back(grant);
  }
}

}  // namespace

absl::Status PlanGrants(PlanBuilder& b) {
  std::vector<PlanBuilder::Grant> wanted;
  for (const PathRule& rule : b.request.write) {
    PlanBuilder::Grant grant;
    if (absl::Status status = Resolve(b, rule, &grant); !status.ok()) return status;
    if (absl::Status status = CheckContained(b, grant); !status.ok()) return status;
    if (absl::Status status = CheckOwnFiles(b, grant); !status.ok()) return status;
    if (grant.facts.type == PathType::kFifo || grant.facts.type == PathType::kSocket ||
        grant.facts.type == PathType::kDevice) {
      return Refuse("grant_not_a_tree", absl::StrCat(grant.path, " is neither a directory nor a file"));
    }
    if (absl::Status status = CheckOwner(b, grant); !status.ok()) return status;
    wanted.push_back(std::move(grant));
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const auto& left, const auto& right) { return left.path < right.path; });
  for (PlanBuilder::Grant& grant : wanted) {
    b.Decide(absl::StrCat("filesystem.write ", grant.rule.text), Verdict::kEnforced,
             b.has_view() ? "bind mount; all else read-only" : "Landlock; all else may only be read");
    if (b.GrantOf(grant.path) == nullptr) b.grants.push_back(std::move(grant));
  }
  GrantLinkedRepository(b);
  if (!b.has_view()) return absl::OkStatus();
  for (const PlanBuilder::Grant& grant : b.grants) b.Add(BindStep(b, grant));
  return absl::OkStatus();
}

}  // namespace paddock
