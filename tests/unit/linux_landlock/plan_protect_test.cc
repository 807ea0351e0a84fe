// Names inside grants that stay unwritable: those that exist, those that do not yet, and what git would execute.

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/backend.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/linux_facts.h"
#include "tests/unit/linux_landlock/plan_checks.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kWs[] = "/home/dev/proj";
constexpr char kGitRule[] = "filesystem.deny_write .git (hooks, configuration)";

std::string Ws(absl::string_view name) { return absl::StrCat(kWs, "/", name); }

LinuxScene Coding() {
  LinuxScene scene;
  scene.Coding();
  return scene;
}

// ---- Names that exist.

TEST(PlanProtectTest, ANameThatExistsIsReadOnly) {
  LinuxScene scene = Coding();
  scene.File(Ws(".vscode/settings.json"));
  const LaunchPlan plan = PlanOf(scene);
  const MountStep* const step = FindStep(BodyOf(plan), MountOp::kReadOnly, Ws(".vscode"));
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->identity.inode, scene.Look(Ws(".vscode")).inode);
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write .vscode"), "enforced");
  const WatchedPath* const watched = FindWatched(BodyOf(plan), Ws(".vscode"));
  ASSERT_NE(watched, nullptr);
  EXPECT_TRUE(watched->violation);
  EXPECT_EQ(watched->rule, "filesystem.deny_write .vscode");
}

TEST(PlanProtectTest, EveryDirectoryBetweenTheGrantAndTheNameIsPinned) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("a/b/c/file"));
  scene.DenyWrite("a/b/c/file");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(Targets(body, MountOp::kPin), ElementsAre(Ws("a"), Ws("a/b"), Ws("a/b/c")));
  EXPECT_NE(FindStep(body, MountOp::kPin, Ws("a"))->identity.inode, 0u);
}

TEST(PlanProtectTest, BelowAReadOnlyDirectoryNothingNeedsAStep) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("a/b/file"));
  scene.DenyWrite("a");
  scene.DenyWrite("a/b/file");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(Targets(body, MountOp::kReadOnly), ElementsAre(Ws("a")));
  EXPECT_THAT(Targets(body, MountOp::kPin), IsEmpty());
}

TEST(PlanProtectTest, ReadOnlyBeatsPin) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("a/file"));
  scene.DenyWrite("a/file");
  scene.ReadOnly("a");
  EXPECT_THAT(Targets(BodyOf(PlanOf(scene)), MountOp::kReadOnly), ElementsAre(Ws("a")));
}

TEST(PlanProtectTest, OutsideEveryGrantThereIsNothingToDo) {
  LinuxScene scene = Coding();
  scene.File("/srv/other/file");
  scene.DenyWrite("/srv/other/file");
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write /srv/other/file"), "enforced");
  EXPECT_FALSE(Has(BodyOf(plan), MountOp::kReadOnly, "/srv/other/file"));
}

TEST(PlanProtectTest, ADenialThatCoversAGrantIsRefused) {
  for (const char* const text : {"/srv/data", "/srv", "/link"}) {
    LinuxScene scene;
    scene.Dir("/srv/data/sub");
    scene.Link("/link", "/srv");
    scene.Write("/srv/data");
    scene.DenyWrite(text);
    EXPECT_EQ(Refusal(scene), "deny_covers_grant") << text;
  }
}

// Reading a tree of which a part may be written is what most people want.
TEST(PlanProtectTest, AReadOnlyTreeMayHoldAGrant) {
  LinuxScene scene;
  scene.Write(".");
  scene.ReadOnly("/home/dev");
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), Ws("src")), Sees::kWritable);
}

// ---- Links.

struct RefusedLink {
  const char* what;
  const char* rule;
  std::function<void(LinuxScene&)> prepare;
};

