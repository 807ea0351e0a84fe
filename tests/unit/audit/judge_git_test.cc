#include "tests/unit/audit/judge_fixture.h"

namespace paddock::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JudgeGitTest : public JudgeTest {
 protected:
  JudgeGitTest() {
    repository().root = "/ws";
    repository().git_dir = repository().common_dir = "/ws/.git";
    repository().well_formed = Yes("test");
  }
  RepositoryFacts& repository() {
    if (facts_.workspace.repositories.empty()) facts_.workspace.repositories.emplace_back();
    return facts_.workspace.repositories.front();
  }
};

TEST_F(JudgeGitTest, AProtectedRepositoryIsNoFinding) { EXPECT_THAT(All(), IsEmpty()); }

TEST_F(JudgeGitTest, HooksAndConfigurationThatTheCommandMayWrite) {
  view_.steps.resize(4);  // a policy with an empty deny_write
  EXPECT_EQ(Shown("git_not_protected"), "high: /ws/.git/commondir, /ws/.git/config, /ws/.git/hooks");
  view_.steps[3].sight = Sight::kReadOnly;
  EXPECT_EQ(Shown("git_not_protected"), "");
}

TEST_F(JudgeGitTest, SubmodulesAndWorktreesCountToo) {
  repository().modules = {"/ws/.git/modules/sub"};
  repository().worktrees = {"/ws/.git/worktrees/side"};
  EXPECT_THAT(Shown("git_not_protected"), HasSubstr("/ws/.git/modules/sub/hooks"));
  EXPECT_THAT(Shown("git_not_protected"), HasSubstr("/ws/.git/worktrees/side/commondir"));
  view_.steps.push_back({"/ws/.git/modules/sub", Sight::kReadOnly});
  view_.steps.push_back({"/ws/.git/worktrees/side", Sight::kReadOnly});
  EXPECT_EQ(Shown("git_not_protected"), "");
  EXPECT_EQ(Shown("repositories_found"), "info: /ws");
}

TEST_F(JudgeGitTest, WithoutAPlanNothingIsSaidOfProtection) {
  view_ = {};
  view_.steps = {{"/ws", Sight::kWritable}};
  EXPECT_EQ(Shown("git_not_protected"), "");
}

TEST_F(JudgeGitTest, NestedRepositoriesAreListed) {
  RepositoryFacts nested = repository();
  nested.root = "/ws/vendor/lib";
  nested.git_dir = nested.common_dir = "/ws/.git/hooks";  // held in any case
  facts_.workspace.repositories.push_back(nested);
  EXPECT_EQ(Shown("repositories_found"), "info: /ws/vendor/lib");
  facts_.workspace.repositories.pop_back();
  EXPECT_EQ(Shown("repositories_found"), "");
}

TEST_F(JudgeGitTest, AForgedRepository) {
  repository().well_formed = No("/ws/.git is a symbolic link");
  EXPECT_EQ(Shown("repository_malformed"), "medium: /ws");
  EXPECT_EQ(Find("repository_malformed")->paths.front().note, "/ws/.git is a symbolic link");
  repository().well_formed = Yes("test");
  EXPECT_EQ(Shown("repository_malformed"), "");
}

TEST_F(JudgeGitTest, ConfigurationThatLeadsIntoTheWorkspace) {
  repository().include_targets = {"/ws/.githooks"};
  EXPECT_EQ(Shown("git_config_runs_workspace_file"), "high: /ws/.githooks");
  view_.steps.push_back({"/ws/.githooks", Sight::kReadOnly});
  EXPECT_EQ(Shown("git_config_runs_workspace_file"), "");
  EXPECT_EQ(Shown("git_config_names_programs"), "info: /ws/.githooks");
}

TEST_F(JudgeGitTest, ProgramsThatTheConfigurationNames) {
  seen_.git_settings.Add({"/ws/.git/config", "filter.x.clean", "/ws/tools/clean", false});
  EXPECT_EQ(Shown("git_config_runs_workspace_file"), "high: /ws/tools/clean");
  seen_.git_settings.kept.front().runs.clear();  // a program of the host
  EXPECT_EQ(Shown("git_config_runs_workspace_file"), "");
  EXPECT_EQ(Shown("git_config_names_programs"), "info: /ws/.git/config");
}

TEST_F(JudgeGitTest, APasswordInAnAddress) {
  seen_.git_settings.Add({"/ws/.git/config", "remote.origin.url", "", true});
  EXPECT_EQ(Shown("git_url_with_password"), "medium: /ws/.git/config");
  request_.policy.network.mode = NetworkMode::kOpen;
  EXPECT_EQ(Shown("git_url_with_password"), "high: /ws/.git/config");
  view_.steps.push_back({"/ws/.git/config", Sight::kMasked});
  EXPECT_EQ(Shown("git_url_with_password"), "");
}

}  // namespace
}  // namespace paddock::audit
