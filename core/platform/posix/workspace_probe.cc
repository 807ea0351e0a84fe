#include "core/platform/posix/workspace_probe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/file_system.h"
#include "core/platform/posix/git_files.h"
#include "core/platform/posix/path_lookup.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

// More `.git` entries than this are not looked into: a command may make as many as it likes.
constexpr size_t kMaxRepositories = 2000;

// FAT's time stamps.
constexpr int64_t kCoarsestStamps = 2'000'000'000;

class WorkspaceLooker {
 public:
  WorkspaceLooker(const Request& request, const MountTable& mounts, const WorkspaceProbeInputs& inputs)
      : request_(request), mounts_(mounts), inputs_(inputs) {}

  absl::StatusOr<WorkspaceFacts> Run() {
    RETURN_IF_ERROR(CompileGlobs());
    if (!request_.workspace.empty()) LookAtRoot();
    LookAtRules();
    for (const std::string& landmark : inputs_.landmarks) Look(landmark);
    if (start_.valid()) WalkWorkspace();
    WalkOutside();
    LookAtRepositories();
    for (auto& [pattern, matches] : facts_.globs) {
      std::sort(matches.begin(), matches.end());
      matches.erase(std::unique(matches.begin(), matches.end()), matches.end());
    }
    FindAliases();
    return std::move(facts_);
  }

 private:
  template <typename F>
  void ForEachRule(F f) const {
    for (const auto* rules :
         {&request_.write, &request_.deny_write, &request_.read_only, &request_.deny_read, &request_.unix_sockets}) {
      for (const PathRule& rule : *rules) f(rule);
    }
  }

  absl::Status CompileGlobs() {
    absl::Status status;
    const auto check = [&](absl::string_view path) {
      if (path.find('\0') == absl::string_view::npos) return;
      status.Update(absl::InvalidArgumentError(absl::StrCat("NUL byte in the path \"", absl::CEscape(path), "\"")));
    };
    check(request_.workspace);
    check(request_.cwd);
    ForEachRule([&](const PathRule& rule) {
      check(rule.path);
      if (!rule.glob || facts_.globs.contains(rule.path)) return;
      absl::StatusOr<Glob> glob = Glob::Compile(rule.path);
      status.Update(glob.status());
      if (!glob.ok()) return;
      facts_.globs[rule.path];
      const bool inside = !request_.workspace.empty() && PathIsWithin(glob->literal_prefix(), request_.workspace);
      (inside ? globs_inside_ : globs_outside_).push_back(*std::move(glob));
    });
    return status;
  }

  // A mask covers one path; a bind mount shows the same file at another.
  void FindAliases() {
    const auto find = [&](const std::string& path) {
      const std::string real = Look(path).real_path;
      if (real.empty() || facts_.aliases.contains(real)) return;
      std::vector<std::string> aliases = mounts_.AliasesOf(real);
      for (const std::string& alias : aliases) Look(alias);
      if (!aliases.empty()) facts_.aliases[real] = std::move(aliases);
    };
    for (const PathRule& rule : request_.deny_read) {
      if (!rule.glob) find(rule.path);
      const auto matches = facts_.globs.find(rule.path);
      if (rule.glob && matches != facts_.globs.end())
        std::for_each(matches->second.begin(), matches->second.end(), find);
    }
  }

  // The facts of `path`, looked up once; those of what it leads to as well.
  const PathFacts& Look(const std::string& path) {
    const auto [entry, is_new] = facts_.paths.try_emplace(path);
    if (!is_new) return entry->second;
    entry->second = LookAtPath(path);
    LookAtWay(path, entry->second);
    return entry->second;
  }

  // What `path` leads to, and through what.
  void LookAtWay(const std::string& path, const PathFacts& found) {
    if (!found.real_path.empty() && found.real_path != path) Look(found.real_path);
    for (const std::string& on_the_way : found.via) Look(on_the_way);
  }

