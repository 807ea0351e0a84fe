#include "core/platform/posix/lease.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/host/temp_tree.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kKey[] = "fd00-2a";

bool Exists(const std::string& path) {
  struct stat st = {};
  return lstat(path.c_str(), &st) == 0;
}

std::string InodeOf(const std::string& path) {
  struct stat st = {};
  EXPECT_EQ(lstat(path.c_str(), &st), 0) << path;
  return absl::StrCat(st.st_dev, " ", st.st_ino);
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string CodeOf(const absl::Status& status) {
  const std::optional<Reason> reason = ReasonOf(status);
  return reason.has_value() ? reason->code : absl::StrCat("no reason: ", status.message());
}

class LeaseTest : public ::testing::Test {
 protected:
  LeaseTest() : state_(tree_.Path("state")), ws_(tree_.Dir("ws")) { umask(022); }

  std::string Ws(absl::string_view name) const { return absl::StrCat(ws_, "/", name); }

  std::unique_ptr<WorkspaceLease> Hold(const std::vector<Placeholder>& names) {
    absl::StatusOr<std::unique_ptr<WorkspaceLease>> lease = WorkspaceLease::Acquire(state_, kKey, ws_, names);
    EXPECT_TRUE(lease.ok()) << lease.status();
    if (!lease.ok()) return nullptr;
    const absl::Status held = (*lease)->Hold();
    EXPECT_TRUE(held.ok()) << held;
    return *std::move(lease);
  }

  // Runs `f`, which ends by SIGKILL, in a process of its own.
  static void InKilledProcess(const std::function<void()>& f) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      f();
      _exit(1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }

  void CrashWith(const std::vector<Placeholder>& names) {
    InKilledProcess([&] {
      const auto lease = Hold(names);
      raise(SIGKILL);
    });
  }

  // A journal in a state in which a crash could have left it. `lines` may use WS for the workspace's path.
  void WriteJournal(const std::string& lines) const {
    tree_.File(absl::StrCat("state/leases/", kKey, ".journal"), lines);
  }
  std::string Header() const { return absl::StrCat("paddock-lease 1 ", ws_, "\n"); }
  std::string JournalPath() const { return absl::StrCat(state_, "/leases/", kKey, ".journal"); }

  std::vector<CollectedLease> Collect() const {
    absl::StatusOr<std::vector<CollectedLease>> collected = CollectLeases(state_);
    EXPECT_TRUE(collected.ok()) << collected.status();
    return collected.ok() ? *std::move(collected) : std::vector<CollectedLease>();
  }

  std::vector<std::string> LeaseFiles() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(state_ + "/leases")) {
      if (entry.path().extension() != kPoolSuffix) names.push_back(entry.path().filename().string());
    }
    return names;
  }

  std::vector<std::string> WorkspaceEntries() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(ws_))
      names.push_back(entry.path().lexically_relative(ws_).string());
    return names;
  }

  TempTree tree_;
  std::string state_, ws_;
};

TEST_F(LeaseTest, MakesNamesAndTakesThemAwayAgain) {
  tree_.Dir("ws/.git");
  auto lease = Hold(
      {{Ws(".vscode")}, {Ws(".git/commondir"), PlaceholderKind::kContent}, {Ws(".github")}, {Ws(".github/hooks")}});
  EXPECT_TRUE(std::filesystem::is_directory(Ws(".vscode")));
  EXPECT_TRUE(std::filesystem::is_directory(Ws(".github/hooks")));
  EXPECT_EQ(Read(Ws(".git/commondir")), kPlaceholderContent);
  EXPECT_THAT(JournalledPlaceholders(state_, kKey),
              UnorderedElementsAre(Ws(".vscode"), Ws(".git/commondir"), Ws(".github"), Ws(".github/hooks")));
  lease->Release();
  EXPECT_THAT(WorkspaceEntries(), ElementsAre(".git"));
  EXPECT_THAT(LeaseFiles(), ElementsAre("mutex"));
  EXPECT_THAT(JournalledPlaceholders(state_, kKey), IsEmpty());
}

TEST_F(LeaseTest, ANameThatIsThereTwiceIsMadeAndTakenAwayOnce) {
  auto lease = Hold({{Ws("a")},
                     {Ws("commondir"), PlaceholderKind::kContent},
                     {Ws("a")},
                     {Ws("commondir"), PlaceholderKind::kContent}});
  lease->Release();
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
}

TEST_F(LeaseTest, DestructionIsARelease) {
  { const auto lease = Hold({{Ws(".vscode")}}); }
  EXPECT_FALSE(Exists(Ws(".vscode")));
}

