#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/plan_builder.h"
#include "core/backend/assessment_builder.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

bool IsWorkspaceItself(const SandboxPlanBuilder& b, absl::string_view path) {
  return !b.request.workspace.empty() && LiesInFolder(path, b.request.workspace) &&
         LiesInFolder(b.request.workspace, path);
}

// A folder is mapped by the service that runs the machine, which has neither the user's drive letters nor the user's
// connections: only a path on a local drive means the same there.
absl::Status CheckPlace(const SandboxPlanBuilder& b, const std::string& host, const std::string& text, bool writable) {
  const auto path = WindowsPath::Parse(host);
  if (!path.ok() || path->kind() != WindowsPathKind::kDrive || !path->CheckUsual().ok()) {
    return Refuse("folder_not_mappable", absl::StrCat(host, " (", text, ") is no folder on a local drive"));
  }
  const auto home = WindowsPath::Parse(b.facts.host.home);
  const bool holds_home = home.ok() && home->IsAbsolute() && home->IsWithin(*path).MayBe();
  if (path->IsRoot() || holds_home || (writable && IsTooWide(host, b.facts.host))) {
    return Refuse("workspace_too_wide",
                  absl::StrCat(host, " (", text, ") is, or holds, a drive, a home directory or the system itself"));
  }
  const std::string& state = b.facts.leases.state_dir;
  if (MayLieInFolder(state, host) || MayLieInFolder(host, state)) {
    return Refuse("grant_holds_paddock",
                  absl::StrCat(host, " (", text, ") would show the command Paddock's own state in ", state));
  }
  return absl::OkStatus();
}

absl::Status AddFolder(SandboxPlanBuilder& b, const PathRule& rule, std::string sandbox, bool writable) {
  const bool workspace = IsWorkspaceItself(b, rule.path);
  const PathFacts* const found = workspace ? &b.facts.workspace.root : b.Find(rule.path);
  if (found == nullptr || found->type == PathType::kAbsent || found->real_path.empty()) {
    return Refuse(workspace ? "workspace_missing" : "grant_missing",
                  absl::StrCat(rule.path, " (", rule.text, ") does not exist, or cannot be looked at"));
  }
  if (found->type != PathType::kDirectory && !(workspace && found->type == PathType::kSymlink)) {
    return Refuse("folder_not_mappable",
                  absl::StrCat(rule.path, " (", rule.text, ") is no folder, and a machine gets folders only"));
  }
  RETURN_IF_ERROR(CheckPlace(b, found->real_path, rule.text, writable));
  b.folders.push_back({rule.path, found->real_path, std::move(sandbox), writable});
  return absl::OkStatus();
}

absl::Status AddWorkspace(SandboxPlanBuilder& b) {
  if (b.request.workspace.empty()) return absl::OkStatus();
  bool granted = false;
  for (const PathRule& rule : b.request.write) granted |= !rule.glob && LiesInFolder(b.request.workspace, rule.path);
  const bool copy = b.body.workspace == WorkspaceMode::kCopy;
  return AddFolder(b, {b.request.workspace, false, "the workspace", {}}, kGuestWorkspace, granted && !copy);
}

std::string NextFolder(const SandboxPlanBuilder& b) {
  return absl::StrCat(kGuestFolders, "\\", b.folders.size() + (b.request.workspace.empty() ? 1 : 0));
}

absl::Status AddGrants(SandboxPlanBuilder& b) {
  const bool copy = b.body.workspace == WorkspaceMode::kCopy;
  for (const PathRule& rule : b.request.write) {
    if (IsWorkspaceItself(b, rule.path)) continue;
    const PlannedFolder* const holder = b.FolderThatMayHold(rule.path);
    if (holder != nullptr && (holder->writable || copy)) continue;
    if (holder != nullptr) {
      return Refuse("folder_not_mappable", absl::StrCat(rule.path, " (", rule.text, ") lies in ", holder->host,
                                                        ", which is mapped as a whole, read-only or not"));
    }
    if (copy) {
      return Refuse("folder_not_mappable",
                    absl::StrCat(rule.path, " (", rule.text, ") would be written on the host, and a copy was asked"));
    }
    RETURN_IF_ERROR(AddFolder(b, rule, NextFolder(b), true));
  }
  return absl::OkStatus();
}

