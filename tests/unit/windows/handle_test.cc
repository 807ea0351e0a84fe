#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/platform/windows/registry.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

using ::testing::HasSubstr;

HANDLE Event() { return CreateEventW(nullptr, TRUE, FALSE, nullptr); }
bool IsOpen(HANDLE handle) {
  DWORD flags = 0;
  return GetHandleInformation(handle, &flags) != 0;
}

TEST(UniqueHandle, ClosesWhatItOwns) {
  HANDLE first = Event(), second = Event();
  {
    UniqueHandle owner(first);
    EXPECT_TRUE(owner.valid());
    EXPECT_TRUE(IsOpen(first));
    owner = UniqueHandle(second);
    EXPECT_FALSE(IsOpen(first));
    EXPECT_TRUE(IsOpen(second));
  }
  EXPECT_FALSE(IsOpen(second));
}

TEST(UniqueHandle, KeepsTheErrorAndLetsGo) {
  UniqueHandle owner(Event());
  SetLastError(1234);
  owner.reset();
  EXPECT_EQ(GetLastError(), 1234u);
  EXPECT_FALSE(owner.valid());
  UniqueHandle other(Event());
  const HANDLE handle = other.release();
  EXPECT_FALSE(other.valid());
  EXPECT_TRUE(IsOpen(handle));
  CloseHandle(handle);
}

TEST(UniqueHandle, NothingIsAnotherValueForFiles) {
  EXPECT_FALSE(UniqueFileHandle(INVALID_HANDLE_VALUE).valid());
  EXPECT_FALSE(UniqueHandle(nullptr).valid());
}

TEST(Win32Error, SaysWhatWasTriedAndWhatTheSystemSaid) {
  const absl::Status status = Win32Status(ERROR_ACCESS_DENIED, "opening C:\\x");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("opening C:\\x: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("(error 5)"));
  EXPECT_EQ(Win32Status(0x7fffffff, "x").message(), "x: (error 2147483647)");
}

TEST(Wide, TextGoesBothWays) {
  const std::string text = "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 \xf0\x9f\x92\xa9";
  EXPECT_EQ(ToUtf8(ToWide(text)), text);
  EXPECT_EQ(ToUtf8(L""), "");
}

TEST(SystemLibrary, FromSystem32Alone) {
  const auto kernel = SystemLibrary::Load("kernel32.dll");
  ASSERT_TRUE(kernel.ok()) << kernel.status();
  EXPECT_NE(kernel->Find<void (*)()>("CreateFileW"), nullptr);
  EXPECT_EQ(kernel->Find<void (*)()>("NoSuchFunctionAnywhere"), nullptr);
  EXPECT_EQ(SystemLibrary::Load("no_such_library.dll").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SystemLibrary::Load("C:\\x\\kernel32.dll").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SystemLibrary::Load("..\\kernel32.dll").status().code(), absl::StatusCode::kInvalidArgument);
}

class RegistryTest : public ::testing::Test {
 protected:
  static constexpr wchar_t kPath[] = L"Software\\PaddockRegistryTest";
  void SetUp() override {
    HKEY key = nullptr;
    ASSERT_EQ(RegCreateKeyExW(HKEY_CURRENT_USER, kPath, 0, nullptr, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, nullptr, &key,
                              nullptr),
              ERROR_SUCCESS);
    const DWORD number = 42;
    RegSetValueExW(key, L"Number", 0, REG_DWORD, reinterpret_cast<const BYTE*>(&number), sizeof(number));
    // Two characters, and no end.
    RegSetValueExW(key, L"Text", 0, REG_SZ, reinterpret_cast<const BYTE*>(L"ab"), 2 * sizeof(wchar_t));
    RegCloseKey(key);
  }
  void TearDown() override { RegDeleteKeyW(HKEY_CURRENT_USER, kPath); }
};

TEST_F(RegistryTest, ReadsByType) {
  const auto key = RegistryKey::Open(HKEY_CURRENT_USER, "Software\\PaddockRegistryTest");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->Number("Number"), 42u);
  EXPECT_EQ(key->Text("Text"), "ab");
  EXPECT_EQ(key->Number("Text"), std::nullopt);
  EXPECT_EQ(key->Text("Number"), std::nullopt);
  EXPECT_EQ(key->Text("None"), std::nullopt);
  EXPECT_TRUE(key->Subkeys().empty());
  EXPECT_EQ(RegistryKey::Open(HKEY_CURRENT_USER, "Software\\PaddockNoSuchKey").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace paddock
