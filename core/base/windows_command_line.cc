#include "core/base/windows_command_line.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"
#include "core/base/windows_cmd.h"

namespace paddock {
namespace {

bool IsBlank(char byte) { return byte == ' ' || byte == '\t'; }

bool IsPlain(char byte) {
  return absl::ascii_isalnum(static_cast<unsigned char>(byte)) ||
         absl::StrContains("_./\\:=+,%-", absl::string_view(&byte, 1));
}

class LineReader {
 public:
  LineReader(absl::string_view line, ArgvRules rules) : rest_(line), rules_(rules) {}

  std::vector<std::string> Run() {
    std::vector<std::string> argv;
    if (rest_.empty()) return argv;
    argv.push_back(rules_ == ArgvRules::kUcrt ? TakeProgram() : TakeProgramOfShell());
    SkipBlanks();
    while (!rest_.empty()) {
      argv.push_back(TakeArgument());
      SkipBlanks();
    }
    return argv;
  }

 private:
  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_[0])) rest_.remove_prefix(1);
  }

  // Backslashes are nothing special in the program's name. Quotation marks switch, and blanks count inside them.
  std::string TakeProgram() {
    std::string program;
    bool quoted = false;
    for (; !rest_.empty() && (quoted || !IsBlank(rest_[0])); rest_.remove_prefix(1)) {
      if (rest_[0] == '"') {
        quoted = !quoted;
      } else {
        program += rest_[0];
      }
    }
    return program;
  }

  // In quotation marks from the first byte to the next one, or else up to a blank.
  std::string TakeProgramOfShell() {
    const bool quoted = rest_[0] == '"';
    if (quoted) rest_.remove_prefix(1);
    const size_t end = std::min(quoted ? rest_.find('"') : rest_.find_first_of(" \t"), rest_.size());
    std::string program(rest_.substr(0, end));
    rest_.remove_prefix(std::min(quoted ? end + 1 : end, rest_.size()));
    return program;
  }

  std::string TakeArgument() {
    std::string argument;
    bool quoted = false;
    while (!rest_.empty() && (quoted || !IsBlank(rest_[0]))) {
      const size_t backslashes = std::min(rest_.find_first_not_of('\\'), rest_.size());
      rest_.remove_prefix(backslashes);
      if (rest_.empty() || rest_[0] != '"') {
        argument.append(backslashes, '\\');
        if (rest_.empty() || (!quoted && IsBlank(rest_[0]))) continue;
        argument += rest_[0];
        rest_.remove_prefix(1);
        continue;
      }
      argument.append(backslashes / 2, '\\');
      rest_.remove_prefix(1);
      if (backslashes % 2 == 1) {
        argument += '"';
      } else if (quoted && absl::StartsWith(rest_, "\"")) {
        argument += '"';
        rest_.remove_prefix(1);
        quoted = rules_ == ArgvRules::kUcrt;
      } else {
        quoted = !quoted;
      }
    }
    return argument;
  }

  absl::string_view rest_;
  ArgvRules rules_;
};

}  // namespace

std::string QuoteWindowsArgument(absl::string_view argument) {
  if (!argument.empty() && std::all_of(argument.begin(), argument.end(), IsPlain)) return std::string(argument);
  std::string quoted = "\"";
  size_t backslashes = 0;
  for (const char byte : argument) {
    if (byte == '"') quoted.append(backslashes + 1, '\\');  // those before it are doubled, and one makes it a letter
    backslashes = byte == '\\' ? backslashes + 1 : 0;
    quoted += byte;
  }
  quoted.append(backslashes, '\\');
  return quoted + '"';
}

absl::Status CheckWindowsArguments(const std::vector<std::string>& argv) {
  if (argv.empty()) return absl::InvalidArgumentError("no command was given");
  for (size_t i = 0; i < argv.size(); ++i) {
    if (argv[i].find('\0') != std::string::npos)
      return absl::InvalidArgumentError(
          absl::StrCat("argument ", i, " holds a NUL byte, where the command line would end"));
    if (const auto units = Utf8ToUtf16(argv[i]); !units.ok())
      return absl::InvalidArgumentError(absl::StrCat("argument ", i, " ", units.status().message()));
  }
  const std::string& program = argv[0];
  if (program.empty()) return absl::InvalidArgumentError("the name of the program is empty");
  if (absl::StrContains(program, "\""))
    return absl::InvalidArgumentError("the name of the program holds a quotation mark, which no file on Windows has");
  if (program.back() == '\\' || program.back() == '/')
    return absl::InvalidArgumentError("the name of the program ends in a separator, as a directory's does");
  return absl::OkStatus();
}

absl::StatusOr<std::string> MakeWindowsCommandLine(const std::vector<std::string>& argv) {
  RETURN_IF_ERROR(CheckWindowsArguments(argv));
  if (IsBatchFile(argv[0]) || IsCommandProcessor(argv[0]))
    return absl::FailedPreconditionError(
        "cmd.exe reads the arguments of a batch file, and its own, by other rules: it needs another command line");
  std::string line = absl::StrCat("\"", argv[0], "\"");
  for (size_t i = 1; i < argv.size(); ++i) absl::StrAppend(&line, " ", QuoteWindowsArgument(argv[i]));
  if (const size_t length = Utf16Length(line); length > kMaxWindowsCommandLine)
    return absl::InvalidArgumentError(absl::StrCat("the command line is ", length,
                                                   " characters long, and Windows takes ", kMaxWindowsCommandLine,
                                                   "; hand the arguments over in a file"));
  return line;
}

std::vector<std::string> SplitWindowsCommandLine(absl::string_view line, ArgvRules rules) {
  return LineReader(line, rules).Run();
}

}  // namespace paddock
