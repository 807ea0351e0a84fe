#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/rubric/rubric_hosts.h"

// What the rubric says in words, written down by hand for hosts of tests/fixtures/hosts. Nothing here is generated:
// each row was read off the rule that it cites.

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

struct Expectation {
  const char* rule;  // the sentence of the rubric that says so
  const char* host;
  Ask ask;
  const char* ranked;
  // backend, and a code that has to be among its reasons
  std::vector<std::pair<const char*, const char*>> rejected = {};
};

const Ask kAny = {.command_os = CommandOs::kAny};
const Ask kDesktop = {.workload = Workload::kComputerUse, .with_workspace = false};
const Ask kDesktopAccepting = {.workload = Workload::kComputerUse,
                               .require = {"write=modify-scoped", "ui=private-desktop"},
                               .with_workspace = false};

const std::vector<Expectation>& Table() {
  static const std::vector<Expectation> kTable = {
      // Computer use.
      {"W1: Pro or higher with Windows Sandbox usable: windows_sandbox; stop",
       "windows_11_enterprise_sandbox",
       kDesktop,
       "windows_sandbox by W1",
       {{"windows_token", "not_in_rule"}}},
      {"W1f: the feature is off: windows_token only if the request accepts it",
       "windows_11_enterprise_sandbox_off",
       kDesktop,
       "nothing",
       {{"windows_sandbox", "feature_disabled"},
        {"windows_token", "level_not_accepted:write"},
        {"windows_token", "level_not_accepted:ui"}}},
      {"W1f: accepted: windows_token on a private desktop",
       "windows_11_enterprise_sandbox_off",
       kDesktopAccepting,
       "windows_token by W1f",
       {{"windows_sandbox", "feature_disabled"}}},
      {"W1f: Hyper-V is absent on Home",
       "windows_11_home",
       kDesktopAccepting,
       "windows_token by W1f",
       {{"windows_sandbox", "sku_home_no_hyperv"}}},
      {"W1f: Home too only if accepted; one of the two levels alone is no consent",
       "windows_11_home",
       {.workload = Workload::kComputerUse, .require = {"write=modify-scoped"}, .with_workspace = false},
       "nothing",
       {{"windows_token", "level_not_accepted:ui"}}},
      {"W1f: Server",
       "windows_server_2022",
       kDesktopAccepting,
       "windows_token by W1f",
       {{"windows_sandbox", "sku_server_no_windows_sandbox"}}},
      {"W1g: with a workspace: windows_sandbox if the request accepts workspace=mapped",
       "windows_11_enterprise_sandbox",
       {.workload = Workload::kComputerUse},
       "nothing",
       {{"windows_sandbox", "level_not_accepted:workspace"}}},
      {"W1g: accepted",
       "windows_11_enterprise_sandbox",
       {.workload = Workload::kComputerUse, .require = {"workspace=mapped"}},
       "windows_sandbox by W1g",
       {}},

      // Known apps, low processes.
      {"W2: packaged-app with declared capabilities: appcontainer; stop",
       "windows_11_home",
       {.workload = Workload::kPackagedApp, .capabilities = {"documentsLibrary"}},
       "appcontainer by W2",
       {}},
      {"W0: packaged-app without capabilities: nothing, no_rule",
       "windows_11_pro",
       {.workload = Workload::kPackagedApp},
       "nothing",
       {{"appcontainer", "requires_declared_capabilities"}, {"appcontainer", "no_rule"}, {"windows_token", "no_rule"}}},
      {"W3: low-integrity: low_integrity; stop",
       "windows_10_22h2_home",
       {.workload = Workload::kLowIntegrity},
       "low_integrity by W3",
       {}},

      // Where the workspace lies.
      {"W4a: inside a distribution: wsl2; implies linux",
       "wsl_localhost_checkout",
       {},
       "wsl2 by W4a",
       {{"windows_token", "workspace_in_wsl"}}},
      {"prefer: fidelity drops wsl2 unless W4a",
       "wsl_localhost_checkout",
       {.prefer = Prefer::kFidelity},
       "wsl2 by W4a",
       {}},
      {"W5a: a UNC path: nothing",
       "unc_path",
       kAny,
       "nothing",
       {{"windows_token", "workspace_on_network"}, {"wsl2", "workspace_on_network"}}},
      {"W5a: a mapped network drive: nothing",
       "mapped_drive",
       kAny,
       "nothing",
       {{"windows_token", "workspace_on_mapped_drive"}, {"wsl2", "workspace_on_mapped_drive"}}},
      {"W5b: a synced folder: wsl2; stop",
       "onedrive_checkout",
       kAny,
       "wsl2 by W5b",
       {{"windows_token", "workspace_synced"}}},
      {"W5b stops, and a Windows command cannot run in wsl2",
       "onedrive_checkout",
       {},
       "nothing",
       {{"wsl2", "command_is_windows"}, {"windows_token", "workspace_synced"}}},
      {"W6: a volume without ACLs: wsl2",
       "exfat_stick",
       kAny,
       "wsl2 by W6",
       {{"windows_token", "filesystem_without_acls"}}},

      // The usual checkout.
      {"prefer auto: Pro, WSL2, local NTFS, native command: windows_token",
       "windows_11_pro_wsl2",
       {},
       "windows_token by W7",
       {{"wsl2", "command_is_windows"}}},
      {"prefer auto: the same with any gives wsl2",
       "windows_11_pro_wsl2",
       kAny,
       "wsl2 by W4b, windows_token by W4b",
       {}},
      {"W4b on Home with WSL2", "windows_11_home_wsl2", kAny, "wsl2 by W4b, windows_token by W4b", {}},
      {"prefer fidelity drops wsl2",
       "windows_11_pro_wsl2",
       {.command_os = CommandOs::kAny, .prefer = Prefer::kFidelity},
       "windows_token by W7",
       {{"wsl2", "prefer_fidelity"}}},
      {"prefer isolation asks for W4b by itself",
       "windows_11_pro_wsl2",
       {.prefer = Prefer::kIsolation},
       "windows_token by W4b",
       {{"wsl2", "command_is_windows"}}},
      {"W8: Home: windows_token", "windows_11_home", {}, "windows_token by W8", {{"wsl2", "wsl2_absent"}}},
      {"W7: Server", "windows_server_2022", {}, "windows_token by W7", {}},
      {"W7: WSL1 is no candidate", "wsl1_only", kAny, "windows_token by W7", {{"wsl2", "wsl1_only"}}},
      {"AppContainer and MIC always appear as rejected for coding, each with the condition it fails",
       "windows_11_pro",
       {},
       "windows_token by W7",
       {{"appcontainer", "requires_declared_capabilities"},
        {"appcontainer", "children_not_confined"},
        {"low_integrity", "no_host_workspace"},
        {"windows_sandbox", "no_host_workspace"}}},

      // Requirements.
      {"a candidate that does not reach a required guarantee is rejected with that reason",
       "windows_11_home",
       {.require = {"network=off"}},
       "nothing",
       {{"windows_token", "guarantee_unreachable:network"}, {"windows_token", "not_provisioned"}}},
      {"network: filtered with the dedicated user",
       "windows_11_pro_provisioned",
       {.require = {"network=filtered"}},
       "windows_token by W7",
       {}},
      {"a candidate promoted because a better-placed one fell carries moved_by_requirement",
       "windows_11_pro_wsl2",
       {.command_os = CommandOs::kAny, .require = {"limits=tree"}},
       "windows_token by W4b!",
       {{"wsl2", "guarantee_unreachable:limits"}}},
      {"a preferred level that is not reached rejects nobody",
       "windows_11_home",
       {.would_like = {"network=off"}},
       "windows_token by W8",
       {}},

      // Linux.
      {"L1", "linux_6_18", {}, "linux_landlock:namespaces by L1", {{"windows_token", "host_os_mismatch"}}},
      {"L1 needs mount_setattr, of Linux 5.12",
       "linux_5_10",
       {},
       "nothing",
       {{"linux_landlock:namespaces", "mount_setattr_absent"}}},
      {"L1 with the first Landlock", "linux_5_15", {}, "linux_landlock:namespaces by L1", {}},
      {"L2: refused to us but not to bubblewrap",
       "ubuntu_24_04_apparmor",
       {},
       "linux_landlock:bubblewrap by L2, linux_landlock:landlock by L3",
       {}},
      {"L3: no user namespaces at all", "container_landlock", {}, "linux_landlock:landlock by L3", {}},
      {"L4: fails closed",
       "container_bare",
       {},
       "nothing",
       {{"linux_landlock", "userns_denied"}, {"linux_landlock", "landlock_absent"}}},
      {"L5: inside WSL2 as L1", "inside_wsl2", {}, "linux_landlock:namespaces by L1", {{"wsl2", "host_os_mismatch"}}},
      {"L6: computer-use on Linux",
       "linux_6_8",
       kDesktop,
       "nothing",
       {{"linux_landlock", "workload_unsupported_on_host"}}},
      {"brokered is not reachable: no broker",
       "linux_6_18",
       {.network = NetworkMode::kBrokered},
       "nothing",
       {{"linux_landlock", "guarantee_unreachable:network"}}},
      {"landlock tier: tree inherited without a cgroup",
       "container_landlock",
       {.require = {"tree=contained"}},
       "nothing",
       {{"linux_landlock", "guarantee_unreachable:tree"}}},
      {"a non-x86 Linux decides like any other", "linux_aarch64", {}, "linux_landlock:namespaces by L1", {}},
  };
  return kTable;
}

