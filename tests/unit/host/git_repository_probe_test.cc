#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/platform/posix/git_files.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

RepositoryFacts LookAt(const std::string& root, const GitLookInputs& inputs) {
  return LookAtGitRepository(root, inputs, PosixGitFiles());
}

class GitRepositoryTest : public testing::Test {
 protected:
  // Looks at the repository in `relative` of the workspace "ws".
  RepositoryFacts Look(const std::string& relative = "") const {
    GitLookInputs inputs;
    inputs.workspace = tree_.Dir("ws");
    inputs.home = tree_.Path("home");
    inputs.global_configs = {tree_.Path("home/.gitconfig")};
    return LookAt(relative.empty() ? tree_.Path("ws") : tree_.Path("ws/" + relative), inputs);
  }
  // The main repository outside, and a linked worktree of it as the workspace.
  void LinkedWorktree() const {
    tree_.GitDir("main/.git");
    tree_.File("main/.git/worktrees/w/HEAD", "ref: refs/heads/w\n");
    tree_.File("main/.git/worktrees/w/commondir", "../..\n");
    tree_.File("main/.git/worktrees/w/gitdir", tree_.Path("ws/.git") + "\n");
    tree_.File("ws/.git", "gitdir: " + tree_.Path("main/.git/worktrees/w") + "\n");
  }
  TempTree tree_;
};

TEST_F(GitRepositoryTest, AnOrdinaryRepository) {
  const std::string git = tree_.GitDir("ws/.git");
  const RepositoryFacts facts = Look();
  EXPECT_TRUE(facts.well_formed.yes()) << facts.well_formed.source;
  EXPECT_EQ(facts.kind, RepositoryKind::kDirectory);
  EXPECT_EQ(facts.root, tree_.Path("ws"));
  EXPECT_EQ(facts.git_dir, git);
  EXPECT_EQ(facts.common_dir, git);
  EXPECT_THAT(facts.include_targets, IsEmpty());
  EXPECT_THAT(GuardedGitPaths(facts, '/'),
              UnorderedElementsAre(git, git + "/hooks", git + "/config", git + "/config.worktree", git + "/info",
                                   git + "/info/attributes", git + "/commondir", git + "/gitdir", git + "/modules",
                                   git + "/worktrees"));
}

TEST_F(GitRepositoryTest, ALinkedWorktreeNamesItsRepositoryAndIsNamedBack) {
  LinkedWorktree();
  const RepositoryFacts facts = Look();
  EXPECT_TRUE(facts.well_formed.yes()) << facts.well_formed.source;
  EXPECT_EQ(facts.kind, RepositoryKind::kGitFile);
  EXPECT_EQ(facts.git_dir, tree_.Path("main/.git/worktrees/w"));
  EXPECT_EQ(facts.common_dir, tree_.Path("main/.git"));
  EXPECT_TRUE(facts.back_linked.yes());
  EXPECT_THAT(facts.worktrees, ElementsAre(tree_.Path("main/.git/worktrees/w")));
  const auto guarded = GuardedGitPaths(facts, '/');
  EXPECT_THAT(guarded, Contains(tree_.Path("main/.git/hooks")));
  EXPECT_THAT(guarded, Contains(tree_.Path("main/.git/worktrees/w/commondir")));
  EXPECT_THAT(guarded, Contains(tree_.Path("ws/.git")));
}

TEST_F(GitRepositoryTest, AWorktreeThatIsNotNamedBackIsNoFriend) {
  LinkedWorktree();
  tree_.File("main/.git/worktrees/w/gitdir", tree_.Path("elsewhere/.git") + "\n");
  EXPECT_TRUE(Look().back_linked.no());
}

TEST_F(GitRepositoryTest, ASubmoduleIsNamedBackByItsWorktreeSetting) {
  tree_.GitDir("ws/.git");
  tree_.GitDir("ws/.git/modules/libs/zlib");
  tree_.File("ws/.git/modules/libs/zlib/config", "[core]\n\tworktree = ../../../../libs/zlib\n");
  tree_.GitDir("ws/.git/modules/libs/zlib/modules/inner");
  tree_.File("ws/libs/zlib/.git", "gitdir: ../../.git/modules/libs/zlib\n");
  const RepositoryFacts sub = Look("libs/zlib");
  EXPECT_TRUE(sub.well_formed.yes()) << sub.well_formed.source;
  EXPECT_TRUE(sub.back_linked.yes()) << sub.back_linked.source;
  EXPECT_EQ(sub.git_dir, tree_.Path("ws/.git/modules/libs/zlib"));
  const RepositoryFacts top = Look();
  EXPECT_THAT(top.modules, ElementsAre(tree_.Path("ws/.git/modules/libs/zlib"),
                                       tree_.Path("ws/.git/modules/libs/zlib/modules/inner")));
  EXPECT_THAT(GuardedGitPaths(top, '/'), Contains(tree_.Path("ws/.git/modules/libs/zlib/config")));
}