TEST(PlanProtectTest, ADenialThatCrossesALinkOfTheWorkspaceIsRefused) {
  const RefusedLink cases[] = {
      {"to a directory inside", "conf/prod.toml",
       [](LinuxScene& s) {
         s.File(Ws("real/prod.toml"));
         s.Link(Ws("conf"), "real");
       }},
      {"to one outside", "conf/prod.toml",
       [](LinuxScene& s) {
         s.File("/srv/conf/prod.toml");
         s.Link(Ws("conf"), "/srv/conf");
       }},
      {"two levels up", "a/b/c",
       [](LinuxScene& s) {
         s.File(Ws("real/b/c"));
         s.Link(Ws("a"), "real");
       }},
      {"before a name that is not there yet", "conf/prod.toml",
       [](LinuxScene& s) {
         s.Dir(Ws("real"));
         s.Link(Ws("conf"), "real");
       }},
      {"that leads nowhere yet", "conf/prod.toml", [](LinuxScene& s) { s.Link(Ws("conf"), "later"); }},
      {"before another link", "conf/prod.toml",
       [](LinuxScene& s) {
         s.File(Ws("real/real.toml"));
         s.Link(Ws("real/prod.toml"), "real.toml");
         s.Link(Ws("conf"), "real");
       }},
      {"as the name itself, leading nowhere", ".mcp.json", [](LinuxScene& s) { s.Link(Ws(".mcp.json"), "later"); }},
  };
  for (const bool through_link : {false, true}) {
    for (const RefusedLink& refused : cases) {
      LinuxScene scene;
      if (through_link) {
        scene.Link("/home/dev/link", "proj");
        scene.Workspace("/home/dev/link");
      }
      scene.Write(".");
      refused.prepare(scene);
      scene.DenyWrite(refused.rule);
      EXPECT_EQ(Refusal(scene), "deny_crosses_symlink")
          << refused.what << (through_link ? ", workspace behind a link" : "");
    }
  }
}

// The directory above may not be entered now; the command may be able to open it.
std::string RefusalOfUnreadable(LinuxScene& scene, absl::string_view name, absl::string_view tier) {
  Facts facts = scene.MakeFacts();
  facts.workspace.paths[Ws(name)].type = PathType::kUnreadable;
  const auto plan = MakeLinuxLandlockBackend()->Plan(tier, scene.request, facts);
  return plan.ok() ? "planned" : ReasonOf(plan.status())->code;
}

TEST(PlanProtectTest, WhatCannotBeLookedUpIsRefused) {
  LinuxScene scene;
  scene.Write(".");
  scene.Dir(Ws("shut"));
  scene.DenyWrite("shut/name");
  EXPECT_EQ(Refusal(scene), "planned");
  EXPECT_EQ(RefusalOfUnreadable(scene, "shut/name", "namespaces"), "deny_unreadable");
  EXPECT_EQ(RefusalOfUnreadable(scene, "shut/name", "landlock"), "planned");  // holds no name, and says so
}

TEST(PlanProtectTest, WhatIsReportedOnlyMayBeOutOfSight) {
  LinuxScene scene = Coding();
  scene.Dir(Ws(".github"));
  EXPECT_EQ(RefusalOfUnreadable(scene, ".github/hooks", "namespaces"), "planned");
}

TEST(PlanProtectTest, ANameThatIsALinkIsHeldTogetherWithWhatItLeadsTo) {
  LinuxScene scene = Coding();
  scene.File(Ws("tools/claude/settings.json"));
  scene.Link(Ws(".claude"), "tools/claude");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(Has(body, MountOp::kReadOnly, Ws(".claude")));
  EXPECT_EQ(Seen(body, Ws("tools/claude/settings.json")), Sees::kReadOnly);
  EXPECT_TRUE(Has(body, MountOp::kPin, Ws("tools")));
}

// A link in the middle of the chain decides as much as the first one.
TEST(PlanProtectTest, EveryLinkOfAChainIsHeld) {
  LinuxScene scene = Coding();
  scene.File(Ws("tools/claude/settings.json"));
  scene.Link(Ws("conf/link"), "../tools/claude");
  scene.Link(Ws(".claude"), "conf/link");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(Has(body, MountOp::kReadOnly, Ws(".claude")));
  EXPECT_TRUE(Has(body, MountOp::kReadOnly, Ws("conf/link")));
  EXPECT_TRUE(Has(body, MountOp::kPin, Ws("conf")));
  EXPECT_EQ(Seen(body, Ws("tools/claude/settings.json")), Sees::kReadOnly);
}

