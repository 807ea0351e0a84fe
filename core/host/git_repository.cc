#include "core/host/git_repository.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/git_config.h"

namespace paddock {
namespace {

constexpr size_t kMaxLinkFile = 8 << 10;  // .git, commondir, gitdir: one path each
constexpr size_t kMaxConfig = 1 << 20;
constexpr size_t kMaxIncludedFiles = 64;  // read for one repository
constexpr uint64_t kMaxModuleEntries = 20000;
constexpr uint64_t kMaxWorktrees = 4096;

std::string Join(absl::string_view directory, absl::string_view name, char separator) {
  const bool ends = !directory.empty() && directory.back() == separator;
  return absl::StrCat(directory, ends ? "" : absl::string_view(&separator, 1), name);
}

struct ConfigFile {
  std::string path;
  std::string top;  // of the worktree that it is for; empty: unknown
};

class Looker {
 public:
  Looker(const std::string& root, const GitLookInputs& inputs, const GitFiles& files) : inputs_(inputs), files_(files) {
    facts_.root = root;
  }

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

  std::string Below(absl::string_view directory, absl::string_view name) const {
    return Join(directory, name, files_.separator());
  }
  std::string Parent(const std::string& path) const {
    const size_t split = path.rfind(files_.separator());
    return split == std::string::npos ? "" : files_.Normal(path.substr(0, split + 1));
  }
  bool IsDirectory(const std::string& path) const { return files_.TypeOf(path) == PathType::kDirectory; }
  bool HasHead(const std::string& git_dir) const {
    const PathType type = files_.TypeOf(Below(git_dir, "HEAD"));
    return type == PathType::kFile || type == PathType::kSymlink;
  }

  // The path in a one-path file, without the newlines at its end; empty if there is none.
  std::string ReadPathFile(const std::string& file, absl::string_view prefix = "") const {
    const std::optional<std::string> text = files_.Read(file, kMaxLinkFile, /*follow=*/false);
    absl::string_view line = text.has_value() ? absl::string_view(*text) : "";
    if (!absl::ConsumePrefix(&line, prefix)) return "";
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return line.find('\0') == absl::string_view::npos ? std::string(line) : "";
  }

  // The real path of the directory at `path`, which may be any text. Distrusts a way that the workspace controls.
  std::string FollowTo(const std::string& path, absl::string_view what) {
    if (!files_.MayLook(path)) {
      Distrust(absl::StrCat(what, " leads to ", path.empty() ? "what is no path" : path, ", which is not looked at"));
      return "";
    }
    const std::string link = files_.LinkOnTheWay(path, inputs_.workspace);
    if (!link.empty()) Distrust(absl::StrCat(what, " leads through ", link, ", a link in the workspace"));
    std::string real = files_.RealPath(path);
    if (!real.empty() && IsDirectory(real)) return real;
    Distrust(absl::StrCat(what, " leads to ", path, ", which is no directory"));
    return "";
  }

  void FindGitDir() {
    const std::string dot_git = Below(facts_.root, ".git");
    const PathType type = files_.TypeOf(dot_git);
    if (type == PathType::kDirectory) {
      facts_.git_dir = dot_git;
    } else if (type == PathType::kSymlink) {
      Distrust(absl::StrCat(dot_git, " is a link"));
      facts_.git_dir = FollowTo(dot_git, dot_git);
    } else if (type == PathType::kFile) {
      facts_.kind = RepositoryKind::kGitFile;
      const std::string target = ReadPathFile(dot_git, "gitdir: ");
      if (target.empty()) return Distrust(absl::StrCat(dot_git, " does not say `gitdir: PATH`, or is too long"));
      facts_.git_dir = FollowTo(files_.PathFrom(facts_.root, target), dot_git);
    } else {
      Distrust(absl::StrCat(dot_git, " is neither a directory nor a file"));
    }
  }

  void FindCommonDir() {
    facts_.common_dir = facts_.git_dir;
    const std::string file = Below(facts_.git_dir, "commondir");
    if (files_.TypeOf(file) == PathType::kAbsent) return;
    const std::string target = ReadPathFile(file);
    if (target.empty()) return Distrust(absl::StrCat(file, " holds no path"));
    const std::string common = FollowTo(files_.PathFrom(facts_.git_dir, target), file);
    if (common.empty() || common == facts_.git_dir) return;
    facts_.common_dir = common;
    // Only linked worktrees have one; in a main repository it makes the host's git run another repository's programs.
    if (facts_.kind == RepositoryKind::kDirectory) Distrust(absl::StrCat(file, " leads to ", common));
  }

