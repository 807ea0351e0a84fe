#include "tests/unit/audit/judge_fixture.h"

namespace paddock::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using JudgeTreeTest = JudgeTest;

TEST_F(JudgeTreeTest, NothingIsFoundWhereNothingIsWeak) { EXPECT_THAT(All(), IsEmpty()); }

TEST_F(JudgeTreeTest, WhereTheWorkspaceLies) {
  const auto shown = [&](WorkspaceLocation location, const char* filesystem, const char* id) {
    facts_.workspace.location = location;
    facts_.workspace.filesystem = filesystem;
    return Shown(id);
  };
  EXPECT_EQ(shown(WorkspaceLocation::kNetworkFilesystem, "nfs4", "workspace_on_network"), "medium: /ws");
  EXPECT_EQ(shown(WorkspaceLocation::kDrvfs, "drvfs", "workspace_on_drvfs"), "medium: /ws");
  EXPECT_EQ(shown(WorkspaceLocation::kUnknown, "fuse.bindfs", "workspace_on_fuse"), "low: /ws");
  EXPECT_EQ(shown(WorkspaceLocation::kUnknown, "unheard-of", "workspace_on_fuse"), "");
  facts_.workspace.case_insensitive = Yes("test");
  EXPECT_EQ(Shown("workspace_case_insensitive"), "low: /ws");
  facts_.workspace.case_insensitive = No("test");
  facts_.workspace.location = WorkspaceLocation::kLocal;
  EXPECT_THAT(All(), IsEmpty());
}

TEST_F(JudgeTreeTest, AnotherOwner) {
  seen_.trees.front().chain.back().owner = kSomebody;
  EXPECT_EQ(Shown("workspace_foreign_owned"), "medium: /ws");
  seen_.trees.front().chain.back().owner = 0;  // who may do everything anyway
  EXPECT_EQ(Shown("workspace_foreign_owned"), "low: /ws");
  seen_.trees.front().chain.back().owner = kCaller;
  EXPECT_EQ(Shown("workspace_foreign_owned"), "");
}

TEST_F(JudgeTreeTest, DirectoriesAboveThatOthersMayWrite) {
  Node& above = seen_.trees.front().chain.front();
  above.mode = 0777;
  EXPECT_EQ(Shown("ancestors_writable_by_others"), "medium: /");
  above.mode = 01777;  // sticky, as /tmp
  EXPECT_EQ(Shown("ancestors_writable_by_others"), "");
  above.mode = 0755;
  above.owner = kSomebody;
  EXPECT_EQ(Shown("ancestors_writable_by_others"), "medium: /");
  // The owner of the workspace itself is named already.
  seen_.trees.front().chain.back().owner = kSomebody;
  EXPECT_EQ(Shown("ancestors_writable_by_others"), "");
}

TEST_F(JudgeTreeTest, GrantsThatAreLinks) {
  facts_.workspace.root.crosses_symlink = true;
  request_.write.push_back({"/data", false, "/data", {}});
  facts_.workspace.paths["/data"] = {PathType::kSymlink, 1, 3, kCaller, 0777, "/mnt/data", true, {}};
  EXPECT_EQ(Shown("grant_is_symlink"), "info: /data, /ws");
  facts_.workspace.paths["/data"].crosses_symlink = false;
  facts_.workspace.root.crosses_symlink = false;
  EXPECT_EQ(Shown("grant_is_symlink"), "");
}

TEST_F(JudgeTreeTest, WhatEverybodyMayWrite) {
  seen_.world_writable_directories.Add(Directory("/ws/hooks", 0777));
  seen_.world_writable_files.Add(File("/ws/Makefile", 0666));
  EXPECT_EQ(Shown("directories_writable_by_others"), "medium: /ws/hooks");
  EXPECT_EQ(Shown("files_writable_by_others"), "medium: /ws/Makefile");
  EXPECT_THAT(Find("files_writable_by_others")->commands, ElementsAre("chmod go-w /ws/Makefile"));
  // Behind a closed door it does not matter much.
  seen_.trees.front().chain.front().mode = 0700;
  EXPECT_EQ(Shown("directories_writable_by_others"), "low: /ws/hooks");
  EXPECT_EQ(Shown("files_writable_by_others"), "low: /ws/Makefile");
  EXPECT_THAT(Find("files_writable_by_others")->paths.front().note, HasSubstr("/ is closed"));
}

TEST_F(JudgeTreeTest, StickyDirectoriesAreALesserMatter) {
  seen_.world_writable_directories.Add(Directory("/ws/spool", 01777));
  EXPECT_EQ(Shown("directories_writable_by_others"), "low: /ws/spool");
}

