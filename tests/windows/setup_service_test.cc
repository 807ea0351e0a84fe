// Set-up by two processes, the second of which is setup_child.cc; see setup_test.cc.

#include "provision/setup_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/platform/windows/machine/elevation.h"
#include "core/platform/windows/machine/message_pipe.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/wide.h"
#include "provision/credentials.h"
#include "provision/setup_record.h"

namespace paddock::provision {
namespace {

constexpr char kFake[] = "paddock_setup_fake.dll";
constexpr char kKey[] = "SOFTWARE\\Paddock setup test";
constexpr char kPassword[] = "abcdefghijklmnopqrstuvwxyz";

std::string OwnFolder() {
  const std::string self = machine::OwnProgram();
  return self.substr(0, self.rfind('\\'));
}

std::string Fake() {
  wchar_t path[MAX_PATH];
  return absl::StrCat(ToUtf8({path, GetSystemDirectoryW(path, MAX_PATH)}), "\\", kFake);
}

SetupRequest Request() {
  SetupRequest request;
  request.number = "00112233445566778899aabbccddeeff";
  request.passwords = {{"PaddockOffline", kPassword}, {"PaddockOnline", kPassword}};
  request.tool_directories = {"C:\\paddock-setup-test\\tools"};
  return request;
}

class SetupServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string built = absl::StrCat(OwnFolder(), "\\", kFake);
    ASSERT_TRUE(CopyFileW(ToWide(built).c_str(), ToWide(Fake()).c_str(), FALSE));
    for (const char* folder : kFolders) CreateDirectoryW(ToWide(folder).c_str(), nullptr);
    std::ofstream("C:\\paddock-setup-test\\runner.exe", std::ios::binary) << "the runner";
  }
  void TearDown() override {
    if (child_.valid()) WaitForSingleObject(child_.get(), INFINITE);
    SetupRequest request;
    request.number = Request().number;
    request.action = SetupAction::kTearDown;
    EXPECT_TRUE(AskForSetup(request, Child(), [](const Step&, StepEvent, absl::string_view) {}).ok());
    WaitForSingleObject(child_.get(), INFINITE);
    EXPECT_FALSE(RegistryKey::Open(HKEY_LOCAL_MACHINE, kKey).ok());
    DeleteFileW(L"C:\\paddock-setup-test\\runner.exe");
    for (auto folder = std::rbegin(kFolders); folder != std::rend(kFolders); ++folder) {
      EXPECT_TRUE(RemoveDirectoryW(ToWide(*folder).c_str())) << *folder;
    }
    DeleteFileW(ToWide(Fake()).c_str());
  }

  // Starts the other process; `caller`: instead of this one.
  StartHelper Child(const std::string& mode = "", uint32_t caller = 0) {
    return [this, mode, caller](const std::string& name, uint32_t self) -> absl::StatusOr<UniqueHandle> {
      std::wstring line = ToWide(
          absl::StrCat("\"", OwnFolder(), "\\setup_child.exe\" ", name, " ", caller == 0 ? self : caller, " ", mode));
      STARTUPINFOW info = {};
      info.cb = sizeof(info);
      PROCESS_INFORMATION process = {};
      if (!CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &info, &process)) {
        return absl::InternalError(absl::StrCat("CreateProcess ", GetLastError()));
      }
      CloseHandle(process.hThread);
      HANDLE kept = nullptr;
      DuplicateHandle(GetCurrentProcess(), process.hProcess, GetCurrentProcess(), &kept, 0, FALSE,
                      DUPLICATE_SAME_ACCESS);
      child_.reset(kept);
      return UniqueHandle(process.hProcess);
    };
  }

  absl::Status Ask(const SetupRequest& request, const StartHelper& start) {
    return AskForSetup(request, start, [this](const Step& step, StepEvent event, absl::string_view) {
      news_.push_back(absl::StrCat(Name(event), " ", Describe(step)));
    });
  }

  static constexpr const char* kFolders[] = {"C:\\paddock-setup-test", "C:\\paddock-setup-test\\Program Files",
                                             "C:\\paddock-setup-test\\tools"};
  std::vector<std::string> news_;
  UniqueHandle child_;
};

