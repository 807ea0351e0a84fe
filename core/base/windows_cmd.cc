#include "core/base/windows_cmd.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"
#include "core/base/windows_command_line.h"

namespace paddock {
namespace {

// What Windows drops from the end of a path, or reads past.
absl::string_view WithoutDropped(absl::string_view path) {
  const size_t last = path.find_last_not_of(". \"\\/");
  return path.substr(0, last == absl::string_view::npos ? 0 : last + 1);
}

// The name of the file that Windows would open: the last component, without drive ("C:x.bat") and stream ("x.bat:s").
absl::string_view NameOf(absl::string_view path) {
  for (;;) {
    absl::string_view name = WithoutDropped(path);
    if (const size_t separator = name.find_last_of("\\/"); separator != absl::string_view::npos)
      name.remove_prefix(separator + 1);
    if (name.size() >= 2 && name[1] == ':') name.remove_prefix(2);
    const size_t colon = name.find(':');
    if (colon == absl::string_view::npos) return name;
    path = name.substr(0, colon);
  }
}

bool EndsLikeBatch(absl::string_view name) {
  return absl::EndsWithIgnoreCase(name, ".bat") || absl::EndsWithIgnoreCase(name, ".cmd");
}

// cmd.exe separates arguments by these and blanks, so that whatever is not here is put between quotation marks.
bool IsPlain(char byte) {
  return absl::ascii_isalnum(static_cast<unsigned char>(byte)) ||
         absl::StrContains("_./\\:@+~$#*?-", absl::string_view(&byte, 1));
}

struct Refused {
  char byte;
  absl::string_view why;
};

constexpr Refused kRefused[] = {
    {'"', "a quotation mark, which cmd.exe and the program behind it read differently"},
    {'%', "a %, which cmd.exe expands to variables even between quotation marks"},
    {'!', "a !, which expands to variables where a batch file asks for it"},
    {'^', "a ^, which cmd.exe drops or doubles"},
    {'&', "a &, which begins another command where a batch file takes the quotation marks off"},
    {'|', "a |, which begins another command where a batch file takes the quotation marks off"},
    {'<', "a <, which reads a file where a batch file takes the quotation marks off"},
    {'>', "a >, which writes a file where a batch file takes the quotation marks off"},
};

constexpr absl::string_view kInstead =
    "; start the program that the batch file or cmd.exe would start, or hand the value over in a file or in the "
    "environment";

absl::Status Refuse(absl::string_view what, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(what, " ", why, kInstead));
}

// `argument` for a line that cmd.exe reads.
absl::StatusOr<std::string> Quote(absl::string_view argument, absl::string_view what, bool always) {
  for (const char byte : argument) {
    if (static_cast<unsigned char>(byte) < 32 || byte == 127)
      return Refuse(what, absl::StrCat("holds the control character ", static_cast<int>(byte)));
    for (const Refused& refused : kRefused) {
      if (byte == refused.byte) return Refuse(what, absl::StrCat("holds ", refused.why));
    }
  }
  const bool plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), IsPlain);
  if (plain && !always) return std::string(argument);
  if (absl::EndsWith(argument, "\\"))
    return Refuse(what, "needs quotation marks and ends in a backslash, which programs and cmd.exe read differently");
  return absl::StrCat("\"", argument, "\"");
}

absl::StatusOr<std::string> Checked(std::string line) {
  if (const size_t length = Utf16Length(line); length > kMaxCmdLine)
    return absl::InvalidArgumentError(absl::StrCat("the command line is ", length,
                                                   " characters long, and cmd.exe takes ", kMaxCmdLine,
                                                   "; hand the arguments over in a file"));
  return line;
}

// "/d", "/v:on", "/t:0a". Behind /c and its like a colon begins a line to run: "/c:x".
bool IsSwitch(absl::string_view argument) {
  return argument.size() >= 2 && argument[0] == '/' &&
         std::all_of(argument.begin() + 1, argument.end(),
                     [](char c) { return c == ':' || absl::ascii_isalnum(static_cast<unsigned char>(c)); }) &&
         (argument.size() == 2 || (argument[2] == ':' && absl::StrContains("eftvEFTV", argument.substr(1, 1))));
}

bool TakesLine(absl::string_view argument) {
  return absl::EqualsIgnoreCase(argument, "/c") || absl::EqualsIgnoreCase(argument, "/k") ||
         absl::EqualsIgnoreCase(argument, "/r");
}

// What stands behind /c: argv[first] and so on.
absl::StatusOr<std::string> LineBehind(const std::vector<std::string>& argv, size_t first) {
  if (argv.size() == first + 1) {
    if (argv[first].find_first_of("\r\n") != std::string::npos)
      return absl::InvalidArgumentError(
          absl::StrCat("argument ", first,
                       " holds a line break, and cmd.exe reads nothing behind it; join commands by &&, "
                       "or write them to a batch file"));
    return argv[first];
  }
  std::string line;
  for (size_t i = first; i < argv.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string quoted, Quote(argv[i], absl::StrCat("argument ", i), false));
    absl::StrAppend(&line, i == first ? "" : " ", quoted);
  }
  return line;
}

}  // namespace

bool IsBatchFile(absl::string_view path) {
  return EndsLikeBatch(NameOf(path)) || EndsLikeBatch(WithoutDropped(path));  // the latter: a stream "x:y.bat"
}

bool IsCommandProcessor(absl::string_view path) {
  const absl::string_view name = NameOf(path);
  return absl::EqualsIgnoreCase(name, "cmd") || absl::EqualsIgnoreCase(name, "cmd.exe");
}

absl::StatusOr<std::string> MakeBatchCommandLine(absl::string_view cmd_exe, const std::vector<std::string>& argv) {
  RETURN_IF_ERROR(CheckWindowsArguments(argv));
  RETURN_IF_ERROR(CheckWindowsArguments({std::string(cmd_exe)}));
  if (!EndsLikeBatch(argv[0]))
    return absl::InvalidArgumentError(
        "the batch file's name does not end in .bat or .cmd; write it without what follows");
  std::string line;
  for (size_t i = 0; i < argv.size(); ++i) {
    const std::string what = i == 0 ? "the batch file's name" : absl::StrCat("argument ", i, " of a batch file");
    ASSIGN_OR_RETURN(const std::string quoted, Quote(argv[i], what, /*always=*/i == 0));
    absl::StrAppend(&line, i == 0 ? "" : " ", quoted);
  }
  // With /s, cmd.exe takes off the first and the last quotation mark, and nothing else.
  return Checked(absl::StrCat("\"", cmd_exe, "\" /d /e:on /v:off /s /c \"", line, "\""));
}

absl::StatusOr<std::string> MakeCmdCommandLine(const std::vector<std::string>& argv) {
  RETURN_IF_ERROR(CheckWindowsArguments(argv));
  std::string line = absl::StrCat("\"", argv[0], "\"");
  for (size_t i = 1; i < argv.size(); ++i) {
    if (TakesLine(argv[i]) && i + 1 < argv.size()) {
      ASSIGN_OR_RETURN(const std::string behind, LineBehind(argv, i + 1));
      return Checked(absl::StrCat(line, " /s ", argv[i], " \"", behind, "\""));
    }
    if (!IsSwitch(argv[i]))
      return absl::InvalidArgumentError(
          absl::StrCat("argument ", i,
                       " of cmd.exe is no switch and stands before /c; write switches, /c, and the line for "
                       "cmd.exe as one argument"));
    absl::StrAppend(&line, " ", argv[i]);
  }
  return Checked(line);
}

}  // namespace paddock
