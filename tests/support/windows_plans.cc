#include "tests/support/windows_plans.h"

#include <gtest/gtest.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/plan.h"
#include "tests/unit/rubric/rubric_hosts.h"

namespace paddock {
namespace {

constexpr char kWs[] = "C:\\Users\\dev\\src\\app";
constexpr char kPro[] = "windows_11_pro";

std::map<std::string, std::string> SomeEnvironment() {
  return {{"CARGO_HOME", "C:\\Users\\dev\\.cargo"},
          {"Path", "C:\\Windows\\System32;C:\\Program Files\\Git\\cmd"},
          {"SystemRoot", "C:\\Windows"},
          {"TEMP", "C:\\Users\\dev\\AppData\\Local\\Temp"},
          {"USERPROFILE", "C:\\Users\\dev"},
          {"npm_config_registry", "https://registry.example"},
          {"tmp", "C:\\Users\\dev\\AppData\\Local\\Temp"}};
}

WindowsScene Coding(const std::string& host) {
  const Facts facts = LoadHost(host);
  WindowsScene scene{absl::StrCat(host, ".coding"), MakeAsk({}, facts), facts};
  scene.request.environment = SomeEnvironment();
  return scene;
}

WindowsScene ComputerUse(const std::string& host) {
  const Facts facts = LoadHost(host);
  WindowsScene scene{absl::StrCat(host, ".computer_use"),
                     MakeAsk({.workload = Workload::kComputerUse, .with_workspace = false}, facts), facts};
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.request.environment = SomeEnvironment();
  return scene;
}

WindowsScene Named(const std::string& name, const std::string& host = kPro) {
  WindowsScene scene = Coding(host);
  scene.name = name;
  return scene;
}

std::string InWs(const std::string& below) { return absl::StrCat(kWs, "\\", below); }

void Put(WindowsScene& scene, const std::string& path, PathType type) {
  PathFacts facts;
  facts.type = type;
  facts.real_path = type == PathType::kAbsent ? "" : path;
  facts.device = scene.facts.workspace.root.device;
  facts.inode = 7;
  scene.facts.workspace.paths[path] = facts;
}

PathRule RuleFor(const std::string& path, const std::string& text, bool glob = false) {
  return {path, glob, text, {"policy.toml", 1}};
}

// Every kind of protected name: existing and absent, a file and a directory, deep and shallow, in a repository and not.
WindowsScene Names(const std::string& name, const std::string& host) {
  WindowsScene scene = Named(name, host);
  for (const char* const file : {".git\\info\\attributes", "node_modules\\lib\\index.js", ".env"}) {
    Put(scene, InWs(file), PathType::kFile);
  }
  for (const char* const absent : {".git\\config.worktree", ".git\\commondir", ".vscode"}) {
    Put(scene, InWs(absent), PathType::kAbsent);
  }
  scene.request.read_only = {RuleFor(InWs("node_modules\\lib\\index.js"), "node_modules/lib/index.js")};
  return scene;
}

Fact WellFormed(bool well) { return {well ? Tri::kYes : Tri::kNo, "HEAD, objects, refs"}; }

// A linked worktree, a submodule, a checkout in a directory of others' code, something that only looks like one, and
// hooks that configuration names.
WindowsScene NestedRepositories(const std::string& name, const std::string& host) {
  WindowsScene scene = Named(name, host);
  const std::string git = InWs(".git"), zlib = InWs("vendor\\zlib"), module = InWs(".git\\modules\\lib");
  auto& repositories = scene.facts.workspace.repositories;
  repositories.front().worktrees = {InWs(".git\\worktrees\\wt")};
  repositories.front().modules = {module};
  repositories.front().include_targets = {InWs("tools\\hooks")};
  RepositoryFacts nested;
  nested.root = zlib;
  nested.git_dir = nested.common_dir = zlib + "\\.git";
  nested.well_formed = WellFormed(true);
  RepositoryFacts submodule;
  submodule.root = InWs("lib");
  submodule.kind = RepositoryKind::kGitFile;
  submodule.git_dir = submodule.common_dir = module;
  submodule.back_linked = {Tri::kYes, "core.worktree"};
  submodule.well_formed = WellFormed(true);
  RepositoryFacts odd;
  odd.root = InWs("vendor\\odd");
  odd.git_dir = odd.common_dir = odd.root + "\\.git";
  odd.well_formed = WellFormed(false);
  repositories.insert(repositories.end(), {nested, submodule, odd});
  for (const char* const directory : {"tools\\hooks", "vendor\\zlib\\.git", "vendor\\zlib\\.git\\hooks",
                                      "vendor\\odd\\.git", ".git\\modules\\lib\\hooks"}) {
    Put(scene, InWs(directory), PathType::kDirectory);
  }
  for (const char* const file :
       {"vendor\\zlib\\.git\\config", ".git\\modules\\lib\\config", "lib\\.git", ".git\\worktrees\\wt\\commondir",
        ".git\\worktrees\\wt\\gitdir", ".git\\worktrees\\wt\\config.worktree"}) {
    Put(scene, InWs(file), PathType::kFile);
  }
  for (const std::string& directory : {git, nested.git_dir, module}) {
    for (const char* const absent : {"\\config.worktree", "\\commondir", "\\info\\attributes"}) {
      Put(scene, directory + absent, PathType::kAbsent);
    }
  }
  return scene;
}

WindowsScene TwoRoots() {
  WindowsScene scene = Named("two_roots");
  Put(scene, "C:\\Users\\dev\\out", PathType::kDirectory);
  Put(scene, "C:\\Users\\dev\\notes.txt", PathType::kFile);
  Put(scene, "C:\\Users\\dev\\.config\\paddock", PathType::kAbsent);
  scene.request.write.push_back(RuleFor("C:\\Users\\dev\\out", "~/out"));
  scene.request.write.push_back(RuleFor("C:\\Users\\dev\\notes.txt", "~/notes.txt"));
  scene.request.deny_write.push_back(RuleFor("C:\\Users\\dev\\.config\\paddock", "~/.config/paddock"));
  return scene;
}

WindowsScene EveryLimit() {
  WindowsScene scene = Named("in_job_limits_tty");
  scene.facts.host.windows_host.in_job = {Tri::kYes, "IsProcessInJob"};
  scene.facts.host.windows_host.elevated = {Tri::kYes, "TokenElevation"};
  scene.request.policy.limits = {std::chrono::minutes(10), std::chrono::minutes(5), uint64_t{4} << 30, 512, 1u << 26,
                                 uint64_t{2} << 30};
  scene.request.tty = TtyMode::kAlways;
  scene.request.policy.network.mode = NetworkMode::kOpen;
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  scene.request.policy.filesystem.home = HomeMode::kReadOnly;
  return scene;
}

// What is to be hidden: in the workspace a file and a directory, outside what its list closes, what is not there, and
// what one entry opens to every user.
WindowsScene Secrets() {
  WindowsScene scene = Named("secrets_dedicated", "windows_11_pro_provisioned");
  const std::string dev = scene.facts.host.windows_host.user_sid;
  const std::string closed =
      absl::StrCat("O:", dev, "D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;", dev, ")");
  const struct {
    const char* path;
    const char* text;
    PathType type;
    DescriptorFacts access;
  } kSecrets[] = {
      {"C:\\Users\\dev\\src\\app\\tools", "tools", PathType::kDirectory, {{closed}, "", ""}},
      {"C:\\Users\\dev\\src\\app\\absent.pem",
       "absent.pem",
       PathType::kAbsent,
       {{closed}, "C:\\Users\\dev\\src\\app", ""}},
      {"C:\\Users\\dev\\.ssh", "~/.ssh", PathType::kDirectory, {{closed}, "", ""}},
      {"C:\\Users\\dev\\.aws", "~/.aws", PathType::kAbsent, {{closed}, "C:\\Users\\dev", ""}},
      {"C:\\keys\\ca.pem", "C:/keys/ca.pem", PathType::kFile, {{absl::StrCat(closed, "(A;ID;0x1200a9;;;BU)")}, "", ""}},
  };
  for (const auto& secret : kSecrets) {
    Put(scene, secret.path, secret.type);
    scene.request.deny_read.push_back(RuleFor(secret.path, secret.text));
    scene.facts.workspace.secrets[secret.path] = secret.access;
  }
  return scene;
}

WindowsScene EmptyWorkspace() {
  WindowsScene scene = Named("empty_workspace");
  scene.facts.workspace.empty = {Tri::kYes, "FindFirstFile"};
  scene.facts.workspace.repositories.clear();
  scene.facts.workspace.globs.clear();
  for (auto& [path, facts] : scene.facts.workspace.paths) facts = PathFacts{};
  return scene;
}

WindowsScene OwnProxy() {
  WindowsScene scene = Named("own_proxy");
  scene.request.policy.environment.set = {{"https_proxy", "http://proxy.example:3128"}, {"GOPROXY", "direct"}};
  scene.request.environment["https_proxy"] = "http://proxy.example:3128";
  scene.request.environment["GOPROXY"] = "direct";
  return scene;
}

}  // namespace

std::vector<WindowsScene> WindowsScenes() {
  std::vector<WindowsScene> scenes;
  for (const std::string& host : HostNames()) {
    if (LoadHost(host).host.os != OsFamily::kWindows) continue;
    scenes.push_back(Coding(host));
    scenes.push_back(ComputerUse(host));
  }
  scenes.push_back(Names("names", kPro));
  scenes.push_back(Names("names_dedicated", "windows_11_pro_provisioned"));
  scenes.push_back(NestedRepositories("nested_repositories", kPro));
  scenes.push_back(NestedRepositories("nested_repositories_dedicated", "windows_11_pro_provisioned"));
  scenes.push_back(Secrets());
  scenes.push_back(TwoRoots());
  scenes.push_back(EveryLimit());
  scenes.push_back(EmptyWorkspace());
  scenes.push_back(OwnProxy());
  return scenes;
}

WindowsScene WindowsSceneNamed(const std::string& name) {
  for (WindowsScene& scene : WindowsScenes()) {
    if (scene.name == name) return std::move(scene);
  }
  ADD_FAILURE() << "no scene " << name;
  return {};
}

absl::StatusOr<LaunchPlan> PlanOfScene(const WindowsScene& scene) {
  return PlanWindowsToken("", scene.request, scene.facts);
}

const WindowsTokenPlan& TokenBodyOf(const LaunchPlan& plan) {
  return dynamic_cast<const WindowsTokenPlan&>(*plan.body);
}

}  // namespace paddock