TEST(RubricExpectationsTest, TheTableHoldsThirtyOrMore) { EXPECT_GE(Table().size(), 30u); }

TEST(RubricExpectationsTest, EachRuleDecidesAsItsTextSays) {
  for (const Expectation& expectation : Table()) {
    SCOPED_TRACE(std::string(expectation.host) + ": " + expectation.rule);
    const Decision decision = Decide(expectation.ask, LoadHost(expectation.host));
    EXPECT_EQ(Ranking(decision), expectation.ranked);
    for (const auto& [backend, code] : expectation.rejected) {
      EXPECT_THAT(RejectionCodes(decision, backend), Contains(code)) << backend;
    }
  }
}

TEST(RubricExpectationsTest, L5IsToldInsideWsl2) {
  EXPECT_THAT(Decide({}, LoadHost("inside_wsl2")).matched_rules, Contains("L5"));
  EXPECT_THAT(Decide({}, LoadHost("linux_6_8")).matched_rules, ::testing::Not(Contains("L5")));
}

// "with the hint ..."
TEST(RubricExpectationsTest, TheStrongerWayIsHintedAt) {
  constexpr char kHint[] =
      "stronger: --command-os any (WSL2: reads and network confined; costs drift and slow small files)";
  const Facts facts = LoadHost("windows_11_pro_wsl2");
  EXPECT_THAT(Decide({}, facts).hints, Contains(kHint));
  EXPECT_THAT(Decide(kAny, facts).hints, ::testing::Not(Contains(kHint)));
  EXPECT_THAT(Decide({}, LoadHost("windows_11_pro")).hints, ::testing::Not(Contains(kHint)));
}