// What may be read though nothing else may. A file by itself, or what is not there, is told by its verdict.
absl::Status AddReadOnly(SandboxPlanBuilder& b) {
  for (const PathRule& rule : b.request.read_only) {
    const PathFacts* const found = b.Find(rule.path);
    if (rule.glob || found == nullptr || found->type != PathType::kDirectory) continue;
    if (b.FolderThatMayHold(rule.path) != nullptr) continue;
    RETURN_IF_ERROR(AddFolder(b, rule, NextFolder(b), false));
  }
  return absl::OkStatus();
}

}  // namespace

bool MayLieInFolder(absl::string_view path, absl::string_view folder) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(folder);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

bool LiesInFolder(absl::string_view path, absl::string_view folder) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(folder);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).Certain();
}

std::string InsideOf(const PlannedFolder& folder, absl::string_view text) {
  for (const std::string& base : {folder.asked, folder.host}) {
    const auto path = WindowsPath::Parse(text), above = WindowsPath::Parse(base);
    if (!path.ok() || !above.ok() || !path->IsWithin(*above).Certain()) continue;
    std::string inside = folder.sandbox;
    for (size_t i = above->components().size(); i < path->components().size(); ++i) {
      absl::StrAppend(&inside, "\\", path->components()[i]);
    }
    return inside;
  }
  return folder.sandbox;
}

const PathFacts* SandboxPlanBuilder::Find(const std::string& path) const {
  const auto found = facts.workspace.paths.find(path);
  return found == facts.workspace.paths.end() ? nullptr : &found->second;
}

const PlannedFolder* SandboxPlanBuilder::FolderOf(absl::string_view path) const {
  for (const PlannedFolder& folder : folders) {
    if (LiesInFolder(path, folder.asked) || LiesInFolder(path, folder.host)) return &folder;
  }
  return nullptr;
}

const PlannedFolder* SandboxPlanBuilder::FolderThatMayHold(absl::string_view path) const {
  for (const PlannedFolder& folder : folders) {
    if (MayLieInFolder(path, folder.asked) || MayLieInFolder(path, folder.host)) return &folder;
  }
  return nullptr;
}

void SandboxPlanBuilder::Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing) {
  plan.verdicts.push_back({rule, verdict, std::move(mechanism), std::move(missing)});
}

WorkspaceMode ModeFor(const Request& request) {
  if (request.workspace.empty()) return WorkspaceMode::kNone;
  for (const Requirement& asked : request.policy.requirements) {
    if (asked.guarantee == Guarantee::kWorkspace && asked.level == workspace_level::kCopy) return WorkspaceMode::kCopy;
  }
  return WorkspaceMode::kMapped;
}

bool SecretsMayBeMapped(const Request& request, const Facts& facts) {
  std::vector<std::string> folders;
  if (!request.workspace.empty()) folders = {request.workspace, facts.workspace.root.real_path};
  for (const auto* rules : {&request.write, &request.read_only}) {
    for (const PathRule& rule : *rules) folders.push_back(rule.path);
  }
  const auto mapped = [&](absl::string_view path) {
    for (const std::string& folder : folders) {
      if (!folder.empty() && (MayLieInFolder(path, folder) || MayLieInFolder(folder, path))) return true;
    }
    return false;
  };
  for (const PathRule& rule : request.deny_read) {
    if (!rule.glob) {
      const auto found = facts.workspace.paths.find(rule.path);
      const bool absent = found != facts.workspace.paths.end() && found->second.type == PathType::kAbsent;
      if (!absent && mapped(rule.path)) return true;
      continue;
    }
    if (folders.empty()) continue;
    if (!facts.workspace.scan_complete) return true;
    const auto matches = facts.workspace.globs.find(rule.path);
    if (matches == facts.workspace.globs.end()) return true;
    for (const std::string& match : matches->second) {
      if (mapped(match)) return true;
    }
  }
  return false;
}

absl::Status PlanFolders(SandboxPlanBuilder& b) {
  RETURN_IF_ERROR(AddWorkspace(b));
  RETURN_IF_ERROR(AddGrants(b));
  RETURN_IF_ERROR(AddReadOnly(b));
  for (const PlannedFolder& folder : b.folders) {
    const bool copied = b.body.workspace == WorkspaceMode::kCopy && folder.sandbox == kGuestWorkspace;
    b.body.machine.folders.push_back({folder.host, copied ? kGuestSource : folder.sandbox, !folder.writable});
    if (copied) {
      b.body.order.copy_from = kGuestSource;
      b.body.order.copy_to = kGuestWorkspace;
    }
  }
  return absl::OkStatus();
}

}  // namespace paddock
