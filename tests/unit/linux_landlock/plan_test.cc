// What a plan makes writable, visible and reachable. What stays unwritable inside grants is in plan_protect_test.cc.

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/linux_landlock/backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kWs[] = "/home/dev/proj";

std::string Ws(absl::string_view name) { return absl::StrCat(kWs, "/", name); }

std::optional<int64_t> OwnerOfBind(const LinuxScene& scene, const std::string& path) {
  const LaunchPlan plan = PlanOf(scene);
  const MountStep* const bind = FindStep(BodyOf(plan), MountOp::kBind, path);
  EXPECT_NE(bind, nullptr) << path;
  return bind == nullptr ? std::nullopt : bind->idmap_owner;
}

// ---- Grants.

TEST(PlanGrantsTest, TheWorkspaceIsWritableAndNothingElseIs) {
  LinuxScene scene;
  scene.Write(".");
  const LaunchPlan plan = PlanOf(scene);
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_EQ(Seen(body, Ws("src")), Sees::kWritable);
  EXPECT_EQ(Seen(body, "/usr/bin"), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, "/home/dev"), Sees::kOverlay);
  EXPECT_EQ(Seen(body, "/tmp/x"), Sees::kPrivate);
  const MountStep* const bind = FindStep(body, MountOp::kBind, kWs);
  ASSERT_NE(bind, nullptr);
  EXPECT_EQ(bind->identity.inode, scene.Look(kWs).inode);
  EXPECT_EQ(VerdictOf(plan, "filesystem.write ."), "enforced");
}

TEST(PlanGrantsTest, AGrantInsideAnotherIsOneMount) {
  LinuxScene scene;
  scene.Write(".");
  scene.Write("src");
  EXPECT_THAT(Targets(BodyOf(PlanOf(scene)), MountOp::kBind), ElementsAre(kWs));
}

TEST(PlanGrantsTest, AFileCanBeGranted) {
  LinuxScene scene;
  scene.File("/var/log/app.log");
  scene.Write("/var/log/app.log");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  ASSERT_TRUE(Has(body, MountOp::kBind, "/var/log/app.log"));
  EXPECT_FALSE(FindStep(body, MountOp::kBind, "/var/log/app.log")->directory);
  for (const LandlockRule& rule : body.landlock) {
    if (rule.path == "/var/log/app.log") {
      EXPECT_FALSE(rule.directory) << "the kernel gives EINVAL";
    }
  }
}

// A link that leads to a file: Landlock's rule is for the file.
TEST(PlanGrantsTest, ALinkIsGrantedByWhatItLeadsTo) {
  LinuxScene scene;
  scene.RunAs(0);
  scene.Workspace("/srv/proj");
  scene.File("/srv/data/real.db", 1000);
  scene.Link("/srv/link.db", "data/real.db");
  scene.Write("/srv/link.db");
  const LaunchPlan plan = PlanOf(scene);
  const MountStep* const bind = FindStep(BodyOf(plan), MountOp::kBind, "/srv/data/real.db");
  ASSERT_NE(bind, nullptr);
  EXPECT_FALSE(bind->directory);
  EXPECT_EQ(bind->identity.inode, scene.Look("/srv/data/real.db").inode);
  EXPECT_EQ(bind->idmap_owner, 1000) << "the owner is asked of the file, not of the link";
  EXPECT_FALSE(BodyOf(plan).landlock.empty());
  for (const LandlockRule& rule : BodyOf(plan).landlock) {
    if (rule.path == "/srv/data/real.db") {
      EXPECT_FALSE(rule.directory);
    }
  }
}

struct RefusedGrant {
  const char* what;
  const char* code;
  std::function<void(LinuxScene&)> prepare;
};

