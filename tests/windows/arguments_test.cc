// Command lines made by core/base, handed to real programs by CreateProcessW: what arrives is what was meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <windows.h>
// Behind windows.h, which it needs.
#include <shellapi.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "core/base/utf16.h"
#include "core/base/windows_cmd.h"
#include "core/base/windows_command_line.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using testing::Not;
using Argv = std::vector<std::string>;

std::wstring Wide(absl::string_view text) {
  const auto units = Utf8ToUtf16(text);
  EXPECT_TRUE(units.ok()) << units.status();
  return units.ok() ? std::wstring(units->begin(), units->end()) : L"";
}

std::string Narrow(const std::wstring& wide) { return Utf16ToUtf8(std::u16string(wide.begin(), wide.end())); }

// The directory of this program, with a separator at the end.
std::wstring OwnDirectory() {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return path.substr(0, path.rfind(L'\\') + 1);
}

std::string Echo() { return Narrow(OwnDirectory() + L"echo_arguments.exe"); }

std::string CmdExe() {
  wchar_t directory[MAX_PATH] = {};
  GetSystemDirectoryW(directory, MAX_PATH);
  return Narrow(std::wstring(directory) + L"\\cmd.exe");
}

// What a process wrote to its standard output. `application` may be null: Windows finds it in the line.
std::string OutputOf(const wchar_t* application, absl::string_view line) {
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  HANDLE reader = nullptr, writer = nullptr;
  EXPECT_TRUE(CreatePipe(&reader, &writer, &inherit, 0));
  SetHandleInformation(reader, HANDLE_FLAG_INHERIT, 0);
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = startup.hStdError = writer;
  PROCESS_INFORMATION process = {};
  std::wstring wide = Wide(line);
  const BOOL started = CreateProcessW(application, wide.data(), nullptr, nullptr, TRUE, CREATE_NO_WINDOW, nullptr,
                                      nullptr, &startup, &process);
  EXPECT_TRUE(started) << "error " << GetLastError() << ": " << line;
  CloseHandle(writer);
  std::string output;
  char buffer[4096];
  for (DWORD got = 0; ReadFile(reader, buffer, sizeof(buffer), &got, nullptr) && got > 0;) output.append(buffer, got);
  CloseHandle(reader);
  if (started) {
    WaitForSingleObject(process.hProcess, INFINITE);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
  }
  return output;
}

struct Received {
  Argv by_runtime, by_shell;
};

Received Decode(const std::string& output) {
  Received received;
  const std::vector<std::string> lines = absl::StrSplit(output, absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  EXPECT_TRUE(!lines.empty() && lines.back() == "end") << "echo_arguments did not come to its end: " << output;
  for (const std::string& hex : lines) {
    if (hex == "end") break;
    std::u16string units;
    for (size_t at = 1; at + 4 <= hex.size(); at += 4)
      units.push_back(static_cast<char16_t>(std::stoul(hex.substr(at, 4), nullptr, 16)));
    (hex[0] == 'r' ? received.by_runtime : received.by_shell).push_back(Utf16ToUtf8(units));
  }
  return received;
}

constexpr const char* kPieces[] = {"\"",
                                   "\"\"",
                                   "\\",
                                   "\\\\",
                                   "\\\"",
                                   " ",
                                   "\t",
                                   "\n",
                                   "\r\n",
                                   "a",
                                   "Z:\\x\\",
                                   "%PATH%",
                                   "%",
                                   "^",
                                   "&",
                                   "|",
                                   "<",
                                   ">",
                                   "(",
                                   ")",
                                   "!",
                                   "'",
                                   "`",
                                   "*",
                                   "?",
                                   "@",
                                   "~",
                                   "--x=",
                                   "/c",
                                   ";",
                                   ",",
                                   "\x01",
                                   "\x1B",
                                   "\x7F",
                                   "\xC3\xA9",
                                   "\xE2\x80\x83",
                                   "\xEF\xBC\x82",
                                   "\xF0\x9F\x98\x80",
                                   "\xED\xA0\x80",
                                   "\xED\xB0\x80"};

std::string HostileArgument(std::mt19937* random) {
  std::u16string argument;
  for (size_t i = (*random)() % 8; i > 0; --i)
    argument += Utf8ToUtf16(kPieces[(*random)() % std::size(kPieces)]).value();
  return Utf16ToUtf8(argument);  // two halves that met are one letter now
}

TEST(ArgumentsTest, AThousandHostileArgumentsArriveAsTheyWere) {
  const std::wstring echo = Wide(Echo());
  std::mt19937 random(4);
  int hurt = 0;
  for (int batch = 0; batch < 20; ++batch) {
    Argv argv = {Echo()};
    for (int i = 0; i < 50; ++i) argv.push_back(HostileArgument(&random));
    const auto line = MakeWindowsCommandLine(argv);
    ASSERT_TRUE(line.ok()) << line.status();
    const Received received = Decode(OutputOf(echo.c_str(), *line));
    ASSERT_EQ(received.by_runtime, argv) << *line;
    ASSERT_EQ(received.by_shell, argv) << *line;
    // The control: between plain quotation marks they arrive as something else.
    if (batch % 4 != 0) continue;
    std::string naive;
    for (const std::string& argument : argv) naive += (naive.empty() ? "\"" : " \"") + argument + "\"";
    hurt += Decode(OutputOf(echo.c_str(), naive)).by_runtime != argv;
  }
  EXPECT_EQ(hurt, 5);
}

TEST(ArgumentsTest, TheLongestLineArrives) {
  const std::wstring echo = Wide(Echo());
  const Argv argv = {Echo(), std::string(kMaxWindowsCommandLine - Utf16Length(Echo()) - 3, 'x')};
  const auto line = MakeWindowsCommandLine(argv);
  ASSERT_TRUE(line.ok()) << line.status();
  ASSERT_EQ(Utf16Length(*line), kMaxWindowsCommandLine);
  EXPECT_EQ(Decode(OutputOf(echo.c_str(), *line)).by_runtime, argv);
}

std::string RandomLine(std::mt19937* random) {
  std::string line;
  constexpr char kBytes[] = {'"', '"', '\\', '\\', ' ', '\t', 'a', 'b'};
  for (size_t i = 1 + (*random)() % 24; i > 0; --i) line += kBytes[(*random)() % std::size(kBytes)];
  return line;
}

TEST(ArgumentsTest, LinesAreSplitAsTheSystemSplitsThem) {
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const std::string line = RandomLine(&random);
    int count = 0;
    wchar_t** const split = CommandLineToArgvW(Wide(line).c_str(), &count);
    ASSERT_NE(split, nullptr);
    Argv argv;
    for (int i = 0; i < count; ++i) argv.push_back(Narrow(split[i]));
    LocalFree(split);
    ASSERT_EQ(SplitWindowsCommandLine(line, ArgvRules::kCommandLineToArgvW), argv) << line;
  }
}

