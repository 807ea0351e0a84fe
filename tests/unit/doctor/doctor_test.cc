#include "core/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/doctor/check.h"
#include "tests/unit/rubric/rubric_hosts.h"

namespace paddock {
namespace {

constexpr char kExecutable[] = "/usr/local/bin/paddock";

Diagnosis Examine(const Facts& facts, absl::string_view executable = kExecutable) {
  return Diagnose(AllBackends(), MakeAsk({}, facts), facts, executable);
}

std::string Summary(const Diagnosis& diagnosis) {
  return absl::StrJoin(diagnosis.findings, " ", [](std::string* out, const Finding& finding) {
    absl::StrAppend(out, Name(finding.severity), ":", finding.id);
  });
}

const Finding* Find(const Diagnosis& diagnosis, absl::string_view id) {
  for (const Finding& finding : diagnosis.findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

std::string RemediesOf(const Diagnosis& diagnosis, absl::string_view id) {
  const Finding* const finding = Find(diagnosis, id);
  if (finding == nullptr) return "";
  return absl::StrJoin(finding->remedies, "\n", [](std::string* out, const Remedy& remedy) {
    absl::StrAppend(out, remedy.text, "\n", absl::StrJoin(remedy.lines, "\n"));
  });
}

// ---- Recorded hosts.

TEST(DoctorTest, TheRecordedHostsHaveTheseFindings) {
  const std::map<std::string, std::string> expected = {
      {"ubuntu_24_04_apparmor", "blocks:userns_denied weakens:cgroup_not_delegated advice:landlock_abi_old"},
      {"container_bare",
       "blocks:userns_denied blocks:workspace_foreign_owned weakens:fresh_proc_denied weakens:cgroup_not_delegated "
       "advice:landlock_absent advice:caller_is_root"},
      {"container_landlock",
       "blocks:userns_denied blocks:workspace_foreign_owned weakens:fresh_proc_denied weakens:cgroup_not_delegated "
       "advice:landlock_abi_old advice:caller_is_root"},
      {"linux_5_10", "blocks:mount_setattr_absent weakens:cgroup_not_delegated advice:landlock_absent"},
      {"linux_5_15", "weakens:cgroup_not_delegated advice:landlock_abi_old"},
      {"linux_6_1", "weakens:cgroup_not_delegated advice:landlock_abi_old"},
      {"linux_6_18", ""},
      {"inside_wsl2", "weakens:cgroup_not_delegated advice:landlock_abi_old advice:workspace_on_drvfs"},
      {"windows_11_home", "blocks:wsl2_absent blocks:sku_home_no_hyperv weakens:not_provisioned"},
      {"windows_11_home_wsl2", "blocks:sku_home_no_hyperv weakens:not_provisioned"},
      {"windows_11_enterprise_sandbox", "blocks:wsl2_absent weakens:not_provisioned"},
      {"windows_11_enterprise_sandbox_off", "blocks:wsl2_absent blocks:feature_disabled weakens:not_provisioned"},
      {"wsl1_only", "blocks:wsl1_only blocks:feature_disabled weakens:not_provisioned"},
      {"onedrive_checkout", "blocks:feature_disabled blocks:workspace_synced weakens:not_provisioned"},
      {"wsl_localhost_checkout", "blocks:sku_home_no_hyperv"},
  };
  for (const auto& [host, findings] : expected) EXPECT_EQ(Summary(Examine(LoadHost(host))), findings) << host;
}

TEST(DoctorTest, NothingToMendMeansThatTheStrongestRuns) {
  const Diagnosis diagnosis = Examine(LoadHost("linux_6_18"));
  EXPECT_FALSE(NeedsMending(diagnosis));
  EXPECT_EQ(ToString(*diagnosis.now.front().backend), "linux_landlock:namespaces");
  EXPECT_FALSE(diagnosis.now.front().refusal.has_value());
}

TEST(DoctorTest, WhatCannotBeMendedDoesNotAskForIt) {
  Facts facts = LoadHost("windows_11_home_wsl2");
  facts.host.windows_host.provisioned = Yes("test");
  facts.host.windows_host.network_filter_verified = Yes("test");
  const Diagnosis home = Examine(facts);
  EXPECT_EQ(home.findings.front().severity, Severity::kBlocks);
  EXPECT_FALSE(home.findings.front().mendable);
  EXPECT_FALSE(NeedsMending(home));
  facts.host.windows_host.distributions.clear();  // the control
  EXPECT_TRUE(NeedsMending(Examine(facts)));
}

// ---- Effects are what the decision gives.

TEST(DoctorTest, EffectsAreThoseOfTheDecisionWithTheFactMended) {
  Facts facts = LoadHost("linux_6_8");
  facts.host.linux_host.fresh_proc = No("test");
  const Diagnosis diagnosis = Examine(facts);
  const Finding* const finding = Find(diagnosis, "fresh_proc_denied");
  ASSERT_NE(finding, nullptr);
  ASSERT_FALSE(finding->effects.empty());
  const LevelChange& change = finding->effects.front().levels.front();
  EXPECT_EQ(change.guarantee, Guarantee::kProcess);
  EXPECT_EQ(change.from, process_level::kShared);
  EXPECT_EQ(change.to, process_level::kIsolated);
  EXPECT_TRUE(finding->alone);
  EXPECT_EQ(diagnosis.now.front().levels[Guarantee::kProcess], process_level::kShared);
}

TEST(DoctorTest, RulesThatFareWorseAreToldToo) {
  Facts facts = LoadHost("linux_6_8");
  facts.host.linux_host.uid = 0;
  facts.workspace.root.owner = 0;
  for (auto& [path, found] : facts.workspace.paths) found.owner = 0;
  const Diagnosis diagnosis = Examine(facts);
  const Finding* const finding = Find(diagnosis, "pid_max_shared");
  ASSERT_NE(finding, nullptr) << Summary(diagnosis);
  EXPECT_EQ(finding->severity, Severity::kWeakens);
  ASSERT_EQ(finding->effects.front().rules.size(), 1u);
  EXPECT_EQ(finding->effects.front().rules.front().rule, "limits.processes");
  EXPECT_EQ(finding->effects.front().rules.front().from, Verdict::kNotEnforced);
  EXPECT_EQ(Find(Examine(LoadHost("linux_6_8")), "pid_max_shared"), nullptr);  // an ordinary user
}

TEST(DoctorTest, WhereOneFindingStandsBeforeAnotherBothAreTold) {
  const Diagnosis diagnosis = Examine(LoadHost("container_bare"));
  const Finding* const finding = Find(diagnosis, "fresh_proc_denied");
  ASSERT_NE(finding, nullptr);
  EXPECT_FALSE(finding->alone);
  EXPECT_FALSE(finding->effects.empty());
}

TEST(DoctorTest, ARefusalThatNoCheckIsAboutIsAFinding) {
  Facts facts = LoadHost("linux_6_18");
  facts.workspace.root = {};
  facts.workspace.root.type = PathType::kAbsent;
  Request request = MakeAsk({}, LoadHost("linux_6_18"));
  const Diagnosis diagnosis = Diagnose(AllBackends(), request, facts, kExecutable);
  EXPECT_EQ(Summary(diagnosis), "blocks:workspace_missing");
  EXPECT_FALSE(diagnosis.findings.front().remedies.front().text.empty());
}

// ---- Every check: planted on a host that has nothing to mend, found there, and gone when mended.

struct Planted {
  const char* id;
  std::function<void(Facts&)> plant;
};

// A host that has nothing to mend but what this version cannot (`windows`).
Facts Sound(OsFamily os) {
  if (os == OsFamily::kLinux) return LoadHost("linux_6_18");
  Facts facts = LoadHost("windows_11_pro_wsl2");
  WindowsFacts& windows = facts.host.windows_host;
  for (Fact* fact : {&windows.provisioned, &windows.network_filter_verified, &windows.windows_sandbox_enabled,
                     &windows.windows_sandbox_installed}) {
    *fact = Yes("test");
  }
  return facts;
}

void AppArmorRefuses(Facts& f) {
  f.host.linux_host.user_namespaces = No("kernel.apparmor_restrict_unprivileged_userns is 1");
}

void AsRoot(Facts& f) {
  f.host.linux_host.uid = 0;
  f.host.linux_host.cgroup_controllers.clear();
}

const std::vector<Planted>& OnLinux() {
  static const std::vector<Planted> kPlanted = {
      {"wsl1_only",
       [](Facts& f) {
         f.host.linux_host.wsl_version = {1, "test"};
         f.host.linux_host.user_namespaces = No("test");
       }},
      {"seccomp_absent", [](Facts& f) { f.host.linux_host.seccomp = No("test"); }},
      {"userns_denied", [](Facts& f) { f.host.linux_host.user_namespaces = No("user.max_user_namespaces is 0"); }},
      {"userns_unknown",
       [](Facts& f) {
         f.host.linux_host.user_namespaces = {Tri::kUnknown, "test"};
       }},
      {"bubblewrap_absent",
       [](Facts& f) {
         AppArmorRefuses(f);
         f.host.linux_host.bubblewrap = {"", No("test")};
       }},
      {"bubblewrap_untrusted",
       [](Facts& f) {
         AppArmorRefuses(f);
         f.host.linux_host.bubblewrap = {"/usr/local/bin/bwrap", No("/usr/local/bin belongs to uid 1000")};
       }},
      {"bubblewrap_unprofiled",
       [](Facts& f) {
         AppArmorRefuses(f);
         f.host.linux_host.bubblewrap = {"/usr/bin/bwrap", Yes("test")};
         f.host.linux_host.user_namespaces_via_bubblewrap = {Tri::kUnknown, "test"};
       }},
      {"mount_setattr_absent", [](Facts& f) { f.host.linux_host.mount_setattr = No("test"); }},
      {"landlock_absent",
       [](Facts& f) {
         f.host.linux_host.landlock_abi = {0, "disabled at boot"};
       }},
      {"landlock_abi_old",
       [](Facts& f) {
         f.host.linux_host.landlock_abi = {2, "test"};
       }},
      {"wsl_interop_reachable",
       [](Facts& f) {
         f.host.linux_host.wsl_version = {2, "test"};
         f.host.linux_host.user_namespaces = No("test");
       }},
      {"fresh_proc_denied",
       [](Facts& f) {
         f.host.linux_host.fresh_proc = {Tri::kUnknown, "test"};
       }},
      {"cgroup_not_delegated", [](Facts& f) { f.host.linux_host.cgroup_delegated = No("test"); }},
      {"cgroup_controllers_missing",
       [](Facts& f) {
         f.host.linux_host.cgroup_controllers = {"cpu", "pids"};
       }},
      {"pid_max_shared",
       [](Facts& f) {
         AsRoot(f);
         f.host.linux_host.pid_max_per_namespace = No("test");
         f.host.linux_host.idmapped_mounts = Yes("test");
       }},
      {"overlay_absent",
       [](Facts& f) {
         f.host.linux_host.overlay_in_userns = No("test");
         PathFacts home = f.workspace.root;
         home.real_path = f.host.home;
         f.workspace.paths[f.host.home] = home;
       }},
      {"workspace_foreign_owned",
       [](Facts& f) {
         AsRoot(f);
         f.host.linux_host.idmapped_mounts = No("test");
         for (auto& [path, found] : f.workspace.paths) found.owner = 1000;
         f.workspace.root.owner = 1000;
       }},
      {"state_dir_unusable", [](Facts& f) { f.leases.state_dir.clear(); }},
      {"perf_events_refused",
       [](Facts& f) {
         f.host.linux_host.perf_event_paranoid = {1, "test"};
       }},
      {"caller_is_root", AsRoot},
      {"workspace_on_network", [](Facts& f) { f.workspace.location = WorkspaceLocation::kNetworkFilesystem; }},
      {"workspace_on_drvfs", [](Facts& f) { f.workspace.location = WorkspaceLocation::kDrvfs; }},
  };
  return kPlanted;
}

const std::vector<Planted>& OnWindows() {
  static const std::vector<Planted> kPlanted = {
      {"virtualization_disabled",
       [](Facts& f) {
         f.host.windows_host.virtualization_firmware = No("test");
         f.host.windows_host.hypervisor = No("test");
       }},
      {"vm_without_nesting", [](Facts& f) { f.host.windows_host.nested_virtualization = No("test"); }},
      {"wsl2_absent",
       [](Facts& f) {
         f.host.windows_host.wsl_installed = No("test");
         f.host.windows_host.distributions.clear();
       }},
      {"wsl1_only",
       [](Facts& f) {
         f.host.windows_host.distributions.front().version = {1, "test"};
       }},
      {"wsl_distro_lacks_landlock",
       [](Facts& f) {
         WslDistribution& distribution = f.host.windows_host.distributions.front();
         distribution.user_namespaces = distribution.bubblewrap = distribution.landlock = No("test");
       }},
      {"wsl_distribution_unprobed",
       [](Facts& f) {
         WslDistribution& distribution = f.host.windows_host.distributions.front();
         distribution.user_namespaces = distribution.bubblewrap = distribution.landlock = {};
       }},
      {"sku_home_no_hyperv", [](Facts& f) { f.host.windows_host.sku = WindowsSku::kHome; }},
      {"sku_server_no_windows_sandbox", [](Facts& f) { f.host.windows_host.sku = WindowsSku::kServer; }},
      {"sku_unknown", [](Facts& f) { f.host.windows_host.sku = WindowsSku::kUnknown; }},
      {"windows_build_too_old",
       [](Facts& f) {
         f.host.windows_host.build = {17763, "test"};
       }},
      {"feature_disabled", [](Facts& f) { f.host.windows_host.windows_sandbox_enabled = No("test"); }},
      {"feature_absent", [](Facts& f) { f.host.windows_host.windows_sandbox_installed = No("test"); }},
      {"feature_unknown", [](Facts& f) { f.host.windows_host.windows_sandbox_enabled = {}; }},
      {"sandbox_instance_running", [](Facts& f) { f.host.windows_host.windows_sandbox_running = Yes("test"); }},
      {"not_provisioned", [](Facts& f) { f.host.windows_host.provisioned = No("test"); }},
      {"domain_controller",
       [](Facts& f) {
         f.host.windows_host.provisioned = No("test");
         f.host.windows_host.domain_controller = Yes("test");
       }},
      {"network_filter_unverified", [](Facts& f) { f.host.windows_host.network_filter_verified = {}; }},
      {"seclogon_disabled", [](Facts& f) { f.host.windows_host.seclogon = No("test"); }},
      {"app_control_enforced", [](Facts& f) { f.host.windows_host.app_control_enforced = Yes("test"); }},
      {"in_job",
       [](Facts& f) {
         f.host.windows_host.provisioned = No("test");
         f.host.windows_host.in_job = Yes("test");
       }},
      {"window_station_unavailable", [](Facts& f) { f.host.windows_host.window_station = No("test"); }},
      {"launcher_elevated", [](Facts& f) { f.host.windows_host.elevated = Yes("test"); }},
      {"workspace_on_network", [](Facts& f) { f.workspace.location = WorkspaceLocation::kUnc; }},
      {"workspace_on_mapped_drive", [](Facts& f) { f.workspace.location = WorkspaceLocation::kMappedDrive; }},
      {"workspace_synced", [](Facts& f) { f.workspace.location = WorkspaceLocation::kSynced; }},
      {"filesystem_without_acls", [](Facts& f) { f.workspace.persistent_acls = No("test"); }},
      {"workspace_location_unknown", [](Facts& f) { f.workspace.location = WorkspaceLocation::kUnknown; }},
  };
  return kPlanted;
}

void ExpectFoundAndMended(OsFamily os, const std::vector<Planted>& planted) {
  ASSERT_EQ(Summary(Examine(Sound(os))), "");
  std::set<absl::string_view> seen;
  for (const Planted& row : planted) {
    SCOPED_TRACE(row.id);
    Facts facts = Sound(os);
    row.plant(facts);
    const Diagnosis diagnosis = Examine(facts);
    const Finding* const finding = Find(diagnosis, row.id);
    ASSERT_NE(finding, nullptr) << Summary(diagnosis);
    EXPECT_FALSE(finding->found.empty() || finding->remedies.empty());
    const auto checks = ChecksFor(os);
    const auto check = std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.id == row.id; });
    check->mend(facts);
    EXPECT_EQ(Find(Examine(facts), row.id), nullptr);
    seen.insert(row.id);
  }
  for (const Check& check : ChecksFor(os)) EXPECT_EQ(seen.count(check.id), 1u) << check.id << " is not planted";
}

TEST(DoctorTest, EachCheckOnLinuxIsFoundAndGoesWhenMended) { ExpectFoundAndMended(OsFamily::kLinux, OnLinux()); }

TEST(DoctorTest, EachCheckOnWindowsIsFoundAndGoesWhenMended) { ExpectFoundAndMended(OsFamily::kWindows, OnWindows()); }

TEST(DoctorTest, MendingEverythingOnARecordedHostLeavesNothing) {
  for (const std::string& host : HostNames()) {
    Facts facts = LoadHost(host);
    // One may come to light behind another.
    for (int round = 0; round < 3; ++round) {
      for (const Finding& finding : Examine(facts).findings) {
        for (const Check& check : ChecksFor(facts.host.os)) {
          if (check.id == finding.id) check.mend(facts);
        }
      }
    }
    EXPECT_EQ(Summary(Examine(facts)), "") << host;
  }
}

// ---- Remedies by cause.

struct Cause {
  const char* id;
  std::function<void(Facts&)> plant;
  const char* says;
};

TEST(DoctorTest, RemediesFollowTheCause) {
  const auto userns = [](const char* source) {
    return [source](Facts& f) { f.host.linux_host.user_namespaces = No(source); };
  };
  const auto landlock = [](const char* source, const char* kernel) {
    return [=](Facts& f) {
      f.host.linux_host.landlock_abi = {0, source};
      f.host.linux_host.kernel.value = kernel;
    };
  };
  const auto proc_in = [](const char* hint) {
    return [hint](Facts& f) {
      f.host.linux_host.fresh_proc = No("test");
      f.host.linux_host.container_hints = {hint};
    };
  };
  const std::vector<Cause> causes = {
      {"userns_denied", userns("user.max_user_namespaces is 0"), "sysctl -w user.max_user_namespaces=15000"},
      {"userns_denied", userns("kernel.unprivileged_userns_clone is 0"),
       "sysctl -w kernel.unprivileged_userns_clone=1"},
      {"userns_denied", userns("kernel.apparmor_restrict_unprivileged_userns is 1"),
       "'profile paddock /usr/local/bin/paddock flags=(unconfined) {'"},
      {"userns_denied", userns("kernel.apparmor_restrict_unprivileged_userns is 1"),
       "apparmor_parser -r /etc/apparmor.d/paddock"},
      {"userns_denied", userns("/proc/self/ns/user is absent"), "CONFIG_USER_NS"},
      {"userns_denied", userns("a seccomp filter on this process refuses unshare(CLONE_NEWUSER)"),
       "RestrictNamespaces"},
      {"userns_denied",
       [](Facts& f) {
         f.host.linux_host.user_namespaces = No("a seccomp filter on this process refuses unshare(CLONE_NEWUSER)");
         f.host.linux_host.container_hints = {"/run/.containerenv"};
       },
       "podman run --security-opt seccomp=unconfined"},
      {"landlock_absent", landlock("ENOSYS: not in this kernel", "5.10.0"), "Boot Linux 5.13"},
      {"landlock_absent", landlock("ENOSYS: not in this kernel", "6.1.0"), "CONFIG_SECURITY_LANDLOCK"},
      {"landlock_absent", landlock("EOPNOTSUPP: disabled at boot", "6.1.0"), "lsm=landlock,"},
      {"fresh_proc_denied", proc_in("/.dockerenv"), "docker run --security-opt systempaths=unconfined"},
      {"fresh_proc_denied", proc_in("/run/.containerenv"), "podman run --security-opt unmask=ALL"},
      {"fresh_proc_denied", proc_in("cgroup:kubepods"), "procMount: Unmasked"},
      {"cgroup_not_delegated",
       [](Facts& f) { f.host.linux_host.cgroup_delegated = No("/x/a.scope: not delegated by systemd"); },
       "systemd-run --user"},
      {"cgroup_not_delegated",
       [](Facts& f) { f.host.linux_host.cgroup_delegated = No("writing /sys/fs/cgroup: Permission denied"); },
       "cgroup.subtree_control"},
      {"cgroup_not_delegated",
       [](Facts& f) {
         f.host.linux_host.cgroup_delegated = No("test");
         f.host.linux_host.mount_points.emplace_back("/sys/fs/cgroup/memory");
       },
       "systemd.unified_cgroup_hierarchy=1"},
  };
  for (const Cause& cause : causes) {
    Facts facts = Sound(OsFamily::kLinux);
    EXPECT_THAT(RemediesOf(Examine(facts), cause.id), testing::Not(testing::HasSubstr(cause.says)));
    cause.plant(facts);
    EXPECT_THAT(RemediesOf(Examine(facts), cause.id), testing::HasSubstr(cause.says));
  }
}

TEST(DoctorTest, TheProfileFindsPaddockWhereItsPathIsNotKnown) {
  const std::string remedies = RemediesOf(Examine(LoadHost("ubuntu_24_04_apparmor"), ""), "userns_denied");
  EXPECT_THAT(remedies, testing::HasSubstr(R"x('profile paddock '"$(readlink -f "$(command -v paddock)")"' flags)x"));
}

TEST(DoctorTest, NoProfileIsWrittenForAPathThatAppArmorWouldReadAsAPattern) {
  for (const char* path : {"/home/u/a b/paddock", "/opt/*/paddock", "/opt/{a,b}/paddock", "/opt/a'b/paddock"}) {
    const std::string remedies = RemediesOf(Examine(LoadHost("ubuntu_24_04_apparmor"), path), "userns_denied");
    EXPECT_THAT(remedies, testing::Not(testing::HasSubstr("profile paddock"))) << path;
  }
}

TEST(DoctorTest, OnceTheProfileIsLoadedThereIsNothingToSay) {
  Facts facts = Sound(OsFamily::kLinux);
  facts.host.linux_host.user_namespaces = {
      Tri::kUnknown, "kernel.apparmor_restrict_unprivileged_userns is 1, and this process has the profile snap.code"};
  EXPECT_THAT(RemediesOf(Examine(facts), "userns_unknown"), testing::HasSubstr("profile paddock"));
  facts.host.linux_host.user_namespaces.source =
      "kernel.apparmor_restrict_unprivileged_userns is 1, and this process has the profile paddock (unconfined)";
  EXPECT_EQ(Summary(Examine(facts)), "");
}

// A facts file may come from anybody: nothing of it reaches a line unquoted.
TEST(DoctorTest, HostileFactsDoNotReachTheShell) {
  const std::string hostile = "/x'; touch owned; '";
  Facts facts = LoadHost("linux_6_18");
  facts.workspace.location = WorkspaceLocation::kDrvfs;
  facts.workspace.root.real_path = hostile;
  facts.leases.state_dir = hostile;
  facts.workspace.paths[hostile].type = PathType::kFile;
  AppArmorRefuses(facts);
  facts.host.linux_host.bubblewrap = {hostile, No(hostile)};
  size_t quoted = 0;
  for (const Finding& finding : Examine(facts).findings) {
    for (const Remedy& remedy : finding.remedies) {
      for (const std::string& line : remedy.lines) {
        if (!absl::StrContains(line, "touch owned")) continue;
        EXPECT_THAT(line, testing::HasSubstr(R"('/x'\''; touch owned; '\''')")) << line;
        ++quoted;
      }
    }
  }
  EXPECT_GE(quoted, 2u);

  // WSL makes no such names, so that nothing could run there, converted or not.
  Facts windows = LoadHost("wsl1_only");
  EXPECT_THAT(RemediesOf(Examine(windows), "wsl1_only"), testing::HasSubstr("wsl --set-version"));
  windows.host.windows_host.distributions.front().name = "U'; calc; '";
  EXPECT_EQ(RemediesOf(Examine(windows), "wsl1_only"), "");
}

TEST(DoctorTest, TheJsonHoldsWhatWasFound) {
  const Json json = ToJson(Examine(LoadHost("container_bare")));
  EXPECT_EQ(json["schema"], "paddock.doctor/1");
  EXPECT_EQ(json["needs_mending"], true);
  EXPECT_TRUE(json["now"][0]["backend"].is_null());
  EXPECT_EQ(json["now"][0]["refusal"]["code"], "userns_denied");
  EXPECT_EQ(json["findings"][0]["id"], "userns_denied");
  EXPECT_EQ(json["findings"][0]["severity"], "blocks");
}

}  // namespace
}  // namespace paddock