TEST(PlanGrantsTest, GrantsThatHandOverTooMuchAreRefused) {
  const RefusedGrant cases[] = {
      {"the root", "workspace_is_root", [](LinuxScene& s) { s.Write("/"); }},
      {"the home", "workspace_is_home", [](LinuxScene& s) { s.Write("~/."); }},
      {"the parent of the home", "workspace_is_home", [](LinuxScene& s) { s.Write("/home"); }},
      {"a link to the home", "workspace_is_home",
       [](LinuxScene& s) {
         s.Link("/srv/h", "/home/dev");
         s.Write("/srv/h");
       }},
      {"the home by its other name", "workspace_is_home",
       [](LinuxScene& s) {
         s.Dir("/data/dev");
         s.Link("/home/me", "/data/dev");
         s.host.home = "/home/me";
         s.Write("/data/dev");
       }},
      {"Paddock's state", "grant_holds_paddock", [](LinuxScene& s) { s.Write("~/.local/state/paddock"); }},
      {"a directory above it", "grant_holds_paddock",
       [](LinuxScene& s) {
         s.Dir("/home/dev/.local/state");
         s.Write("~/.local");
       }},
      {"a directory inside it", "grant_holds_paddock",
       [](LinuxScene& s) {
         s.Dir("/home/dev/.local/state/paddock/leases");
         s.Write("~/.local/state/paddock/leases");
       }},
      {"where a link puts Paddock's state", "grant_holds_paddock",
       [](LinuxScene& s) {
         s.Dir("/data/local");
         s.Link("/home/dev/.local", "/data/local");
         s.Write("/data/local");
       }},
      {"nothing", "grant_missing", [](LinuxScene& s) { s.Write("/srv/none"); }},
      {"a link to nothing", "grant_missing",
       [](LinuxScene& s) {
         s.Link("/srv/l", "none");
         s.Write("/srv/l");
       }},
      {"a socket", "grant_not_a_tree",
       [](LinuxScene& s) {
         s.Socket("/srv/s");
         s.Write("/srv/s");
       }},
      {"a link of the workspace that leads out", "grant_leaves_workspace",
       [](LinuxScene& s) {
         s.Dir("/srv/other");
         s.Link(Ws("out"), "/srv/other");
         s.Write("out");
       }},
      {"a directory behind such a link", "grant_leaves_workspace",
       [](LinuxScene& s) {
         s.Dir("/srv/other/sub");
         s.Link(Ws("out"), "../../../srv/other");
         s.Write("out/sub");
       }},
  };
  for (const RefusedGrant& refused : cases) {
    LinuxScene scene;
    if (std::string(refused.code) == "grant_holds_paddock") scene.Dir("/home/dev/.local/state/paddock");
    refused.prepare(scene);
    EXPECT_EQ(Refusal(scene), refused.code) << refused.what;
  }
}

TEST(PlanGrantsTest, LinksThatStayInsideAreFollowed) {
  LinuxScene scene;
  scene.Link(Ws("in"), "src");
  scene.Write("in");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, Ws("src")), Sees::kWritable);
  EXPECT_EQ(Seen(body, Ws("other")), Sees::kOverlay);
}

TEST(PlanGrantsTest, ALinkOutsideTheWorkspaceIsTheUsersOwn) {
  LinuxScene scene;
  scene.Dir("/data/cache");
  scene.Link("/home/dev/cache", "/data/cache");
  scene.Write("~/cache");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), "/data/cache"), Sees::kWritable);
}

TEST(PlanGrantsTest, AMissingWorkspaceIsRefused) {
  LinuxScene scene;
  scene.Write(".");
  scene.Remove(kWs);
  EXPECT_EQ(Refusal(scene), "workspace_missing");
}

TEST(PlanGrantsTest, AFileAsWorkspaceIsRefused) {
  LinuxScene scene;
  scene.Remove(kWs);
  scene.File(kWs);
  EXPECT_EQ(Refusal(scene), "workspace_not_directory");
}

TEST(PlanGrantsTest, RootInSomebodyElsesWorkspaceNeedsAnIdMappedMount) {
  LinuxScene scene;
  scene.RunAs(0);
  scene.Workspace("/srv/proj");
  scene.Dir("/srv/proj", 1000);
  scene.Write(".");
  EXPECT_EQ(OwnerOfBind(scene, "/srv/proj"), 1000);

  scene.host.linux_host.idmapped_mounts = No("kernel 5.10");
  EXPECT_EQ(Refusal(scene), "workspace_foreign_owned");
  EXPECT_THAT(std::string(scene.Plan().status().message()), HasSubstr("uid 1000"));
}

