#include "core/platform/posix/git_layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/git_config.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/path_lookup.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

constexpr size_t kMaxLinkFile = 8 << 10;  // .git, commondir, gitdir: one path each
constexpr size_t kMaxConfig = 1 << 20;
constexpr size_t kMaxIncludedFiles = 64;  // read for one repository
constexpr uint64_t kMaxModuleEntries = 20000;
constexpr uint64_t kMaxWorktrees = 4096;

// `text` as git reads it, from `directory`; not made normal, since ".." counts from where links lead.
std::string PathFrom(const std::string& directory, absl::string_view text) {
  return IsAbsolutePath(text) ? std::string(text) : AppendPath(directory, text);
}

// The path in a one-path file, without the newlines at its end; empty if there is none.
std::string ReadPathFile(const std::string& file, absl::string_view prefix = "") {
  const std::optional<std::string> text = ReadRawFile(AT_FDCWD, file, kMaxLinkFile, /*follow_link=*/false);
  absl::string_view line = text.has_value() ? absl::string_view(*text) : "";
  if (!absl::ConsumePrefix(&line, prefix)) return "";
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line.find('\0') == absl::string_view::npos ? std::string(line) : "";
}

bool IsDirectory(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool HasHead(const std::string& git_dir) {
  struct stat status = {};
  return lstat(AppendPath(git_dir, "HEAD").c_str(), &status) == 0 &&
         (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode));
}

struct ConfigFile {
  std::string path;
  std::string top;  // of the worktree that it is for; empty: unknown
};

class Looker {
 public:
  Looker(const std::string& root, const GitLookInputs& inputs) : inputs_(inputs) { facts_.root = root; }

  RepositoryFacts Run() {
    facts_.well_formed = Yes("HEAD, objects and refs are there");
    FindGitDir();
    if (!facts_.git_dir.empty()) {
      FindCommonDir();
      if (facts_.well_formed.yes()) CheckContents();
      FindBackLink();
      ListWorktrees();
      ListModules();
    }
    ReadConfigs();
    return std::move(facts_);
  }

 private:
  void Distrust(const std::string& reason) {
    if (facts_.well_formed.yes()) facts_.well_formed = No(reason);
  }

  // The real path of the directory at `path`, which may be any text. Distrusts a way that the workspace controls.
  std::string FollowTo(const std::string& path, absl::string_view what) {
    const PathLook look = LookAtPathAndLinks(path);
    for (const std::string& link : look.links) {
      if (PathIsWithin(link, inputs_.workspace)) {
        Distrust(absl::StrCat(what, " leads through ", link, ", a symbolic link in the workspace"));
      }
    }
    const std::string& real = look.facts.real_path;
    if (!real.empty() && IsDirectory(real)) return real;
    Distrust(absl::StrCat(what, " leads to ", path, ", which is no directory"));
    return "";
  }

  void FindGitDir() {
    const std::string dot_git = AppendPath(facts_.root, ".git");
    const PathType type = LookAtPath(dot_git).type;
    if (type == PathType::kDirectory) {
      facts_.git_dir = dot_git;
    } else if (type == PathType::kSymlink) {
      Distrust(absl::StrCat(dot_git, " is a symbolic link"));
      facts_.git_dir = FollowTo(dot_git, dot_git);
    } else if (type == PathType::kFile) {
      facts_.kind = RepositoryKind::kGitFile;
      const std::string target = ReadPathFile(dot_git, "gitdir: ");
      if (target.empty()) return Distrust(absl::StrCat(dot_git, " does not say `gitdir: PATH`, or is too long"));
      facts_.git_dir = FollowTo(PathFrom(facts_.root, target), dot_git);
    } else {
      Distrust(absl::StrCat(dot_git, " is neither a directory nor a file"));
    }
  }

  void FindCommonDir() {
    facts_.common_dir = facts_.git_dir;
    const std::string file = AppendPath(facts_.git_dir, "commondir");
    struct stat status = {};
    if (lstat(file.c_str(), &status) != 0) return;
    const std::string target = ReadPathFile(file);
    if (target.empty()) return Distrust(absl::StrCat(file, " holds no path"));
    const std::string common = FollowTo(PathFrom(facts_.git_dir, target), file);
    if (common.empty() || common == facts_.git_dir) return;
    facts_.common_dir = common;
    // Only linked worktrees have one; in a main repository it makes the host's git run another repository's programs.
    if (facts_.kind == RepositoryKind::kDirectory) Distrust(absl::StrCat(file, " leads to ", common));
  }