TEST_F(LeaseTest, AStateDirectoryIsMadeForItsOwnerAlone) {
  const auto lease = Hold({{Ws(".vscode")}});
  for (const char* part : {"", "/leases"}) {
    struct stat st = {};
    ASSERT_EQ(stat((state_ + part).c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0700u) << state_ << part;
  }
}

TEST_F(LeaseTest, TheLastOfTwoHoldersTakesThemAway) {
  auto first = Hold({{Ws(".vscode")}, {Ws(".mcp.json")}});
  auto second = Hold({{Ws(".vscode")}, {Ws(".claude")}});
  first->Release();
  EXPECT_THAT(WorkspaceEntries(), UnorderedElementsAre(".vscode", ".mcp.json", ".claude"));
  second->Release();
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
  EXPECT_THAT(LeaseFiles(), ElementsAre("mutex"));
}

TEST_F(LeaseTest, AHolderWithoutNamesKeepsTheOthersAlive) {
  auto first = Hold({{Ws(".vscode")}});
  auto second = Hold({});
  first->Release();
  EXPECT_TRUE(Exists(Ws(".vscode")));
  second->Release();
  EXPECT_FALSE(Exists(Ws(".vscode")));
}

TEST_F(LeaseTest, WorkspacesDoNotShareAnything) {
  auto ours = Hold({{Ws(".vscode")}});
  const std::string other = tree_.Dir("other");
  auto theirs = WorkspaceLease::Acquire(state_, "fd00-2b", other, {{other + "/.vscode"}});
  ASSERT_TRUE(theirs.ok());
  ASSERT_TRUE((*theirs)->Hold().ok());
  ours->Release();
  EXPECT_FALSE(Exists(Ws(".vscode")));
  EXPECT_TRUE(Exists(other + "/.vscode"));
}

TEST_F(LeaseTest, ContentThatSomebodyPutThereIsKept) {
  auto lease = Hold({{Ws(".vscode")}, {Ws(".claude")}, {Ws("commondir"), PlaceholderKind::kContent}});
  tree_.File("ws/.vscode/settings.json", "{}");
  tree_.File("ws/commondir", "../elsewhere\n");
  EXPECT_THAT(JournalledPlaceholders(state_, kKey), ElementsAre(Ws(".claude")));
  lease->Release();
  EXPECT_THAT(WorkspaceEntries(), UnorderedElementsAre(".vscode", ".vscode/settings.json", "commondir"));
  EXPECT_EQ(Read(Ws("commondir")), "../elsewhere\n");
}

TEST_F(LeaseTest, TheUsersOwnEmptyDirectoryIsNeverRemoved) {
  tree_.Dir("ws/.vscode");
  auto lease = Hold({{Ws(".vscode")}, {Ws(".claude")}});
  EXPECT_THAT(JournalledPlaceholders(state_, kKey), ElementsAre(Ws(".claude")));
  lease->Release();
  EXPECT_THAT(WorkspaceEntries(), ElementsAre(".vscode"));
}

TEST_F(LeaseTest, TheUsersOwnEmptyDirectorySurvivesACrash) {
  tree_.Dir("ws/.vscode");
  CrashWith({{Ws(".vscode")}, {Ws(".claude")}});
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_THAT(collected[0].removed, ElementsAre(Ws(".claude")));
  EXPECT_THAT(WorkspaceEntries(), ElementsAre(".vscode"));
}

// What stood there first is the user's for every later run that finds it while one still runs.
TEST_F(LeaseTest, ASecondHolderDoesNotMakeTheUsersDirectoryOurs) {
  tree_.Dir("ws/.vscode");
  auto first = Hold({{Ws(".vscode")}});
  auto second = Hold({{Ws(".vscode")}});
  second->Release();
  first->Release();
  EXPECT_TRUE(Exists(Ws(".vscode")));
}

TEST_F(LeaseTest, ReplacedPlaceholdersAreKept) {
  auto lease = Hold({{Ws("a")}, {Ws("b")}, {Ws("c")}, {Ws("d"), PlaceholderKind::kContent}});
  const std::string elsewhere = tree_.Dir("elsewhere");
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(rename(Ws(name).c_str(), tree_.Path(name).c_str()), 0);
  tree_.Link("ws/a", elsewhere);
  tree_.Dir("ws/b");
  tree_.File("ws/c");
  ASSERT_EQ(rename(Ws("d").c_str(), tree_.Path("d").c_str()), 0);
  tree_.File("ws/d", kPlaceholderContent);
  lease->Release();
  EXPECT_THAT(WorkspaceEntries(), UnorderedElementsAre("a", "b", "c", "d"));
  EXPECT_TRUE(Exists(elsewhere));
}

TEST_F(LeaseTest, NothingIsRemovedThroughALinkAboveAPlaceholder) {
  auto lease = Hold({{Ws("dir")}, {Ws("dir/.vscode")}});
  // The very placeholder, but reached through a link that took its directory's place.
  ASSERT_EQ(rename(Ws("dir").c_str(), tree_.Path("moved").c_str()), 0);
  tree_.Link("ws/dir", tree_.Path("moved"));
  lease->Release();
  EXPECT_TRUE(Exists(tree_.Path("moved/.vscode")));
  EXPECT_TRUE(Exists(Ws("dir")));
}

TEST_F(LeaseTest, HostileNamesAreJournalledAndRemoved) {
  const std::vector<std::string> names = {"new\nline",   "= 1 2 etc", "per%0acent",   "\xff\xfe",
                                          "\x1b[31mred", " blank ",   "+ d x\n! y\n", std::string(255, 'x')};
  std::vector<Placeholder> placeholders;
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    placeholders.push_back({Ws(name)});
    paths.push_back(Ws(name));
  }
  {
    auto lease = Hold(placeholders);
    EXPECT_THAT(JournalledPlaceholders(state_, kKey), ::testing::UnorderedElementsAreArray(paths));
  }
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
  CrashWith(placeholders);
  EXPECT_EQ(WorkspaceEntries().size(), names.size());
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_THAT(collected[0].removed, ::testing::UnorderedElementsAreArray(paths));
  EXPECT_EQ(collected[0].quarantined, "");
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
}