TEST(PlanGrantsTest, RootsOwnWorkspaceAndAUsersForeignOneNeedNone) {
  LinuxScene root;
  root.RunAs(0);
  root.Workspace("/srv/proj");
  root.Write(".");
  root.host.linux_host.idmapped_mounts = No("kernel 5.10");
  EXPECT_EQ(OwnerOfBind(root, "/srv/proj"), std::nullopt);

  // A shared directory: the kernel's own permissions decide.
  LinuxScene user;
  user.Dir("/srv/shared", 1001);
  user.Write("/srv/shared");
  EXPECT_EQ(OwnerOfBind(user, "/srv/shared"), std::nullopt);
}

// ---- Linked worktrees.

TEST(PlanGrantsTest, AWorktreeBringsItsRepositoryOnlyIfThatVouchesForIt) {
  for (const bool vouched : {true, false}) {
    LinuxScene scene;
    scene.Worktree(kWs, "/home/dev/main", "proj", vouched);
    scene.Coding();
    const LinuxPlan body = BodyOf(PlanOf(scene));
    EXPECT_EQ(Has(body, MountOp::kBind, "/home/dev/main/.git"), vouched);
    EXPECT_EQ(Seen(body, "/home/dev/main/.git/objects"), vouched ? Sees::kWritable : Sees::kOverlay);
    EXPECT_EQ(Seen(body, "/home/dev/main/src"), Sees::kOverlay);
    EXPECT_EQ(Seen(body, Ws(".git")), Sees::kReadOnly) << "it must not be led elsewhere";
  }
}

// An earlier run can write a git directory of its own into the workspace: one that names the workspace back, and whose
// `commondir` says where any repository of the user's lies.
TEST(PlanGrantsTest, AGitDirectoryMadeInTheWorkspaceDoesNotOpenAnotherRepository) {
  for (const char* const git_dir : {"/home/dev/proj/x/worktrees/w", "/home/dev/other/.git/evil/w"}) {
    LinuxScene scene;
    scene.Repository("/home/dev/other");
    scene.Coding();
    Facts facts = scene.MakeFacts();
    RepositoryFacts forged;
    forged.root = kWs;
    forged.kind = RepositoryKind::kGitFile;
    forged.git_dir = git_dir;
    forged.common_dir = "/home/dev/other/.git";
    forged.well_formed = forged.back_linked = Yes("as the run made it");
    facts.workspace.repositories = {forged};
    const absl::StatusOr<LaunchPlan> plan = MakeLinuxLandlockBackend()->Plan("", scene.request, facts);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ(Seen(BodyOf(*plan), "/home/dev/other/.git/hooks"), Sees::kOverlay) << git_dir;
  }
}

// ---- Private directories and the home.

TEST(PlanViewTest, RendezvousPointsArePrivate) {
  const LinuxPlan body = BodyOf(PlanOf(LinuxScene()));
  EXPECT_THAT(Targets(body, MountOp::kPrivate), ElementsAre("/run", "/run/user/1000", "/tmp", "/var/tmp"));
  EXPECT_TRUE(FindStep(body, MountOp::kPrivate, "/tmp")->sticky);
  EXPECT_FALSE(FindStep(body, MountOp::kPrivate, "/run")->sticky);
}

TEST(PlanViewTest, TheHostsTmpIsBoundIfAskedFor) {
  LinuxScene scene;
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  scene.Socket("/tmp/x.sock");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/tmp/file"), Sees::kWritable);
  EXPECT_EQ(Seen(body, "/tmp/x.sock"), Sees::kHidden);
}

TEST(PlanViewTest, AWorkspaceBelowTmpIsSeenInThePrivateTmp) {
  LinuxScene scene;
  scene.Workspace("/tmp/build/proj");
  scene.Coding();
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(Seen(body, "/tmp/build/proj/x"), Sees::kWritable);
  EXPECT_EQ(Seen(body, "/tmp/build"), Sees::kPrivate);
}