  // `path` and every directory between it and `top`, which holds it.
  void LookWithAncestors(const std::string& path, const std::string& top) {
    for (std::string at = path; at != top && at != "/"; at = std::string(ParentPath(at))) Look(at);
  }

  void LookAtRoot() {
    facts_.root = Look(request_.workspace);
    workspace_ = facts_.root.real_path;
    if (workspace_.empty()) return;
    facts_.submounts = mounts_.MountPointsBelow(workspace_);
    UniqueFd fd = OpenWithoutLinks(workspace_, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    const UniqueFd path_fd = OpenWithoutLinks(workspace_, O_PATH | O_DIRECTORY);
    if (!path_fd.valid()) return;
    FileSystemFacts file_system = LookAtFileSystem(fd.valid() ? fd.get() : path_fd.get(), workspace_, mounts_);
    facts_.filesystem = std::move(file_system.name);
    facts_.location = file_system.location;
    facts_.location_source = std::move(file_system.location_source);
    facts_.read_only = std::move(file_system.read_only);
    facts_.case_insensitive = std::move(file_system.case_insensitive);
    if (!fd.valid() || faccessat(path_fd.get(), ".", R_OK | X_OK, AT_EACCESS) != 0) {
      facts_.root.type = PathType::kUnreadable;
      return;
    }
    start_ = std::move(fd);
  }

  void LookAtRules() {
    if (!request_.cwd.empty()) Look(request_.cwd);
    ForEachRule([&](const PathRule& rule) {
      if (!rule.glob) Look(rule.path);
    });
    for (const auto* rules : {&request_.deny_write, &request_.read_only, &request_.deny_read}) {
      for (const PathRule& rule : *rules) {
        if (rule.glob) continue;
        for (const PathRule& grant : request_.write) {
          if (!grant.glob && PathIsWithin(rule.path, grant.path)) LookWithAncestors(rule.path, grant.path);
        }
      }
    }
  }

  bool RefusedAnyway() const {
    return workspace_ == "/" || (!inputs_.home.empty() && PathIsWithin(inputs_.home, workspace_));
  }

  void WalkWorkspace() {
    if (RefusedAnyway()) {
      facts_.scan_complete = false;
      const WalkResult walk = WalkDirectory(start_.get(), 1, [](const WalkEntry&) { return false; });
      facts_.empty = YesIf(walk.root_entries == 0, "getdents64(2)");
      return;
    }
    auto seen = std::make_shared<SeenTree>();
    timespec now = {};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);  // the clock of time stamps
    seen->racy_since = Nanoseconds(now) - kCoarsestStamps;
    const auto visit = [&](const WalkEntry& entry) {
      Match(globs_inside_, request_.workspace, workspace_, entry);
      const std::optional<struct stat> git = FindGit(entry);
      if (!git) return true;
      seen->repositories.push_back(Seen(entry.path, *git));
      if (repository_roots_.size() < kMaxRepositories) {
        repository_roots_.push_back(AppendPath(workspace_, ParentBelow(entry.path)));
      } else {
        facts_.scan_complete = false;
      }
      return false;
    };
    const WalkResult walk = WalkDirectory(
        start_.get(), inputs_.max_entries, visit,
        [&](absl::string_view path, const struct stat& status) { seen->directories.push_back(Seen(path, status)); });
    facts_.empty = YesIf(walk.root_entries == 0, "getdents64(2)");
    facts_.scan_complete = facts_.scan_complete && walk.complete;
    seen->complete = walk.complete;
    facts_.seen = std::move(seen);
  }

  // "a/b" -> "a"; "a" -> "".
  static absl::string_view ParentBelow(absl::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == absl::string_view::npos ? "" : path.substr(0, slash);
  }

