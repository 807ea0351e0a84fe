#ifndef PADDOCK_CORE_BASE_WINDOWS_NAME_H_
#define PADDOCK_CORE_BASE_WINDOWS_NAME_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// What one component of a Windows path means, as far as its text can tell. Text is WTF-8 (utf16.h). Pure functions.
//
// Sources: [N] Microsoft Learn, "Naming Files, Paths, and Namespaces"; [F] Microsoft Learn, "File path formats on
// Windows systems"; [O] Chris Denton, "Omnipath", chapter "Special DOS Device Names"; [S] Microsoft Learn, "File
// Streams".

namespace paddock {

// Units of UTF-16 in a component: what NTFS, exFAT and FAT32 report as their maximum component length [N].
inline constexpr size_t kMaxWindowsName = 255;

// A file name that Win32 takes for a device wherever it stands, so that it names no file.
enum class WindowsDevice : uint8_t {
  kNo,
  kBeforeWindows11,  // on Windows 10 and earlier, also with an extension: "COM1", "nul.txt", "aux .c" [O]
  kAlways,           // on Windows 11 too: "NUL" [O]
};

// CON, PRN, AUX, NUL, CONIN$, CONOUT$, and COM and LPT with 1 to 9 or a superscript 1, 2 or 3, whatever the case [N,
// O].
WindowsDevice DeviceOfName(absl::string_view name);

// True for what may be the alias that Windows gives a name too long for MS-DOS: "PROGRA~1", "GIT~1", "A1B2~3.TXT" [N].
// Which file it stands for is known to the volume alone; it may also be somebody's real name.
bool MayBeShortName(absl::string_view name);

// Why `name` may not stand in a path, as a predicate ("holds \"<\", which no name on Windows may hold"): empty, a
// character of < > : " | ? * / \ or below 32 [N], longer than kMaxWindowsName. `wildcards`: * and ? may stand.
absl::Status CheckWindowsName(absl::string_view name, bool wildcards);

enum class NameMatch : uint8_t {
  kDifferent,
  kSame,      // equal but for the case of ASCII letters
  kShort,     // the rest: unknown, because one may be the other's short name,
  kCase,      // because the volume's own table decides about the case of other letters,
  kTrailing,  // or because they differ in dots or spaces at the end alone, which Windows drops or not
};

// Whether two components of the same directory name one file. Which letters are equal is a table in each NTFS volume:
// ASCII letters are equal in all of them, and about others nothing is promised. `case_sensitive`: as in a WSL
// distribution, where names that differ in case are two files, unless their directory is set otherwise.
NameMatch MatchWindowsNames(absl::string_view a, absl::string_view b, bool case_sensitive);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_WINDOWS_NAME_H_