TEST(PlanProtectTest, ALinkToAWholeGrantIsRefused) {
  LinuxScene scene = Coding();
  scene.Link(Ws(".claude"), ".");
  EXPECT_EQ(Refusal(scene), "deny_covers_grant");
}

TEST(PlanProtectTest, ALinkOutsideTheGrantsHoldsWhatItLeadsTo) {
  LinuxScene scene;
  scene.Write("out");
  scene.File(Ws("out/real"));
  scene.Link(Ws("name"), "out/real");
  scene.DenyWrite("name");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  const MountStep* const step = FindStep(body, MountOp::kReadOnly, Ws("out/real"));
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->identity.inode, scene.Look(Ws("out/real")).inode);
}

// The host's /tmp is written without a grant: a directory above the name could be moved away.
TEST(PlanProtectTest, ANameInTheHostsTmpCannotBeHeld) {
  const auto with_tmp = [](TmpMode mode, bool granted) {
    LinuxScene scene;
    scene.Write(".");
    scene.File("/tmp/shared/file");
    if (granted) scene.Write("/tmp/shared");
    scene.DenyWrite("/tmp/shared/file");
    scene.request.policy.filesystem.tmp = mode;
    return scene;
  };
  EXPECT_EQ(Refusal(with_tmp(TmpMode::kHost, false)), "deny_in_host_tmp");
  EXPECT_EQ(Refusal(with_tmp(TmpMode::kPrivate, false)), "planned");
  EXPECT_EQ(Seen(BodyOf(PlanOf(with_tmp(TmpMode::kHost, true))), "/tmp/shared/file"), Sees::kReadOnly);
}

TEST(PlanProtectTest, AnEmptyWorkspaceLeavesNoNameOfAnotherGrantOpen) {
  LinuxScene scene;
  scene.empty = Yes("test");
  scene.Write(".");
  scene.Dir("/srv/data");
  scene.Write("/srv/data");
  scene.DenyWrite("/srv/data/settings");
  scene.DenyWrite(".vscode");
  EXPECT_THAT(Placeholders(BodyOf(PlanOf(scene))), ElementsAre("/srv/data/settings"));
}

TEST(PlanProtectTest, ALinkToOutsideIsHeldAlone) {
  LinuxScene scene = Coding();
  scene.Dir("/home/dev/dotfiles/claude");
  scene.Link(Ws(".claude"), "/home/dev/dotfiles/claude");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(Has(body, MountOp::kReadOnly, Ws(".claude")));
  EXPECT_EQ(Seen(body, "/home/dev/dotfiles/claude"), Sees::kOverlay);
}

// The home is often a link; the workspace is known by its real path all the same.
TEST(PlanProtectTest, ANameReachedThroughALinkOutsideIsFoundInTheGrant) {
  for (const bool exists : {true, false}) {
    LinuxScene scene;
    scene.Link("/home/me", "/home/dev");
    scene.host.home = "/home/me";
    if (exists) scene.File(Ws("deploy.key"));
    scene.Write(".");
    scene.DenyWrite("~/proj/deploy.key");
    EXPECT_NE(Seen(BodyOf(PlanOf(scene)), Ws("deploy.key")), Sees::kWritable) << (exists ? "exists" : "absent");
  }
}

// ---- Globs.

TEST(PlanProtectTest, AGlobThatMatchesAWholeGrantIsRefused) {
  LinuxScene scene;
  scene.Dir(Ws("data"));
  scene.Write("data");
  scene.DenyWrite("d*");
  EXPECT_EQ(Refusal(scene), "deny_covers_grant");
}