TEST(ArgumentsTest, LinesAreSplitAsTheRuntimeSplitsThem) {
  const std::wstring echo = Wide(Echo());
  std::mt19937 random(6);
  int modern = 0, old = 0;
  constexpr int kRounds = 30;
  for (int round = 0; round < kRounds; ++round) {
    const std::string line = "x " + RandomLine(&random);
    const Argv argv = Decode(OutputOf(echo.c_str(), line)).by_runtime;
    modern += SplitWindowsCommandLine(line, ArgvRules::kUcrt) == argv;
    old += SplitWindowsCommandLine(line, ArgvRules::kCommandLineToArgvW) == argv;
  }
  // Which of them it is depends on the runtime that echo_arguments is built with; the lines tell them apart.
  EXPECT_TRUE(modern == kRounds || old == kRounds) << modern << " as since 2008, " << old << " as until then";
  EXPECT_NE(modern, old);
}

class BatchTest : public testing::Test {
 protected:
  void SetUp() override {
    wchar_t directory[MAX_PATH] = {};
    ASSERT_NE(GetTempPathW(MAX_PATH, directory), 0u);
    path_ = Narrow(std::wstring(directory) + L"paddock arguments.bat");
    const HANDLE file = CreateFileW(Wide(path_).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr);
    ASSERT_NE(file, INVALID_HANDLE_VALUE);
    constexpr char kText[] = "@echo off\r\necho one=[%1]\r\necho two=[%2]\r\n";
    DWORD written = 0;
    EXPECT_TRUE(WriteFile(file, kText, sizeof(kText) - 1, &written, nullptr));
    CloseHandle(file);
  }
  void TearDown() override { DeleteFileW(Wide(path_).c_str()); }

  std::string path_;
};

// The quoting of programs, as it was done for batch files before CVE-2024-24576 was known.
TEST_F(BatchTest, QuotedAsForAProgramAnArgumentBecomesACommand) {
  const std::string attack = "\"&echo INJECTED";
  const std::string output =
      OutputOf(nullptr, "\"" + path_ + "\" " + QuoteWindowsArgument(attack) + " " + QuoteWindowsArgument("%OS%"));
  EXPECT_THAT(output, HasSubstr("\nINJECTED")) << output;
  EXPECT_THAT(output, Not(HasSubstr("%OS%"))) << output;
  EXPECT_FALSE(MakeWindowsCommandLine({path_, attack}).ok());
  EXPECT_FALSE(MakeBatchCommandLine(CmdExe(), {path_, attack}).ok());
  EXPECT_FALSE(MakeBatchCommandLine(CmdExe(), {path_, "%OS%"}).ok());
}

TEST_F(BatchTest, WhatIsNotRefusedArrives) {
  const std::wstring cmd = Wide(CmdExe());
  const struct {
    const char* one;
    const char* two;
    const char* output;
  } kCases[] = {
      {"plain", "C:\\dir\\", "one=[plain]\r\ntwo=[C:\\dir\\]\r\n"},
      {"a b", "x=y,z;(w)", "one=[\"a b\"]\r\ntwo=[\"x=y,z;(w)\"]\r\n"},
      {"", "last", "one=[\"\"]\r\ntwo=[last]\r\n"},
      {"--flag", "it's", "one=[--flag]\r\ntwo=[\"it's\"]\r\n"},
  };
  for (const auto& c : kCases) {
    const auto line = MakeBatchCommandLine(CmdExe(), {path_, c.one, c.two});
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(OutputOf(cmd.c_str(), *line), c.output) << *line;
  }
}

TEST(CmdTest, ALineOfCmdsArrivesToTheLetter) {
  const std::wstring cmd = Wide(CmdExe());
  const auto line = MakeCmdCommandLine({CmdExe(), "/d", "/c", "echo \"a b\"&&echo c"});
  ASSERT_TRUE(line.ok()) << line.status();
  const std::string output = OutputOf(cmd.c_str(), *line);
  EXPECT_THAT(output, HasSubstr("\"a b\""));
  EXPECT_THAT(output, HasSubstr("\nc"));
  const auto several = MakeCmdCommandLine({CmdExe(), "/d", "/c", Echo(), "a b", "c"});
  ASSERT_TRUE(several.ok()) << several.status();
  EXPECT_EQ(Decode(OutputOf(cmd.c_str(), *several)).by_runtime, (Argv{Echo(), "a b", "c"}));
}

}  // namespace
}  // namespace paddock
