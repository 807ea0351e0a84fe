#include "core/base/windows_cmd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace paddock {
namespace {

using testing::HasSubstr;
using Argv = std::vector<std::string>;

constexpr const char* kCmd = R"(C:\Windows\System32\cmd.exe)";

TEST(WindowsCmdTest, KnowsBatchFiles) {
  for (const char* path :
       {"x.bat",          "X.BAT",          "x.Cmd",           R"(C:\a b\npm.cmd)", "a/x.bat",  "C:x.bat",
        "x.bat ",         "x.bat.",         "x.bat .",         "x.bat. .",          "x.bat...", "x.bat::$DATA",
        "x.bat:s",        "x.bat::$DATA .", "x.bat .:s:$DATA", R"(x.bat\)",         "x.bat/",   "\"x.bat\"",
        "\"x.bat\" ",     ".bat",           "a.b.bat",         "xy:z.bat",          "x:y.bat",  R"(\\?\C:\x.bat)",
        R"(\\s\h\x.cmd)", "x.exe.bat"}) {
    EXPECT_TRUE(IsBatchFile(path)) << path;
  }
  for (const char* path : {"", ".", "\\", ":", "x", "x.exe", "bat", "xbat", "x.bats", "x.bat.exe", "x.batch",
                           R"(x.bat\y.exe)", "cmd.exe", "cmd", "x.ba t", "x.com"}) {
    EXPECT_FALSE(IsBatchFile(path)) << path;
  }
}

TEST(WindowsCmdTest, KnowsTheCommandProcessor) {
  for (const char* path : {"cmd", "CMD", "cmd.exe", "Cmd.Exe", kCmd, "C:/Windows/System32/cmd.exe", "cmd.exe.",
                           "cmd.exe ::$DATA", "C:cmd"}) {
    EXPECT_TRUE(IsCommandProcessor(path)) << path;
  }
  for (const char* path : {"", "cmd.bat", "cmd.com", "xcmd.exe", R"(cmd\x.exe)", "powershell.exe"}) {
    EXPECT_FALSE(IsCommandProcessor(path)) << path;
  }
}

TEST(WindowsCmdTest, BatchFilesGetWhatCannotBeMistaken) {
  const std::string begin = std::string("\"") + kCmd + R"(" /d /e:on /v:off /s /c "")";
  const struct {
    Argv argv;
    const char* line;  // behind the opening
  } kCases[] = {
      {{R"(C:\x.bat)"}, R"(C:\x.bat"")"},
      {{R"(C:\a b\npm.cmd)", "install"}, R"(C:\a b\npm.cmd" install")"},
      {{"x.bat", "a b", "", "-x"}, R"(x.bat" "a b" "" -x")"},
      {{"x.bat", "--a=b", "a,b", "a;b", "(c)"}, "x.bat\" \"--a=b\" \"a,b\" \"a;b\" \"(c)\"\""},
      {{"x.bat", R"(C:\dir\)", "/?", "*.c"}, R"(x.bat" C:\dir\ /? *.c")"},
      {{"x.bat", "caf\xC3\xA9", "[a]{b}'`"}, "x.bat\" \"caf\xC3\xA9\" \"[a]{b}'`\"\""},
  };
  for (const auto& c : kCases) {
    const auto line = MakeBatchCommandLine(kCmd, c.argv);
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(*line, begin + c.line);
  }
}

