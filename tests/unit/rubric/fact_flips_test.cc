#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/unit/rubric/rubric_hosts.h"

// Every fact of a host is flipped in turn, to every other value it may have, and the decision is taken anew. The tables
// name each flip that may change the rules that match, the ranking or a level, and for which rule; no other flip may.

namespace paddock {
namespace {

// One row: what may change. `to` lists the values that do, in JSON, separated by blanks; `absent` and `[]` stand for a
// map's entry taken out and for an array or map emptied. In pointers @ stands for the workspace, escaped, with a
// separator behind it.
struct Flip {
  const char* pointer;
  const char* to;
  const char* why;
};

struct Scenario {
  const char* host;
  Ask ask;
  std::vector<Flip> changes;
};

constexpr char kNoDirectory[] = R"("absent" "device" "fifo" "file" "socket" "unreadable")";

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> kScenarios = {
      {"linux_6_8",
       {},
       {
           {"/host/os", R"("windows")", "the rules of the other system"},
           {"/host/linux/user_namespaces", "false null", "L1 to L3; unknown ranks L1 first, then L3"},
           {"/host/linux/seccomp", "false", "no filter, no run"},
           {"/host/linux/mount_setattr", "false", "L1's view takes it"},
           {"/host/linux/fresh_proc", "false null", "process: isolated iff a new /proc may be mounted"},
           {"/host/linux/wsl_version", "1 2", "WSL1 is no Linux; L5"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/workspace/scan_complete", "false", "read: not every match of a glob is masked"},
       }},
      // The same with an open network: X's abstract socket is hidden by Landlock's scope or not at all.
      {"linux_6_8",
       {.network = NetworkMode::kOpen},
       {
           {"/host/os", R"("windows")", "the rules of the other system"},
           {"/host/linux/landlock_abi", "10 6 7 8 9", "ui: private-desktop iff X and Wayland hidden"},
           {"/host/linux/user_namespaces", "false null", "L1 to L3"},
           {"/host/linux/seccomp", "false", "no filter, no run"},
           {"/host/linux/mount_setattr", "false", "L1's view takes it"},
           {"/host/linux/fresh_proc", "false null", "process"},
           {"/host/linux/wsl_version", "1 2", "WSL1 is no Linux; L5"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/workspace/scan_complete", "false", "read"},
       }},
      // Every protected name is there: no placeholder is needed until one is not.
      {"linux_aarch64",
       {},
       {
           {"/host/os", R"("windows")", "the rules of the other system"},
           {"/host/linux/user_namespaces", "false null", "L1 to L3"},
           {"/host/linux/seccomp", "false", "no filter, no run"},
           {"/host/linux/mount_setattr", "false", "L1's view takes it"},
           {"/host/linux/fresh_proc", "false null", "process"},
           {"/host/linux/wsl_version", "1 2", "WSL1 is no Linux; L5"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/workspace/scan_complete", "false", "read"},
           {"/workspace/paths", "[]", "host_change: what was not looked at counts as absent"},
           {"/workspace/paths/@.git~1hooks", "absent", "the same"},
           {"/workspace/paths/@.git~1config", "absent", "the same"},
           {"/workspace/paths/@.git~1commondir", "absent", "the same"},
           {"/workspace/paths/@.vscode", "absent", "the same"},
           {"/workspace/paths/@.mcp.json", "absent", "the same"},
           {"/workspace/paths/@.git~1hooks/type", R"("absent")", "host_change: leased if placeholders are needed"},
           {"/workspace/paths/@.git~1config/type", R"("absent")", "the same"},
           {"/workspace/paths/@.git~1commondir/type", R"("absent")", "git follows commondir out of its directory"},
           {"/workspace/paths/@.vscode/type", R"("absent")", "the same"},
           {"/workspace/paths/@.mcp.json/type", R"("absent")", "the same"},
       }},
      {"ubuntu_24_04_apparmor",
       {},
       {
           {"/host/os", R"("windows")", "the rules of the other system"},
           {"/host/linux/landlock_abi", "0 1 2 null", "L3 needs ABI 1; write: confined iff ABI >= 3"},
           {"/host/linux/user_namespaces", "null true", "L1"},
           {"/host/linux/user_namespaces_via_bubblewrap", "false", "L2"},
           {"/host/linux/bubblewrap/path", R"("")", "L2"},
           {"/host/linux/bubblewrap/trusted", "false null", "L2: trusted"},
           {"/host/linux/seccomp", "false", "no filter, no run"},
           {"/host/linux/fresh_proc", "false null", "process of tier bubblewrap"},
           {"/host/linux/wsl_version", "1 2", "WSL1 is no Linux; interop cannot be cut off in tier landlock"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/workspace/globs", "[]", "read of tier landlock: what deny_read names lies in the workspace"},
           {"/workspace/globs/@**~1.env", "[] absent", "the same"},
           {"/workspace/globs/@**~1.env/0", R"("" "elsewhere")", "the same"},
           {"/workspace/scan_complete", "false", "read"},
       }},
      // Started in a service that systemd has delegated.
      {"linux_6_18",
       {},
       {
           {"/host/os", R"("windows")", "the rules of the other system"},
           {"/host/linux/user_namespaces", "false null", "L1 to L3"},
           {"/host/linux/seccomp", "false", "no filter, no run"},
           {"/host/linux/mount_setattr", "false", "L1's view takes it"},
           {"/host/linux/fresh_proc", "false null", "process"},
           {"/host/linux/cgroup_delegated", "false null", "limits: tree iff a cgroup; host_change"},
           {"/host/linux/cgroup_controllers", "[]", "limits: tree iff it counts memory and processes"},
           {"/host/linux/cgroup_controllers/1", R"("" "elsewhere")", "the same: memory"},
           {"/host/linux/cgroup_controllers/2", R"("" "elsewhere")", "the same: pids"},
           {"/host/linux/wsl_version", "1 2", "WSL1 is no Linux; L5"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/workspace/scan_complete", "false", "read"},
       }},
      {"container_landlock",
       {},
       {
           {"/host/os", R"("windows")", "the rules of the other system"},
           {"/host/linux/landlock_abi", "0 1 2 null", "L4; write: confined iff ABI >= 3"},
           {"/host/linux/user_namespaces", "null true", "L1"},
           {"/host/linux/seccomp", "false", "no filter, no run"},
           {"/host/linux/wsl_version", "1 2", "WSL1 is no Linux; interop cannot be cut off in tier landlock"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/workspace/globs", "[]", "read: what deny_read names lies in the workspace"},
           {"/workspace/globs/@**~1.env", "[] absent", "the same"},
           {"/workspace/globs/@**~1.env/0", R"("" "elsewhere")", "the same"},
       }},
      {"windows_11_pro_wsl2",
       {.command_os = CommandOs::kAny},
       {
           {"/host/os", R"("linux")", "the rules of the other system"},
           {"/host/windows/sku", R"("home" "unknown")", "W8 in place of W7"},
           {"/host/windows/nested_virtualization", "false", "W4b: WSL2 usable"},
           {"/host/windows/wsl_installed", "false", "W4b: WSL2 usable"},
           {"/host/windows/distributions", "[]", "W4b: WSL2 usable"},
           {"/host/windows/distributions/0/version", "1 null", "W4b: WSL2 usable"},
           {"/host/windows/distributions/0/installed", "false null", "W4b: WSL2 usable"},
           {"/host/windows/distributions/0/name", R"("")", "W4b: WSL2 usable, by a name that wsl.exe takes"},
           {"/host/windows/distributions/0/user_namespaces", "false null", "wsl2's levels: the distribution's facts"},
           {"/host/windows/distributions/0/network_namespace", "false null", "wsl2's levels: network and ui"},
           {"/host/windows/provisioned", "true", "the column of the dedicated user"},
           {"/host/windows/in_job", "null true", "tree and limits: the job"},
           {"/host/windows/window_station", "false null", "ui: private-desktop iff own window station"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/location",
            R"("drvfs" "mapped-drive" "network-filesystem" "synced" "unc" "unknown" "wsl-distribution")",
            "W4a to W6; a removable volume with ACLs is as good as a local one"},
           {"/workspace/persistent_acls", "false null", "W6"},
           {"/workspace/read_only", "true", "writing is asked"},
       }},
      {"windows_11_pro_provisioned",
       {},
       {
           {"/host/os", R"("linux")", "the rules of the other system"},
           {"/host/windows/sku", R"("home" "unknown")", "W8 in place of W7"},
           {"/host/windows/provisioned", "false null", "the column without the dedicated user"},
           {"/host/windows/network_filter_verified", "false null", "network: filtered"},
           {"/host/windows/seclogon", "false null", "the dedicated user's runner cannot be started"},
           {"/host/windows/domain_controller", "null true", "no local users"},
           {"/host/windows/app_control_enforced", "null true", "the runner is stopped"},
           {"/host/windows/window_station", "false null", "ui"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/location",
            R"("drvfs" "mapped-drive" "network-filesystem" "synced" "unc" "unknown" "wsl-distribution")",
            "W4a to W6, W0"},
           {"/workspace/persistent_acls", "false null", "W6"},
           {"/workspace/read_only", "true", "writing is asked"},
           {"/host/windows/user_sid", R"("" "elsewhere")", "read: whose the lists of access are"},
           {"/leases/state_dir", R"("elsewhere")", "read: no grant whose entries would hide"},
           {"/workspace/globs", "[]", "read: nobody has searched"},
           {"/workspace/globs/@**\\.env", "absent", "read: nobody has searched"},
           {"/workspace/globs/@**\\.env/0", R"("" "elsewhere")", "read: another match, which nobody has judged"},
           {"/workspace/paths", "[]", "read: nobody has looked at the match"},
           {"/workspace/paths/@.env", "absent", "read: the same"},
           {"/workspace/paths/@.env/crosses_symlink", "true", "read: an entry would be put on something else"},
           {"/workspace/paths/@.env/type", R"("absent" "device" "fifo" "socket" "symlink" "unreadable")",
            "read: no entry is put on it"},
           {"/workspace/root/device", "0", "read: no grant whose entries would hide"},
           {"/workspace/root/real_path", R"("" "elsewhere")", "read: the same"},
           {"/workspace/scan_complete", "false", "read: not every match is denied"},
           {"/workspace/secrets", "[]", "read: nobody has read the list of access of the match"},
           {"/workspace/secrets/@.env", "absent", "read: the same"},
           {"/workspace/secrets/@.env/descriptors", "[]", "read: who owns it may open it"},
           {"/workspace/secrets/@.env/descriptors/0", R"("" "elsewhere")", "read: the same"},
           {"/workspace/secrets/@.env/problem", R"("elsewhere")", "read: the same"},
       }},
      {"wsl_localhost_checkout",
       {},
       {
           {"/host/os", R"("linux")", "the rules of the other system"},
           {"/host/windows/nested_virtualization", "false", "WSL2 is a virtual machine"},
           {"/host/windows/wsl_installed", "false", "W4a: D is WSL2"},
           {"/host/windows/distributions", "[]", "W4a: D is WSL2"},
           {"/host/windows/distributions/1/name", R"("" "elsewhere")", "W4a: on D only"},
           {"/host/windows/distributions/1/version", "1 null", "W4a: D is WSL2"},
           {"/host/windows/distributions/1/installed", "false null", "W4a: D is WSL2"},
           {"/host/windows/distributions/1/user_namespaces", "false null", "wsl2's levels: the distribution's facts"},
           {"/host/windows/distributions/1/network_namespace", "false null", "wsl2's levels: network and ui"},
           {"/workspace/wsl_distribution", R"("" "elsewhere")", "W4a: on D only"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/location",
            R"("drvfs" "local" "mapped-drive" "network-filesystem" "removable" "synced" "unc" "unknown")", "W4a"},
           {"/workspace/read_only", "true", "writing is asked"},
       }},
      {"windows_11_enterprise_sandbox",
       {.workload = Workload::kComputerUse, .with_workspace = false},
       {
           {"/host/os", R"("linux")", "L6"},
           {"/host/windows/sku", R"("home" "server" "unknown")", "W1f"},
           {"/host/windows/build", "17000", "Windows Sandbox from build 18342"},
           {"/host/windows/nested_virtualization", "false", "Windows Sandbox is a virtual machine"},
           {"/host/windows/windows_sandbox_installed", "false", "W1f: absent"},
           {"/host/windows/windows_sandbox_enabled", "false null", "W1f: off, or not known to be on"},
           {"/host/windows/windows_sandbox_running", "true", "one instance at a time"},
       }},
      {"windows_11_home",
       {.workload = Workload::kPackagedApp, .capabilities = {"documentsLibrary"}},
       {
           {"/host/os", R"("linux")", "L6"},
           {"/host/windows/in_job", "null true", "tree and limits: the job"},
           {"/host/windows/lpac", "false null", "write and read: LPAC"},
           {"/workspace/root/type", kNoDirectory, "a workspace is a directory"},
           {"/workspace/location",
            R"("drvfs" "mapped-drive" "network-filesystem" "synced" "unc" "unknown" "wsl-distribution")",
            "the grant is an ACL on the workspace"},
           {"/workspace/persistent_acls", "false null", "the same"},
           {"/workspace/read_only", "true", "writing is asked"},
       }},
  };
  return kScenarios;
}

// The values that a key's fact may take, where true, false and null are not all.
std::vector<Json> ValuesOf(const std::string& key) {
  static const std::map<std::string, std::vector<Json>> kValues = {
      {"os", {"linux", "windows"}},
      {"sku", {"unknown", "home", "pro", "pro-workstation", "enterprise", "education", "server"}},
      {"type", {"absent", "file", "directory", "symlink", "fifo", "socket", "device", "unreadable"}},
      {"kind", {"directory", "git-file"}},
      {"location",
       {"unknown", "local", "unc", "mapped-drive", "synced", "wsl-distribution", "removable", "network-filesystem",
        "drvfs"}},
      {"landlock_abi", {nullptr, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
      {"landlock_errata", {nullptr, 0, 3}},
      {"perf_event_paranoid", {nullptr, 0, 3}},
      {"wsl_version", {nullptr, 0, 1, 2}},
      {"version", {nullptr, 1, 2}},
      {"build", {nullptr, 17000, 26100}},
      {"kernel", {nullptr, "4.19.0", "7.0.0"}}};
  const auto found = kValues.find(key);
  return found == kValues.end() ? std::vector<Json>{} : found->second;
}

using OnFlip = std::function<void(const std::string& pointer, const std::string& to)>;

void FlipLeaf(Json& leaf, const std::string& key, const std::string& pointer, const OnFlip& on_flip) {
  const Json before = leaf;
  std::vector<Json> values = ValuesOf(key);
  if (values.empty()) {
    if (leaf.is_boolean()) values = {!leaf.get<bool>()};
    if (leaf.is_number()) values = {0, 1, 4096};
    if (leaf.is_string()) values = {"", "elsewhere"};
  }
  for (const Json& value : values) {
    if (value == before) continue;
    leaf = value;
    on_flip(pointer, value.dump());
  }
  leaf = before;
}

// A fact: its value through all that it may be, and its source, which decides nothing.
void FlipFact(Json& fact, const std::string& key, const std::string& pointer, const OnFlip& on_flip) {
  const Json before = fact;
  std::vector<Json> values = ValuesOf(key);
  if (values.empty()) values = {nullptr, false, true};
  for (const Json& value : values) {
    if (value == before["value"]) continue;
    fact["value"] = value;
    on_flip(pointer, value.dump());
  }
  fact = before;
  fact["source"] = "elsewhere";
  on_flip(absl::StrCat(pointer, "/source"), "elsewhere");
  fact = before;
}

void FlipAll(Json& node, const std::string& key, const std::string& pointer, const OnFlip& on_flip) {
  if (node.is_object() && node.contains("value") && node.contains("source"))
    return FlipFact(node, key, pointer, on_flip);
  if (!node.is_structured()) return FlipLeaf(node, key, pointer, on_flip);
  const bool is_map = key == "paths" || key == "globs" || key == "secrets";
  if ((is_map || node.is_array()) && !node.empty()) {
    const Json before = node;
    node = is_map ? Json::object() : Json::array();
    on_flip(pointer, "[]");
    node = before;
  }
  std::vector<std::string> keys;
  if (node.is_object()) {
    for (const auto& [name, value] : node.items()) keys.push_back(name);
  } else {
    for (size_t i = 0; i < node.size(); ++i) keys.push_back(absl::StrCat(i));
  }
  for (const std::string& name : keys) {
    const std::string below = absl::StrCat(pointer, "/", absl::StrReplaceAll(name, {{"~", "~0"}, {"/", "~1"}}));
    if (is_map) {
      const Json before = node;
      node.erase(name);
      on_flip(below, "absent");
      node = before;
    }
    FlipAll(node.is_object() ? node[name] : node[std::stoul(name)], name, below, on_flip);
  }
}

// What a flip may change: the rules that match, the ranking, the levels.
std::string Signature(const Request& request, const Facts& facts) {
  const Decision decision = Evaluate(AllBackends(), request, facts);
  std::string signature = absl::StrCat(absl::StrJoin(decision.matched_rules, " "), " | ", Ranking(decision));
  for (const Candidate& candidate : decision.ranked) absl::StrAppend(&signature, " | ", Levels(candidate.reached));
  return signature;
}

using Changes = std::map<std::string, std::set<std::string>>;

Changes Observed(const Scenario& scenario, size_t& flips) {
  const Facts facts = LoadHost(scenario.host);
  const Request request = MakeAsk(scenario.ask, facts);
  const std::string before = Signature(request, facts);
  Json json = ToJson(facts);
  Changes changes;
  const OnFlip on_flip = [&](const std::string& pointer, const std::string& to) {
    ++flips;
    const auto flipped = FactsFromJson(json, "flipped");
    ASSERT_TRUE(flipped.ok()) << flipped.status();
    if (Signature(request, *flipped) != before) changes[pointer].insert(to);
  };
  for (const char* part : {"host", "workspace", "leases"}) FlipAll(json[part], part, absl::StrCat("/", part), on_flip);
  return changes;
}

Changes Expected(const Scenario& scenario) {
  const Facts facts = LoadHost(scenario.host);
  const char* const separator = facts.host.os == OsFamily::kWindows ? "\\" : "/";
  const std::string escaped =
      absl::StrReplaceAll(facts.workspace.root.real_path + separator, {{"~", "~0"}, {"/", "~1"}});
  Changes changes;
  for (const Flip& flip : scenario.changes) {
    const std::vector<std::string> values = absl::StrSplit(flip.to, ' ');
    changes[absl::StrReplaceAll(flip.pointer, {{"@", escaped}})].insert(values.begin(), values.end());
  }
  return changes;
}

std::string Text(const Changes& changes) {
  return absl::StrJoin(changes, "\n", [](std::string* out, const auto& change) {
    absl::StrAppend(out, change.first, " to ", absl::StrJoin(change.second, " "));
  });
}

TEST(FactFlipsTest, TheDecisionChangesWhereTheRubricSaysSoAndNowhereElse) {
  for (const Scenario& scenario : Scenarios()) {
    SCOPED_TRACE(scenario.host);
    size_t flips = 0;
    const Changes observed = Observed(scenario, flips);
    EXPECT_EQ(Text(observed), Text(Expected(scenario)));
    EXPECT_GT(flips, 100u);
  }
}

}  // namespace
}  // namespace paddock
