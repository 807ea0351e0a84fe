#include "bench/launchers/contenders.h"

#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/base/json.h"

namespace paddock::bench {
namespace {

using Words = std::vector<std::string>;

Words operator+(Words left, const Words& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// The yardstick of the design, word for word.
Words Bubblewrap(const Scene& scene, const Words& more = {}) {
  return Words{
             scene.programs.bwrap, "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind",
             scene.workspace,      scene.workspace} +
         more + Words{"--die-with-parent"};
}

Words Paddock(const Scene& scene, const std::string& policy) {
  Words words = {scene.programs.paddock, "run", "--workspace", scene.workspace};
  if (!policy.empty()) words = words + Words{"--policy", policy};
  return words;
}

// MXC takes its configuration from a file; this is what its SDK writes for such a policy.
std::string WriteMxcConfig(const Scene& scene, const Words& payload) {
  const Json config = {
      {"version", "0.8.0-alpha"},
      {"containerId", "bench"},
      {"lifecycle", {{"destroyOnExit", true}, {"preservePolicy", false}}},
      {"process", {{"commandLine", absl::StrJoin(payload, " ")}, {"timeout", 30000}}},
      {"filesystem", {{"readwritePaths", {scene.workspace}}, {"readonlyPaths", {"/"}}, {"deniedPaths", Json::array()}}},
      {"ui", {{"disable", true}, {"clipboard", "none"}, {"injection", false}}},
      {"containment", "bubblewrap"},
  };
  std::string path = absl::StrCat(scene.scratch, "/mxc.json");
  std::ofstream(path) << config.dump();
  return path;
}

std::string WritePolicy(const Scene& scene, absl::string_view key, const Words& directories) {
  std::string path = absl::StrCat(scene.scratch, "/", key, ".toml");
  std::ofstream file(path);
  std::ifstream base(absl::StrCat(scene.policies, "/workspace-only.toml"));
  // The base file sets each list to nothing in a line of its own.
  for (std::string line; std::getline(base, line);) {
    if (absl::StrCat(key, " = []") != line) {
      file << line << '\n';
      continue;
    }
    file << key << " = [\n  \"" << absl::StrJoin(directories, "\",\n  \"") << "\"\n]\n";
  }
  return path;
}

}  // namespace

std::vector<Contender> AllContenders(const Scene& scene, const std::vector<std::string>& payload) {
  const Programs& programs = scene.programs;
  std::vector<Contender> all;
  const auto add = [&](const std::string& name, const Words& argv, bool is_yardstick = false) {
    if (!argv[0].empty()) all.push_back({name, {argv, scene.workspace}, is_yardstick});
  };
  add(absl::StrCat(absl::StrJoin(payload, " "), " alone"), payload);
  add("bubblewrap, bare", Bubblewrap(scene) + payload, true);
  add("Paddock, workspace grant alone",
      Paddock(scene, absl::StrCat(scene.policies, "/workspace-only.toml")) + Words{"--"} + payload);
  add("Paddock, default coding profile", Paddock(scene, "") + Words{"--"} + payload);
  add("MXC lxc-exec, bubblewrap", Words{programs.mxc, "--config", WriteMxcConfig(scene, payload)});
  add("Codex sandbox", Words{programs.codex, "sandbox", "-P", ":workspace", "-C", scene.workspace, "--"} + payload);
  add("srt", Words{programs.srt} + payload);
  return all;
}

std::vector<Contender> ManyRules(const Scene& scene, const std::vector<std::string>& directories, bool masked) {
  Words arguments;
  for (const std::string& directory : directories) {
    arguments = masked ? std::move(arguments) + Words{"--tmpfs", directory, "--remount-ro", directory}
                       : std::move(arguments) + Words{"--ro-bind", directory, directory};
  }
  const std::string policy = WritePolicy(scene, masked ? "deny_read" : "deny_write", directories);
  const Words payload = {"/bin/true"};
  std::vector<Contender> both;
  if (!scene.programs.bwrap.empty()) {
    both.push_back({"bubblewrap", {Bubblewrap(scene, arguments) + payload, scene.workspace}, true});
  }
  both.push_back({"Paddock", {Paddock(scene, policy) + Words{"--"} + payload, scene.workspace}, false});
  return both;
}

std::string FindOnPath(absl::string_view name) {
  const char* path = getenv("PATH");
  for (absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':', absl::SkipEmpty())) {
    std::string candidate = absl::StrCat(folder, "/", name);
    if (folder[0] == '/' && access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace paddock::bench
