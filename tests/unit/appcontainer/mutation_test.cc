// Each field of a plan that security depends on, changed in turn: PackageFaults has to see it. The list is printed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "backends/appcontainer/plan.h"
#include "tests/support/appcontainer_faults.h"
#include "tests/support/confined_scenes.h"

namespace paddock {
namespace {

using Plan = AppContainerPlan;

struct Mutation {
  std::string field;
  std::string what;
  std::string caught_by;  // the subject of a fault
  std::function<void(Plan&)> change;
  std::string scene = "names";
};

AceChange& ChangeOf(Plan& plan, absl::string_view path, absl::string_view ace) {
  auto& changes = plan.roots[0].changes;
  const auto found = std::find_if(changes.begin(), changes.end(), [&](const AceChange& change) {
    return absl::EndsWith(change.path, path) && absl::StrContains(change.ace, ace);
  });
  if (found != changes.end()) return *found;
  ADD_FAILURE() << "no entry " << ace << " on " << path;
  return changes.front();
}

void Drop(Plan& plan, absl::string_view path, absl::string_view ace) {
  std::erase(plan.roots[0].changes, AceChange(ChangeOf(plan, path, ace)));
}

void Replace(std::string& text, absl::string_view from, absl::string_view to) {
  const std::string before = text;
  text = absl::StrReplaceAll(text, {{from, to}});
  EXPECT_NE(text, before) << from << " is not in " << text;
}

void SetVariable(Plan& plan, absl::string_view name, absl::string_view value) {
  for (std::string& entry : plan.process.environment) {
    if (absl::StartsWithIgnoreCase(entry, absl::StrCat(name, "="))) {
      entry = absl::StrCat(name, "=", value);
      return;
    }
  }
  ADD_FAILURE() << "no variable " << name;
}

std::vector<Mutation> PackageMutations() {
  return {
      {"package.name", "the same for every run", "token", [](Plan& p) { p.package.name = "paddock.app"; }},
      {"package.name", "not Paddock's", "token", [](Plan& p) { p.package.name = "{run}"; }},
      {"package.lpac", "not less privileged", "token", [](Plan& p) { p.package.lpac = false; }},
      {"package.lpac", "not less privileged", "files", [](Plan& p) { p.package.lpac = false; }},
      {"package.lpac", "less privileged where there is none", "token", [](Plan& p) { p.package.lpac = true; },
       "without_lpac"},
      {"package.capabilities", "one more", "token",
       [](Plan& p) {
         p.package.capabilities.push_back({"internetClient", "S-1-15-3-1"});
       }},
      {"package.capabilities", "another SID", "token", [](Plan& p) { p.package.capabilities[0].sid = "S-1-15-3-1"; }},
      {"package.capabilities", "one less", "token", [](Plan& p) { p.package.capabilities.clear(); }},
  };
}

std::vector<Mutation> LeaseMutations() {
  return {
      {"roots", "the whole profile", "files",
       [](Plan& p) {
         p.roots[0].changes.push_back(
             {"C:\\Users\\dev", "(A;OICI;0x1301bf;;;{package})", AceScope::kTree, true, false, "filesystem.write ."});
       }},
      {"roots.path", "a root above its entries' own", "leases",
       [](Plan& p) { p.roots[0].path = "C:\\Users\\dev\\out"; }},
      {"roots.capability", "another SID's lease", "leases", [](Plan& p) { p.roots[0].capability = "{capability}"; }},
      {"changes.ace", "grant with DELETE_CHILD and WRITE_DAC", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "0x1301bf", "0x1f01ff"); }},
      {"changes.ace", "grant without DELETE", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "0x1301bf", "0x1201bf"); }},
      {"changes.ace", "the root can be moved", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1201bf").ace, "0x1201bf", "0x1301bf"); }},
      {"changes.ace", "grant to all packages", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "{package}", "S-1-15-2-1"); }},
      {"changes.ace", "grant to every restricted package", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "{package}", "S-1-15-2-2"); }},
      {"changes.ace", "grant to the user", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "{package}", "{user}"); }},
      {"changes.ace", "a denial in the place of an absent grant", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app\\.git\\config", "0x1200a9").ace, "(A;;0x1200a9", "(D;;0x1f01ff"); }},
      {"changes.ace", "a protected name may be written", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app\\.git\\config", "0x1200a9").ace, "0x1200a9", "0x1201bf"); }},
      {"changes.ace", "a hidden name may be read", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app\\.env", "0x120080").ace, "0x120080", "0x1200a9"); }},
      {"changes.ace", "a directory on the way may be moved", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app\\.git", "0x1201bf").ace, "0x1201bf", "0x1301bf"); }},
      {"changes.ace", "grant that files do not inherit", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "OICIIO", "CIIO"); }},
      {"changes.ace", "grant of one level", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "OICIIO", "OICINPIO"); }},
      {"changes.scope", "said of the object alone", "leases",
       [](Plan& p) { ChangeOf(p, "app", "0x1301bf").scope = AceScope::kObject; }},
      {"changes.directory", "a file said to be a directory", "leases",
       [](Plan& p) { ChangeOf(p, "app\\.git\\config", "0x1200a9").directory = true; }},
      {"changes.cut_off", "a protected file inherits the grant", "files",
       [](Plan& p) { ChangeOf(p, "app\\.git\\config", "0x1200a9").cut_off = false; }},
      {"changes.cut_off", "a protected directory inherits the grant", "files",
       [](Plan& p) { ChangeOf(p, "app\\.git\\hooks", "0x1200a9").cut_off = false; }},
      {"changes.cut_off", "a hidden file inherits the grant", "files",
       [](Plan& p) { ChangeOf(p, "app\\.env", "0x120080").cut_off = false; }},
      {"changes.cut_off", "the root is cut off", "leases",
       [](Plan& p) { ChangeOf(p, "app", "0x1301bf").cut_off = true; }},
      {"changes", "no entry on the root", "files", [](Plan& p) { Drop(p, "app", "0x1201bf"); }},
      {"changes", "no grant below the root", "files", [](Plan& p) { Drop(p, "app", "0x1301bf"); }},
      {"changes", "a protected name forgotten", "files", [](Plan& p) { Drop(p, "app\\.git\\config", "0x1200a9"); }},
      {"changes", "a nested repository's hooks forgotten", "files",
       [](Plan& p) { Drop(p, "zlib\\.git\\hooks", "0x1200a9"); }, "nested_repositories"},
      {"changes", "a hidden name forgotten", "files", [](Plan& p) { Drop(p, "app\\.env", "0x120080"); }},
      {"changes", "nothing may be made in a directory on the way", "files",
       [](Plan& p) { Drop(p, "app\\.git", "0x1301bf"); }},
      {"changes.rule", "none", "leases", [](Plan& p) { p.roots[0].changes[0].rule.clear(); }},
      {"changes", "a read root may be written", "files",
       [](Plan& p) { Replace(p.roots[0].changes[0].ace, "0x1200a9", "0x1301bf"); }, "reads_only"},
      {"absent", "forgotten", "leases", [](Plan& p) { p.roots[0].absent.clear(); }},
      {"absent.placeholder", "held by what no denial protects", "leases",
       [](Plan& p) { p.roots[0].absent[0].placeholder = true; }},
      {"state_dir", "elsewhere", "leases", [](Plan& p) { p.state_dir = "C:\\Windows\\Temp"; }},
      {"folders", "none", "folders", [](Plan& p) { p.folders.clear(); }},
      {"folders.ace", "open to all packages", "folders",
       [](Plan& p) { Replace(p.folders[0].ace, "{package}", "S-1-15-2-2"); }},
      {"folders.kept", "the run's folder stays", "folders", [](Plan& p) { p.folders[0].kept = true; }},
  };
}