TEST_F(LeaseTest, AHostileWorkspaceNameIsToldByTheCollection) {
  const std::string workspace = tree_.Dir("w%s\n\x1b\xff ");
  InKilledProcess([&] {
    auto lease = WorkspaceLease::Acquire(state_, kKey, workspace, {{workspace + "/.vscode"}});
    if (lease.ok() && (*lease)->Hold().ok()) raise(SIGKILL);
  });
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_EQ(collected[0].workspace, workspace);
  EXPECT_FALSE(Exists(workspace + "/.vscode"));
}

// ---- Crashes.

TEST_F(LeaseTest, CollectionUndoesWhatAKilledRunLeft) {
  CrashWith({{Ws(".vscode")}, {Ws(".github")}, {Ws(".github/hooks")}, {Ws("commondir"), PlaceholderKind::kContent}});
  EXPECT_EQ(WorkspaceEntries().size(), 4u);
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_EQ(collected[0].workspace, ws_);
  EXPECT_FALSE(collected[0].live);
  EXPECT_THAT(collected[0].removed,
              UnorderedElementsAre(Ws(".vscode"), Ws(".github"), Ws(".github/hooks"), Ws("commondir")));
  EXPECT_THAT(collected[0].kept, IsEmpty());
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
  EXPECT_THAT(LeaseFiles(), ElementsAre("mutex"));
  EXPECT_THAT(Collect(), IsEmpty());
}

TEST_F(LeaseTest, TheNextRunUndoesWhatAKilledRunLeft) {
  CrashWith({{Ws(".vscode")}, {Ws(".claude")}});
  auto lease = Hold({{Ws(".vscode")}});
  EXPECT_THAT(WorkspaceEntries(), ElementsAre(".vscode"));
  lease->Release();
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
}