  void CheckContents() {
    if (!HasHead(facts_.git_dir)) return Distrust(absl::StrCat(facts_.git_dir, " has no HEAD"));
    for (const char* name : {"objects", "refs"}) {
      const std::string path = Below(facts_.common_dir, name);
      if (!IsDirectory(path)) return Distrust(absl::StrCat(path, " is no directory"));
    }
  }

  void FindBackLink() {
    if (facts_.kind != RepositoryKind::kGitFile) return;
    const std::string file = Below(facts_.git_dir, "gitdir");
    const std::string named = ReadPathFile(file);
    if (!named.empty()) {
      const std::string real = files_.RealPath(files_.PathFrom(facts_.git_dir, named));
      facts_.back_linked = YesIf(files_.Same(real, Below(facts_.root, ".git")), file);
      return;
    }
    const std::string config = Below(facts_.git_dir, "config");
    const std::string worktree = CoreWorktree(facts_.git_dir);
    if (worktree.empty()) {
      facts_.back_linked = No(absl::StrCat(config, ": no core.worktree that names ", facts_.root));
    } else {
      const bool same = files_.Same(files_.RealPath(worktree), facts_.root);
      facts_.back_linked = YesIf(same, absl::StrCat(config, ": core.worktree"));
    }
  }

  void ListWorktrees() {
    const std::string directory = Below(facts_.common_dir, "worktrees");
    const bool complete = files_.Walk(directory, kMaxWorktrees, [&](const GitFiles::Entry& entry) {
      if (entry.directory) facts_.worktrees.push_back(Below(directory, entry.path));
      return false;
    });
    if (!complete) Distrust(absl::StrCat(directory, " cannot be listed to its end"));
    std::sort(facts_.worktrees.begin(), facts_.worktrees.end());
  }

  // Names of modules may hold separators ("libs/zlib"), and a module may hold modules: a directory with a HEAD is one,
  // and of it only `modules` is looked into.
  void ListModules() {
    const std::string directory = Below(facts_.common_dir, "modules");
    std::set<std::string> modules;
    const bool complete = files_.Walk(directory, kMaxModuleEntries, [&](const GitFiles::Entry& entry) {
      if (!entry.directory) return false;
      std::string path = Below(directory, entry.path);
      if (modules.contains(path.substr(0, path.rfind(files_.separator())))) return files_.Same(entry.name, "modules");
      if (HasHead(path)) modules.insert(std::move(path));
      return true;
    });
    if (!complete) Distrust(absl::StrCat(directory, " cannot be listed to its end"));
    facts_.modules.assign(modules.begin(), modules.end());
  }

  // The last one counts, as in git; "" if there is none.
  std::string CoreWorktree(const std::string& git_dir) const {
    std::string worktree;
    const std::string text = files_.Read(Below(git_dir, "config"), kMaxConfig, /*follow=*/true).value_or("");
    for (const GitConfigEntry& entry : ParseGitConfig(text)) {
      if (entry.section != "core" || !entry.subsection.empty() || entry.key != "worktree") continue;
      worktree = files_.PathFrom(git_dir, entry.value);
    }
    return worktree;
  }

  // What is in use, and what the host's git may use next: submodules that are not checked out, other worktrees.
  std::vector<ConfigFile> ConfigFiles() const {
    std::vector<ConfigFile> configs;
    for (const std::string& file : inputs_.global_configs) configs.push_back({file, facts_.root});
    if (facts_.git_dir.empty()) return configs;
    configs.push_back({Below(facts_.common_dir, "config"), facts_.root});
    configs.push_back({Below(facts_.git_dir, "config.worktree"), facts_.root});
    for (const std::string& module : facts_.modules) {
      const std::string top = CoreWorktree(module);
      for (const char* name : {"config", "config.worktree"}) configs.push_back({Below(module, name), top});
    }
    for (const std::string& worktree : facts_.worktrees) {
      const std::string dot_git = ReadPathFile(Below(worktree, "gitdir"));
      const std::string top = dot_git.empty() ? "" : Parent(files_.PathFrom(worktree, dot_git));
      configs.push_back({Below(worktree, "config.worktree"), top});
    }
    return configs;
  }