  void WalkOutside() {
    for (const Glob& glob : globs_outside_) {
      const PathFacts& base = Look(glob.literal_prefix());
      const UniqueFd fd = OpenWithoutLinks(base.real_path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
      if (!fd.valid()) continue;
      const std::string& shown = glob.literal_prefix();
      const std::string real = base.real_path;
      const WalkResult walk = WalkDirectory(fd.get(), inputs_.max_entries_outside, [&](const WalkEntry& entry) {
        Match(absl::MakeConstSpan(&glob, 1), shown, real, entry);
        return entry.is_directory && !FindGit(entry) && glob.MayMatchBelow(AppendPath(shown, entry.path));
      });
      facts_.scan_complete = facts_.scan_complete && walk.complete;
    }
  }

  // `shown` is the start of the walk as the request spells it, which patterns refer to; `real` is what it leads to.
  void Match(absl::Span<const Glob> globs, const std::string& shown, const std::string& real, const WalkEntry& entry) {
    if (globs.empty()) return;
    shown_path_.assign(shown == "/" ? "" : shown);
    absl::StrAppend(&shown_path_, "/", entry.path);
    for (const Glob& glob : globs) {
      if (!glob.Matches(shown_path_)) continue;
      const std::string path = AppendPath(real, entry.path);
      facts_.globs[glob.pattern()].push_back(path);
      AddMatch(path, entry);
    }
  }

  // The walk stands in the directory: no second look-up of the whole path.
  void AddMatch(const std::string& path, const WalkEntry& entry) {
    const auto [found, is_new] = facts_.paths.try_emplace(path);
    struct stat status = {};
    if (!is_new) return;
    if (fstatat(entry.directory_fd, std::string(entry.name).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    FillPathFacts(status, found->second);
    found->second.real_path = path;
    if (found->second.type != PathType::kSymlink) return;
    found->second = LookAtPath(path);
    LookAtWay(path, found->second);
  }

  void LookAtRepositories() {
    GitLookInputs git;
    git.workspace = workspace_;
    git.home = inputs_.home;
    git.global_configs = GlobalConfigs();
    const PosixGitFiles files;
    for (const PathRule& grant : request_.write) {
      if (!grant.glob) AddGrantRoot(Look(grant.path).real_path);
    }
    std::sort(repository_roots_.begin(), repository_roots_.end());
    repository_roots_.erase(std::unique(repository_roots_.begin(), repository_roots_.end()), repository_roots_.end());
    for (const std::string& root : repository_roots_) {
      facts_.repositories.push_back(LookAtGitRepository(root, git, files));
      const RepositoryFacts& repository = facts_.repositories.back();
      for (const std::string& path : GuardedGitPaths(repository, files.separator())) Look(path);
      for (const std::string& target : repository.include_targets) LookWithAncestors(target, workspace_);
    }
  }

  // A checkout that is granted beside the workspace is as much of a trap as one inside.
  void AddGrantRoot(const std::string& real) {
    if (real.empty() || (!workspace_.empty() && PathIsWithin(real, workspace_))) return;
    if (LookAtPath(AppendPath(real, ".git")).type != PathType::kAbsent) repository_roots_.push_back(real);
  }

  std::vector<std::string> GlobalConfigs() const {
    std::vector<std::string> files = {inputs_.root + "/etc/gitconfig"};
    if (!inputs_.home.empty()) files.push_back(AppendPath(inputs_.home, ".gitconfig"));
    if (!inputs_.config_home.empty()) {
      files.push_back(AppendPath(inputs_.config_home, "git/config"));
    } else if (!inputs_.home.empty()) {
      files.push_back(AppendPath(inputs_.home, ".config/git/config"));
    }
    return files;
  }

  const Request& request_;
  const MountTable& mounts_;
  const WorkspaceProbeInputs& inputs_;
  WorkspaceFacts facts_;
  std::string workspace_;  // real path; empty: none
  UniqueFd start_;         // the workspace, open for reading
  std::vector<Glob> globs_inside_, globs_outside_;
  std::vector<std::string> repository_roots_;
  std::string shown_path_;  // scratch of Match
};

}  // namespace

absl::StatusOr<WorkspaceFacts> LookAtWorkspace(const Request& request, const MountTable& mounts,
                                               const WorkspaceProbeInputs& inputs) {
  return WorkspaceLooker(request, mounts, inputs).Run();
}

}  // namespace paddock