TEST(PlanViewTest, AGrantOfTmpItselfIsNotCovered) {
  LinuxScene scene;
  scene.Coding();
  scene.Write("/tmp");
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_EQ(Seen(BodyOf(plan), "/tmp/x"), Sees::kWritable);
  EXPECT_EQ(Seen(BodyOf(plan), "/var/tmp/x"), Sees::kPrivate);
  EXPECT_EQ(VerdictOf(plan, "filesystem.tmp"), "not-enforced");
}

TEST(PlanViewTest, AMinimalRootHoldsOnlyWhatIsListed) {
  LinuxScene scene;
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.Coding();
  scene.Dir("/opt/sdk");
  scene.File("/home/dev/.ssh/id");
  scene.Dir("/srv/private");
  scene.ReadOnly("/opt/sdk");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(body.minimal_root);
  EXPECT_EQ(Seen(body, "/usr/bin"), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, "/opt/sdk"), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, "/srv/private"), Sees::kHidden);
  EXPECT_EQ(Seen(body, "/etc/shadow"), Sees::kHidden);
  EXPECT_EQ(Seen(body, "/etc/passwd"), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, "/home/dev/.ssh/id"), Sees::kPrivate);
  EXPECT_EQ(Seen(body, Ws("src")), Sees::kWritable);
  ASSERT_TRUE(Has(body, MountOp::kSymlink, "/bin"));
  EXPECT_EQ(FindStep(body, MountOp::kSymlink, "/bin")->source, "/usr/bin");
}

// ---- Command, environment, network, limits.

TEST(PlanViewTest, AMinimalRootLeavesOutWhatIsNotThere) {
  LinuxScene scene;
  scene.request.policy.filesystem.read = ReadMode::kMinimal;
  scene.Write(".");
  scene.File("/home/dev/.gitconfig");
  scene.ReadOnly("~/.gitconfig");
  scene.ReadOnly("~/.local/lib");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(Has(body, MountOp::kBind, "/home/dev/.gitconfig"));
  EXPECT_FALSE(Has(body, MountOp::kBind, "/home/dev/.local/lib"));
}

TEST(PlanCommandTest, TheWorkingDirectoryFollowsTheWorkspacesLink) {
  LinuxScene scene;
  scene.Link("/home/dev/link", "proj");
  scene.Workspace("/home/dev/link");
  scene.request.cwd = "/home/dev/link/src";
  scene.Coding();
  scene.File(Ws(".vscode/settings.json"));
  scene.File(Ws("api/.env"));
  scene.File(Ws("secret"));
  scene.DenyRead("secret");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_EQ(body.cwd, Ws("src"));
  EXPECT_EQ(body.workspace, kWs);
  EXPECT_EQ(Seen(body, Ws(".vscode")), Sees::kReadOnly);
  EXPECT_EQ(Seen(body, Ws("secret")), Sees::kHidden);
  EXPECT_EQ(Seen(body, Ws("api/.env")), Sees::kHidden);
}

TEST(PlanCommandTest, AWorkingDirectoryElsewhereStays) {
  LinuxScene scene;
  scene.request.cwd = "/usr";
  EXPECT_EQ(BodyOf(PlanOf(scene)).cwd, "/usr");
}

TEST(PlanCommandTest, AWorkingDirectoryThatIsNotThereIsRefused) {
  const struct {
    const char* cwd;
    const char* detail;  // nullptr: it is there
  } kCases[] = {
      {"/nowhere", "the working directory /nowhere does not exist"},
      {"/home/dev/proj/file", "the working directory /home/dev/proj/file is no directory"},
      {"/home/dev/to-file", "the working directory /home/dev/to-file is no directory"},
      {"/home/dev/dangling", "the working directory /home/dev/dangling is a symbolic link that leads nowhere"},
      {"/home/dev/to-src", nullptr},
      {"/home/dev/proj/src", nullptr},
  };
  for (const auto& c : kCases) {
    LinuxScene scene;
    scene.File(Ws("file"));
    scene.Link("/home/dev/to-file", "proj/file");
    scene.Link("/home/dev/to-src", "proj/src");
    scene.Link("/home/dev/dangling", "gone");
    scene.request.cwd = c.cwd;
    const auto backend = MakeLinuxLandlockBackend();
    const std::vector<Reason> blockers = backend->Assess("", scene.request, scene.MakeFacts()).blockers;
    ASSERT_EQ(blockers.size(), c.detail == nullptr ? 0u : 1u) << c.cwd;
    if (c.detail == nullptr) continue;
    EXPECT_EQ(blockers[0].code, "cwd_unusable");
    EXPECT_EQ(blockers[0].detail, c.detail);
  }
}

