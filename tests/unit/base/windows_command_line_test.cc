#include "core/base/windows_command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/base/utf16.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using Argv = std::vector<std::string>;

TEST(WindowsCommandLineTest, Quotes) {
  const struct {
    const char* argument;
    const char* quoted;
  } kCases[] = {
      {"", R"("")"},
      {"a", "a"},
      {"-O2", "-O2"},
      {"--x=y,z", "--x=y,z"},
      {R"(C:\a\b)", R"(C:\a\b)"},
      {R"(C:\a\)", R"(C:\a\)"},
      {"%PATH%", "%PATH%"},
      {"a b", R"("a b")"},
      {"a\tb", "\"a\tb\""},
      {"a\nb", "\"a\nb\""},
      {"\v", "\"\v\""},
      {R"(")", R"("\"")"},
      {R"("")", R"("\"\"")"},
      {R"(a"b)", R"("a\"b")"},
      {R"(\)", R"(\)"},
      {R"(\\)", R"(\\)"},
      {R"(\ )", R"("\ ")"},
      {R"(a b\)", R"("a b\\")"},
      {R"(a b\\)", R"("a b\\\\")"},
      {R"(\")", R"("\\\"")"},
      {R"(\\")", R"("\\\\\"")"},
      {R"(a\\b c)", R"("a\\b c")"},
      {R"("a b")", R"("\"a b\"")"},
      {"*.c", R"("*.c")"},
      {"a?", R"("a?")"},
      {"it's", R"("it's")"},
      {"@file", R"("@file")"},
      {"^&|<>", R"("^&|<>")"},
      {"caf\xC3\xA9", "\"caf\xC3\xA9\""},
      {"\xED\xA0\x80", "\"\xED\xA0\x80\""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(QuoteWindowsArgument(c.argument), c.quoted);
    const auto line = MakeWindowsCommandLine({"p.exe", c.argument});
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(*line, std::string("\"p.exe\" ") + c.quoted);
  }
  EXPECT_EQ(*MakeWindowsCommandLine({R"(C:\Program Files\x.exe)", "a b", "", "c"}),
            R"("C:\Program Files\x.exe" "a b" "" c)");
  EXPECT_EQ(*MakeWindowsCommandLine({"x"}), R"("x")");
}

TEST(WindowsCommandLineTest, Splits) {
  const struct {
    const char* line;
    Argv ucrt;
    Argv shell;  // if it differs
  } kCases[] = {
      {"", {}, {}},
      {"p", {"p"}, {}},
      {"p ", {"p"}, {}},
      {"p a", {"p", "a"}, {}},
      {"p \t a\tb ", {"p", "a", "b"}, {}},
      // The examples of the documentation.
      {R"(p "a b c" d e)", {"p", "a b c", "d", "e"}, {}},
      {R"(p "ab\"c" "\\" d)", {"p", "ab\"c", "\\", "d"}, {}},
      {R"(p a\\\b d"e f"g h)", {"p", R"(a\\\b)", "de fg", "h"}, {}},
      {R"(p a\\\"b c d)", {"p", R"(a\"b)", "c", "d"}, {}},
      {R"(p a\\\\"b c" d e)", {"p", R"(a\\b c)", "d", "e"}, {}},
      {R"(p "a\\b c" d)", {"p", R"(a\\b c)", "d"}, {}},
      // Two quotation marks: where the rules differ.
      {R"(p "a""b")", {"p", R"(a"b)"}, {}},
      {R"(p "a""b c")", {"p", R"(a"b c)"}, {"p", R"(a"b)", "c"}},
      {R"(p "a b"" c d")", {"p", R"(a b" c d)"}, {"p", R"(a b")", "c", "d"}},
      {R"(p """a b""")", {"p", R"("a b")"}, {"p", R"("a)", R"(b")"}},
      {R"(p "")", {"p", ""}, {}},
      {R"(p "" "")", {"p", "", ""}, {}},
      {R"(p """")", {"p", "\""}, {}},
      {R"(p ""a b"")", {"p", "a", "b"}, {}},
      {R"(p "a)", {"p", "a"}, {}},
      {R"(p "a \")", {"p", "a \""}, {}},
      {R"(p ")", {"p", ""}, {}},
      {R"(p \)", {"p", R"(\)"}, {}},
      {R"(p a\ b)", {"p", R"(a\)", "b"}, {}},
      {"p a\nb", {"p", "a\nb"}, {}},
      // The program.
      {R"("a b" c)", {"a b", "c"}, {}},
      {R"("a\" c)", {R"(a\)", "c"}, {}},
      {R"(a\"b c)", {R"(a\b c)"}, {R"(a\"b)", "c"}},
      {R"("a"b c)", {"ab", "c"}, {"a", "b", "c"}},
      {R"("a b)", {"a b"}, {}},
      {" a", {"", "a"}, {}},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(SplitWindowsCommandLine(c.line, ArgvRules::kUcrt), c.ucrt) << c.line;
    EXPECT_EQ(SplitWindowsCommandLine(c.line, ArgvRules::kCommandLineToArgvW), c.shell.empty() ? c.ucrt : c.shell)
        << c.line;
  }
}

TEST(WindowsCommandLineTest, Refuses) {
  const struct {
    Argv argv;
    const char* why;
  } kCases[] = {
      {{}, "no command"},
      {{""}, "the program is empty"},
      {{"a\"b"}, "quotation mark"},
      {{"C:\\a\\"}, "ends in a separator"},
      {{"a/"}, "ends in a separator"},
      {{"a", "b", std::string("c\0d", 3)}, "argument 2 holds a NUL byte"},
      {{"a", "\xFF"}, "argument 1 is not UTF-8"},
      {{"a", std::string(32765, 'x')}, "Windows takes 32766"},
      {{"x.bat"}, "another command line"},
      {{"C:\\npm.CMD. .", "x"}, "another command line"},
      {{"cmd.exe", "/c", "dir"}, "another command line"},
  };
  for (const auto& c : kCases) {
    const auto line = MakeWindowsCommandLine(c.argv);
    ASSERT_FALSE(line.ok()) << *line;
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(c.why));
  }
  // "a" in quotation marks, a blank, and the rest.
  EXPECT_TRUE(MakeWindowsCommandLine({"a", std::string(32762, 'x')}).ok());
  EXPECT_FALSE(MakeWindowsCommandLine({"a", std::string(32763, 'x')}).ok());
}