  void ReadConfigs() {
    std::vector<ConfigFile> configs = ConfigFiles();
    const size_t limit = configs.size() + kMaxIncludedFiles;
    std::set<std::pair<std::string, std::string>> seen;
    while (!configs.empty()) {
      const ConfigFile config = std::move(configs.back());
      configs.pop_back();
      if (!seen.emplace(config.path, config.top).second) continue;
      if (seen.size() > limit) return Distrust("more configuration files are included than are read");
      ReadConfig(config, configs);
    }
    auto& targets = facts_.include_targets;
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  }

  // A link that leads nowhere is nothing to git, which follows it.
  bool IsThere(const std::string& file) const {
    const PathType type = files_.TypeOf(file);
    if (type != PathType::kSymlink) return type != PathType::kAbsent;
    const std::string real = files_.RealPath(file);
    return !real.empty() && files_.TypeOf(real) != PathType::kAbsent;
  }

  void ReadConfig(const ConfigFile& config, std::vector<ConfigFile>& configs) {
    const std::optional<std::string> text = files_.Read(config.path, kMaxConfig, /*follow=*/true);
    if (!text.has_value()) {
      const auto& global = inputs_.global_configs;
      const bool own = std::find(global.begin(), global.end(), config.path) == global.end();
      if (own && IsThere(config.path)) Distrust(absl::StrCat(config.path, " cannot be read, or is longer than 1 MiB"));
      return;
    }
    for (const GitConfigEntry& entry : ParseGitConfig(*text)) {
      if ((entry.section == "include" || entry.section == "includeif") && entry.key == "path") {
        const std::string path = ConfigPath(entry.value, Parent(config.path));
        if (path.empty()) continue;
        if (!files_.MayLook(path)) {
          Distrust(absl::StrCat(config.path, " includes ", path, ", which is not looked at"));
          continue;
        }
        AddTarget(path);
        configs.push_back({path, config.top});
      } else if (entry.section == "core" && entry.subsection.empty() && entry.key == "hookspath") {
        // Seen from where hooks run: the top of the worktree (githooks(5)).
        AddTarget(ConfigPath(entry.value, config.top));
      }
    }
  }

  // git-config(1), "pathname": "~/" is the home; "~user/" and "%(prefix)/" never lie in a workspace by intent.
  std::string ConfigPath(absl::string_view value, const std::string& directory) const {
    if (value.empty() || value.find('\0') != absl::string_view::npos || absl::StartsWith(value, "%(prefix)")) return "";
    std::string path;
    if (value.front() != '~') {
      path = files_.PathFrom(directory, value);
    } else if (!inputs_.home.empty() && absl::ConsumePrefix(&value, "~/")) {
      path = Below(inputs_.home, value);
    }
    return path.empty() ? "" : files_.Normal(path);
  }

  void AddTarget(const std::string& path) {
    if (path.empty() || inputs_.workspace.empty()) return;
    for (const std::string& candidate : {path, files_.RealPath(path)}) {
      if (!candidate.empty() && !files_.Same(candidate, inputs_.workspace) &&
          files_.IsWithin(candidate, inputs_.workspace)) {
        facts_.include_targets.push_back(candidate);
      }
    }
  }

  const GitLookInputs& inputs_;
  const GitFiles& files_;
  RepositoryFacts facts_;
};

constexpr absl::string_view kGuardedNames[] = {"hooks",     "config", "config.worktree", "info",
                                               "commondir", "gitdir", "modules",         "worktrees"};
constexpr absl::string_view kGuardedInWorktree[] = {"commondir", "gitdir", "config.worktree"};

}  // namespace

RepositoryFacts LookAtGitRepository(const std::string& root, const GitLookInputs& inputs, const GitFiles& files) {
  return Looker(root, inputs, files).Run();
}

std::vector<std::string> GuardedGitPaths(const RepositoryFacts& repository, char separator) {
  std::vector<std::string> directories = repository.modules;
  directories.push_back(repository.git_dir);
  if (repository.common_dir != repository.git_dir) directories.push_back(repository.common_dir);
  std::vector<std::string> paths = repository.include_targets;
  paths.push_back(Join(repository.root, ".git", separator));
  for (const std::string& directory : directories) {
    if (directory.empty()) continue;
    paths.push_back(directory);
    for (const absl::string_view name : kGuardedNames) paths.push_back(Join(directory, name, separator));
    paths.push_back(Join(Join(directory, "info", separator), "attributes", separator));
  }
  for (const std::string& worktree : repository.worktrees) {
    paths.push_back(worktree);
    for (const absl::string_view name : kGuardedInWorktree) paths.push_back(Join(worktree, name, separator));
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace paddock