TEST(PlanCommandTest, AWorkingDirectoryBehindAPrivateDirectoryIsRefused) {
  LinuxScene scene;
  scene.Dir("/tmp/a/b");
  scene.request.cwd = "/tmp/a";
  const auto plan = scene.Plan();
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(ReasonOf(plan.status())->code, "cwd_unusable");
  EXPECT_EQ(ReasonOf(plan.status())->detail,
            "the working directory /tmp/a is not in the sandbox, whose /tmp is its own");
  scene.request.cwd = "/tmp";
  EXPECT_TRUE(scene.Plan().ok());
  scene.Write("/tmp/a/b");  // bound there, its parents with it
  for (const char* cwd : {"/tmp/a", "/tmp/a/b"}) {
    scene.request.cwd = cwd;
    EXPECT_TRUE(scene.Plan().ok()) << cwd;
  }
  scene.request.cwd = "/tmp/elsewhere";
  scene.Dir("/tmp/elsewhere");
  EXPECT_FALSE(scene.Plan().ok());
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  EXPECT_TRUE(scene.Plan().ok());
}

TEST(PlanCommandTest, TheEnvironmentFitsTheView) {
  LinuxScene scene;
  scene.request.environment = {{"XDG_RUNTIME_DIR", "/run/user/1000"}, {"TMPDIR", "/home/dev/tmp"}, {"A", "b=c\nd"}};
  EXPECT_THAT(BodyOf(PlanOf(scene)).environment, ElementsAre("A=b=c\nd", "PADDOCK_SANDBOX=linux_landlock:namespaces",
                                                             "TMPDIR=/tmp", "XDG_RUNTIME_DIR=/run/user/1000"));
  scene.request.policy.filesystem.tmp = TmpMode::kHost;
  scene.host.linux_host.runtime_dir = "";
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(body.environment, Contains("TMPDIR=/home/dev/tmp"));
  EXPECT_THAT(body.environment, Not(Contains(StartsWith("XDG_RUNTIME_DIR")))) << "nothing is there";
}

TEST(PlanNetworkTest, OffIsANamespaceOfItsOwn) {
  LinuxScene scene;
  scene.request.policy.network.mode = NetworkMode::kOff;
  EXPECT_TRUE(BodyOf(PlanOf(scene)).network_namespace);
  scene.request.policy.network.mode = NetworkMode::kOpen;
  EXPECT_FALSE(BodyOf(PlanOf(scene)).network_namespace);
}

struct LimitRow {
  int64_t uid;
  bool pid_max;
  const char* processes;
  bool rlimit_nproc;
};

TEST(PlanLimitsTest, EachLimitHasItsVerdict) {
  const LimitRow rows[] = {
      {1000, false, "enforced", true},
      {1000, true, "enforced", true},
      {0, true, "approximated", false},
      {0, false, "not-enforced", false},
  };
  for (const LimitRow& row : rows) {
    SCOPED_TRACE(absl::StrCat("uid ", row.uid, row.pid_max ? ", pid_max per namespace" : ""));
    LinuxScene scene;
    scene.RunAs(row.uid);
    scene.host.linux_host.pid_max_per_namespace = YesIf(row.pid_max, "test");
    LimitsPolicy& limits = scene.request.policy.limits;
    limits = {std::chrono::minutes(1), std::chrono::minutes(2), 1u << 30, 64, 1000, 2000};
    const LaunchPlan plan = PlanOf(scene);
    const ProcessLimits& how = BodyOf(plan).process_limits;
    EXPECT_EQ(VerdictOf(plan, "limits.processes"), row.processes);
    EXPECT_EQ(how.rlimit_nproc, row.rlimit_nproc);
    EXPECT_EQ(how.namespace_pid_max, row.pid_max);
    EXPECT_EQ(VerdictOf(plan, "limits.wall"), "enforced");
    EXPECT_EQ(VerdictOf(plan, "limits.output"), "enforced");
    EXPECT_EQ(VerdictOf(plan, "limits.file_size"), "enforced");
    EXPECT_EQ(VerdictOf(plan, "limits.memory"), "approximated");
    EXPECT_EQ(VerdictOf(plan, "limits.cpu"), "approximated");
  }
  const LaunchPlan none = PlanOf(LinuxScene());
  EXPECT_EQ(VerdictOf(none, "limits.wall"), "none");
  EXPECT_EQ(VerdictOf(none, "limits.processes"), "none");
}