// Each case is one change to a repository that is well formed without it.
struct Damage {
  const char* name;
  void (*make)(const TempTree& tree);
  const char* reason;
};
const Damage kDamages[] = {
    {"a link in place of .git",
     [](const TempTree& t) {
       t.GitDir("elsewhere");
       t.Link("ws/.git", t.Path("elsewhere"));
     },
     "is a link"},
    {"no HEAD", [](const TempTree& t) { unlink((t.GitDir("ws/.git") + "/HEAD").c_str()); }, "has no HEAD"},
    {"no objects", [](const TempTree& t) { rmdir((t.GitDir("ws/.git") + "/objects").c_str()); }, "objects"},
    {"a FIFO", [](const TempTree& t) { t.Fifo("ws/.git"); }, "neither a directory nor a file"},
    {"a file that says nothing", [](const TempTree& t) { t.File("ws/.git", "hello\n"); }, "does not say"},
    {"an empty target", [](const TempTree& t) { t.File("ws/.git", "gitdir: \n"); }, "does not say"},
    {"a NUL byte", [](const TempTree& t) { t.File("ws/.git", absl::string_view("gitdir: a\0b\n", 12)); },
     "does not say"},
    {"a line of a megabyte",
     [](const TempTree& t) { t.File("ws/.git", "gitdir: " + std::string(1 << 20, '/') + "\n"); }, "too long"},
    {"a target that is missing", [](const TempTree& t) { t.File("ws/.git", "gitdir: ../nowhere\n"); },
     "which is no directory"},
    {"a target that is the root", [](const TempTree& t) { t.File("ws/.git", "gitdir: /\n"); }, "has no HEAD"},
    {"itself", [](const TempTree& t) { t.File("ws/.git", "gitdir: .git\n"); }, "which is no directory"},
    {"a circle of links",
     [](const TempTree& t) {
       t.Link("ws/a", "b");
       t.Link("ws/b", "a");
       t.File("ws/.git", "gitdir: a\n");
     },
     "a link in the workspace"},
    {"out through a link of the workspace",
     [](const TempTree& t) {
       t.GitDir("other/.git");
       t.Link("ws/sub", t.Path("other"));
       t.File("ws/.git", "gitdir: sub/.git\n");
     },
     "a link in the workspace"},
    {"commondir that leads elsewhere",
     [](const TempTree& t) {
       t.GitDir("ws/evil");
       t.GitDir("ws/.git");
       t.File("ws/.git/commondir", "../evil\n");
     },
     "commondir leads to"},
    {"commondir that leads nowhere",
     [](const TempTree& t) {
       t.GitDir("ws/.git");
       t.File("ws/.git/commondir", "../evil\n");
     },
     "no directory"},
    {"commondir as a link",
     [](const TempTree& t) {
       t.GitDir("ws/.git");
       t.Link("ws/.git/commondir", "HEAD");
     },
     "holds no path"},
    {"a configuration that cannot be read to its end",
     [](const TempTree& t) {
       t.GitDir("ws/.git");
       t.File("ws/.git/config", std::string((1 << 20) + 1, '#'));
     },
     "longer than 1 MiB"},
    {"a FIFO as configuration",
     [](const TempTree& t) {
       unlink((t.GitDir("ws/.git") + "/config").c_str());
       t.Fifo("ws/.git/config");
     },
     "cannot be read"},
};

TEST(GitDamageTest, EachIsToldWithItsReason) {
  for (const Damage& damage : kDamages) {
    const TempTree tree;
    tree.Dir("ws");
    damage.make(tree);
    GitLookInputs inputs;
    inputs.workspace = tree.Path("ws");
    const RepositoryFacts facts = LookAt(tree.Path("ws"), inputs);
    EXPECT_TRUE(facts.well_formed.no()) << damage.name;
    EXPECT_THAT(facts.well_formed.source, HasSubstr(damage.reason)) << damage.name;
  }
}

TEST_F(GitRepositoryTest, AHarmlessCommondirIsAccepted) {
  tree_.GitDir("ws/.git");
  tree_.File("ws/.git/commondir", ".\n");
  EXPECT_TRUE(Look().well_formed.yes());
  EXPECT_EQ(Look().common_dir, tree_.Path("ws/.git"));
}

TEST_F(GitRepositoryTest, IncludesAndHooksInTheWorkspaceAreTargets) {
  tree_.GitDir("ws/.git");
  tree_.File("ws/.git/config",
             "[core]\nhooksPath = .husky/_\n[include]\npath = ../team.cfg\npath = ~/mine.cfg\n"
             "[includeIf \"gitdir:/x\"]\npath = ../absent.cfg\n[include]\npath = ../../outside.cfg\n");
  tree_.File("ws/team.cfg", "[include]\npath = nested.cfg\npath = team.cfg\n");
  tree_.File("ws/nested.cfg", "[core]\nhooksPath = /usr/share/hooks\n");
  tree_.File("outside.cfg", "[include]\npath = " + tree_.Path("ws/from-outside.cfg") + "\n");
  EXPECT_THAT(Look().include_targets,
              ElementsAre(tree_.Path("ws/.husky/_"), tree_.Path("ws/absent.cfg"), tree_.Path("ws/from-outside.cfg"),
                          tree_.Path("ws/nested.cfg"), tree_.Path("ws/team.cfg")));
  EXPECT_TRUE(Look().well_formed.yes());
}

