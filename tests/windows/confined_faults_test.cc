// appcontainer and low_integrity, whose launcher is refused each call of the system in turn, or dies at each: nothing
// is left, or nothing that `gc` does not find. Over Wine's files and a userenv.dll that keeps profiles as files.
#include <gmock/gmock.h>
#include <windows.h>

#include <tlhelp32.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/appcontainer/launch_profile.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/held_leases.h"
#include "core/windows_launch/run_folders.h"
#include "tests/windows/call_hook.h"
#include "tests/windows/confined_fixture.h"
#include "tests/windows/confined_launch.h"
#include "tests/windows/piped_child.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kProfiles[] = "C:\\fake_userenv\\profiles";

struct Ended {
  DWORD status = 0;
  std::string said;
};

class ConfinedFaultsTest : public ConfinedFixture, public testing::WithParamInterface<const char*> {
 protected:
  ConfinedFaultsTest() { MakeFile("C:\\fake_userenv\\fail.txt", ""); }

  std::string backend() const { return GetParam(); }

  // What `paddock gc` does on this system.
  void Collect() {
    std::vector<std::string> stuck;
    EXPECT_TRUE(CollectRunFolders(state_, &stuck).ok());
    EXPECT_TRUE(CollectPackages(state_, &stuck).ok());
    const auto leases = CollectHeldLeases(state_);
    ASSERT_TRUE(leases.ok()) << leases.status();
    EXPECT_EQ(leases->kept + leases->live, 0u);
    EXPECT_THAT(stuck, IsEmpty());
  }

  // The workspace is as it was, and what stands for the run is gone.
  bool NothingLeft() const {
    bool nothing = NamesIn(kProfiles).empty() && NamesIn(ws_).size() == 2 && NamesIn(ws_ + "\\.git").size() == 1;
    for (const char* const folder : {"runs", "profiles", "leases", "copies"}) {
      for (const std::string& name : NamesIn(absl::StrCat(state_, "\\", folder))) {
        nothing = nothing && absl::EndsWith(name, ".lock");
      }
    }
    return nothing;
  }

  std::string Left() const {
    std::string text;
    for (const std::string& folder : {std::string(kProfiles), ws_, In("state\\runs"), In("state\\profiles"),
                                      In("state\\leases"), In("state\\copies")}) {
      for (const std::string& name : NamesIn(folder)) absl::StrAppend(&text, folder, "\\", name, "\n");
    }
    return text;
  }

  // confined_child.exe, which stands beside this program, ended by itself or, with `kill`, once the command runs.
  Ended RunChild(unsigned long fatal, const std::string& command, bool kill = false) const {
    const std::string self = Child();
    std::wstring line = ToWide(absl::StrCat("\"", self.substr(0, self.rfind('\\')), "\\confined_child.exe\" ",
                                            backend(), " \"", ws_, "\" \"", state_, "\" ", fatal, " ", command));
    const PipedChild child = StartPiped(std::move(line));
    Ended ended;
    char buffer[256];
    for (DWORD got = 0; ReadFile(child.output.get(), buffer, sizeof(buffer), &got, nullptr) && got > 0;) {
      ended.said.append(buffer, got);
      if (kill) {
        EXPECT_FALSE(ProcessesOf(kCommand).empty()) << "the control: there is something to end";
        TerminateProcess(child.process.get(), CallHook::kEnded);
      }
    }
    WaitForSingleObject(child.process.get(), INFINITE);
    GetExitCodeProcess(child.process.get(), &ended.status);
    return ended;
  }