std::vector<Mutation> ProcessMutations() {
  return {
      {"job.kill_on_close", "off", "job", [](Plan& p) { p.job.kill_on_close = false; }},
      {"job.die_on_unhandled_exception", "off", "job", [](Plan& p) { p.job.die_on_unhandled_exception = false; }},
      {"job.processes", "none", "job", [](Plan& p) { p.job.processes.reset(); }},
      {"job.memory", "none", "job", [](Plan& p) { p.job.memory.reset(); }, "in_job_limits_tty"},
      {"job.cpu", "none", "job", [](Plan& p) { p.job.cpu.reset(); }, "in_job_limits_tty"},
      {"job.ui_limits", "none", "job", [](Plan& p) { p.job.ui_limits.clear(); }},
      {"job.ui_limits", "in a job that forbids them", "job", [](Plan& p) { p.job.ui_limits = {"handles"}; },
       "in_job_limits_tty"},
      {"limits.wall", "none", "job", [](Plan& p) { p.limits.wall.reset(); }, "in_job_limits_tty"},
      {"limits.output", "none", "job", [](Plan& p) { p.limits.output.reset(); }, "in_job_limits_tty"},
      {"process.command", "another", "process", [](Plan& p) { p.process.command = {"cmd.exe"}; }},
      {"process.cwd", "the profile", "process", [](Plan& p) { p.process.cwd = "C:\\Users\\dev"; }},
      {"process.handles", "one more", "process", [](Plan& p) { p.process.handles.push_back("state_lock"); }},
      {"process.mitigations", "one less", "process", [](Plan& p) { p.process.mitigations.pop_back(); }},
      {"process.environment", "TEMP of the host", "process", [](Plan& p) { SetVariable(p, "TEMP", "C:\\Temp"); }},
      {"process.environment", "not marked", "process", [](Plan& p) { SetVariable(p, "PADDOCK_SANDBOX", ""); }},
      {"process.environment", "a cache in the profile", "process",
       [](Plan& p) { SetVariable(p, "CARGO_HOME", "C:\\Users\\dev\\.cargo"); }},
      {"process.environment", "a network that is not there", "process",
       [](Plan& p) { SetVariable(p, "HTTPS_PROXY", ""); }},
  };
}

