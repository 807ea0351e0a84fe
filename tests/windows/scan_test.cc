// The walk that finds a workspace's repositories and what its globs match, and its limits.
#include <gtest/gtest.h>
#include <windows.h>

#include "absl/strings/str_cat.h"
#include "core/access/sddl.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/path_lookup.h"
#include "core/platform/windows/secret_probe.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/workspace_scan.h"

namespace paddock {
namespace {

class ScanTest : public testing::Test {
 protected:
  ScanTest() {
    wchar_t temp[MAX_PATH] = {};
    GetTempPathW(MAX_PATH, temp);
    place_ = absl::StrCat(ToUtf8(temp), "paddock-scan-", GetCurrentProcessId());
    Directory("");
    for (const char* const name : {"a", "a\\b", "a\\b\\.git", "c"}) Directory(absl::StrCat("\\", name));
    for (const char* const name : {"a\\x.key", "c\\y.KEY", "c\\z.txt", "a\\b\\.git\\k.key"}) File(name);
    inputs_.workspace = WithoutVerbatimPrefix(FinalPathOf(place_).value());
    request_.workspace = place_;
    request_.deny_write = {{absl::StrCat(place_, "\\**\\*.key"), true, "**/*.key", {}}};
  }
  ~ScanTest() override {
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
      if (!DeleteFileW(made->c_str())) RemoveDirectoryW(made->c_str());
    }
  }

  void Directory(const std::string& below) {
    made_.push_back(ToWide(place_ + below));
    EXPECT_TRUE(CreateDirectoryW(made_.back().c_str(), nullptr));
  }
  void File(const std::string& name) {
    made_.push_back(ToWide(absl::StrCat(place_, "\\", name)));
    EXPECT_TRUE(
        UniqueFileHandle(CreateFileW(made_.back().c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr)).valid());
  }

  std::string place_;
  std::vector<std::wstring> made_;
  Request request_;
  ScanInputs inputs_;
};

TEST_F(ScanTest, FindsAllWithinItsLimits) {
  const ScannedWorkspace scanned = ScanWindowsWorkspace(request_, inputs_);
  EXPECT_TRUE(scanned.complete);
  ASSERT_EQ(scanned.repositories.size(), 1u);
  EXPECT_EQ(scanned.repositories.front().root, absl::StrCat(inputs_.workspace, "\\a\\b"));
  EXPECT_TRUE(scanned.repositories.front().well_formed.no()) << "it has no HEAD";
  ASSERT_EQ(scanned.globs.size(), 1u);
  EXPECT_EQ(scanned.globs.begin()->second.size(), 2u);
}

TEST_F(ScanTest, SaysWhereALimitCutItShort) {
  inputs_.max_entries = 3;
  EXPECT_FALSE(ScanWindowsWorkspace(request_, inputs_).complete);
  inputs_.max_entries = 1000;
  EXPECT_TRUE(ScanWindowsWorkspace(request_, inputs_).complete) << "the control";
  inputs_.at_most = std::chrono::seconds(-1);
  EXPECT_FALSE(ScanWindowsWorkspace(request_, inputs_).complete);
}

TEST_F(ScanTest, WalksNoHomeAndNoDrive) {
  inputs_.home = absl::StrCat(inputs_.workspace, "\\a");
  ScannedWorkspace scanned = ScanWindowsWorkspace(request_, inputs_);
  EXPECT_FALSE(scanned.complete);
  EXPECT_TRUE(scanned.repositories.empty());
  inputs_.home.clear();
  inputs_.workspace = "C:\\";
  scanned = ScanWindowsWorkspace(request_, inputs_);
  EXPECT_FALSE(scanned.complete);
  EXPECT_TRUE(scanned.repositories.empty());
}

// Lists of access that Wine makes up; what they say is judged by core/windows_plan's tests.
TEST_F(ScanTest, ReadsTheListsOfWhatIsToBeHidden) {
  const std::string tree = absl::StrCat(place_, "\\a"), file = absl::StrCat(place_, "\\a\\x.key");
  const std::string absent = absl::StrCat(place_, "\\none\\deeper");
  auto secrets = LookAtSecrets({tree, file, absent, "\\\\?\\nowhere"});
  ASSERT_EQ(secrets.size(), 4u);
  EXPECT_EQ(secrets[tree].problem, "");
  EXPECT_GE(secrets[tree].descriptors.size(), 2u) << "a directory's and a file's";
  EXPECT_EQ(secrets[file].problem, "");
  ASSERT_EQ(secrets[file].descriptors.size(), 1u);
  EXPECT_TRUE(access::ParseSddl(secrets[file].descriptors.front()).ok()) << secrets[file].descriptors.front();
  EXPECT_EQ(secrets[file].above, "");
  EXPECT_EQ(secrets[absent].problem, "");
  EXPECT_EQ(secrets[absent].above, inputs_.workspace);
  EXPECT_EQ(secrets[absent].descriptors.size(), 1u);
  EXPECT_NE(secrets["\\\\?\\nowhere"].problem, "");
}

TEST_F(ScanTest, SaysWhereNotEveryListWasRead) {
  const std::string tree = absl::StrCat(place_, "\\a");
  SecretLimits limits;
  limits.entries = 1;
  EXPECT_NE(LookAtSecrets({tree}, limits)[tree].problem, "");
  limits.entries = 1000;
  EXPECT_EQ(LookAtSecrets({tree}, limits)[tree].problem, "") << "the control";
  limits.descriptors = 1;
  EXPECT_NE(LookAtSecrets({tree}, limits)[tree].problem, "");
  limits.descriptors = 1000;
  limits.at_most = std::chrono::seconds(-1);
  EXPECT_NE(LookAtSecrets({tree}, limits)[tree].problem, "");
}

}  // namespace
}  // namespace paddock
