// Each field of a plan that security depends on, changed in turn: PlanFaults has to see it. The list is printed.

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
#include "tests/support/windows_plan_faults.h"
#include "tests/support/windows_plans.h"

namespace paddock {
namespace {

struct Mutation {
  std::string field;
  std::string what;
  std::string caught_by;  // the subject of a fault
  std::function<void(WindowsTokenPlan&)> change;
  std::string scene = "names";
};

// The change of the first root whose path ends so and whose entry holds `ace`; the test fails if there is none.
AceChange& ChangeOf(WindowsTokenPlan& plan, absl::string_view path, absl::string_view ace) {
  auto& changes = plan.roots[0].changes;
  const auto found = std::find_if(changes.begin(), changes.end(), [&](const AceChange& change) {
    return absl::EndsWith(change.path, path) && absl::StrContains(change.ace, ace);
  });
  if (found != changes.end()) return *found;
  ADD_FAILURE() << "no entry " << ace << " on " << path;
  return changes.front();
}

void Drop(WindowsTokenPlan& plan, absl::string_view path, absl::string_view ace) {
  std::erase(plan.roots[0].changes, AceChange(ChangeOf(plan, path, ace)));
}

void SetVariable(WindowsTokenPlan& plan, absl::string_view name, absl::string_view value) {
  for (std::string& entry : plan.process.environment) {
    if (absl::StartsWithIgnoreCase(entry, absl::StrCat(name, "="))) {
      entry = absl::StrCat(name, "=", value);
      return;
    }
  }
  ADD_FAILURE() << "no variable " << name;
}

void Replace(std::string& text, absl::string_view from, absl::string_view to) {
  const std::string before = text;
  text = absl::StrReplaceAll(text, {{from, to}});
  EXPECT_NE(text, before) << from << " is not in " << text;
}

std::vector<Mutation> TokenMutations() {
  using Plan = WindowsTokenPlan;
  return {
      {"dedicated_user", "another account", "token", [](Plan& p) { p.dedicated_user = !p.dedicated_user; }},
      {"filtered_network", "the account with a network", "token", [](Plan& p) { p.filtered_network = false; },
       "names_dedicated"},
      {"token.default_dacl", "the developer's processes may do everything", "token",
       [](Plan& p) { Replace(p.token.default_dacl, "0x101000", "GA"); }, "names_dedicated"},
      {"token.disable_max_privilege", "privileges stay", "token",
       [](Plan& p) { p.token.disable_max_privilege = false; }},
      {"token.lua_token", "administrators stay", "token", [](Plan& p) { p.token.lua_token = false; }},
      {"token.write_restricted", "reads restricted too", "token", [](Plan& p) { p.token.write_restricted = false; }},
      {"token.restricting", "the developer's own SID", "token",
       [](Plan& p) { p.token.restricting.push_back("{user}"); }},
      {"token.restricting", "Users", "token", [](Plan& p) { p.token.restricting.push_back("S-1-5-32-545"); }},
      {"token.restricting", "Authenticated Users", "token", [](Plan& p) { p.token.restricting.push_back("S-1-5-11"); }},
      {"token.restricting", "none at all", "token", [](Plan& p) { p.token.restricting.clear(); }},
      {"token.restricting", "no capability", "token",
       [](Plan& p) { p.token.restricting.erase(p.token.restricting.begin()); }},
      {"token.restricting", "no run", "token", [](Plan& p) { std::erase(p.token.restricting, "{run}"); }},
      {"token.restricting", "no logon session", "token", [](Plan& p) { std::erase(p.token.restricting, "{logon}"); }},
      {"token.restricting", "no Everyone", "token", [](Plan& p) { std::erase(p.token.restricting, "S-1-1-0"); }},
      {"token.restricting", "the dedicated user's SID left out", "token",
       [](Plan& p) { std::erase(p.token.restricting, "{user}"); }, "names_dedicated"},
      {"token.restricting", "the dedicated users' group", "token",
       [](Plan& p) { p.token.restricting.push_back("{group}"); }, "names_dedicated"},
      {"token.integrity", "not lowered", "token", [](Plan& p) { p.token.integrity = "high"; }},
      {"token.owner", "Administrators", "token", [](Plan& p) { p.token.owner = "S-1-5-32-544"; }},
      {"token.default_dacl", "the logon session may write", "token",
       [](Plan& p) { Replace(p.token.default_dacl, "(A;;GRGX;;;{logon})", "(A;;GA;;;{logon})"); }},
      {"token.default_dacl", "Everyone may write", "token",
       [](Plan& p) { absl::StrAppend(&p.token.default_dacl, "(A;;GA;;;WD)"); }},
      {"token.default_dacl", "the run may not", "token",
       [](Plan& p) { Replace(p.token.default_dacl, "(A;;GA;;;{run})", ""); }},
  };
}

std::vector<Mutation> LeaseMutations() {
  using Plan = WindowsTokenPlan;
  return {
      {"roots", "the whole profile", "files",
       [](Plan& p) {
         p.roots[0].changes.push_back({"C:\\Users\\dev", "(A;OICI;0x1301bf;;;{capability})", AceScope::kTree, true,
                                       false, "filesystem.write ."});
       }},
      {"roots.path", "a root above its entries' own", "leases",
       [](Plan& p) { p.roots[0].path = "C:\\Users\\dev\\out"; }},
      {"roots.capability", "the same for two roots", "token",
       [](Plan& p) { p.roots[1].capability = p.roots[0].capability; }},
      {"changes.ace", "grant with DELETE_CHILD and WRITE_DAC", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "0x1301bf", "FA"); }},
      {"changes.ace", "grant with WRITE_OWNER", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "0x1301bf", "0x1b01bf"); }},
      {"changes.ace", "grant without DELETE", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "0x1301bf", "0x1201bf"); }},
      {"changes.ace", "a grant where a denial belongs", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app\\.git\\config", "0xd0116").ace, "D;", "A;"); }},
      {"changes.ace", "grant to Everyone", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "{capability}", "WD"); }},
      {"changes.ace", "grant to the logon session", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "{capability}", "{logon}"); }},
      {"changes.ace", "grant to the dedicated user, whose SID restricts", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "app", "{group}").ace, "{group}", "{user}"); }, "names_dedicated"},
      {"changes.ace", "grant that files do not inherit", "files",
       [](Plan& p) { Replace(ChangeOf(p, "app", "0x1301bf").ace, "OICI", "CI"); }},
      {"changes.path", "grant on another directory", "leases",
       [](Plan& p) { ChangeOf(p, "app", "0x1301bf").path = "C:\\Users\\dev\\out"; }},
      {"changes.scope", "grant on the root alone", "leases",
       [](Plan& p) { ChangeOf(p, "app", "0x1301bf").scope = AceScope::kObject; }},
      {"changes.directory", "a file taken for a directory", "leases",
       [](Plan& p) { ChangeOf(p, "config", "0xd0116").directory = true; }},
      {"changes.rule", "none", "leases", [](Plan& p) { ChangeOf(p, "config", "0xd0116").rule.clear(); }},
      {"changes", "no grant", "files", [](Plan& p) { Drop(p, "app", "0x1301bf"); }},
      {"changes", "the root may be moved away", "files", [](Plan& p) { Drop(p, "app", "0x10000"); }, "names_dedicated"},
      {"changes", "config not denied", "files", [](Plan& p) { Drop(p, "config", "0xd0116"); }},
      {"changes", "hooks not denied", "files", [](Plan& p) { Drop(p, "hooks", "0xd0116"); }},
      {"changes", "attributes not denied", "files", [](Plan& p) { Drop(p, "attributes", "0xd0116"); }},
      {"changes", "a file that is only to be read not denied", "files",
       [](Plan& p) { Drop(p, "index.js", "0xd0116"); }},
      {"changes.ace", "hooks denied without what is in it", "files",
       [](Plan& p) {
         AceChange& change = ChangeOf(p, "hooks", "0xd0116");
         Replace(change.ace, "OICI", "");
         change.scope = AceScope::kObject;
       }},
      {"changes.ace", "config denied without DELETE", "files",
       [](Plan& p) { Replace(ChangeOf(p, "config", "0xd0116").ace, "0xd0116", "0xc0116"); }},
      {"changes.ace", "config denied without FILE_WRITE_DATA", "files",
       [](Plan& p) { Replace(ChangeOf(p, "config", "0xd0116").ace, "0xd0116", "0xd0114"); }},
      {"changes.ace", "config denied without FILE_APPEND_DATA", "files",
       [](Plan& p) { Replace(ChangeOf(p, "config", "0xd0116").ace, "0xd0116", "0xd0112"); }},
      {"changes.ace", "config denied without FILE_WRITE_ATTRIBUTES", "files",
       [](Plan& p) { Replace(ChangeOf(p, "config", "0xd0116").ace, "0xd0116", "0xd0016"); }},
      {"changes.ace", "config denied to another lease's runs", "leases",
       [](Plan& p) { Replace(ChangeOf(p, "config", "0xd0116").ace, "{capability}", "{capability:2}"); }},
      {"changes.ace", "config denied to the developer", "host",
       [](Plan& p) { Replace(ChangeOf(p, "config", "0xd0116").ace, "{capability}", "{user}"); }},
      {"changes.ace", "the developer loses deletion", "host",
       [](Plan& p) { Replace(ChangeOf(p, ".git", "0x40").ace, "0x40", "0x10042"); }},
      {"changes.if_children_grant_delete", "whatever lies beside", "host",
       [](Plan& p) { ChangeOf(p, ".git", "0x40").if_children_grant_delete = false; }},
      {"changes", ".git may be moved away", "files", [](Plan& p) { Drop(p, ".git", "0x10000"); }},
      {"changes", "node_modules may be moved away", "files", [](Plan& p) { Drop(p, "node_modules", "0x10000"); }},
      {"changes", "config deleted through its directory", "files", [](Plan& p) { Drop(p, ".git", "0x40"); }},
      {"changes", ".git deleted through the root", "files", [](Plan& p) { Drop(p, "app", "0x40"); }},
      {"changes", "hooks emptied through itself", "files", [](Plan& p) { Drop(p, "hooks", "0x40"); }},
      {"changes", "a directory of secrets not hidden", "files", [](Plan& p) { Drop(p, "tools", "0x1f01ff"); },
       "secrets_dedicated"},
      {"changes", "a secret not hidden", "files", [](Plan& p) { Drop(p, ".env", "0x1f01ff"); }, "names_dedicated"},
      {"changes", "no grant to the account", "files", [](Plan& p) { Drop(p, "app", "0x1301bf;;;{group}"); },
       "names_dedicated"},
      {"absent", "nothing holds .vscode", "leases",
       [](Plan& p) { p.roots[0].absent.erase(p.roots[0].absent.begin()); }},
      {"absent", ".mcp.json stays", "leases",
       [](Plan& p) {
         std::erase_if(p.roots[0].absent, [](const AbsentName& n) { return absl::EndsWith(n.path, ".mcp.json"); });
       }},
      {"absent.path", "another name", "leases", [](Plan& p) { p.roots[0].absent[0].path += "2"; }},
      {"absent.placeholder", "none while the run lasts", "leases",
       [](Plan& p) { p.roots[0].absent[0].placeholder = false; }},
      {"absent.ace", "a placeholder that the run replaces", "files", [](Plan& p) { p.roots[0].absent[0].ace.clear(); }},
      {"absent.ace", "a placeholder to write in", "files",
       [](Plan& p) { Replace(p.roots[0].absent[0].ace, "0xd0116", "0x10000"); }},
      {"absent.rule", "none", "leases", [](Plan& p) { p.roots[0].absent[0].rule.clear(); }},
      {"state_dir", "in the workspace", "leases", [](Plan& p) { p.state_dir = "C:\\Users\\dev\\src\\app\\state"; }},
      {"folders", "no folder of the run's own", "folders", [](Plan& p) { p.folders.erase(p.folders.begin()); }},
      {"folders.path", "the workspace's parent", "folders",
       [](Plan& p) { p.folders[1].path = "C:\\Users\\dev\\src\\x"; }},
      {"folders.ace", "open to every run of the session", "folders",
       [](Plan& p) { Replace(p.folders[0].ace, "{run}", "{logon}"); }},
      {"folders.ace", "open to Everyone", "folders",
       [](Plan& p) { absl::StrAppend(&p.folders[0].ace, "(A;OICI;FA;;;S-1-1-0)"); }},
      {"folders.ace", "its own list may be changed", "files",
       [](Plan& p) { Replace(p.folders[0].ace, "0x1301bf", "FA"); }},
      {"folders.kept", "the run's folder stays", "folders", [](Plan& p) { p.folders[0].kept = true; }},
      {"folders.kept", "the cache goes", "folders", [](Plan& p) { p.folders[1].kept = false; }},
  };
}