TEST_F(JudgeTreeTest, AGroupOfOnesOwnIsNobodyElse) {
  seen_.group_writable_directories[kCaller].Add(Directory("/ws/src", 0775));
  seen_.group_writable_files[kCaller].Add(File("/ws/src/a", 0664));
  EXPECT_EQ(Shown("directories_writable_by_others"), "medium: /ws/src");  // nobody knows who is in it
  seen_.group_shared[kCaller] = Yes("test");
  EXPECT_EQ(Shown("directories_writable_by_others"), "medium: /ws/src");
  EXPECT_EQ(Shown("files_writable_by_others"), "medium: /ws/src/a");
  seen_.group_shared[kCaller] = No("test");
  EXPECT_THAT(All(), IsEmpty());
}

TEST_F(JudgeTreeTest, SetIdFiles) {
  seen_.privileged.Add({File("/ws/tool", 04755), false});
  EXPECT_EQ(Shown("set_id_files"), "low: /ws/tool");
  seen_.privileged.Add({File("/ws/root", 04755, 0), false});
  EXPECT_EQ(Shown("set_id_files"), "medium: /ws/root, /ws/tool");
  EXPECT_THAT(Find("set_id_files")->commands, ElementsAre("chmod u-s,g-s /ws/root /ws/tool"));
  seen_.privileged = {};
  seen_.privileged.Add({File("/ws/cap", 0755), true});
  EXPECT_EQ(Shown("set_id_files"), "medium: /ws/cap");
  EXPECT_THAT(Find("set_id_files")->commands, testing::Contains("setcap -r /ws/cap"));
}

TEST_F(JudgeTreeTest, FifosAndDevices) {
  seen_.special.Add(MakeNode("/ws/pipe", PathType::kFifo, 0600, kCaller));
  seen_.special.Add(MakeNode("/ws/null", PathType::kDevice, 0600, 0));
  EXPECT_EQ(Shown("special_files"), "low: /ws/null, /ws/pipe");
}

TEST_F(JudgeTreeTest, LinksThatLeadOutSayWhatTheSandboxShows) {
  seen_.links_out.Add({"/ws/a", "/usr/bin/python3"});
  seen_.links_out.Add({"/ws/b", "/run/thing"});
  seen_.links_out.Add({"/ws/c", ""});
  const std::optional<Finding> finding = Find("symlinks_lead_outside");
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kInfo);
  EXPECT_THAT(finding->paths[0].note, HasSubstr("/usr/bin/python3: read-only"));
  EXPECT_THAT(finding->paths[1].note, HasSubstr("/run/thing: not in the sandbox"));
  EXPECT_EQ(finding->paths[2].note, "leads nowhere");
}

TEST_F(JudgeTreeTest, HardLinksMatterWhereTheCommandMayWriteThem) {
  seen_.linked_outside.Add({File("/ws/a"), 1, "/home/dev/.local/share/pnpm/store/x"});
  seen_.linked_inside = 5;
  EXPECT_EQ(Shown("hard_links_outside"), "medium: /ws/a");
  EXPECT_THAT(Find("hard_links_outside")->paths.front().note, HasSubstr("pnpm/store/x"));
  EXPECT_THAT(Find("hard_links_outside")->detail, HasSubstr("5"));
  view_.steps[3].sight = Sight::kReadOnly;  // the profile read-only
  EXPECT_EQ(Shown("hard_links_outside"), "");
}

TEST_F(JudgeTreeTest, SharedGitObjectsAreALesserMatter) {
  seen_.git_objects_outside.Add({File("/ws/.git/objects/aa/bb"), 1, ""});
  EXPECT_EQ(Shown("git_objects_shared"), "low: /ws/.git/objects/aa/bb");
  EXPECT_EQ(Shown("hard_links_outside"), "");
  view_.steps[3].sight = Sight::kReadOnly;
  EXPECT_EQ(Shown("git_objects_shared"), "");
}

TEST_F(JudgeTreeTest, ANameOfAHiddenFileInTheWorkspace) {
  request_.deny_read = {{"/home/dev/.netrc", false, "~/.netrc", {}}};
  facts_.workspace.paths["/home/dev/.netrc"] = {PathType::kFile, 1, 77, kCaller, 0600, "/home/dev/.netrc", false, {}};
  seen_.linked_outside.Add({File("/ws/a"), 1, ""});
  EXPECT_EQ(Shown("hidden_file_has_other_names"), "high: /ws/a");
  facts_.workspace.paths["/home/dev/.netrc"].inode = 78;
  EXPECT_EQ(Shown("hidden_file_has_other_names"), "");
  // Told by where its other name lies.
  request_.deny_read = {{"/home/dev/.ssh", false, "~/.ssh", {}}};
  seen_.linked_outside.kept.front().elsewhere = "/home/dev/.ssh/id_ed25519";
  EXPECT_EQ(Shown("hidden_file_has_other_names"), "high: /ws/a");
  view_.steps.push_back({"/ws/a", Sight::kMasked});
  EXPECT_EQ(Shown("hidden_file_has_other_names"), "");
}

