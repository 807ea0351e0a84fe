// Each field of a plan that security depends on, changed in turn: LowFaults has to see it. The list is printed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/low_integrity/plan.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/low_integrity_faults.h"

namespace paddock {
namespace {

using Plan = LowIntegrityPlan;

struct Mutation {
  std::string field;
  std::string what;
  std::string caught_by;  // the subject of a fault
  std::function<void(Plan&)> change;
  std::string scene = "names";
};

void SetVariable(Plan& plan, absl::string_view name, absl::string_view value) {
  for (std::string& entry : plan.process.environment) {
    if (absl::StartsWithIgnoreCase(entry, absl::StrCat(name, "="))) {
      entry = absl::StrCat(name, "=", value);
      return;
    }
  }
  ADD_FAILURE() << "no variable " << name;
}

std::vector<Mutation> Mutations() {
  return {
      {"token.integrity", "medium", "token", [](Plan& p) { p.token.integrity = "medium"; }},
      {"token.integrity", "medium", "files", [](Plan& p) { p.token.integrity = "medium"; }},
      {"token.disable_max_privilege", "privileges stay", "token",
       [](Plan& p) { p.token.disable_max_privilege = false; }},
      {"token.lua_token", "administrators stay", "token", [](Plan& p) { p.token.lua_token = false; }},
      {"token.owner", "Administrators", "token", [](Plan& p) { p.token.owner = "S-1-5-32-544"; }},
      {"token.default_dacl", "the logon session may write", "objects",
       [](Plan& p) { absl::StrAppend(&p.token.default_dacl, "(A;;GA;;;{logon})"); }},
      {"token.default_dacl", "Everyone may read", "objects",
       [](Plan& p) { p.token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GRGX;;;WD)"; }},
      {"token.default_dacl", "a null list", "objects", [](Plan& p) { p.token.default_dacl = "D:NO_ACCESS_CONTROL"; }},
      {"token.default_dacl", "closed to the user", "objects", [](Plan& p) { p.token.default_dacl = "D:(A;;GA;;;SY)"; }},
      {"label", "none", "files", [](Plan& p) { p.label = "S:(ML;OICI;NW;;;ME)"; }},
      {"label", "not inherited", "files", [](Plan& p) { p.label = "S:(ML;OICI;NW;;;HI)"; }},
      {"copies", "the tree itself", "copies", [](Plan& p) { p.copies[0].to = p.copies[0].from; }},
      {"copies", "none", "copies", [](Plan& p) { p.copies.clear(); }},
      {"copies", "what is not granted", "copies", [](Plan& p) { p.copies[0].from = "C:\\Users\\dev\\out"; }},
      {"copies", "two in one place", "copies", [](Plan& p) { p.copies.push_back(p.copies[0]); }},
      {"copies.directory", "a directory said to be a file", "copies", [](Plan& p) { p.copies[0].directory = false; }},
      {"copies.keep", "over the tree itself", "copies", [](Plan& p) { p.copies[0].keep = p.copies[0].from; }},
      {"copies.keep", "the same for every run", "copies",
       [](Plan& p) { p.copies[0].keep = p.state_dir + "\\copies\\1"; }},
      {"copies.rule", "none", "copies", [](Plan& p) { p.copies[0].rule.clear(); }},
      {"folders", "of the host", "copies", [](Plan& p) { p.folders[0] = "C:\\Users\\dev\\tmp"; }},
      {"state_dir", "elsewhere", "copies", [](Plan& p) { p.state_dir = "C:\\Windows\\Temp"; }},
      {"job.kill_on_close", "off", "job", [](Plan& p) { p.job.kill_on_close = false; }},
      {"job.processes", "none", "job", [](Plan& p) { p.job.processes.reset(); }},
      {"job.memory", "none", "job", [](Plan& p) { p.job.memory.reset(); }, "in_job_limits_tty"},
      {"job.ui_limits", "none", "job", [](Plan& p) { p.job.ui_limits.clear(); }},
      {"limits.wall", "none", "job", [](Plan& p) { p.limits.wall.reset(); }, "in_job_limits_tty"},
      {"process.command", "another", "process", [](Plan& p) { p.process.command = {"cmd.exe"}; }},
      {"process.cwd", "the tree itself", "process", [](Plan& p) { p.process.cwd = "C:\\Users\\dev\\src\\app"; }},
      {"process.handles", "one more", "process", [](Plan& p) { p.process.handles.push_back("state_lock"); }},
      {"process.mitigations", "one less", "process", [](Plan& p) { p.process.mitigations.pop_back(); }},
      {"process.environment", "TEMP of the host", "process", [](Plan& p) { SetVariable(p, "TEMP", "C:\\Temp"); }},
      {"process.environment", "a cache in the profile", "process",
       [](Plan& p) { SetVariable(p, "GOCACHE", "C:\\Users\\dev\\go"); }},
      {"process.environment", "not marked", "process", [](Plan& p) { SetVariable(p, "PADDOCK_SANDBOX", ""); }},
  };
}

TEST(LowIntegrityMutationTest, EveryMutationIsCaught) {
  const std::vector<WindowsScene> scenes = LowIntegrityScenes();
  const std::vector<Mutation> mutations = Mutations();
  for (const Mutation& mutation : mutations) {
    const WindowsScene scene = SceneNamed(scenes, mutation.scene);
    const auto plan = PlanLowIntegrity("", scene.request, scene.facts);
    ASSERT_TRUE(plan.ok()) << plan.status();
    Plan changed = LowBodyOf(*plan);
    // The control: unchanged, nothing is wrong with it.
    ASSERT_EQ(absl::StrJoin(LowFaults(scene, changed), "\n"), "") << mutation.scene;
    mutation.change(changed);
    const std::vector<std::string> faults = LowFaults(scene, changed);
    const bool caught = std::any_of(faults.begin(), faults.end(), [&](const std::string& fault) {
      return absl::StartsWith(fault, absl::StrCat(mutation.caught_by, ": "));
    });
    std::printf("%-6s %-32s %-40s by %s\n", caught ? "caught" : "MISSED", mutation.field.c_str(), mutation.what.c_str(),
                mutation.caught_by.c_str());
    EXPECT_TRUE(caught) << mutation.field << ", " << mutation.what << "; found instead:\n"
                        << absl::StrJoin(faults, "\n");
  }
  std::printf("%zu mutations\n", mutations.size());
}

}  // namespace
}  // namespace paddock