std::vector<Mutation> JobMutations() {
  using Plan = WindowsTokenPlan;
  std::vector<Mutation> mutations = {
      {"job.kill_on_close", "off", "job", [](Plan& p) { p.job.kill_on_close = false; }},
      {"job.die_on_unhandled_exception", "off", "job", [](Plan& p) { p.job.die_on_unhandled_exception = false; }},
      {"job.processes", "none", "job", [](Plan& p) { p.job.processes.reset(); }},
      {"job.processes", "more", "job", [](Plan& p) { p.job.processes = 1u << 20; }},
      {"job.memory", "none", "job", [](Plan& p) { p.job.memory.reset(); }, "in_job_limits_tty"},
      {"job.cpu", "none", "job", [](Plan& p) { p.job.cpu.reset(); }, "in_job_limits_tty"},
      {"job.ui_limits", "in a job that forbids them", "job", [](Plan& p) { p.job.ui_limits = {"handles"}; },
       "in_job_limits_tty"},
      {"limits.wall", "none", "job", [](Plan& p) { p.limits.wall.reset(); }, "in_job_limits_tty"},
      {"limits.output", "none", "job", [](Plan& p) { p.limits.output.reset(); }, "in_job_limits_tty"},
      {"desktop.own_station", "on WinSta0", "desktop", [](Plan& p) { p.desktop.own_station = false; }},
      {"desktop.own_station", "computer-use where it is not seen", "desktop",
       [](Plan& p) { p.desktop.own_station = true; }, "windows_11_home.computer_use"},
      {"desktop.station", "WinSta0", "desktop", [](Plan& p) { p.desktop.station = "WinSta0"; }},
      {"desktop.desktop", "Default", "desktop", [](Plan& p) { p.desktop.desktop = "Default"; }},
      {"desktop.descriptor", "open to the logon session", "objects",
       [](Plan& p) { absl::StrAppend(&p.desktop.descriptor, "(A;;GA;;;{logon})"); }},
      {"desktop.descriptor", "open to Everyone", "objects",
       [](Plan& p) { absl::StrAppend(&p.desktop.descriptor, "(A;;GA;;;WD)"); }},
      {"desktop.descriptor", "closed to the run", "objects",
       [](Plan& p) { Replace(p.desktop.descriptor, "(A;;GA;;;{run})", ""); }},
      {"desktop.descriptor", "a null list", "objects", [](Plan& p) { p.desktop.descriptor = "D:NO_ACCESS_CONTROL"; }},
  };
  for (size_t i = 0; i < 8; ++i) {
    mutations.push_back({"job.ui_limits", absl::StrCat("without number ", i), "job",
                         [i](Plan& p) { p.job.ui_limits.erase(p.job.ui_limits.begin() + static_cast<int>(i)); }});
  }
  return mutations;
}