TEST_F(JudgeTreeTest, AHiddenSecretWithASecondName) {
  seen_.secrets.Add({File("/ws/.env"), "environment file", 0});
  EXPECT_EQ(Shown("hidden_file_has_other_names"), "");
  seen_.secrets.kept.front().node.links = 2;
  EXPECT_EQ(Shown("hidden_file_has_other_names"), "high: /ws/.env");
}

TEST_F(JudgeTreeTest, SecretsByWhetherTheyAreHiddenAndMayLeave) {
  seen_.secrets.Add({File("/ws/.env"), "environment file", 0});
  seen_.secrets.Add({File("/ws/key.pem"), "private key", 3});
  EXPECT_EQ(Shown("secrets_masked"), "info: /ws/.env");
  EXPECT_EQ(Shown("secrets_readable"), "medium: /ws/key.pem");
  EXPECT_EQ(Find("secrets_readable")->paths.front().note, "private key, line 3");
  EXPECT_THAT(Find("secrets_readable")->commands, ElementsAre("paddock run --hide /ws/key.pem -- CMD"));
  request_.policy.network.mode = NetworkMode::kOpen;
  EXPECT_EQ(Shown("secrets_readable"), "high: /ws/key.pem");
  view_.steps.push_back({"/ws/key.pem", Sight::kMasked});
  EXPECT_EQ(Shown("secrets_readable"), "");
  EXPECT_EQ(Shown("secrets_masked"), "info: /ws/.env, /ws/key.pem");
}

TEST_F(JudgeTreeTest, WhatWasNotSeenIsSaid) {
  seen_.scan.complete = false;
  EXPECT_EQ(Shown("scan_incomplete"), "medium: /ws");
  seen_.scan.complete = true;
  seen_.scan.links_unresolved = 1;
  EXPECT_EQ(Shown("scan_incomplete"), "low: /ws");
  seen_.scan.links_unresolved = 0;
  EXPECT_EQ(Shown("scan_incomplete"), "");
  seen_.scan.not_read = 1;
  EXPECT_EQ(Shown("secret_scan_incomplete"), "low: /ws");
  seen_.scan.not_read = 0;
  seen_.scan.read_in_part = 1;
  EXPECT_EQ(Shown("secret_scan_incomplete"), "info: /ws");
  seen_.scan.read_in_part = 0;
  facts_.workspace.scan_complete = false;
  EXPECT_EQ(Shown("masks_incomplete"), "medium: /ws");
  refusal_ = MakeReason("workspace_is_home", "it is");
  EXPECT_EQ(Shown("masks_incomplete"), "");
}

TEST_F(JudgeTreeTest, WhatTheHostExecutesLater) {
  view_.executed_later = {{"/ws/Makefile", "make runs it"}, {"/ws/setup.py", "pip runs it"}};
  EXPECT_EQ(Shown("executed_later"), "");
  seen_.looked_at["/ws/Makefile"].type = PathType::kFile;
  EXPECT_EQ(Shown("executed_later"), "info: /ws/Makefile");
  view_.steps.push_back({"/ws/Makefile", Sight::kReadOnly});
  EXPECT_EQ(Shown("executed_later"), "");
}

TEST_F(JudgeTreeTest, CountsGoOnWhereListsEnd) {
  for (int i = 0; i < 1500; ++i) seen_.links_out.Add({"/ws/link" + std::to_string(i), "/etc/passwd"});
  const std::optional<Finding> finding = Find("symlinks_lead_outside");
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->count, 1500u);
  EXPECT_EQ(finding->paths.size(), kMaxListed);
}

TEST_F(JudgeTreeTest, ARefusalIsAFinding) {
  refusal_ = MakeReason("workspace_is_home", "/ws is the home directory");
  EXPECT_EQ(Shown("run_refused"), "high: /ws");
  EXPECT_THAT(Find("run_refused")->detail, HasSubstr("workspace_is_home"));
  EXPECT_EQ(All().front().kind->id, "run_refused");
}

}  // namespace
}  // namespace paddock::audit
