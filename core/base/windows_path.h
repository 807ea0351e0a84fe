#ifndef PADDOCK_CORE_BASE_WINDOWS_PATH_H_
#define PADDOCK_CORE_BASE_WINDOWS_PATH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/windows_name.h"

// Windows paths as data, on any OS: plans for Windows are computed everywhere. Nothing here looks at a file system, so
// nothing here knows links, junctions, mounted volumes and drives made by subst; where only the host can tell, the
// answer is kUnknown, and never a guess.
//
// Sources, besides those of windows_name.h: [P] MS-DTYP 2.2.57, "UNC"; [V] Microsoft Learn, "Naming a Volume"; [W]
// Microsoft Learn, "Working across Windows and Linux file systems"; [Z] James Forshaw, "The Definitive Guide on Win32
// to NT Path Conversion", Google Project Zero, 2016.

namespace paddock {

enum class WindowsPathKind : uint8_t {
  kRelative,        // a\b            from the current directory
  kRooted,          // \a             from the root of the current drive
  kDriveRelative,   // C:a            from the current directory of drive C:
  kDrive,           // C:\a
  kUnc,             // \\server\share\a
  kWsl,             // \\wsl$\Debian\a, \\wsl.localhost\Debian\a
  kDevice,          // \\.\COM1, \\.\pipe\x, \\.\C:\a, and //?/x, which is not verbatim for want of backslashes [F]
  kVerbatimDrive,   // \\?\C:\a       verbatim: Win32 passes names on as they stand [N]
  kVerbatimUnc,     // \\?\UNC\server\share\a
  kVerbatimVolume,  // \\?\Volume{GUID}\a
  kVerbatimOther,   // \\?\GLOBALROOT\..., \\?\pipe\x, \\?\C: (the device, not its root directory)
  kNt,              // \??\C:\a       the object manager's own name, which Win32 passes on [Z]
};

enum class Containment : uint8_t { kNo, kYes, kUnknown };

enum class PathDoubt : uint8_t {
  kNone,
  kShortName,  // a name may be another's 8.3 alias
  kCase,       // a name differs from another in the case of letters outside ASCII alone
  kTrailing,   // a name differs from another in dots or spaces at its end alone
  kDevice,     // a name is a device on some or all versions of Windows
  kStream,     // the root is a stream of a file
  kShare,      // a share and the drive it shows (C$), or two shares of one name, on servers that may be one
  kVolume,     // two other drives, shares or volumes, of which one may show a part of the other (subst, shares, mounts)
  kBase,       // it depends on a current directory
};

struct WindowsContainment {
  Containment answer = Containment::kNo;
  PathDoubt doubt = PathDoubt::kNone;  // not kNone exactly if the answer is kUnknown
  std::string why;                     // then, as a clause: "PROGRA~1 may be the short name of Program Files; ..."

  // True unless the answer is no; two volumes (kVolume) count as no. For whoever refuses: a path that may lie in a
  // forbidden place is refused, while drives and shares that lead into each other are, like links, left to whoever sees
  // the host.
  bool MayBe() const {
    return answer == Containment::kYes || (answer != Containment::kNo && doubt != PathDoubt::kVolume);
  }
  bool Certain() const { return answer == Containment::kYes; }
};

// A path in canonical form. A value; safe to use from several threads.
class WindowsPath {
 public:
  enum class Wildcards : uint8_t { kRefused, kAllowed };  // kAllowed: * and ? may stand in names, for patterns