std::vector<Mutation> ProcessMutations() {
  using Plan = WindowsTokenPlan;
  std::vector<Mutation> mutations = {
      {"process.command", "another", "process",
       [](Plan& p) {
         p.process.command = {"cmd.exe", "/c", "make"};
       }},
      {"process.cwd", "the profile", "process", [](Plan& p) { p.process.cwd = "C:\\Users\\dev"; }},
      {"process.tty", "a console", "process", [](Plan& p) { p.process.tty = true; }},
      {"process.handles", "one more", "process", [](Plan& p) { p.process.handles.push_back("state_lock"); }},
      {"process.handles", "with a console", "process", [](Plan& p) { p.process.handles = {"stdin"}; },
       "in_job_limits_tty"},
      {"process.environment", "TEMP of the host", "process",
       [](Plan& p) { SetVariable(p, "TEMP", "C:\\Users\\dev\\AppData\\Local\\Temp"); }},
      {"process.environment", "TMP of the host", "process",
       [](Plan& p) { SetVariable(p, "TMP", "C:\\Users\\dev\\AppData\\Local\\Temp"); }},
      {"process.environment", "a name twice", "process",
       [](Plan& p) { p.process.environment.push_back("temp=C:\\Windows\\Temp"); }},
      {"process.environment", "unsorted", "process",
       [](Plan& p) { std::swap(p.process.environment.front(), p.process.environment.back()); }},
      {"process.environment", "not marked", "process", [](Plan& p) { SetVariable(p, "PADDOCK_SANDBOX", ""); }},
  };
  for (const char* const name : {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "npm_config_offline", "PIP_NO_INDEX",
                                 "CARGO_NET_OFFLINE", "GOPROXY"}) {
    mutations.push_back({"process.environment", absl::StrCat(name, " leads out"), "process",
                         [name](Plan& p) { SetVariable(p, name, "elsewhere"); }});
  }
  for (const char* const name :
       {"npm_config_cache", "PIP_CACHE_DIR", "NUGET_PACKAGES", "CARGO_HOME", "GOCACHE", "DOTNET_CLI_HOME"}) {
    mutations.push_back({"process.environment", absl::StrCat(name, " in the profile"), "process",
                         [name](Plan& p) { SetVariable(p, name, "C:\\Users\\dev\\.cache"); }});
  }
  for (size_t i = 0; i < 3; ++i) {
    mutations.push_back({"process.mitigations", absl::StrCat("without number ", i), "process", [i](Plan& p) {
                           p.process.mitigations.erase(p.process.mitigations.begin() + static_cast<int>(i));
                         }});
  }
  return mutations;
}