TEST(PlanProtectTest, MatchesOfAGlobAreReadOnlyWithWhatTheyLeadTo) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("a/x.lock"));
  scene.File(Ws("store/real"));
  scene.Link(Ws("b/y.lock"), "../store/real");
  scene.DenyWrite("**/*.lock");
  const LaunchPlan plan = PlanOf(scene);
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_TRUE(Has(body, MountOp::kReadOnly, Ws("a/x.lock")));
  EXPECT_TRUE(Has(body, MountOp::kReadOnly, Ws("b/y.lock")));
  EXPECT_EQ(Seen(body, Ws("store/real")), Sees::kReadOnly);
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write **/*.lock"), "approximated");
}

// ---- Names that do not exist yet.

TEST(PlanAbsentTest, AnAbsentNameIsHeldByAPlaceholder) {
  LinuxScene scene = Coding();
  const LaunchPlan plan = PlanOf(scene);
  const LinuxPlan& body = BodyOf(plan);
  EXPECT_THAT(Placeholders(body), UnorderedElementsAre(Ws(".vscode"), Ws(".claude"), Ws(".mcp.json")));
  EXPECT_THAT(Targets(body, MountOp::kCover), UnorderedElementsAre(Ws(".vscode"), Ws(".claude"), Ws(".mcp.json")));
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write .mcp.json"), "enforced");
  EXPECT_EQ(body.lease_key, "fd00-2a");
}

TEST(PlanAbsentTest, MissingParentsAreMadeAndPinnedButNotCovered) {
  LinuxScene scene;
  scene.Write(".");
  scene.DenyWrite("a/b/name");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(Placeholders(body), ElementsAre(Ws("a"), Ws("a/b"), Ws("a/b/name")));
  EXPECT_THAT(Targets(body, MountOp::kCover), ElementsAre(Ws("a/b/name")));
  EXPECT_THAT(Targets(body, MountOp::kPin), ElementsAre(Ws("a"), Ws("a/b")));
  EXPECT_EQ(Seen(body, Ws("a/b/other")), Sees::kWritable);
  EXPECT_EQ(FindStep(body, MountOp::kPin, Ws("a"))->identity.inode, 0u) << "it is made later";
}

TEST(PlanAbsentTest, NamesThatShareParentsMakeThemOnce) {
  LinuxScene scene;
  scene.Write(".");
  scene.DenyWrite("a/b/one");
  scene.DenyWrite("a/b/two");
  scene.DenyWrite("a/b");
  EXPECT_THAT(Placeholders(BodyOf(PlanOf(scene))), ElementsAre(Ws("a"), Ws("a/b"), Ws("a/b/one"), Ws("a/b/two")));
}

TEST(PlanAbsentTest, AnEmptyWorkspaceStaysEmpty) {
  LinuxScene scene = Coding();
  scene.empty = Yes("test");
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_THAT(BodyOf(plan).placeholders, IsEmpty());
  EXPECT_THAT(plan.leases, IsEmpty());
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write .vscode"), "approximated");
  ASSERT_NE(FindWatched(BodyOf(plan), Ws(".vscode")), nullptr);
  EXPECT_TRUE(FindWatched(BodyOf(plan), Ws(".vscode"))->violation);
}

TEST(PlanAbsentTest, NamesOfTheDefaultListThatToolsOftenWriteAreReported) {
  LinuxScene scene = Coding();
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write .envrc"), "approximated");
  EXPECT_NE(FindWatched(BodyOf(plan), Ws(".envrc")), nullptr);
  // The user's own rule of the same name is held.
  LinuxScene strict;
  strict.Write(".");
  strict.DenyWrite(".envrc", "policy.toml");
  EXPECT_THAT(Placeholders(BodyOf(PlanOf(strict))), ElementsAre(Ws(".envrc")));
  // And so is a file that exists.
  scene.File(Ws(".envrc"));
  EXPECT_TRUE(Has(BodyOf(PlanOf(scene)), MountOp::kReadOnly, Ws(".envrc")));
}

TEST(PlanAbsentTest, NamesInsideAnAbsentRepositoryAreReported) {
  const LaunchPlan plan = PlanOf(Coding());
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write .git/hooks"), "approximated");
  EXPECT_NE(FindWatched(BodyOf(plan), Ws(".git/hooks")), nullptr);
  EXPECT_NE(FindWatched(BodyOf(plan), Ws(".git")), nullptr);
}

TEST(PlanAbsentTest, AFileInPlaceOfADirectoryIsReported) {
  LinuxScene scene;
  scene.Write(".");
  scene.File(Ws("a"));
  scene.DenyWrite("a/name");
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_THAT(BodyOf(plan).placeholders, IsEmpty());
  EXPECT_EQ(VerdictOf(plan, "filesystem.deny_write a/name"), "approximated");
}

TEST(PlanAbsentTest, AnotherRunsPlaceholderCountsAsAbsent) {
  LinuxScene scene;
  scene.Write(".");
  scene.LeasePlaceholder(Ws("a"));
  scene.LeasePlaceholder(Ws("a/name"));
  scene.DenyWrite("a/name");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(Placeholders(body), ElementsAre(Ws("a"), Ws("a/name")));
  EXPECT_TRUE(Has(body, MountOp::kCover, Ws("a/name")));
  EXPECT_EQ(FindStep(body, MountOp::kPin, Ws("a"))->identity.inode, 0u) << "it may be made anew by then";
}

TEST(PlanAbsentTest, AReadOnlyNameThatIsAbsentIsHeldToo) {
  LinuxScene scene;
  scene.Write(".");
  scene.ReadOnly("vendor");
  EXPECT_THAT(Placeholders(BodyOf(PlanOf(scene))), ElementsAre(Ws("vendor")));
}

TEST(PlanAbsentTest, WithoutProtectionThereIsNoLease) {
  LinuxScene scene;
  scene.Write(".");
  const LaunchPlan plan = PlanOf(scene);
  EXPECT_EQ(BodyOf(plan).lease_key, "");
  EXPECT_THAT(plan.leases, IsEmpty());
}

// ---- Git.

TEST(PlanGitTest, HooksAndConfigurationAreReadOnlyAndTheRestIsNot) {
  LinuxScene scene = Coding();
  scene.Repository(kWs);
  scene.File(Ws(".git/info/attributes"));
  const LaunchPlan plan = PlanOf(scene);
  const LinuxPlan& body = BodyOf(plan);
  for (const char* const name : {".git/hooks", ".git/config", ".git/info/attributes"}) {
    EXPECT_EQ(Seen(body, Ws(name)), Sees::kReadOnly) << name;
  }
  for (const char* const name : {".git", ".git/index", ".git/objects", ".git/refs/heads", ".git/HEAD", ".git/info"}) {
    EXPECT_EQ(Seen(body, Ws(name)), Sees::kWritable) << name;
  }
  EXPECT_THAT(Targets(body, MountOp::kPin), ElementsAre(Ws(".git"), Ws(".git/info")));
  EXPECT_EQ(VerdictOf(plan, kGitRule), "enforced");
  ASSERT_NE(FindWatched(body, Ws(".git/config")), nullptr);
  EXPECT_TRUE(FindWatched(body, Ws(".git/config"))->violation);
}

TEST(PlanGitTest, CommondirIsHeldByAFileThatSaysNothingNew) {
  LinuxScene scene = Coding();
  scene.Repository(kWs);
  const LinuxPlan body = BodyOf(PlanOf(scene));
  const auto commondir = std::find(body.placeholders.begin(), body.placeholders.end(),
                                   Placeholder{Ws(".git/commondir"), PlaceholderKind::kContent});
  EXPECT_NE(commondir, body.placeholders.end());
  ASSERT_TRUE(Has(body, MountOp::kReadOnly, Ws(".git/commondir")));
  EXPECT_FALSE(FindStep(body, MountOp::kReadOnly, Ws(".git/commondir"))->directory);
}

TEST(PlanGitTest, AbsentHooksAreHeld) {
  LinuxScene scene = Coding();
  scene.Repository(kWs);
  scene.Remove(Ws(".git/hooks"));
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_THAT(Placeholders(body), ::testing::Contains(Ws(".git/hooks")));
  EXPECT_TRUE(Has(body, MountOp::kCover, Ws(".git/hooks")));
}

TEST(PlanGitTest, NestedRepositoriesAndModulesAreProtectedAlike) {
  LinuxScene scene = Coding();
  scene.Repository(kWs);
  scene.Repository(Ws("vendor/lib"));
  scene.Submodule(kWs, "libs/zlib", Ws("third_party/zlib"));
  const LinuxPlan body = BodyOf(PlanOf(scene));
  for (const char* const name :
       {"vendor/lib/.git/hooks", "vendor/lib/.git/config", ".git/modules/libs/zlib/hooks",
        ".git/modules/libs/zlib/config", ".git/modules/libs/zlib/commondir", "third_party/zlib/.git"}) {
    EXPECT_EQ(Seen(body, Ws(name)), Sees::kReadOnly) << name;
  }
  for (const char* const name : {"vendor", "vendor/lib", "vendor/lib/.git", ".git/modules", ".git/modules/libs",
                                 ".git/modules/libs/zlib", "third_party", "third_party/zlib"}) {
    EXPECT_TRUE(Has(body, MountOp::kPin, Ws(name))) << name;
  }
}

TEST(PlanGitTest, AWorktreesOwnFilesAndItsRepositorysAreProtected) {
  LinuxScene scene = Coding();
  scene.Worktree(kWs, "/home/dev/main", "proj");
  const std::string git = "/home/dev/main/.git";
  const LinuxPlan body = BodyOf(PlanOf(scene));
  for (const std::string& path : {git + "/hooks", git + "/config", git + "/commondir",
                                  git + "/worktrees/proj/commondir", git + "/worktrees/proj/gitdir", Ws(".git")}) {
    EXPECT_EQ(Seen(body, path), Sees::kReadOnly) << path;
  }
  for (const std::string& path : {git + "/objects", git + "/worktrees/proj/HEAD", git + "/worktrees/proj/index"}) {
    EXPECT_EQ(Seen(body, path), Sees::kWritable) << path;
  }
  EXPECT_TRUE(Has(body, MountOp::kPin, git + "/worktrees"));
  EXPECT_TRUE(Has(body, MountOp::kPin, git + "/worktrees/proj"));
}

TEST(PlanGitTest, WhatConfigurationIncludesIsReadOnly) {
  LinuxScene scene = Coding();
  scene.File(Ws("tools/gitconfig"));
  scene.Repository(kWs);
  Facts facts = scene.MakeFacts();
  facts.workspace.repositories[0].include_targets = {Ws("tools/gitconfig"), Ws("tools")};
  facts.workspace.paths[Ws("tools/gitconfig")] = scene.Look(Ws("tools/gitconfig"));
  const auto plan = MakeLinuxLandlockBackend()->Plan("", scene.request, facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Seen(BodyOf(*plan), Ws("tools/gitconfig")), Sees::kReadOnly);
}

TEST(PlanGitTest, WhatIsNoRepositoryIsReadOnlyAsAWhole) {
  LinuxScene scene = Coding();
  scene.Repository(kWs);
  Facts facts = scene.MakeFacts();
  facts.workspace.repositories[0].well_formed = No(".git/HEAD is missing");
  const auto plan = MakeLinuxLandlockBackend()->Plan("", scene.request, facts);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Seen(BodyOf(*plan), Ws(".git/HEAD")), Sees::kReadOnly);
  EXPECT_EQ(VerdictOf(*plan, absl::StrCat("filesystem.deny_write ", Ws(".git"))), "approximated");
}

TEST(PlanGitTest, AScanThatWasCutShortIsTold) {
  LinuxScene scene = Coding();
  scene.Repository(kWs);
  scene.scan_complete = false;
  EXPECT_EQ(VerdictOf(PlanOf(scene), kGitRule), "approximated");
}

TEST(PlanGitTest, APolicyThatProtectsNothingProtectsNoRepository) {
  LinuxScene scene;
  scene.Write(".");
  scene.Repository(kWs);
  EXPECT_EQ(Seen(BodyOf(PlanOf(scene)), Ws(".git/hooks")), Sees::kWritable);
}

// ---- What is compared after the run.

TEST(PlanWatchTest, EachPathIsComparedOnceAndARuleStandsForIt) {
  LinuxScene scene = Coding();
  scene.File(Ws("Makefile"));
  scene.DenyWrite("Makefile");
  const LinuxPlan body = BodyOf(PlanOf(scene));
  EXPECT_TRUE(FindWatched(body, Ws("Makefile"))->violation);
  EXPECT_FALSE(FindWatched(body, Ws("package.json"))->violation);
  for (const WatchedPath& watched : body.watched) {
    EXPECT_EQ(std::count_if(body.watched.begin(), body.watched.end(),
                            [&](const WatchedPath& other) { return other.path == watched.path; }),
              1)
        << watched.path;
  }
}

}  // namespace
}  // namespace paddock