  // Does what Win32 does before it opens a file [F]: "/" becomes "\", "." and ".." and doubled separators go (".."
  // never leaves the root), the drive letter becomes upper case, dots and spaces at the end of the last name go, one
  // dot at the end of another. After \\?\ and \??\ nothing of this is done. ":$DATA" goes too: it is the type that a
  // stream has without saying so, and the unnamed stream is the file itself [S]. It stays behind a name that ends in a
  // dot or a space, which Win32 would cut.
  //
  // InvalidArgument, as a predicate to be put behind the path ("holds a NUL byte; ..."): empty, NUL, not WTF-8, longer
  // than 32,767 units of UTF-16, a component that CheckWindowsName refuses or that consists of dots and spaces alone
  // (what Windows makes of "..." depends on where it stands), a colon elsewhere than behind a drive letter or before a
  // stream of the last name, a UNC path without server or share, "/", "." or ".." after \\?\ or \??\, ".." that would
  // leave a device.
  static absl::StatusOr<WindowsPath> Parse(absl::string_view text, Wildcards wildcards = Wildcards::kRefused);

  WindowsPathKind kind() const { return kind_; }

  // True if no current directory has a part in what the path means.
  bool IsAbsolute() const { return kind_ > WindowsPathKind::kDriveRelative; }
  // \\?\ or \??\: Win32 changes nothing.
  bool IsVerbatim() const { return kind_ >= WindowsPathKind::kVerbatimDrive; }
  // The top directory of a drive, share, distribution or volume.
  bool IsRoot() const;

  // What ".." cannot leave: "C:\", "\\server\share", "\\?\UNC\server\share", "\\.\pipe", "\", "C:", or "".
  const std::string& root() const { return root_; }
  // Behind the root, without the stream. Of a relative path the first ones may be "..".
  const std::vector<std::string>& components() const { return components_; }
  // "stream" or "stream:$TYPE" of "C:\a:stream:$TYPE"; empty: the file itself.
  const std::string& stream() const { return stream_; }

  // Whether some component makes Win32 open a device instead of a file. Stricter than Windows, which looks at the last
  // one alone (and in Windows 11, but for NUL, only if it is the whole path): a directory of such a name cannot be made
  // in the usual way either [O]. kNo where names are passed on as they stand, and for UNC and device paths.
  WindowsDevice Device() const;

  // OK for a file or directory written in one of the usual ways: on a drive, a share or a distribution, no stream, no
  // device. Else FailedPrecondition, as a predicate that says what to write instead. For paths that people give: under
  // its other names a place would not be known again.
  absl::Status CheckUsual() const;

  // Canonical text: Parse of it gives the same value. A last name that ends in a dot or a space is followed by "\",
  // without which Win32 would cut it. An empty relative path is ".".
  std::string ToString() const;

  // The \\?\ form for calls of Win32, which holds for paths longer than MAX_PATH too, and whose names are taken as they
  // stand. FailedPrecondition, as a predicate, if the path is not absolute or if Device() is not kNo: as a verbatim
  // path it would name another thing. InvalidArgument if it gets too long.
  absl::StatusOr<std::string> ToVerbatim() const;

  // `below` as seen from this directory, which is absolute or relative; `below` itself if it is absolute. Errors are
  // those of Parse, and FailedPrecondition, as a predicate, if `below` is relative to the current directory of a drive,
  // if it is rooted and this is not absolute, or if this names a stream or a device that holds a volume.
  absl::StatusOr<WindowsPath> Join(absl::string_view below, Wildcards wildcards = Wildcards::kRefused) const;

  // Whether this is `root` or lies below it. kYes holds on every volume that compares names as Windows does by default,
  // if no link leads elsewhere; kNo as long as no link, mount or subst leads there. A component that differs for
  // certain makes it kNo, whatever the others are. All forms of a drive, of a share, and of a distribution count as
  // one.
  WindowsContainment IsWithin(const WindowsPath& root) const;

 private:
  friend class WindowsPathParser;
  WindowsPath() = default;

  WindowsPathKind kind_ = WindowsPathKind::kRelative;
  std::string root_;
  std::string volume_;  // the same for all forms of one volume: "C:", "UNC\server\share", "VOLUME{...}"; lower case
  std::vector<std::string> components_;
  std::string stream_;
};

// True for text that begins as an absolute Windows path does and as no POSIX path does: "C:\", "C:/", "\\".
bool LooksLikeWindowsPath(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_WINDOWS_PATH_H_