std::vector<Mutation> AllMutations() {
  std::vector<Mutation> all = TokenMutations();
  for (auto* const more : {&LeaseMutations, &JobMutations, &ProcessMutations}) {
    for (Mutation& mutation : more()) all.push_back(std::move(mutation));
  }
  return all;
}

TEST(WindowsPlanMutationTest, EveryMutationIsCaught) {
  const std::vector<Mutation> mutations = AllMutations();
  for (const Mutation& mutation : mutations) {
    const WindowsScene scene = WindowsSceneNamed(mutation.scene);
    const auto plan = PlanOfScene(scene);
    ASSERT_TRUE(plan.ok()) << plan.status();
    WindowsTokenPlan changed = TokenBodyOf(*plan);
    // The control: unchanged, nothing is wrong with it.
    ASSERT_EQ(absl::StrJoin(PlanFaults(scene, changed), "\n"), "") << mutation.scene;
    mutation.change(changed);
    const std::vector<std::string> faults = PlanFaults(scene, changed);
    const bool caught = std::any_of(faults.begin(), faults.end(), [&](const std::string& fault) {
      return absl::StartsWith(fault, absl::StrCat(mutation.caught_by, ": "));
    });
    std::printf("%-6s %-34s %-48s by %s\n", caught ? "caught" : "MISSED", mutation.field.c_str(), mutation.what.c_str(),
                mutation.caught_by.c_str());
    EXPECT_TRUE(caught) << mutation.field << ", " << mutation.what << "; found instead:\n"
                        << absl::StrJoin(faults, "\n");
  }
  std::printf("%zu mutations\n", mutations.size());
}

}  // namespace
}  // namespace paddock