  static std::vector<UniqueHandle> ProcessesOf(const std::string& name) {
    std::vector<UniqueHandle> found;
    const UniqueFileHandle processes(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
    PROCESSENTRY32W entry = {};
    entry.dwSize = sizeof(entry);
    for (BOOL more = Process32FirstW(processes.get(), &entry); more; more = Process32NextW(processes.get(), &entry)) {
      if (ToUtf8(entry.szExeFile) != name) continue;
      UniqueHandle process(OpenProcess(SYNCHRONIZE, FALSE, entry.th32ProcessID));
      if (process.valid() && WaitForSingleObject(process.get(), 0) != WAIT_OBJECT_0)
        found.push_back(std::move(process));
    }
    return found;
  }
  static void AwaitEnd(const std::string& name) {
    for (auto found = ProcessesOf(name); !found.empty(); found = ProcessesOf(name)) {
      for (const UniqueHandle& process : found) WaitForSingleObject(process.get(), INFINITE);
    }
  }

  // A copy of launch_child.exe with a name that no other program has.
  std::string Command() const {
    const std::string path = In(kCommand);
    EXPECT_TRUE(CopyFileW(ToWide(Child()).c_str(), ToWide(path).c_str(), FALSE));
    return path;
  }

  static constexpr char kCommand[] = "confined-command.exe";
};

TEST_P(ConfinedFaultsTest, AFailureOfEachCallLeavesNothing) {
  const ConfinedLaunch run = MakeConfinedLaunch(backend(), {Child(), "exit", "37"}, ws_, state_);
  CallHook hook;
  hook.FailAt(0);
  {
    auto sandbox = run.launcher->Launch(run.plan, stdio_, *this);
    ASSERT_TRUE(sandbox.ok()) << sandbox.status();
    EXPECT_EQ((*sandbox)->Wait().outcome.code, 37) << "the control: nothing fails";
  }
  const unsigned long all = hook.Stop();
  ASSERT_GT(all, 60u);
  EXPECT_TRUE(NothingLeft()) << Left();
  unsigned long refused = 0, ran = 0;
  size_t copies = 0;
  for (unsigned long call = 1; call <= all; ++call) {
    hook.FailAt(call);
    auto sandbox = run.launcher->Launch(run.plan, stdio_, *this);
    const bool launched = sandbox.ok();
    std::string notices;
    if (launched) notices = absl::StrJoin((*sandbox)->Wait().notices, "\n");
    const absl::Status status = sandbox.status();
    // A sandbox that is not there any more holds nothing.
    sandbox = absl::CancelledError("done with");
    hook.Stop();
    SCOPED_TRACE(absl::StrCat("call ", call, ", ", hook.failed(), ": ", status.ToString()));
    ++(launched ? ran : refused);
    // What cannot be compared with the copy as it was made is the user's to look at, and the run says so.
    const std::vector<std::string> kept = NamesIn(In("state\\copies"));
    for (const std::string& name : kept) {
      EXPECT_THAT(notices, HasSubstr(name));
      EXPECT_TRUE(RemoveFolder(In("state\\copies\\" + name)).ok());
    }
    copies += kept.size();
    if (launched && !NothingLeft()) Collect();
    EXPECT_TRUE(NothingLeft()) << Left();
  }
  std::printf("%s: %lu calls, %lu of them refuse the launch\n", backend().c_str(), all, refused);
  EXPECT_GT(refused, all / 3);
  EXPECT_GT(ran, 0u);
  EXPECT_LT(copies, 10u);
}

TEST_P(ConfinedFaultsTest, ADeathAtEachCallThatChangesSomethingLeavesWhatGcFinds) {
  const std::string command = absl::StrCat("\"", Child(), "\" exit 0");
  const Ended whole = RunChild(0, command);
  ASSERT_EQ(whole.status, 0u) << whole.said;
  ASSERT_THAT(whole.said, HasSubstr("running "));
  EXPECT_TRUE(NothingLeft()) << "the control: where nobody dies nothing is left\n" << Left();
  const unsigned long calls = std::stoul(whole.said.substr(8));
  ASSERT_GT(calls, 20u);
  unsigned long left = 0;
  for (unsigned long call = 1; call <= calls; ++call) {
    SCOPED_TRACE(call);
    const Ended ended = RunChild(call, command);
    EXPECT_EQ(ended.status, CallHook::kEnded) << ended.said;
    left += NothingLeft() ? 0 : 1;
    Collect();
    EXPECT_TRUE(NothingLeft()) << Left();
  }
  std::printf("%s: killed at %lu calls, something to collect after %lu\n", backend().c_str(), calls, left);
  EXPECT_GT(left, calls / 2);
}

TEST_P(ConfinedFaultsTest, ADeathWhileTheCommandRunsEndsIt) {
  const std::string command = absl::StrCat("\"", Command(), "\" tree 1");
  const Ended ended = RunChild(0, command, /*kill=*/true);
  EXPECT_EQ(ended.status, CallHook::kEnded);
  AwaitEnd(kCommand);
  EXPECT_FALSE(NothingLeft()) << "the control: there is something to collect";
  Collect();
  EXPECT_TRUE(NothingLeft()) << Left();
}

INSTANTIATE_TEST_SUITE_P(Backends, ConfinedFaultsTest, testing::Values("appcontainer", "low_integrity"),
                         [](const auto& made) { return std::string(made.param); });

}  // namespace
}  // namespace paddock
