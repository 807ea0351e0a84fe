// Leases on the file system at hand, killed before each call that changes something: what a new process makes of files,
// placeholders, quarantine and records. Wine keeps no access control entries, which are looked at in memory
// (tests/unit/windows_token) and on Windows alone.
#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/run_folders.h"
#include "tests/windows/lease_plan.h"
#include "tests/windows/piped_child.h"

namespace paddock {
namespace {

struct Ended {
  DWORD status = 0;
  std::string said;
};

// lease_child.exe, which stands beside this program.
Ended RunChild(const std::string& state, const std::string& root, unsigned long fatal) {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  std::wstring line = L"\"" + path.substr(0, path.rfind(L'\\') + 1) + L"lease_child.exe\" \"" + ToWide(state) +
                      L"\" \"" + ToWide(root) + L"\" " + std::to_wstring(fatal);
  const PipedChild child = StartPiped(std::move(line));
  Ended ended;
  char buffer[1024];
  for (DWORD got = 0; ReadFile(child.output.get(), buffer, sizeof(buffer), &got, nullptr) && got > 0;) {
    ended.said.append(buffer, got);
  }
  WaitForSingleObject(child.process.get(), INFINITE);
  GetExitCodeProcess(child.process.get(), &ended.status);
  return ended;
}

class LeaseKillTest : public testing::Test {
 protected:
  LeaseKillTest() {
    wchar_t temp[MAX_PATH] = {};
    GetTempPathW(MAX_PATH, temp);
    place_ = absl::StrCat(ToUtf8(temp), "paddock-lease-", GetCurrentProcessId());
  }
  ~LeaseKillTest() override { EXPECT_TRUE(RemoveFolder(place_).ok()); }

  // A workspace and a state directory of this round's own.
  void Begin(unsigned long round) {
    root_ = absl::StrCat(place_, "\\", round, "\\ws");
    state_ = absl::StrCat(place_, "\\", round, "\\state");
    ASSERT_TRUE(MakeDirectories(absl::StrCat(root_, "\\.git")).ok());
    ASSERT_TRUE(MakeDirectories(absl::StrCat(root_, "\\src")).ok());
    for (const char* const name : {"\\.git\\config", "\\src\\a.txt"}) {
      const UniqueFileHandle file(
          CreateFileW(ToWide(absl::StrCat(root_, name)).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr));
      DWORD written = 0;
      ASSERT_TRUE(WriteFile(file.get(), name, 1, &written, nullptr));
    }
  }

  std::vector<std::string> Names(const std::string& below) const {
    const auto volumes = MakeNtfsVolumes();
    const auto file = volumes->Open(absl::StrCat(root_, below));
    return file.ok() ? (*file)->List().value() : std::vector<std::string>();
  }

  bool Exists(const std::string& below) const {
    return GetFileAttributesW(ToWide(absl::StrCat(root_, below)).c_str()) != INVALID_FILE_ATTRIBUTES;
  }

  // What the run left: the user's files, and what it made, moved aside or, if it died before anybody could, in place.
  void ExpectNothingOfOurs() {
    EXPECT_TRUE(Exists("\\.git\\config"));
    EXPECT_TRUE(Exists("\\src\\a.txt"));
    EXPECT_FALSE(Exists("\\.claude"));
    for (const std::string& name : Names("")) {
      EXPECT_FALSE(absl::StartsWith(name, ".paddock-placeholder-")) << name;
      if (!absl::StartsWith(name, ".paddock-quarantine-")) continue;
      EXPECT_EQ(Names(absl::StrCat("\\", name)).size(), 1u) << name;
    }
  }

  std::string place_, root_, state_;
};

TEST_F(LeaseKillTest, ANewProcessCollectsWhatADeadOneLeft) {
  Begin(0);
  const Ended whole = RunChild(state_, root_, 0);
  ASSERT_EQ(whole.status, 0u) << whole.said;
  ExpectNothingOfOurs();
  EXPECT_FALSE(Exists("\\.mcp.json")) << "the control: it is moved aside where nobody dies";
  const unsigned long calls = std::stoul(whole.said);
  ASSERT_GT(calls, 15u);
  unsigned long records = 0, placeholders = 0;  // left by the dead: what there is to collect
  for (unsigned long call = 1; call <= calls; ++call) {
    SCOPED_TRACE(call);
    Begin(call);
    ASSERT_EQ(RunChild(state_, root_, call).status, 77u);
    const auto volumes = MakeNtfsVolumes();
    const auto state = OpenLeaseState(state_).value();
    if (!state->List().value().empty()) ++records;
    if (Exists("\\.claude")) ++placeholders;
    const auto collected = CollectLeases({*volumes, *state, RandomWords}, 1);
    ASSERT_TRUE(collected.ok()) << collected.status();
    EXPECT_EQ(collected->kept, 0u);
    EXPECT_EQ(collected->live, 0u) << "its locks died with it";
    EXPECT_TRUE(state->List().value().empty());
    ExpectNothingOfOurs();
  }
  EXPECT_GT(records, calls / 2);
  EXPECT_GT(placeholders, calls / 4);
}

}  // namespace
}  // namespace paddock