struct CgroupRow {
  std::vector<std::string> controllers;
  bool memory, processes;
};

TEST(PlanLimitsTest, ACgroupHoldsWhatItsControllersCount) {
  const CgroupRow rows[] = {{{"cpu", "memory", "pids"}, true, true},
                            {{"memory"}, true, false},
                            {{"pids"}, false, true},
                            {{"cpu"}, false, false}};
  for (const CgroupRow& row : rows) {
    SCOPED_TRACE(absl::StrJoin(row.controllers, " "));
    LinuxScene scene;
    scene.RunAs(0);
    scene.Cgroup(row.controllers);
    scene.request.policy.limits.memory = 1u << 30;
    scene.request.policy.limits.processes = 64;
    const LaunchPlan plan = PlanOf(scene);
    const LinuxPlan& body = BodyOf(plan);
    EXPECT_EQ(body.cgroup.parent.empty(), !row.memory && !row.processes);
    EXPECT_EQ(body.cgroup.memory, row.memory);
    EXPECT_EQ(body.cgroup.processes, row.processes);
    EXPECT_EQ(body.process_limits.rlimit_data, !row.memory);
    EXPECT_EQ(VerdictOf(plan, "limits.memory"), row.memory ? "enforced" : "approximated");
    EXPECT_EQ(VerdictOf(plan, "limits.processes") == "enforced", row.processes);
    EXPECT_EQ(plan.promised[Guarantee::kLimits],
              row.memory && row.processes ? limits_level::kTree : limits_level::kPerProcess);
  }
}

TEST(PlanLimitsTest, ACgroupIsMadeForALimitOnly) {
  LinuxScene scene;
  scene.Cgroup({"memory", "pids"});
  scene.request.deny_write.clear();
  EXPECT_TRUE(BodyOf(PlanOf(scene)).cgroup.parent.empty());
  EXPECT_EQ(PlanOf(scene).promised[Guarantee::kHostChange], host_change_level::kNone);
  scene.request.policy.limits.processes = 64;
  EXPECT_FALSE(BodyOf(PlanOf(scene)).cgroup.parent.empty());
  EXPECT_EQ(PlanOf(scene).promised[Guarantee::kHostChange], host_change_level::kLeased);
  scene.request.policy.limits.cpu = std::chrono::minutes(1);
  EXPECT_EQ(PlanOf(scene).promised[Guarantee::kLimits], limits_level::kPerProcess) << "processor time is";
}

TEST(PlanLandlockTest, TheHostsAbiIsUsedUpToTheNewestKnown) {
  LinuxScene scene;
  for (const int abi : {0, 1, 6, 7}) {
    scene.host.linux_host.landlock_abi = {abi, "test"};
    EXPECT_EQ(BodyOf(PlanOf(scene)).landlock_abi, abi);
  }
  scene.host.linux_host.landlock_abi = {12, "test"};
  EXPECT_EQ(BodyOf(PlanOf(scene)).landlock_abi, 7);
  scene.host.linux_host.landlock_abi = {};
  EXPECT_EQ(BodyOf(PlanOf(scene)).landlock_abi, 0);
}

TEST(PlanTest, ATierThatIsNoneIsToldApart) {
  const LinuxScene scene;
  const auto plan = MakeLinuxLandlockBackend()->Plan("landlocked", scene.request, scene.MakeFacts());
  EXPECT_TRUE(absl::IsNotFound(plan.status())) << plan.status();
}

}  // namespace
}  // namespace paddock
