#include "tests/support/confined_scenes.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace paddock {
namespace {

WindowsScene Packaged(WindowsScene scene, const std::string& name, std::vector<std::string> capabilities) {
  scene.name = name;
  scene.request.policy.workload = Workload::kPackagedApp;
  scene.request.policy.capabilities = std::move(capabilities);
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  return scene;
}

WindowsScene Low(WindowsScene scene, const std::string& name) {
  scene.name = name;
  scene.request.policy.workload = Workload::kLowIntegrity;
  scene.request.policy.network.mode = NetworkMode::kOpen;
  return scene;
}

// The scenes of windows_token that ask for coding on a recorded host, by the host's name.
std::vector<std::pair<std::string, WindowsScene>> HostScenes() {
  std::vector<std::pair<std::string, WindowsScene>> hosts;
  for (WindowsScene& scene : WindowsScenes()) {
    absl::string_view host = scene.name;
    if (absl::ConsumeSuffix(&host, ".coding")) hosts.emplace_back(host, std::move(scene));
  }
  return hosts;
}

PathRule RuleFor(const std::string& path, const std::string& text) { return {path, false, text, {"policy.toml", 1}}; }

WindowsScene WithoutLpac() {
  WindowsScene scene = Packaged(WindowsSceneNamed("names"), "without_lpac", {"documentsLibrary"});
  scene.facts.host.windows_host.lpac = {Tri::kNo, "build >= 15063"};
  return scene;
}

WindowsScene WithNetwork() {
  WindowsScene scene =
      Packaged(WindowsSceneNamed("names"), "network", {"internetClient", "privateNetworkClientServer"});
  scene.request.policy.network.mode = NetworkMode::kOpen;
  return scene;
}

// The workspace to read, and a tree beside it.
WindowsScene ReadsOnly() {
  WindowsScene scene = Packaged(WindowsSceneNamed("two_roots"), "reads_only", {"registryRead"});
  scene.request.write.clear();
  scene.request.read_only = {RuleFor("C:\\Users\\dev\\out", "~/out"), RuleFor("C:\\Windows\\System32", "system32")};
  return scene;
}

// One name in another: a protected directory that holds what is hidden, and a hidden one that holds what is protected.
WindowsScene Nested() {
  WindowsScene scene = Packaged(WindowsSceneNamed("names"), "nested", {"documentsLibrary"});
  const std::string ws = scene.request.workspace;
  PathFacts directory, file;
  directory.type = PathType::kDirectory;
  file.type = PathType::kFile;
  for (const char* const name : {"\\vendor", "\\vendor\\zlib", "\\src"}) {
    directory.real_path = ws + name;
    scene.facts.workspace.paths[ws + name] = directory;
  }
  for (const char* const name : {"\\vendor\\zlib\\zlib.h", "\\src\\lib.cc"}) {
    file.real_path = ws + name;
    scene.facts.workspace.paths[ws + name] = file;
  }
  scene.request.deny_write.push_back(RuleFor(ws + "\\vendor", "vendor"));
  scene.request.deny_write.push_back(RuleFor(ws + "\\src\\lib.cc", "src/lib.cc"));
  scene.request.deny_read.push_back(RuleFor(ws + "\\vendor\\zlib\\zlib.h", "vendor/zlib/zlib.h"));
  scene.request.deny_read.push_back(RuleFor(ws + "\\src", "src"));
  return scene;
}

}  // namespace

std::vector<WindowsScene> AppContainerScenes() {
  std::vector<WindowsScene> scenes;
  for (auto& [host, scene] : HostScenes()) {
    scenes.push_back(Packaged(std::move(scene), absl::StrCat(host, ".packaged_app"), {"documentsLibrary"}));
  }
  scenes.push_back(Packaged(WindowsSceneNamed("windows_11_pro.coding"), "undeclared", {}));
  scenes.push_back(Packaged(WindowsSceneNamed("windows_11_pro.coding"), "unknown_capability", {"documents library"}));
  scenes.push_back(
      Packaged(WindowsSceneNamed("windows_11_pro.computer_use"), "no_workspace", {"internetClient", "registryRead"}));
  scenes.push_back(Packaged(WindowsSceneNamed("names"), "names", {"documentsLibrary"}));
  scenes.push_back(Packaged(WindowsSceneNamed("nested_repositories"), "nested_repositories", {"documentsLibrary"}));
  scenes.push_back(Packaged(WindowsSceneNamed("two_roots"), "two_roots", {"documentsLibrary"}));
  scenes.push_back(Packaged(WindowsSceneNamed("in_job_limits_tty"), "in_job_limits_tty", {"documentsLibrary"}));
  scenes.push_back(Packaged(WindowsSceneNamed("empty_workspace"), "empty_workspace", {"documentsLibrary"}));
  for (auto* const make : {&WithoutLpac, &WithNetwork, &ReadsOnly, &Nested}) scenes.push_back(make());
  return scenes;
}

std::vector<WindowsScene> LowIntegrityScenes() {
  std::vector<WindowsScene> scenes;
  for (auto& [host, scene] : HostScenes()) {
    scenes.push_back(Low(std::move(scene), absl::StrCat(host, ".low_integrity")));
  }
  scenes.push_back(Low(WindowsSceneNamed("windows_11_pro.computer_use"), "no_workspace"));
  for (const char* const name : {"names", "two_roots", "in_job_limits_tty", "empty_workspace"}) {
    scenes.push_back(Low(WindowsSceneNamed(name), name));
  }
  return scenes;
}

WindowsScene SceneNamed(const std::vector<WindowsScene>& scenes, const std::string& name) {
  for (const WindowsScene& scene : scenes) {
    if (scene.name == name) return scene;
  }
  ADD_FAILURE() << "no scene " << name;
  return {};
}

const AppContainerPlan& PackageBodyOf(const LaunchPlan& plan) {
  return dynamic_cast<const AppContainerPlan&>(*plan.body);
}

const LowIntegrityPlan& LowBodyOf(const LaunchPlan& plan) { return dynamic_cast<const LowIntegrityPlan&>(*plan.body); }

}  // namespace paddock
