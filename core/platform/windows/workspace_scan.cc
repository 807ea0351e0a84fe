#include "core/platform/windows/workspace_scan.h"
#include "core/platform/windows/git_files.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/windows_glob.h"
#include "core/base/windows_path.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/path_lookup.h"
#include "core/platform/windows/tree_walk.h"

namespace paddock {
namespace {

// More `.git` entries than this are not looked into: a command may make as many as it likes.
constexpr size_t kMaxRepositories = 2000;

std::string Joined(const std::string& directory, const std::string& below) {
  return absl::StrCat(directory, absl::EndsWith(directory, "\\") ? "" : "\\", below);
}

std::string ParentBelow(const std::string& path) {
  const size_t split = path.rfind('\\');
  return split == std::string::npos ? "" : path.substr(0, split);
}

bool LiesWithin(const std::string& path, const std::string& directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).Certain();
}

bool MayLieWithin(const std::string& path, const std::string& directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

bool IsDrive(const std::string& path) {
  const auto parsed = WindowsPath::Parse(path);
  return parsed.ok() && parsed->kind() == WindowsPathKind::kDrive;
}

class WorkspaceScanner {
 public:
  WorkspaceScanner(const Request& request, const ScanInputs& inputs)
      : request_(request), inputs_(inputs), until_(std::chrono::steady_clock::now() + inputs.at_most) {}

  ScannedWorkspace Run() {
    CompileGlobs();
    if (!inputs_.workspace.empty()) ScanInside();
    for (const WindowsGlob& glob : outside_) ScanOutside(glob);
    LookAtRepositories();
    for (auto& [pattern, matches] : scanned_.globs) {
      std::sort(matches.begin(), matches.end());
      matches.erase(std::unique(matches.begin(), matches.end()), matches.end());
    }
    return std::move(scanned_);
  }

 private:
  void CompileGlobs() {
    for (const auto* rules : {&request_.write, &request_.deny_write, &request_.read_only, &request_.deny_read}) {
      for (const PathRule& rule : *rules) {
        if (!rule.glob || scanned_.globs.contains(rule.path)) continue;
        auto glob = WindowsGlob::Compile(rule.path);
        // One that nobody can search for stays without an entry: plans say so.
        if (!glob.ok()) continue;
        const bool inside = !request_.workspace.empty() && LiesWithin(glob->start(), request_.workspace);
        // A share or a distribution that nobody works in is not asked.
        if (!inside && !IsDrive(glob->start())) continue;
        scanned_.globs[rule.path];
        (inside ? inside_ : outside_).push_back(*std::move(glob));
      }
    }
  }

  bool RefusedAnyway() const {
    const auto parsed = WindowsPath::Parse(inputs_.workspace);
    return !parsed.ok() || parsed->IsRoot() || (!inputs_.home.empty() && MayLieWithin(inputs_.home, inputs_.workspace));
  }

  void ScanInside() {
    if (RefusedAnyway()) {
      scanned_.complete = false;
      return;
    }
    const bool complete =
        WalkTreeOfFiles(inputs_.workspace, {inputs_.max_entries, until_}, [&](const TreeEntry& entry) {
          for (const WindowsGlob& glob : inside_) Match(glob, request_.workspace, inputs_.workspace, entry);
          if (!absl::EqualsIgnoreCase(entry.name, ".git")) return true;
          const std::string parent = ParentBelow(entry.path);
          AddRepository(parent.empty() ? inputs_.workspace : Joined(inputs_.workspace, parent));
          return false;
        });
    scanned_.complete = scanned_.complete && complete;
  }

  void AddRepository(std::string root) {
    if (roots_.size() < kMaxRepositories) {
      roots_.push_back(std::move(root));
    } else {
      scanned_.complete = false;
    }
  }

  void ScanOutside(const WindowsGlob& glob) {
    const PathFacts start = LookAtWindowsPath(glob.start());
    if (start.type == PathType::kAbsent) return;
    const std::string& real = start.real_path;
    if (real.empty()) {
      scanned_.complete = false;
      return;
    }
    const bool complete = WalkTreeOfFiles(real, {inputs_.max_entries_outside, until_}, [&](const TreeEntry& entry) {
      Match(glob, glob.start(), real, entry);
      return !absl::EqualsIgnoreCase(entry.name, ".git") && glob.MayMatchBelow(Joined(glob.start(), entry.path));
    });
    scanned_.complete = scanned_.complete && complete;
  }

  // `shown` is the start of the walk as the request spells it, which patterns refer to; `real` is what it leads to.
  void Match(const WindowsGlob& glob, const std::string& shown, const std::string& real, const TreeEntry& entry) {
    if (!glob.Matches(Joined(shown, entry.path))) return;
    const std::string path = Joined(real, entry.path);
    scanned_.globs[glob.pattern()].push_back(path);
    LookAt(path);
  }

  void LookAt(const std::string& path) {
    const auto [entry, is_new] = scanned_.paths.try_emplace(path);
    if (is_new) entry->second = LookAtWindowsPath(path);
  }

  // A checkout that is granted beside the workspace is as much of a trap as one inside.
  void AddGrants() {
    for (const PathRule& grant : request_.write) {
      if (grant.glob || !IsDrive(grant.path)) continue;
      const std::string real = LookAtWindowsPath(grant.path).real_path;
      if (real.empty() || (!inputs_.workspace.empty() && LiesWithin(real, inputs_.workspace))) continue;
      if (LookAtWindowsPath(Joined(real, ".git")).type != PathType::kAbsent) AddRepository(real);
    }
  }

  void LookAtRepositories() {
    AddGrants();
    GitLookInputs git;
    git.workspace = inputs_.workspace;
    git.home = inputs_.home;
    git.global_configs = GlobalConfigs();
    const WindowsGitFiles files(inputs_.workspace, until_);
    std::sort(roots_.begin(), roots_.end());
    roots_.erase(std::unique(roots_.begin(), roots_.end()), roots_.end());
    for (const std::string& root : roots_) {
      if (std::chrono::steady_clock::now() > until_) {
        scanned_.complete = false;
        return;
      }
      scanned_.repositories.push_back(LookAtGitRepository(root, git, files));
      for (const std::string& path : GuardedGitPaths(scanned_.repositories.back(), files.separator())) LookAt(path);
    }
  }

  // Of Git for Windows: the machine's two, and the user's.
  std::vector<std::string> GlobalConfigs() const {
    std::vector<std::string> files;
    const auto add = [&](const char* variable, const char* below) {
      const auto found = inputs_.environment.find(variable);
      if (found != inputs_.environment.end() && IsDrive(found->second)) files.push_back(Joined(found->second, below));
      return found != inputs_.environment.end();
    };
    add("ProgramData", "Git\\config");
    add("ProgramFiles", "Git\\etc\\gitconfig");
    if (inputs_.home.empty()) return files;
    files.push_back(Joined(inputs_.home, ".gitconfig"));
    if (!add("XDG_CONFIG_HOME", "git\\config")) files.push_back(Joined(inputs_.home, ".config\\git\\config"));
    return files;
  }

  const Request& request_;
  const ScanInputs& inputs_;
  const std::chrono::steady_clock::time_point until_;
  ScannedWorkspace scanned_;
  std::vector<WindowsGlob> inside_, outside_;
  std::vector<std::string> roots_;
};

}  // namespace

ScannedWorkspace ScanWindowsWorkspace(const Request& request, const ScanInputs& inputs) {
  return WorkspaceScanner(request, inputs).Run();
}

}  // namespace paddock