TEST(AppContainerMutationTest, EveryMutationIsCaught) {
  const std::vector<WindowsScene> scenes = AppContainerScenes();
  std::vector<Mutation> mutations = PackageMutations();
  for (auto* const more : {&LeaseMutations, &ProcessMutations}) {
    for (Mutation& mutation : more()) mutations.push_back(std::move(mutation));
  }
  for (const Mutation& mutation : mutations) {
    const WindowsScene scene = SceneNamed(scenes, mutation.scene);
    const auto plan = PlanAppContainer("", scene.request, scene.facts);
    ASSERT_TRUE(plan.ok()) << plan.status();
    Plan changed = PackageBodyOf(*plan);
    // The control: unchanged, nothing is wrong with it.
    ASSERT_EQ(absl::StrJoin(PackageFaults(scene, changed), "\n"), "") << mutation.scene;
    mutation.change(changed);
    const std::vector<std::string> faults = PackageFaults(scene, changed);
    const bool caught = std::any_of(faults.begin(), faults.end(), [&](const std::string& fault) {
      return absl::StartsWith(fault, absl::StrCat(mutation.caught_by, ": "));
    });
    std::printf("%-6s %-32s %-48s by %s\n", caught ? "caught" : "MISSED", mutation.field.c_str(), mutation.what.c_str(),
                mutation.caught_by.c_str());
    EXPECT_TRUE(caught) << mutation.field << ", " << mutation.what << "; found instead:\n"
                        << absl::StrJoin(faults, "\n");
  }
  std::printf("%zu mutations\n", mutations.size());
}

}  // namespace
}  // namespace paddock