// A crash after each write and each making, in the order of Hold(): header and intents, the placeholders, the records.
TEST_F(LeaseTest, EveryStateInWhichACrashCanLeaveTheJournalIsUndone) {
  struct State {
    const char* what;
    std::vector<std::string> made;  // directories of the workspace; a name in "()" is a file
    std::function<std::string()> journal;
  };
  const std::string intents = absl::StrCat("+ d ", Ws("a"), "\n+ f ", Ws("b"), "\n+ d ", Ws("c"), "\n");
  const auto record = [&](const char* name) { return absl::StrCat("= ", InodeOf(Ws(name)), " ", Ws(name), "\n"); };
  const std::vector<State> states = {
      {"an empty journal", {}, [&] { return std::string(); }},
      {"the header alone", {}, [&] { return Header(); }},
      {"a torn header", {}, [&] { return Header().substr(0, 9); }},
      {"intents, nothing made", {}, [&] { return Header() + intents; }},
      {"a torn intent", {}, [&] { return absl::StrCat(Header(), intents, "+ d /et"); }},
      {"one made, not recorded", {"a"}, [&] { return Header() + intents; }},
      {"all made, not recorded", {"a", "(b)", "c"}, [&] { return Header() + intents; }},
      {"some recorded, the next line torn",
       {"a", "(b)", "c"},
       [&] { return absl::StrCat(Header(), intents, record("a"), record("b").substr(0, 7)); }},
      {"all recorded",
       {"a", "(b)", "c"},
       [&] { return absl::StrCat(Header(), intents, record("a"), record("b"), record("c")); }},
      {"recorded, and some removed again by a killed release",
       {"a"},
       [&] { return absl::StrCat(Header(), intents, record("a"), "= 1 2 ", Ws("b"), "\n= 1 3 ", Ws("c"), "\n"); }},
  };
  for (const bool by_next_run : {false, true}) {
    for (const State& state : states) {
      SCOPED_TRACE(absl::StrCat(state.what, by_next_run ? ", next run" : ", gc"));
      for (const std::string& name : state.made) {
        if (name[0] == '(') {
          tree_.File(absl::StrCat("ws/", name.substr(1, name.size() - 2)), kPlaceholderContent);
        } else {
          tree_.Dir(absl::StrCat("ws/", name));
        }
      }
      WriteJournal(state.journal());
      if (by_next_run) {
        Hold({{Ws("a")}})->Release();
      } else {
        for (const CollectedLease& lease : Collect()) EXPECT_FALSE(lease.live);
      }
      EXPECT_THAT(WorkspaceEntries(), IsEmpty());
      EXPECT_FALSE(Exists(JournalPath()));
      std::filesystem::remove(JournalPath() + ".broken");
    }
  }
}

TEST_F(LeaseTest, AFileWhoseContentWasNotWrittenYetIsUndone) {
  tree_.File("ws/commondir", "");
  WriteJournal(absl::StrCat(Header(), "+ f ", Ws("commondir"), "\n"));
  Collect();
  EXPECT_FALSE(Exists(Ws("commondir")));
}

// An intent stands for nothing but what it says: a directory is no file.
TEST_F(LeaseTest, AnUnrecordedIntentTakesNothingOfAnotherType) {
  tree_.File("ws/a", kPlaceholderContent);
  tree_.Dir("ws/b");
  tree_.Link("ws/c", "b");
  tree_.File("ws/d/user", "x");
  WriteJournal(absl::StrCat(Header(), "+ d ", Ws("a"), "\n+ f ", Ws("b"), "\n+ d ", Ws("c"), "\n+ d ", Ws("d"), "\n"));
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_THAT(collected[0].removed, IsEmpty());
  EXPECT_THAT(WorkspaceEntries(), UnorderedElementsAre("a", "b", "c", "d", "d/user"));
}

// One run lives, a second was killed before it recorded what it made, a third finds it: nobody's directory stays.
TEST_F(LeaseTest, WhatAKilledRunDidNotRecordIsAdoptedWhileAnotherLives) {
  auto alive = Hold({{Ws("a")}});
  tree_.Dir("ws/b");
  WriteJournal(absl::StrCat(Read(JournalPath()).c_str(), "+ d ", Ws("b"), "\n= 77 "));
  auto third = Hold({{Ws("b")}});
  third->Release();
  EXPECT_THAT(WorkspaceEntries(), UnorderedElementsAre("a", "b"));
  alive->Release();
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
  EXPECT_THAT(LeaseFiles(), ElementsAre("mutex"));
}