TEST(WindowsCmdTest, BatchFilesGetNothingElse) {
  const struct {
    Argv argv;
    const char* why;
  } kCases[] = {
      {{"x.bat", "a\"b"}, "argument 1 of a batch file holds a quotation mark"},
      {{"x.bat", "\"&calc.exe"}, "holds a quotation mark"},
      {{"x.bat", "a", "%PATH%"}, "argument 2 of a batch file holds a %"},
      {{"x.bat", "%CMDCMDLINE:~-1%&calc.exe"}, "holds a %"},
      {{"x.bat", "!PATH!"}, "holds a !"},
      {{"x.bat", "^"}, "holds a ^"},
      {{"x.bat", "a&b"}, "holds a &"},
      {{"x.bat", "a|b"}, "holds a |"},
      {{"x.bat", "<a"}, "holds a <"},
      {{"x.bat", ">a"}, "holds a >"},
      {{"x.bat", "a\nb"}, "control character 10"},
      {{"x.bat", "a\rb"}, "control character 13"},
      {{"x.bat", "a\tb"}, "control character 9"},
      {{"x.bat", "\x1A"}, "control character 26"},
      {{"x.bat", "a b\\"}, "ends in a backslash"},
      {{"x%y.bat"}, "the batch file's name holds a %"},
      {{"x&y.bat"}, "the batch file's name holds a &"},
      {{"x.bat."}, "does not end in .bat or .cmd"},
      {{"x.bat::$DATA"}, "does not end in .bat or .cmd"},
      {{"x.exe"}, "does not end in .bat or .cmd"},
      {{"x.bat", std::string("a\0", 2)}, "NUL"},
      {{"x.bat", std::string(8191, 'a')}, "cmd.exe takes 8191"},
      {{}, "no command"},
  };
  for (const auto& c : kCases) {
    const auto line = MakeBatchCommandLine(kCmd, c.argv);
    ASSERT_FALSE(line.ok()) << *line;
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(c.why));
  }
  const auto refused = MakeBatchCommandLine(kCmd, {"x.bat", "100%"});
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("hand the value over in a file or in the environment"));
}

TEST(WindowsCmdTest, LinesOfCmdItself) {
  const struct {
    Argv argv;
    const char* line;
  } kCases[] = {
      {{"cmd"}, R"("cmd")"},
      {{"cmd", "/d", "/V:ON"}, R"("cmd" /d /V:ON)"},
      // One argument is a line of cmd.exe's and stays what it is.
      {{"cmd", "/c", "npm test && echo \"%OS%\" > x"}, R"("cmd" /s /c "npm test && echo "%OS%" > x")"},
      {{"cmd.exe", "/d", "/c", ""}, R"("cmd.exe" /d /s /c "")"},
      {{"cmd", "/C", "dir"}, R"("cmd" /s /C "dir")"},
      {{"cmd", "/k", "a \"b\""}, R"("cmd" /s /k "a "b"")"},
      // Several are arguments.
      {{"cmd", "/c", "echo", "hi"}, R"("cmd" /s /c "echo hi")"},
      {{"cmd", "/c", "dir", R"(C:\Program Files)"}, R"("cmd" /s /c "dir "C:\Program Files"")"},
  };
  for (const auto& c : kCases) {
    const auto line = MakeCmdCommandLine(c.argv);
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(*line, c.line);
  }
  const struct {
    Argv argv;
    const char* why;
  } kRefused[] = {
      {{"cmd", "/c", "a\nb"}, "argument 2 holds a line break"},
      {{"cmd", "/c", "a\r"}, "argument 2 holds a line break"},
      {{"cmd", "/c", "echo", "%PATH%"}, "argument 3 holds a %"},
      {{"cmd", "/c", "echo", "a&b"}, "argument 3 holds a &"},
      {{"cmd", "/c", "echo", "a b\\"}, "argument 3 needs quotation marks"},
      {{"cmd", "echo"}, "argument 1 of cmd.exe is no switch"},
      {{"cmd", "/cdir"}, "argument 1 of cmd.exe is no switch"},
      {{"cmd", "/c:dir", "/c", "a", "b"}, "argument 1 of cmd.exe is no switch"},
      {{"cmd", "/R:dir"}, "argument 1 of cmd.exe is no switch"},
      {{"cmd", "/d&x", "/c", "a"}, "argument 1 of cmd.exe is no switch"},
      {{"cmd", "/c", std::string(8190, 'a')}, "cmd.exe takes 8191"},
  };
  for (const auto& c : kRefused) {
    const auto line = MakeCmdCommandLine(c.argv);
    ASSERT_FALSE(line.ok()) << *line;
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(c.why));
  }
}

}  // namespace
}  // namespace paddock
