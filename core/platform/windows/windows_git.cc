#include "core/platform/windows/windows_git.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/git_config.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/path_lookup.h"
#include "core/platform/windows/tree_walk.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

constexpr size_t kMaxLinkFile = 8 << 10;  // .git, commondir, gitdir: one path each
constexpr size_t kMaxConfig = 1 << 20;
constexpr size_t kMaxIncludedFiles = 64;  // read for one repository
constexpr uint64_t kMaxModuleEntries = 20000;
constexpr uint64_t kMaxWorktrees = 4096;

std::string Below(const std::string& directory, absl::string_view name) { return absl::StrCat(directory, "\\", name); }

std::string ParentOf(const std::string& path) {
  const size_t split = path.rfind('\\');
  return split == std::string::npos ? "" : path.substr(0, split);
}

bool IsBelow(const std::string& path, const std::string& directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

// `text` as git reads it, from `directory`; empty if it is no path.
std::string PathFrom(const std::string& directory, absl::string_view text) {
  const auto from = WindowsPath::Parse(directory);
  const auto path = from.ok() ? from->Join(text) : from;
  return path.ok() && path->IsAbsolute() ? path->ToString() : "";
}

// A regular file of at most `limit` bytes; of a link only with `follow`.
std::optional<std::string> ReadSmallFile(const std::string& path, size_t limit, bool follow) {
  const UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_READ,
                                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                          OPEN_EXISTING, follow ? 0 : FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  BY_HANDLE_FILE_INFORMATION information = {};
  if (!file.valid() || GetFileType(file.get()) != FILE_TYPE_DISK ||
      !GetFileInformationByHandle(file.get(), &information) ||
      (!follow && (information.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)) {
    return std::nullopt;
  }
  std::string text(limit + 1, '\0');
  size_t size = 0;
  for (DWORD got = 1; got > 0 && size < text.size(); size += got) {
    if (!ReadFile(file.get(), text.data() + size, static_cast<DWORD>(text.size() - size), &got, nullptr)) {
      return std::nullopt;
    }
  }
  if (size > limit) return std::nullopt;
  text.resize(size);
  return text;
}

// The path in a one-path file, without the newlines at its end; empty if there is none.
std::string ReadPathFile(const std::string& file, absl::string_view prefix = "") {
  const std::optional<std::string> text = ReadSmallFile(file, kMaxLinkFile, /*follow=*/false);
  absl::string_view line = text.has_value() ? absl::string_view(*text) : "";
  if (!absl::ConsumePrefix(&line, prefix)) return "";
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line.find('\0') == absl::string_view::npos ? std::string(line) : "";
}

bool Exists(const std::string& path) { return LookAtWindowsPath(path).type != PathType::kAbsent; }
bool IsDirectory(const std::string& path) { return LookAtWindowsPath(path).type == PathType::kDirectory; }

bool HasHead(const std::string& git_dir) {
  const PathType type = LookAtWindowsPath(Below(git_dir, "HEAD")).type;
  return type == PathType::kFile || type == PathType::kSymlink;
}

struct ConfigFile {
  std::string path;
  std::string top;  // of the worktree that it is for; empty: unknown
};

class RepositoryLooker {
 public:
  RepositoryLooker(const std::string& root, const WindowsGitInputs& inputs) : inputs_(inputs) { facts_.root = root; }

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

  // What an earlier run wrote may name a server, which a look would send the user's credentials to, or a distribution,
  // which it would start.
  bool MayLook(const std::string& path) const {
    const auto parsed = WindowsPath::Parse(path);
    return parsed.ok() && (parsed->kind() == WindowsPathKind::kDrive || IsBelow(path, inputs_.workspace));
  }

  // The real path of the directory at `path`. Distrusts a way that the workspace controls.
  std::string FollowTo(const std::string& path, absl::string_view what) {
    if (!MayLook(path)) {
      Distrust(absl::StrCat(what, " leads to ", path.empty() ? "what is no path" : path, ", which is not looked at"));
      return "";
    }
    const PathFacts look = LookAtWindowsPath(path);
    if (look.crosses_symlink && look.type != PathType::kAbsent && IsBelow(path, inputs_.workspace)) {
      Distrust(absl::StrCat(what, " leads through a link in the workspace to ", look.real_path));
    }
    if (!look.real_path.empty() && IsDirectory(look.real_path)) return look.real_path;
    Distrust(absl::StrCat(what, " leads to ", path, ", which is no directory"));
    return "";
  }

  void FindGitDir() {
    const std::string dot_git = Below(facts_.root, ".git");
    const PathType type = LookAtWindowsPath(dot_git).type;
    if (type == PathType::kDirectory) {
      facts_.git_dir = dot_git;
    } else if (type == PathType::kSymlink) {
      Distrust(absl::StrCat(dot_git, " is a link or a junction"));
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
    const std::string file = Below(facts_.git_dir, "commondir");
    if (!Exists(file)) return;
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
      const std::string path = Below(facts_.common_dir, name);
      if (!IsDirectory(path)) return Distrust(absl::StrCat(path, " is no directory"));
    }
  }

  void FindBackLink() {
    if (facts_.kind != RepositoryKind::kGitFile) return;
    const std::string file = Below(facts_.git_dir, "gitdir");
    const std::string named = ReadPathFile(file);
    if (!named.empty()) {
      const std::string path = PathFrom(facts_.git_dir, named);
      const std::string real = MayLook(path) ? LookAtWindowsPath(path).real_path : "";
      facts_.back_linked = YesIf(absl::EqualsIgnoreCase(real, Below(facts_.root, ".git")), file);
      return;
    }
    const std::string config = Below(facts_.git_dir, "config");
    const std::string worktree = CoreWorktree(facts_.git_dir);
    if (worktree.empty()) {
      facts_.back_linked = No(absl::StrCat(config, ": no core.worktree that names ", facts_.root));
    } else {
      const std::string real = MayLook(worktree) ? LookAtWindowsPath(worktree).real_path : "";
      facts_.back_linked = YesIf(absl::EqualsIgnoreCase(real, facts_.root), absl::StrCat(config, ": core.worktree"));
    }
  }

  void ListWorktrees() {
    const std::string directory = Below(facts_.common_dir, "worktrees");
    if (!IsDirectory(directory)) return;
    const bool complete = WalkTreeOfFiles(directory, {kMaxWorktrees, inputs_.until}, [&](const TreeEntry& entry) {
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
    if (!IsDirectory(directory)) return;
    std::set<std::string> modules;
    const bool complete = WalkTreeOfFiles(directory, {kMaxModuleEntries, inputs_.until}, [&](const TreeEntry& entry) {
      if (!entry.directory) return false;
      std::string path = Below(directory, entry.path);
      if (modules.contains(ParentOf(path))) return absl::EqualsIgnoreCase(entry.name, "modules");
      if (HasHead(path)) modules.insert(std::move(path));
      return true;
    });
    if (!complete) Distrust(absl::StrCat(directory, " cannot be listed to its end"));
    facts_.modules.assign(modules.begin(), modules.end());
  }

  // The last one counts, as in git; "" if there is none.
  static std::string CoreWorktree(const std::string& git_dir) {
    std::string worktree;
    const std::string text = ReadSmallFile(Below(git_dir, "config"), kMaxConfig, /*follow=*/true).value_or("");
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
    files.push_back({Below(facts_.common_dir, "config"), facts_.root});
    files.push_back({Below(facts_.git_dir, "config.worktree"), facts_.root});
    for (const std::string& module : facts_.modules) {
      const std::string top = CoreWorktree(module);
      for (const char* name : {"config", "config.worktree"}) files.push_back({Below(module, name), top});
    }
    for (const std::string& worktree : facts_.worktrees) {
      const std::string dot_git = ReadPathFile(Below(worktree, "gitdir"));
      const std::string top = dot_git.empty() ? "" : ParentOf(PathFrom(worktree, dot_git));
      files.push_back({Below(worktree, "config.worktree"), top});
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
      ReadConfig(file, &files);
    }
    auto& targets = facts_.include_targets;
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  }

  void ReadConfig(const ConfigFile& config, std::vector<ConfigFile>* files) {
    const std::optional<std::string> text = ReadSmallFile(config.path, kMaxConfig, /*follow=*/true);
    if (!text.has_value()) {
      const auto& global = inputs_.global_configs;
      const bool own = std::find(global.begin(), global.end(), config.path) == global.end();
      if (own && Exists(config.path)) Distrust(absl::StrCat(config.path, " cannot be read, or is longer than 1 MiB"));
      return;
    }
    for (const GitConfigEntry& entry : ParseGitConfig(*text)) {
      if ((entry.section == "include" || entry.section == "includeif") && entry.key == "path") {
        const std::string path = ConfigPath(entry.value, ParentOf(config.path));
        if (path.empty()) continue;
        if (!MayLook(path)) {
          Distrust(absl::StrCat(config.path, " includes ", path, ", which is not looked at"));
          continue;
        }
        AddTarget(path);
        files->push_back({path, config.top});
      } else if (entry.section == "core" && entry.subsection.empty() && entry.key == "hookspath") {
        // Seen from where hooks run: the top of the worktree (githooks(5)).
        AddTarget(ConfigPath(entry.value, config.top));
      }
    }
  }

  // git-config(1), "pathname": "~/" is the home; "~user/" and "%(prefix)/" never lie in a workspace by intent.
  std::string ConfigPath(absl::string_view value, const std::string& directory) const {
    if (value.empty() || value.find('\0') != absl::string_view::npos || absl::StartsWith(value, "%(prefix)")) return "";
    if (value.front() != '~')
      return LooksLikeWindowsPath(value) ? PathFrom(facts_.root, value) : PathFrom(directory, value);
    if (inputs_.home.empty() || !absl::ConsumePrefix(&value, "~/")) return "";
    return PathFrom(inputs_.home, value);
  }

  void AddTarget(const std::string& path) {
    if (inputs_.workspace.empty() || !MayLook(path)) return;
    for (const std::string& candidate : {path, LookAtWindowsPath(path).real_path}) {
      if (!candidate.empty() && !absl::EqualsIgnoreCase(candidate, inputs_.workspace) &&
          IsBelow(candidate, inputs_.workspace)) {
        facts_.include_targets.push_back(candidate);
      }
    }
  }

  const WindowsGitInputs& inputs_;
  RepositoryFacts facts_;
};

constexpr absl::string_view kGuardedNames[] = {"hooks",     "config", "config.worktree", "info",     "info\\attributes",
                                               "commondir", "gitdir", "modules",         "worktrees"};
constexpr absl::string_view kGuardedInWorktree[] = {"commondir", "gitdir", "config.worktree"};

}  // namespace

RepositoryFacts LookAtWindowsRepository(const std::string& root, const WindowsGitInputs& inputs) {
  return RepositoryLooker(root, inputs).Run();
}

std::vector<std::string> GuardedWindowsGitPaths(const RepositoryFacts& repository) {
  std::set<std::string> paths(repository.include_targets.begin(), repository.include_targets.end());
  std::set<std::string> directories(repository.modules.begin(), repository.modules.end());
  directories.insert({repository.git_dir, repository.common_dir});
  paths.insert(Below(repository.root, ".git"));
  for (const std::string& directory : directories) {
    if (directory.empty()) continue;
    paths.insert(directory);
    for (const absl::string_view name : kGuardedNames) paths.insert(Below(directory, name));
  }
  for (const std::string& worktree : repository.worktrees) {
    paths.insert(worktree);
    for (const absl::string_view name : kGuardedInWorktree) paths.insert(Below(worktree, name));
  }
  return {paths.begin(), paths.end()};
}

}  // namespace paddock