TEST_F(GitRepositoryTest, WhatAnotherConfigurationOfTheRepositoryNamesIsATargetToo) {
  tree_.GitDir("ws/.git");
  tree_.GitDir("ws/.git/modules/libs/z");
  tree_.File("ws/.git/modules/libs/z/config",
             "[core]\nworktree = ../../../../libs/z\nhooksPath = .hooks\n[include]\npath = ../inc\n");
  tree_.File("ws/.git/modules/libs/z/config.worktree", "[include]\npath = more\n");
  tree_.File("ws/.git/worktrees/w/gitdir", tree_.Path("ws/w/.git") + "\n");
  tree_.File("ws/.git/worktrees/w/config.worktree", "[core]\nhooksPath = .hooks\n");
  EXPECT_THAT(Look().include_targets,
              UnorderedElementsAre(tree_.Path("ws/.git/modules/libs/inc"), tree_.Path("ws/.git/modules/libs/z/more"),
                                   tree_.Path("ws/libs/z/.hooks"), tree_.Path("ws/w/.hooks")));
}

TEST_F(GitRepositoryTest, ManySubmodulesAreNoReasonForDistrust) {
  tree_.GitDir("ws/.git");
  for (int i = 0; i < 100; ++i) {
    tree_.GitDir(absl::StrCat("ws/.git/modules/m", i));
    tree_.File(absl::StrCat("ws/.git/modules/m", i, "/config"), "[core]\nbare = false\n");
  }
  EXPECT_TRUE(Look().well_formed.yes());
}

TEST_F(GitRepositoryTest, TheUsersOwnConfigurationMayNameHooksOfEveryRepository) {
  tree_.GitDir("ws/.git");
  tree_.File("home/.gitconfig", "[core]\nhooksPath = .githooks\n");
  EXPECT_THAT(Look().include_targets, ElementsAre(tree_.Path("ws/.githooks")));
  tree_.File("home/.gitconfig", "[core]\nhooksPath = ~/hooks\n");
  EXPECT_THAT(Look().include_targets, IsEmpty());
}

TEST_F(GitRepositoryTest, ATargetReachedThroughALinkCountsWhereItLies) {
  tree_.GitDir("ws/.git");
  tree_.Dir("ws/conf");
  tree_.Link("conf", tree_.Path("ws/conf"));
  tree_.File("ws/.git/config", "[include]\npath = " + tree_.Path("conf/x.cfg") + "\n");
  EXPECT_THAT(Look().include_targets, ElementsAre(tree_.Path("ws/conf/x.cfg")));
}

TEST_F(GitRepositoryTest, EndlessIncludesEnd) {
  tree_.GitDir("ws/.git");
  for (int i = 0; i < 100; ++i) {
    tree_.File(absl::StrCat("ws/c", i), absl::StrCat("[include]\npath = c", i + 1, "\n"));
  }
  tree_.File("ws/.git/config", "[include]\npath = ../c0\n");
  EXPECT_TRUE(Look().well_formed.no());
  EXPECT_THAT(Look().well_formed.source, HasSubstr("more configuration files"));
}

// What git itself makes, so that the trees above are no invention.
TEST_F(GitRepositoryTest, AgreesWithGit) {
  const std::string script = absl::StrCat(
      "cd '", tree_.root(),
      "' && exec >/dev/null 2>&1 && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 && "
      "G='git -c user.name=a -c user.email=a@b -c protocol.file.allow=always -c init.defaultBranch=m' && "
      "$G init lib && $G -C lib commit --allow-empty -m x && "
      "$G init main && $G -C main commit --allow-empty -m x && $G -C main submodule add ../lib deps/lib && "
      "$G -C main commit -m y && $G -C main worktree add ../ws");
  if (std::system("git --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no git here";
  ASSERT_EQ(std::system(script.c_str()), 0);

  const RepositoryFacts worktree = Look();
  EXPECT_TRUE(worktree.well_formed.yes()) << worktree.well_formed.source;
  EXPECT_TRUE(worktree.back_linked.yes()) << worktree.back_linked.source;
  EXPECT_EQ(worktree.common_dir, tree_.Path("main/.git"));
  EXPECT_THAT(worktree.modules, ElementsAre(tree_.Path("main/.git/modules/deps/lib")));

  GitLookInputs inputs;
  inputs.workspace = tree_.Path("main");
  const RepositoryFacts main = LookAt(tree_.Path("main"), inputs);
  EXPECT_TRUE(main.well_formed.yes()) << main.well_formed.source;
  EXPECT_THAT(main.worktrees, ElementsAre(tree_.Path("main/.git/worktrees/ws")));
  const RepositoryFacts sub = LookAt(tree_.Path("main/deps/lib"), inputs);
  EXPECT_TRUE(sub.well_formed.yes()) << sub.well_formed.source;
  EXPECT_TRUE(sub.back_linked.yes()) << sub.back_linked.source;
  EXPECT_EQ(sub.git_dir, tree_.Path("main/.git/modules/deps/lib"));
}

}  // namespace
}  // namespace paddock