  void CheckContents() {
    if (!HasHead(facts_.git_dir)) return Distrust(absl::StrCat(facts_.git_dir, " has no HEAD"));
    for (const char* name : {"objects", "refs"}) {
      const std::string path = AppendPath(facts_.common_dir, name);
      if (!IsDirectory(path)) return Distrust(absl::StrCat(path, " is no directory"));
    }
  }

  void FindBackLink() {
    if (facts_.kind != RepositoryKind::kGitFile) return;
    const std::string file = AppendPath(facts_.git_dir, "gitdir");
    const std::string named = ReadPathFile(file);
    if (!named.empty()) {
      const std::string real = LookAtPath(PathFrom(facts_.git_dir, named)).real_path;
      facts_.back_linked = YesIf(real == AppendPath(facts_.root, ".git"), file);
      return;
    }
    const std::string config = AppendPath(facts_.git_dir, "config");
    const std::string worktree = CoreWorktree(facts_.git_dir);
    if (worktree.empty()) {
      facts_.back_linked = No(absl::StrCat(config, ": no core.worktree that names ", facts_.root));
    } else {
      const std::string real = LookAtPath(worktree).real_path;
      facts_.back_linked = YesIf(real == facts_.root, absl::StrCat(config, ": core.worktree"));
    }
  }

  void ListWorktrees() {
    const std::string directory = AppendPath(facts_.common_dir, "worktrees");
    const UniqueFd fd = OpenWithoutLinks(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!fd.valid()) return;
    const WalkResult walk = WalkDirectory(fd.get(), kMaxWorktrees, [&](const WalkEntry& entry) {
      if (entry.is_directory) facts_.worktrees.push_back(AppendPath(directory, entry.path));
      return false;
    });
    if (!walk.complete) Distrust(absl::StrCat(directory, " cannot be listed to its end"));
    std::sort(facts_.worktrees.begin(), facts_.worktrees.end());
  }

  // Names of modules may hold slashes ("libs/zlib"), and a module may hold modules: a directory with a HEAD is one, and
  // of it only `modules` is looked into.
  void ListModules() {
    const std::string directory = AppendPath(facts_.common_dir, "modules");
    const UniqueFd fd = OpenWithoutLinks(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!fd.valid()) return;
    std::set<std::string> modules;
    const WalkResult walk = WalkDirectory(fd.get(), kMaxModuleEntries, [&](const WalkEntry& entry) {
      if (!entry.is_directory) return false;
      std::string path = AppendPath(directory, entry.path);
      if (modules.contains(std::string(ParentPath(path)))) return entry.name == "modules";
      if (HasHead(path)) modules.insert(std::move(path));
      return true;
    });
    if (!walk.complete) Distrust(absl::StrCat(directory, " cannot be listed to its end"));
    facts_.modules.assign(modules.begin(), modules.end());
  }

  // The last one counts, as in git; "" if there is none.
  std::string CoreWorktree(const std::string& git_dir) const {
    std::string worktree;
    const std::string text = ReadRawFile(AT_FDCWD, AppendPath(git_dir, "config"), kMaxConfig).value_or("");
    for (const GitConfigEntry& entry : ParseGitConfig(text)) {
      if (entry.section != "core" || !entry.subsection.empty() || entry.key != "worktree") continue;
      worktree = PathFrom(git_dir, entry.value);
    }
    return worktree;
  }

  // What is in use, and what the host's git may use next: submodules that are not checked out, other worktrees.
  std::vector<ConfigFile> ConfigFiles() const {
    std::vector<ConfigFile> files;
    for (const std::string& file : inputs_.global_configs) files.push_back({file, facts_.root});
    if (facts_.git_dir.empty()) return files;
    files.push_back({AppendPath(facts_.common_dir, "config"), facts_.root});
    files.push_back({AppendPath(facts_.git_dir, "config.worktree"), facts_.root});
    for (const std::string& module : facts_.modules) {
      const std::string top = CoreWorktree(module);
      for (const char* name : {"config", "config.worktree"}) files.push_back({AppendPath(module, name), top});
    }
    for (const std::string& worktree : facts_.worktrees) {
      const std::string dot_git = ReadPathFile(AppendPath(worktree, "gitdir"));
      const std::string top = dot_git.empty() ? "" : std::string(ParentPath(PathFrom(worktree, dot_git)));
      files.push_back({AppendPath(worktree, "config.worktree"), top});
    }
    return files;
  }