std::string RandomArgument(std::mt19937* random) {
  constexpr const char* kPieces[] = {"\"",   "\\", "\\\\", " ", "\t", "\n",       "a",
                                     "\"\"", "%",  "^",    "'", "*",  "\xC3\xA9", "\xED\xA0\x80"};
  std::string argument;
  for (size_t i = (*random)() % 9; i > 0; --i) argument += kPieces[(*random)() % std::size(kPieces)];
  return argument;
}

TEST(WindowsCommandLineTest, BothRulesGiveBackWhatWasQuoted) {
  std::mt19937 random(1);
  int told_apart = 0;
  for (int round = 0; round < 50'000; ++round) {
    Argv argv = {round % 2 == 0 ? "C:\\Program Files\\x y.exe" : "x.exe"};
    for (size_t i = random() % 5; i > 0; --i) argv.push_back(RandomArgument(&random));
    const auto line = MakeWindowsCommandLine(argv);
    ASSERT_TRUE(line.ok()) << line.status();
    ASSERT_EQ(SplitWindowsCommandLine(*line, ArgvRules::kUcrt), argv) << *line;
    ASSERT_EQ(SplitWindowsCommandLine(*line, ArgvRules::kCommandLineToArgvW), argv) << *line;
    // The control: joined by blanks alone, the line is often split into something else.
    std::string naive;
    for (const std::string& argument : argv) naive += (naive.empty() ? "" : " ") + argument;
    told_apart += SplitWindowsCommandLine(naive, ArgvRules::kUcrt) != argv;
  }
  EXPECT_GT(told_apart, 25'000);
}

}  // namespace
}  // namespace paddock