// "Every registered backend that is not ranked appears in `rejected` with at least one reason and remedy."
TEST(RubricExpectationsTest, NobodyIsLeftOut) {
  for (const std::string& host : HostNames()) {
    const Facts facts = LoadHost(host);
    for (const Workload workload :
         {Workload::kCoding, Workload::kComputerUse, Workload::kPackagedApp, Workload::kLowIntegrity}) {
      const Decision decision = Decide({.workload = workload}, facts);
      for (const Backend* backend : AllBackends()) {
        SCOPED_TRACE(host + " " + backend->info().name);
        const auto is_it = [&](const Candidate& candidate) { return candidate.backend.name == backend->info().name; };
        const bool ranked = std::any_of(decision.ranked.begin(), decision.ranked.end(), is_it);
        EXPECT_NE(ranked, !RejectionCodes(decision, backend->info().name).empty());
      }
      for (const Rejection& rejection : decision.rejected) {
        ASSERT_FALSE(rejection.reasons.empty()) << ToString(rejection.backend);
        for (const Reason& reason : rejection.reasons) {
          EXPECT_FALSE(reason.detail.empty()) << reason.code;
          EXPECT_FALSE(reason.remedy.empty()) << reason.code;
        }
        EXPECT_EQ(rejection.conditions.size(), 4u) << ToString(rejection.backend);
      }
    }
  }
}

TEST(RubricExpectationsTest, ThePolicyAllowsByName) {
  const Facts facts = LoadHost("windows_11_pro_wsl2");
  const Decision decision = Decide({.command_os = CommandOs::kAny, .allow = {"windows_token"}}, facts);
  EXPECT_EQ(Ranking(decision), "windows_token by W4b");
  EXPECT_THAT(RejectionCodes(decision, "wsl2"), Contains("denied_by_policy"));
  EXPECT_EQ(Ranking(Decide({.allow = {"wsl2"}}, LoadHost("linux_6_8"))), "nothing");
}

