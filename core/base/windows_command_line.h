#ifndef PADDOCK_CORE_BASE_WINDOWS_COMMAND_LINE_H_
#define PADDOCK_CORE_BASE_WINDOWS_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// From an argv to the one string that CreateProcessW takes, and back. On Windows it is the started program that splits
// the string, so these functions hold for programs that split it as Microsoft's C runtime or CommandLineToArgvW do.
// cmd.exe and batch files, which it runs, read it by rules of their own: windows_cmd.h. Text is WTF-8 (utf16.h). Pure
// functions.
//
// A program that asks for its arguments in the code page of the system gets what Windows makes of them: a letter that
// the page lacks may become a quotation mark there, and no quoting prevents that.
//
// Sources: [C] Microsoft Learn, "main function and command-line arguments", section "Parsing C command-line arguments";
// [A] Microsoft Learn, "CommandLineToArgvW function"; [D] David Deley, "How Command Line Parameters Are Parsed"; [P]
// Microsoft Learn, "CreateProcessW function".

namespace paddock {

// Units of UTF-16 that CreateProcessW takes, without the NUL at the end [P].
inline constexpr size_t kMaxWindowsCommandLine = 32766;

// The command line that all of SplitWindowsCommandLine's rules split into `argv`: quoted are all arguments that hold
// anything else than letters, digits and _./\:=+,%- of ASCII, with \" for a quotation mark, and never with two
// quotation marks in a row inside an argument, where the rules differ. Windows' own wildcard expansion and Cygwin's
// leave quoted arguments alone.
//
// InvalidArgument, naming the argument by its place (0 is the program): no argv, a NUL, text that is not WTF-8, a line
// longer than kMaxWindowsCommandLine; a program that is empty, holds a quotation mark (nothing can escape it there) or
// ends in a separator. FailedPrecondition if the program is a batch file or cmd.exe.
absl::StatusOr<std::string> MakeWindowsCommandLine(const std::vector<std::string>& argv);

// Who splits a line. The first argument is split by rules of its own in both.
enum class ArgvRules : unsigned char {
  kUcrt,               // C runtimes since 2008: "" inside quotation marks is one, and they stay open [C]
  kCommandLineToArgvW  // and C runtimes until then: "" inside quotation marks is one, and closes them [D]
};

// `line` split by `rules`; {} if it is empty. Cannot fail: every string is some argv.
std::vector<std::string> SplitWindowsCommandLine(absl::string_view line, ArgvRules rules);

// `argument`, not the first one, as MakeWindowsCommandLine writes it.
std::string QuoteWindowsArgument(absl::string_view argument);

// OK unless `argv` holds what no command line can: the errors of MakeWindowsCommandLine, but for length and kind of the
// program.
absl::Status CheckWindowsArguments(const std::vector<std::string>& argv);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_WINDOWS_COMMAND_LINE_H_
