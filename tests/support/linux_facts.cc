#include "tests/support/linux_facts.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/backend.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/host/probe.h"

namespace paddock {
namespace {

constexpr char kSource[] = "scene";
constexpr int kMaxLinks = 16;

constexpr const char* kGitNames[] = {"hooks",     "config", "config.worktree", "info",     "info/attributes",
                                     "commondir", "gitdir", "modules",         "worktrees"};

// A number that depends on the path alone, so that goldens do not move when a scene gets another file.
uint64_t InodeFor(const std::string& path) {
  uint64_t hash = 1469598103934665603ull;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return 1000 + hash % 9'000'000;
}

}  // namespace

LinuxScene::LinuxScene() {
  host.os = OsFamily::kLinux;
  host.os_name = "Debian GNU/Linux 12";
  host.architecture = "x86_64";
  LinuxFacts& linux_host = host.linux_host;
  linux_host.kernel = {"6.12.0", kSource};
  linux_host.landlock_abi = {6, kSource};
  for (Fact* const fact : {&linux_host.seccomp, &linux_host.user_namespaces, &linux_host.fresh_proc,
                           &linux_host.overlay_in_userns, &linux_host.mount_setattr}) {
    *fact = Yes(kSource);
  }
  linux_host.idmapped_mounts = No("CAP_SYS_ADMIN is not effective");
  linux_host.pid_max_per_namespace = No(kSource);
  linux_host.wsl_version = {0, kSource};
  linux_host.mount_points = {"/", "/dev", "/proc", "/run", "/sys"};
  for (const char* const path : {"/tmp", "/var/tmp", "/run", "/usr", "/etc", "/dev", "/proc"}) Dir(path, 0);
  for (const char* const name : {"bin", "lib", "lib64", "sbin"}) {
    Dir(absl::StrCat("/usr/", name), 0);
    Link(absl::StrCat("/", name), absl::StrCat("usr/", name));
  }
  Link("/var/run", "/run");
  RunAs(1000);
  Workspace("/home/dev/proj");
  Dir("/home/dev/proj/src");
  empty = No(kSource);
  request.command = {"make", "test"};
  request.environment = {{"HOME", host.home}, {"PATH", "/usr/bin:/bin"}};
  request.policy.profile = "coding";
}

void LinuxScene::Cgroup(std::vector<std::string> controllers) {
  host.linux_host.cgroup_delegated = Yes("test");
  host.linux_host.cgroup_path = "/sys/fs/cgroup/agent.service";
  host.linux_host.cgroup_controllers = std::move(controllers);
}

void LinuxScene::RunAs(int64_t uid) {
  host.linux_host.uid = host.linux_host.gid = uid;
  host.home = uid == 0 ? "/root" : "/home/dev";
  host.linux_host.runtime_dir = absl::StrCat("/run/user/", uid);
  if (uid == 0) {
    host.linux_host.idmapped_mounts = Yes(kSource);
    host.linux_host.pid_max_per_namespace = Yes(kSource);
  }
  Dir(host.home, uid);
  Dir(host.linux_host.runtime_dir, uid);
}

// ---- The tree.

void LinuxScene::Put(const std::string& path, Node node) {
  for (std::string above(ParentPath(path)); above != "/"; above = std::string(ParentPath(above))) {
    tree_.emplace(above, Node{PathType::kDirectory, node.owner, ""});
  }
  tree_[path] = std::move(node);
}

void LinuxScene::Dir(const std::string& path, int64_t owner) { Put(path, {PathType::kDirectory, owner, ""}); }
void LinuxScene::File(const std::string& path, int64_t owner) { Put(path, {PathType::kFile, owner, ""}); }
void LinuxScene::Link(const std::string& path, const std::string& target) {
  Put(path, {PathType::kSymlink, -1, target});
}
void LinuxScene::Socket(const std::string& path) {
  Put(path, {PathType::kSocket, -1, ""});
  host.linux_host.socket_paths.push_back(path);
}

void LinuxScene::Remove(const std::string& path) {
  for (auto at = tree_.begin(); at != tree_.end();)
    at = PathIsWithin(at->first, path) ? tree_.erase(at) : std::next(at);
}

std::vector<std::string> LinuxScene::AllPaths() const {
  std::vector<std::string> paths;
  for (const auto& [path, node] : tree_) paths.push_back(path);
  return paths;
}

std::string LinuxScene::Resolve(const std::string& path, int depth) const {
  std::string at;
  for (const absl::string_view component : PathComponents(path)) {
    std::string next = absl::StrCat(at, "/", component);
    const auto node = tree_.find(next);
    if (node != tree_.end() && node->second.type == PathType::kSymlink) {
      if (depth >= kMaxLinks) return "";
      next = Resolve(JoinPath(at.empty() ? "/" : at, node->second.target), depth + 1);
      if (next.empty()) return "";
      if (next == "/") next = "";
    }
    at = std::move(next);
  }
  return at.empty() ? "/" : at;
}

PathFacts LinuxScene::Look(const std::string& path) const {
  PathFacts facts;
  const std::string parent = path == "/" ? "/" : Resolve(std::string(ParentPath(path)), 0);
  facts.crosses_symlink = parent != ParentPath(path);
  if (parent.empty()) return facts;
  const std::string here = path == "/" ? "/" : JoinPath(parent, PathBasename(path));
  const auto node = tree_.find(here);
  if (here != "/" && node == tree_.end()) {
    facts.real_path = here;
    return facts;
  }
  facts.type = here == "/" ? PathType::kDirectory : node->second.type;
  facts.device = 64768;
  facts.inode = InodeFor(here);
  facts.owner = here == "/" ? 0 : node->second.owner < 0 ? host.linux_host.uid : node->second.owner;
  facts.mode = facts.type == PathType::kDirectory ? 0755 : 0644;
  facts.real_path = here;
  if (facts.type != PathType::kSymlink) return facts;
  facts.crosses_symlink = true;
  std::string next = here;  // links of the chain; a link in the middle of a target is not looked for
  for (int links = 0; links < kMaxLinks; ++links) {
    const auto link = tree_.find(next);
    if (link == tree_.end() || link->second.type != PathType::kSymlink) break;
    if (next != here) facts.via.push_back(next);
    next = JoinPath(ParentPath(next), link->second.target);
  }
  const std::string real = Resolve(here, 0);
  facts.real_path = tree_.contains(real) ? real : "";
  return facts;
}

// ---- Repositories.

void LinuxScene::Repository(const std::string& root) {
  const std::string git = JoinPath(root, ".git");
  for (const char* const name : {"hooks", "info", "objects", "refs"}) Dir(absl::StrCat(git, "/", name));
  for (const char* const name : {"HEAD", "config"}) File(absl::StrCat(git, "/", name));
  RepositoryFacts repository;
  repository.root = root;
  repository.git_dir = repository.common_dir = git;
  repository.well_formed = Yes(kSource);
  repositories_.push_back(repository);
}

void LinuxScene::Worktree(const std::string& root, const std::string& main_root, const std::string& name,
                          bool vouched) {
  RepositoryFacts repository;
  repository.root = root;
  repository.kind = RepositoryKind::kGitFile;
  repository.common_dir = JoinPath(main_root, ".git");
  repository.git_dir = absl::StrCat(repository.common_dir, "/worktrees/", name);
  repository.worktrees = {repository.git_dir};
  repository.well_formed = Yes(kSource);
  repository.back_linked = YesIf(vouched, kSource);
  File(JoinPath(root, ".git"));
  for (const char* const file : {"hooks/pre-commit", "config", "HEAD"}) {
    File(absl::StrCat(repository.common_dir, "/", file));
  }
  for (const char* const file : {"commondir", "gitdir", "HEAD"}) File(absl::StrCat(repository.git_dir, "/", file));
  repositories_.push_back(repository);
}

void LinuxScene::Submodule(const std::string& super_root, const std::string& name, const std::string& at) {
  const std::string module = absl::StrCat(super_root, "/.git/modules/", name);
  for (const char* const file : {"config", "HEAD"}) File(absl::StrCat(module, "/", file));
  Dir(absl::StrCat(module, "/hooks"));
  for (RepositoryFacts& repository : repositories_) {
    if (repository.root == super_root) repository.modules.push_back(module);
  }
  RepositoryFacts repository;
  repository.root = at;
  repository.kind = RepositoryKind::kGitFile;
  repository.git_dir = repository.common_dir = module;
  repository.well_formed = Yes(kSource);
  repository.back_linked = Yes(kSource);
  File(JoinPath(at, ".git"));
  repositories_.push_back(repository);
}

// ---- The request.

void LinuxScene::Workspace(const std::string& path) {
  request.workspace = request.cwd = path;
  if (!tree_.contains(path)) Dir(path);
}

PathRule LinuxScene::Rule(const std::string& text, const std::string& origin) const {
  PathRule rule;
  rule.text = text;
  rule.path = absl::StartsWith(text, "~/") ? JoinPath(host.home, text.substr(2)) : JoinPath(request.workspace, text);
  rule.glob = HasGlob(text);
  rule.origin.file = origin;
  return rule;
}

void LinuxScene::Write(const std::string& text) { request.write.push_back(Rule(text, "policy.toml")); }
void LinuxScene::DenyWrite(const std::string& text, const std::string& origin) {
  request.deny_write.push_back(Rule(text, origin));
}
void LinuxScene::ReadOnly(const std::string& text) { request.read_only.push_back(Rule(text, "policy.toml")); }
void LinuxScene::DenyRead(const std::string& text) { request.deny_read.push_back(Rule(text, "policy.toml")); }
void LinuxScene::GrantSocket(const std::string& text) { request.unix_sockets.push_back(Rule(text, "policy.toml")); }

void LinuxScene::Coding() {
  Write(".");
  for (const char* const name : {".git/hooks", ".git/config", ".vscode", ".claude", ".mcp.json", ".envrc"}) {
    DenyWrite(name, "built-in:coding");
  }
  for (const char* const name : {"~/.ssh", "~/.aws", "**/.env"}) DenyRead(name);
}

void LinuxScene::LeasePlaceholder(const std::string& path) {
  Dir(path);
  leases_.push_back({path, "placeholder", false});
}

// ---- Facts.

void LinuxScene::AddFacts(const std::string& path, WorkspaceFacts* facts) const {
  const auto [entry, is_new] = facts->paths.try_emplace(path);
  if (!is_new) return;
  entry->second = Look(path);
  const std::string real = entry->second.real_path;
  const std::vector<std::string> via = entry->second.via;
  if (!real.empty()) AddFacts(real, facts);
  for (const std::string& on_the_way : via) AddFacts(on_the_way, facts);
}

void LinuxScene::AddRuleFacts(WorkspaceFacts* facts) const {
  for (const auto* const rules :
       {&request.write, &request.deny_write, &request.read_only, &request.deny_read, &request.unix_sockets}) {
    for (const PathRule& rule : *rules) {
      if (rule.glob) continue;
      AddFacts(rule.path, facts);
      for (const PathRule& grant : request.write) {
        if (grant.glob || !PathIsWithin(rule.path, grant.path)) continue;
        for (std::string at = rule.path; at != grant.path; at = std::string(ParentPath(at))) AddFacts(at, facts);
      }
    }
  }
}

void LinuxScene::AddGlobs(WorkspaceFacts* facts) const {
  for (const auto* const rules : {&request.deny_write, &request.read_only, &request.deny_read}) {
    for (const PathRule& rule : *rules) {
      const absl::StatusOr<Glob> glob = Glob::Compile(rule.path);
      if (!rule.glob || !glob.ok()) continue;
      std::vector<std::string>& matches = facts->globs[rule.path];
      matches.clear();
      for (const auto& [path, node] : tree_) {
        if (!PathIsWithin(path, facts->root.real_path) || absl::StrContains(path, "/.git/")) continue;
        if (!glob->Matches(JoinPath(request.workspace, PathBelow(path, facts->root.real_path)))) continue;
        matches.push_back(path);
        AddFacts(path, facts);
      }
    }
  }
}

void LinuxScene::AddGitFacts(WorkspaceFacts* facts) const {
  facts->repositories = repositories_;
  for (const RepositoryFacts& repository : repositories_) {
    std::vector<std::string> directories = repository.modules;
    directories.push_back(repository.git_dir);
    directories.push_back(repository.common_dir);
    directories.insert(directories.end(), repository.worktrees.begin(), repository.worktrees.end());
    AddFacts(JoinPath(repository.root, ".git"), facts);
    for (const std::string& target : repository.include_targets) AddFacts(target, facts);
    for (const std::string& directory : directories) {
      AddFacts(directory, facts);
      for (const char* const name : kGitNames) AddFacts(absl::StrCat(directory, "/", name), facts);
    }
  }
}

Facts LinuxScene::MakeFacts() const {
  Facts facts;
  facts.host = host;
  WorkspaceFacts& workspace = facts.workspace;
  workspace.root = Look(request.workspace);
  workspace.location = WorkspaceLocation::kLocal;
  workspace.filesystem = "ext4";
  workspace.case_insensitive = workspace.read_only = No(kSource);
  workspace.empty = empty;
  workspace.scan_complete = scan_complete;
  AddFacts(request.workspace, &workspace);
  AddFacts(request.cwd, &workspace);
  AddRuleFacts(&workspace);
  for (const char* const landmark : kLinuxLandmarks) AddFacts(landmark, &workspace);
  AddFacts(host.home, &workspace);
  if (!host.linux_host.runtime_dir.empty()) AddFacts(host.linux_host.runtime_dir, &workspace);
  AddGlobs(&workspace);
  AddGitFacts(&workspace);
  facts.leases.state_dir = JoinPath(host.home, ".local/state/paddock");
  AddFacts(facts.leases.state_dir, &workspace);
  facts.leases.key = "fd00-2a";
  facts.leases.leases = leases_;
  return facts;
}

absl::StatusOr<LaunchPlan> LinuxScene::Plan(absl::string_view tier) const {
  return MakeLinuxLandlockBackend()->Plan(tier, request, MakeFacts());
}

const LinuxPlan& BodyOf(const LaunchPlan& plan) { return dynamic_cast<const LinuxPlan&>(*plan.body); }

}  // namespace paddock
