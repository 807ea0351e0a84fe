#include "core/backend/assessment_builder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/system_places.h"
#include "core/base/windows_path.h"
#include "core/host/predicates.h"

namespace paddock {
namespace {

// Asked again of where the workspace leads, which a request does not know. What is in a directory of the system is
// read by services that the sandbox does not hold.
bool IsTooWideOnLinux(absl::string_view path, absl::string_view home) {
  return path == "/" || FindPosixSystemPlace(path) || (IsAbsolutePath(home) && PathIsWithin(home, path));
}

// Refused unless it is certain that it is none of them. Of a path of another system nothing is said.
bool IsTooWideOnWindows(absl::string_view text, absl::string_view home_text) {
  if (!LooksLikeWindowsPath(text)) return false;
  const auto path = WindowsPath::Parse(text), home = WindowsPath::Parse(home_text);
  if (!path.ok() || path->IsRoot() || FindWindowsSystemPlace(text)) return true;
  return home.ok() && home->IsAbsolute() && home->IsWithin(*path).MayBe();
}

std::string Located(absl::string_view what, const WorkspaceFacts& workspace) {
  return workspace.location_source.empty() ? std::string(what)
                                           : absl::StrCat(what, " (", workspace.location_source, ")");
}

}  // namespace

bool IsTooWide(absl::string_view path, const HostFacts& host) {
  if (path.empty()) return false;
  return host.os == OsFamily::kLinux ? IsTooWideOnLinux(path, host.home) : IsTooWideOnWindows(path, host.home);
}

AssessmentBuilder::AssessmentBuilder(const Request& request, const Facts& facts) : request_(request), facts_(facts) {
  for (const Condition condition :
       {Condition::kOpenBinaries, Condition::kHostWorkspace, Condition::kNoAdmin, Condition::kTree}) {
    assessment_.conditions.push_back({condition, Meets::kNo, ""});
  }
}

void AssessmentBuilder::Block(absl::string_view code, absl::string_view detail) { Block(MakeReason(code, detail)); }

void AssessmentBuilder::Block(Reason reason) { assessment_.blockers.push_back(std::move(reason)); }

void AssessmentBuilder::WeakenedBy(absl::string_view code, absl::string_view detail) {
  WeakenedBy(MakeReason(code, detail));
}

void AssessmentBuilder::WeakenedBy(Reason reason) { assessment_.weakened_by.push_back(std::move(reason)); }

void AssessmentBuilder::AddRisk(absl::string_view code, absl::string_view detail) {
  assessment_.risks.push_back({std::string(code), std::string(detail)});
}

void AssessmentBuilder::Meet(Condition condition, Meets meets, absl::string_view detail) {
  ConditionResult& result = assessment_.conditions[static_cast<size_t>(condition)];
  result.meets = meets;
  result.detail = std::string(detail);
}

bool AssessmentBuilder::RequireHost(OsFamily os) {
  if (facts_.host.os == os) return true;
  Block("host_os_mismatch", os == OsFamily::kLinux ? "runs on Linux hosts only, and this one runs Windows"
                                                   : "runs on Windows hosts only, and this one runs Linux");
  return false;
}

void AssessmentBuilder::CheckWorkspace() {
  if (request_.workspace.empty()) return;
  const WorkspaceFacts& workspace = facts_.workspace;
  const std::string& path = request_.workspace;
  switch (workspace.root.type) {
    case PathType::kDirectory:
      break;
    case PathType::kSymlink:
      if (!workspace.root.real_path.empty()) break;
      Block("workspace_missing", absl::StrCat("the workspace ", path, " is a symbolic link that leads nowhere"));
      return;
    case PathType::kAbsent:
      Block("workspace_missing", absl::StrCat("the workspace ", path, " does not exist"));
      return;
    case PathType::kUnreadable:
      Block("workspace_unreadable", absl::StrCat("the workspace ", path, " cannot be looked at"));
      return;
    default:
      Block("workspace_not_directory", absl::StrCat("the workspace ", path, " is no directory"));
      return;
  }
  if (request_.write.empty()) return;
  if (IsTooWide(path, facts_.host) || IsTooWide(workspace.root.real_path, facts_.host)) {
    Block("workspace_too_wide",
          absl::StrCat("the workspace ", path,
                       " holds a home directory or the system itself; a grant of it confines nothing"));
  }
  if (workspace.read_only.yes()) {
    Block("workspace_read_only",
          absl::StrCat("the workspace ", path, " is on a file system that is mounted read-only"));
  }
}

void AssessmentBuilder::CheckWorkingDirectory() {
  if (request_.cwd == request_.workspace) return;
  const auto& paths = facts_.workspace.paths;
  auto found = paths.find(request_.cwd);
  if (found == paths.end()) return;
  const bool link = found->second.type == PathType::kSymlink;
  if (link && !found->second.real_path.empty()) found = paths.find(found->second.real_path);
  if (found == paths.end()) return;
  const absl::string_view wrong = [type = found->second.type]() -> absl::string_view {
    switch (type) {
      case PathType::kDirectory:
        return "";
      case PathType::kAbsent:
        return " does not exist";
      case PathType::kUnreadable:
        return " cannot be looked at";
      case PathType::kSymlink:
        return " is a symbolic link that leads nowhere";
      default:
        return " is no directory";
    }
  }();
  if (!wrong.empty()) Block("cwd_unusable", absl::StrCat("the working directory ", request_.cwd, wrong));
}

void AssessmentBuilder::CheckBroker() {
  if (request_.policy.network.mode != NetworkMode::kBrokered) return;
  Block("guarantee_unreachable:network", "network.mode = \"brokered\" needs a broker, and no backend has one");
}

void AssessmentBuilder::CheckWindowsCommand() {
  if (request_.policy.command_os != CommandOs::kLinux) return;
  Block("command_is_linux", "the request says that the command is a Linux command, and this backend runs Windows ones");
}

void AssessmentBuilder::CheckAclWorkspace() {
  if (request_.workspace.empty()) return;
  const WorkspaceFacts& workspace = facts_.workspace;
  switch (workspace.location) {
    case WorkspaceLocation::kUnc:
    case WorkspaceLocation::kNetworkFilesystem:
      Block("workspace_on_network",
            Located("the workspace is on another machine; changes of its ACLs replicate", workspace));
      return;
    case WorkspaceLocation::kMappedDrive:
      Block("workspace_on_mapped_drive",
            Located("the workspace is on a mapped network drive; changes of its ACLs replicate", workspace));
      return;
    case WorkspaceLocation::kSynced:
      Block("workspace_synced", Located("the workspace is synchronised; ACL edits get orphaned there", workspace));
      return;
    case WorkspaceLocation::kWslDistribution:
      Block("workspace_in_wsl",
            Located("the workspace lies inside a WSL distribution, where there are no ACLs", workspace));
      return;
    case WorkspaceLocation::kLocal:
    case WorkspaceLocation::kRemovable:
      break;
    case WorkspaceLocation::kUnknown:
    case WorkspaceLocation::kDrvfs:
      Block("workspace_location_unknown", "it is not known whether the workspace is on a local volume");
      return;
  }
  if (workspace.persistent_acls.yes()) return;
  Block("filesystem_without_acls",
        absl::StrCat(workspace.filesystem.empty() ? "the workspace's file system" : workspace.filesystem,
                     workspace.persistent_acls.no() ? " keeps no ACLs" : " is not known to keep ACLs"));
}

}  // namespace paddock
