#ifndef PADDOCK_CORE_BASE_WINDOWS_CMD_H_
#define PADDOCK_CORE_BASE_WINDOWS_CMD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Command lines for cmd.exe and for batch files, which CreateProcessW runs by it. cmd.exe reads the line before
// anything is split into arguments: it expands %NAME% even between quotation marks, knows no \" and takes & | < > ^
// outside of them for its own; a batch file reads its arguments once more. No quoting is right for all of this
// (CVE-2024-24576, "BatBadBut"; CERT/CC VU#123335), so what could be read as anything but itself is refused. Text is
// WTF-8. Pure functions.
//
// Sources: the help of cmd.exe (`cmd /?`); Microsoft Learn, "cmd"; Rust's security advisories of 2024-04-09
// (CVE-2024-24576) and 2024-09-04 (CVE-2024-43402: dots and spaces behind .bat); Microsoft Support 830473 (8,191).

namespace paddock {

// Units of UTF-16 that cmd.exe takes in a line.
inline constexpr size_t kMaxCmdLine = 8191;

// True if CreateProcessW may take `path` for a batch file: its name ends in .bat or .cmd, whatever the case, without
// what Windows drops or reads past: dots and spaces at the end, separators, quotation marks, a stream ("x.bat::$DATA").
// A name without an extension is none: searching PATHEXT is the caller's matter, and the file that it finds is to be
// asked about.
bool IsBatchFile(absl::string_view path);

// True for cmd and cmd.exe, in whatever directory, case or disguise (as above).
bool IsCommandProcessor(absl::string_view path);

// The line that has `cmd_exe`, which is to be a full path, run the batch file argv[0] with the other arguments, without
// AutoRun and without !NAME! expansion. InvalidArgument, naming the argument by its place and saying what to do: what
// CheckWindowsArguments refuses; an argument with " % ! ^ & | < > or a control character; one that has to be quoted (it
// is empty, or holds anything else than letters, digits and _./\:@+~$#*?-) and ends in a backslash; a batch file whose
// name does not end in .bat or .cmd as it stands; a line longer than kMaxCmdLine.
absl::StatusOr<std::string> MakeBatchCommandLine(absl::string_view cmd_exe, const std::vector<std::string>& argv);

// The line for a command that starts cmd.exe itself. With one argument behind /c or /k, that argument is a line of
// cmd.exe's, and is handed to it to the letter, whatever it does: only a line break, behind which cmd.exe reads
// nothing, is refused. Several arguments there are quoted and refused as those of a batch file are. Before /c only
// switches may stand ("/d", "/v:on"); other arguments without a /c are refused. Errors as above.
absl::StatusOr<std::string> MakeCmdCommandLine(const std::vector<std::string>& argv);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_WINDOWS_CMD_H_