TEST_F(LeaseTest, SigkillAtAnyMomentLeavesNothingThatACollectionDoesNotFind) {
  tree_.Dir("ws/own");
  const std::vector<Placeholder> names = {
      {Ws("a")}, {Ws("a/b")}, {Ws("own")}, {Ws("c"), PlaceholderKind::kContent}, {Ws("d")}};
  for (int i = 0; i < 40; ++i) {
    int ready[2];
    ASSERT_EQ(pipe2(ready, O_CLOEXEC), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (;;) {
        auto lease = WorkspaceLease::Acquire(state_, kKey, ws_, names);
        if (write(ready[1], "", 1) != 1 || !lease.ok() || !(*lease)->Hold().ok()) _exit(1);
        (*lease)->Release();
      }
    }
    char byte;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    // Not a wait for anything: a moment in the child's life.
    const timespec moment = {0, (i * i * 991) % 700'000};
    nanosleep(&moment, nullptr);
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    close(ready[0]);
    close(ready[1]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << status;
    for (const CollectedLease& lease : Collect()) {
      EXPECT_EQ(lease.quarantined, "");
      EXPECT_THAT(lease.kept, IsEmpty());
    }
    ASSERT_THAT(WorkspaceEntries(), ElementsAre("own")) << "round " << i;
  }
}

// The guard of a launcher that was killed between the end of its release and the note of it.
TEST_F(LeaseTest, ARepeatedReleaseLeavesTheNextRunAlone) {
  auto lease = Hold({{Ws(".vscode")}});
  int go[2];
  ASSERT_EQ(pipe2(go, O_CLOEXEC), 0);
  const pid_t guard = fork();
  ASSERT_GE(guard, 0);
  if (guard == 0) {
    char byte;
    const bool told = read(go[0], &byte, 1) == 1;
    lease->Release();
    _exit(told ? 0 : 1);
  }
  lease->Release();
  EXPECT_FALSE(Exists(Ws(".vscode")));
  auto next = Hold({{Ws(".vscode")}});
  ASSERT_EQ(write(go[1], "", 1), 1);
  int status = -1;
  ASSERT_EQ(waitpid(guard, &status, 0), guard);
  EXPECT_EQ(status, 0);
  close(go[0]);
  close(go[1]);
  EXPECT_TRUE(Exists(Ws(".vscode")));
  EXPECT_TRUE(Exists(JournalPath()));
  next->Release();
  EXPECT_FALSE(Exists(Ws(".vscode")));
}

// ---- Collection.

TEST_F(LeaseTest, CollectionLeavesLiveRunsAlone) {
  auto lease = Hold({{Ws(".vscode")}});
  std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_TRUE(collected[0].live);
  EXPECT_EQ(collected[0].workspace, ws_);
  EXPECT_THAT(collected[0].removed, IsEmpty());
  EXPECT_TRUE(Exists(Ws(".vscode")));
  lease->Release();
  EXPECT_FALSE(Exists(Ws(".vscode")));
}

TEST_F(LeaseTest, CollectionTellsWhatIsNoLongerOurs) {
  CrashWith({{Ws(".vscode")}, {Ws(".claude")}});
  tree_.File("ws/.vscode/settings.json", "{}");
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_THAT(collected[0].removed, ElementsAre(Ws(".claude")));
  EXPECT_THAT(collected[0].kept, ElementsAre(Ws(".vscode")));
  EXPECT_THAT(Collect(), IsEmpty());
}

TEST_F(LeaseTest, ABrokenJournalIsSetAsideAndNothingOfOthersRemoved) {
  tree_.Dir("ws/empty");
  tree_.Dir("ws/ours");
  const std::string ours = absl::StrCat("= ", InodeOf(Ws("ours")), " ", Ws("ours"), "\n");
  const std::vector<std::string> journals = {
      "\1\2\xff\n\n\n",
      absl::StrCat("another-format 9 /x\n", "= ", InodeOf(Ws("empty")), "\n"),
      absl::StrCat(Header(), "? ", Ws("empty"), "\n"),
      absl::StrCat(Header(), "+ x ", Ws("empty"), "\n"),
      absl::StrCat(Header(), "= 12 ", Ws("empty"), "\n"),
      absl::StrCat(Header(), "= ", InodeOf(Ws("empty")), " ", Ws("empty"), "%0\n"),
      absl::StrCat(Header(), "= ", InodeOf(Ws("empty")), " ", Ws("empty"), "%zz\n"),
      absl::StrCat(Header(), "= ", InodeOf(Ws("empty")), " empty\n"),
      absl::StrCat(Header(), "= ", InodeOf(Ws("empty")), " ", Ws("empty"), "%00\n"),
  };
  for (const std::string& journal : journals) {
    SCOPED_TRACE(::testing::PrintToString(journal));
    WriteJournal(journal);
    const std::vector<CollectedLease> collected = Collect();
    ASSERT_EQ(collected.size(), 1u);
    EXPECT_EQ(collected[0].quarantined, absl::StrCat(kKey, ".journal.broken"));
    EXPECT_EQ(Read(JournalPath() + ".broken"), journal);
    EXPECT_FALSE(Exists(JournalPath()));
    EXPECT_THAT(WorkspaceEntries(), UnorderedElementsAre("empty", "ours"));
    std::filesystem::remove(JournalPath() + ".broken");
  }
  // What can be read of it is still undone.
  WriteJournal(absl::StrCat(Header(), "?\n", ours));
  const std::vector<CollectedLease> collected = Collect();
  ASSERT_EQ(collected.size(), 1u);
  EXPECT_THAT(collected[0].removed, ElementsAre(Ws("ours")));
  EXPECT_NE(collected[0].quarantined, "");
}

TEST_F(LeaseTest, ARunSetsABrokenJournalAsideToo) {
  WriteJournal("nonsense\nnonsense\n");
  auto lease = Hold({{Ws(".vscode")}});
  EXPECT_TRUE(Exists(JournalPath() + ".broken"));
  lease->Release();
  EXPECT_FALSE(Exists(Ws(".vscode")));
}

TEST_F(LeaseTest, CollectionWithoutAStateDirectoryIsEmpty) {
  EXPECT_THAT(Collect(), IsEmpty());
  EXPECT_FALSE(Exists(state_));
}

// ---- What planning is told.

TEST_F(LeaseTest, APlaceholderThatTheUserFilledIsTheUsersFromThenOn) {
  CrashWith({{Ws(".github")}, {Ws(".github/hooks")}, {Ws(".vscode")}});
  EXPECT_THAT(JournalledPlaceholders(state_, kKey),
              UnorderedElementsAre(Ws(".github"), Ws(".github/hooks"), Ws(".vscode")));
  tree_.File("ws/.vscode/settings.json", "{}");
  tree_.File("ws/.github/workflows/ci.yml", "on: push");
  EXPECT_THAT(JournalledPlaceholders(state_, kKey), ElementsAre(Ws(".github/hooks")));
}

TEST_F(LeaseTest, AnIntentThatWasNotCarriedOutIsNoPlaceholder) {
  WriteJournal(absl::StrCat(Header(), "+ d ", Ws("a"), "\n+ d ", Ws("b"), "\n! ", Ws("b"), "\n"));
  tree_.Dir("ws/b");
  EXPECT_THAT(JournalledPlaceholders(state_, kKey), IsEmpty());
}

TEST_F(LeaseTest, AFileInPlaceOfTheStateDirectoryIsRefused) {
  tree_.File("state", "");
  const auto lease = WorkspaceLease::Acquire(state_, kKey, ws_, {});
  ASSERT_FALSE(lease.ok());
  EXPECT_EQ(lease.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CodeOf(lease.status()), "state_dir_unusable");
}

TEST_F(LeaseTest, AStateDirectoryThatMayNotBeWrittenIsRefused) {
  tree_.Dir("parent");
  ASSERT_EQ(chmod(tree_.Path("parent").c_str(), 0555), 0);
  {
    const AsOrdinaryUser user;
    const auto lease = WorkspaceLease::Acquire(tree_.Path("parent/state"), kKey, ws_, {});
    ASSERT_FALSE(lease.ok());
    EXPECT_EQ(CodeOf(lease.status()), "state_dir_unusable");
    EXPECT_THAT(std::string(lease.status().message()), ::testing::HasSubstr("parent/state"));
  }
  ASSERT_EQ(chmod(tree_.Path("parent").c_str(), 0755), 0);
  auto control = WorkspaceLease::Acquire(tree_.Path("parent/state"), kKey, ws_, {});
  EXPECT_TRUE(control.ok()) << control.status();
}

TEST_F(LeaseTest, AnErrorHalfWayLeavesNothingAfterTheRelease) {
  auto lease = WorkspaceLease::Acquire(state_, kKey, ws_, {{Ws("a")}, {Ws("missing/b")}, {Ws("c")}});
  ASSERT_TRUE(lease.ok());
  const absl::Status held = (*lease)->Hold();
  EXPECT_FALSE(held.ok());
  EXPECT_THAT(std::string(held.message()), ::testing::HasSubstr("missing/b"));
  (*lease)->Release();
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
  EXPECT_THAT(LeaseFiles(), ElementsAre("mutex"));
}

TEST_F(LeaseTest, MorePlaceholdersThanAJournalHoldsAreRefusedBeforeAnyIsMade) {
  std::vector<Placeholder> names;
  for (int i = 0; i < 2000; ++i) names.push_back({Ws(absl::StrCat(std::string(200, 'n'), i))});
  auto lease = WorkspaceLease::Acquire(state_, kKey, ws_, names);
  ASSERT_TRUE(lease.ok());
  EXPECT_FALSE((*lease)->Hold().ok());
  EXPECT_THAT(WorkspaceEntries(), IsEmpty());
}

}  // namespace
}  // namespace paddock