TEST_F(SetupServiceTest, DoesWhatItIsAskedAndTellsOfEachStep) {
  const absl::Status status = Ask(Request(), Child());
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(news_, ::testing::Contains("made local user PaddockOffline"));
  const auto text = ReadRecordAt(kKey);
  ASSERT_TRUE(text.ok() && text->has_value());
  const auto record = ParseSetupRecord(**text);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_TRUE(record->complete);
  EXPECT_EQ(record->owner, machine::OwnUser()->ToString());
  EXPECT_EQ(record->steps.size(), news_.size());
}

TEST_F(SetupServiceTest, KeepsTheReasonOfARefusal) {
  SetupRequest request = Request();
  request.tool_directories = {"C:\\"};
  const absl::Status status = Ask(request, Child());
  ASSERT_TRUE(ReasonOf(status).has_value()) << status;
  EXPECT_EQ(ReasonOf(status)->code, "path_invalid");
  EXPECT_FALSE(ReasonOf(status)->remedy.empty());
}

TEST_F(SetupServiceTest, WhatIsNoRequestIsRefused) {
  SetupRequest weak = Request();
  weak.passwords["PaddockOnline"] = "short";
  EXPECT_EQ(Ask(weak, Child()).code(), absl::StatusCode::kInvalidArgument);
  SetupRequest other = Request();
  other.passwords = {{"Administrator", kPassword}, {"PaddockOnline", kPassword}};
  EXPECT_EQ(Ask(other, Child()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(RegistryKey::Open(HKEY_LOCAL_MACHINE, kKey).ok());
}

TEST_F(SetupServiceTest, AHelperThatSaysNothingIsNoSuccess) {
  EXPECT_EQ(Ask(Request(), Child("silent")).code(), absl::StatusCode::kUnavailable);
}

TEST_F(SetupServiceTest, TheUsersNoIsTold) {
  const StartHelper no = [](const std::string&, uint32_t) -> absl::StatusOr<UniqueHandle> {
    return absl::CancelledError("no");
  };
  EXPECT_TRUE(absl::IsCancelled(Ask(Request(), no)));
}

// The pipe is for the process that asked: this one connects, and the helper waits for another.
TEST_F(SetupServiceTest, AnotherProcessIsNotServed) {
  const absl::Status status = Ask(Request(), Child("", GetCurrentProcessId() + 4));
  EXPECT_FALSE(status.ok());
  WaitForSingleObject(child_.get(), INFINITE);
  DWORD code = 0;
  ASSERT_TRUE(GetExitCodeProcess(child_.get(), &code));
  EXPECT_EQ(code, 1u);
  EXPECT_FALSE(RegistryKey::Open(HKEY_LOCAL_MACHINE, kKey).ok());
}

// And the request is for the helper: another process that has the name first gets nothing.
TEST_F(SetupServiceTest, AnotherServerIsNotTold) {
  auto squatter = machine::MessagePipe::Listen("paddock-setup-squatted", 1024);
  ASSERT_TRUE(squatter.ok()) << squatter.status();
  EXPECT_FALSE(machine::MessagePipe::Listen("paddock-setup-squatted", 1024).ok());
  const auto connected = machine::MessagePipe::Connect("paddock-setup-squatted", 1024, GetCurrentProcessId() + 4);
  EXPECT_TRUE(absl::IsPermissionDenied(connected.status())) << connected.status();
}

TEST(Credentials, AreKeptEncryptedAndForgotten) {
  const std::string folder = absl::StrCat(OwnFolder(), "\\credentials\\state");
  ASSERT_TRUE(ForgetPasswords(folder).ok());
  auto none = ReadPasswords(folder);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
  const auto password = RandomPassword();
  ASSERT_TRUE(password.ok());
  EXPECT_EQ(password->size(), 32u);
  EXPECT_NE(*password, *RandomPassword());
  ASSERT_TRUE(KeepPasswords(folder, {{"PaddockOnline", *password}}).ok());
  const auto kept = ReadPasswords(folder);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ((**kept).at("PaddockOnline"), *password);

  const std::string file = absl::StrCat(folder, "\\dedicated-users.json");
  std::ifstream stream(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_EQ(text.find(*password), std::string::npos);
  stream.close();
  std::ofstream(file, std::ios::binary) << "{}";
  EXPECT_EQ(ReasonOf(ReadPasswords(folder).status())->code, "setup_record_broken");
  ASSERT_TRUE(ForgetPasswords(folder).ok());
  ASSERT_TRUE(ForgetPasswords(folder).ok());
}

}  // namespace
}  // namespace paddock::provision