TEST(RubricExpectationsTest, ForcedReplacesTheOrderOnly) {
  const Facts pro = LoadHost("windows_11_pro_wsl2");
  Decision decision = Decide({.command_os = CommandOs::kAny, .forced = "windows_token"}, pro);
  EXPECT_EQ(Ranking(decision), "windows_token by W4b");
  EXPECT_THAT(RejectionCodes(decision, "wsl2"), Contains("other_backend_forced"));
  EXPECT_THAT(decision.hints, IsEmpty());

  // No rule adds it: it is tried all the same, and says of itself what it cannot.
  decision = Decide({.forced = "low_integrity"}, pro);
  EXPECT_EQ(Ranking(decision), "low_integrity by forced");
  decision = Decide({.forced = "appcontainer"}, pro);
  EXPECT_EQ(Ranking(decision), "nothing");
  EXPECT_THAT(RejectionCodes(decision, "appcontainer"), Contains("requires_declared_capabilities"));

  // Neither the administrator's list nor a required level is got round.
  EXPECT_EQ(Ranking(Decide({.allow = {"wsl2"}, .forced = "windows_token"}, pro)), "nothing");
  EXPECT_EQ(Ranking(Decide({.require = {"network=off"}, .forced = "windows_token"}, pro)), "nothing");
  EXPECT_EQ(Ranking(Decide({.forced = "wsl2"}, pro)), "nothing");

  const Facts linux_host = LoadHost("linux_6_8");
  EXPECT_EQ(Ranking(Decide({.forced = "linux_landlock"}, linux_host)), "linux_landlock:namespaces by L1");
  EXPECT_EQ(Ranking(Decide({.forced = "linux_landlock:landlock"}, linux_host)), "linux_landlock:landlock by forced");
  decision = Decide({.forced = "linux_landlock:chroot"}, linux_host);
  EXPECT_EQ(Ranking(decision), "nothing");
  EXPECT_THAT(RejectionCodes(decision, "linux_landlock:chroot"), Contains("unknown_tier"));
  decision = Decide({.forced = "chroot"}, linux_host);
  EXPECT_EQ(Ranking(decision), "nothing");
  EXPECT_THAT(RejectionCodes(decision, "chroot"), Contains("unknown_backend"));
  EXPECT_THAT(RejectionCodes(decision, "linux_landlock"), Contains("other_backend_forced"));
}

// "host_change: leased (placeholders), none without"
TEST(RubricExpectationsTest, PlaceholdersAreLeases) {
  Facts facts = LoadHost("linux_aarch64");
  const std::string workspace = facts.workspace.root.real_path;
  const auto host_change = [&] {
    const Decision decision = Decide({}, facts);
    return LevelName(Guarantee::kHostChange, decision.ranked.at(0).reached[Guarantee::kHostChange]);
  };
  EXPECT_EQ(host_change(), "none");
  // What an earlier run left in place of a name is no name.
  facts.leases.leases = {{workspace + "/.vscode", "placeholder", false}};
  EXPECT_EQ(host_change(), "leased");
  facts.leases.leases = {{workspace + "/elsewhere", "placeholder", false}};
  EXPECT_EQ(host_change(), "none");
  // A submodule's git directory is protected like the repository's own.
  facts.workspace.repositories.at(0).modules = {workspace + "/.git/modules/m"};
  EXPECT_EQ(host_change(), "leased");
}

TEST(RubricExpectationsTest, AWorkspaceThatIsTheHostIsRefused) {
  for (const char* path : {"/", "/home", "/home/dev", "/etc", "/etc/ssh", "/proc/1", "/usr"}) {
    Facts facts = LoadHost("linux_6_8");
    facts.workspace.root.real_path = path;
    EXPECT_THAT(RejectionCodes(Decide({}, facts), "linux_landlock"), Contains("workspace_too_wide")) << path;
    EXPECT_NE(Ranking(Decide({.writing = false}, facts)), "nothing") << path;
  }
  for (const char* path : {"C:\\", "C:\\Users", "C:\\Users\\dev", "c:\\users\\DEV", "C:\\Windows\\Temp", "\\\\?\\C:\\",
                           "C:\\PROGRA~1\\x", "C:\\USERS~1", "\\\\?\\C:\\Windows"}) {
    Facts facts = LoadHost("windows_11_pro");
    facts.workspace.root.real_path = path;
    EXPECT_THAT(RejectionCodes(Decide({}, facts), "windows_token"), Contains("workspace_too_wide")) << path;
  }
  for (const char* path : {"/home/dev/etc", "/usr/src/app", "/var/www/site", "/homework", "/srv/app"}) {
    Facts facts = LoadHost("linux_6_8");
    facts.workspace.root.real_path = path;
    EXPECT_NE(Ranking(Decide({}, facts)), "nothing") << path;
  }
}

}  // namespace
}  // namespace paddock