  void ReadConfigs() {
    std::vector<ConfigFile> files = ConfigFiles();
    const size_t limit = files.size() + kMaxIncludedFiles;
    std::set<std::pair<std::string, std::string>> seen;
    while (!files.empty()) {
      const ConfigFile file = std::move(files.back());
      files.pop_back();
      if (!seen.emplace(file.path, file.top).second) continue;
      if (seen.size() > limit) return Distrust("more configuration files are included than are read");
      ReadConfig(file, files);
    }
    auto& targets = facts_.include_targets;
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  }

  void ReadConfig(const ConfigFile& config, std::vector<ConfigFile>& files) {
    const std::string& file = config.path;
    const std::optional<std::string> text = ReadRawFile(AT_FDCWD, file, kMaxConfig);
    if (!text.has_value()) {
      const auto& global = inputs_.global_configs;
      const bool own = std::find(global.begin(), global.end(), file) == global.end();
      if (own && Exists(file)) Distrust(absl::StrCat(file, " cannot be read, or is longer than 1 MiB"));
      return;
    }
    for (const GitConfigEntry& entry : ParseGitConfig(*text)) {
      if ((entry.section == "include" || entry.section == "includeif") && entry.key == "path") {
        const std::string path = ConfigPath(entry.value, std::string(ParentPath(file)));
        if (path.empty()) continue;
        AddTarget(path);
        files.push_back({path, config.top});
      } else if (entry.section == "core" && entry.subsection.empty() && entry.key == "hookspath") {
        // Seen from where hooks run: the top of the worktree (githooks(5)).
        AddTarget(ConfigPath(entry.value, config.top));
      }
    }
  }

  // git-config(1), "pathname": "~/" is the home; "~user/" and "%(prefix)/" never lie in a workspace by intent.
  std::string ConfigPath(absl::string_view value, const std::string& directory) const {
    if (value.empty() || value.find('\0') != absl::string_view::npos || absl::StartsWith(value, "%(prefix)")) return "";
    if (value.front() != '~') {
      return directory.empty() && !IsAbsolutePath(value) ? "" : NormalizePath(PathFrom(directory, value));
    }
    if (inputs_.home.empty() || !absl::ConsumePrefix(&value, "~/")) return "";
    return NormalizePath(AppendPath(inputs_.home, value));
  }

  void AddTarget(const std::string& path) {
    if (path.empty()) return;
    const std::string real = LookAtPath(path).real_path;
    for (const std::string& candidate : {path, real}) {
      if (!candidate.empty() && candidate != inputs_.workspace && PathIsWithin(candidate, inputs_.workspace)) {
        facts_.include_targets.push_back(candidate);
      }
    }
  }

  const GitLookInputs& inputs_;
  RepositoryFacts facts_;
};

constexpr std::array<absl::string_view, 9> kGuardedNames = {
    "hooks", "config", "config.worktree", "info", "info/attributes", "commondir", "gitdir", "modules", "worktrees"};
constexpr std::array<absl::string_view, 3> kGuardedInWorktree = {"commondir", "gitdir", "config.worktree"};

}  // namespace

RepositoryFacts LookAtRepository(const std::string& root, const GitLookInputs& inputs) {
  return Looker(root, inputs).Run();
}

std::vector<std::string> GuardedGitPaths(const RepositoryFacts& repository) {
  std::vector<std::string> directories = repository.modules;
  directories.push_back(repository.git_dir);
  if (repository.common_dir != repository.git_dir) directories.push_back(repository.common_dir);
  std::vector<std::string> paths = repository.include_targets;
  paths.push_back(AppendPath(repository.root, ".git"));
  for (const std::string& directory : directories) {
    if (directory.empty()) continue;
    paths.push_back(directory);
    for (absl::string_view name : kGuardedNames) paths.push_back(AppendPath(directory, name));
  }
  for (const std::string& worktree : repository.worktrees) {
    paths.push_back(worktree);
    for (absl::string_view name : kGuardedInWorktree) paths.push_back(AppendPath(worktree, name));
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace paddock
