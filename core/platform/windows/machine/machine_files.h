#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MACHINE_FILES_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MACHINE_FILES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/access/acl.h"
#include "core/access/security_descriptor.h"
#include "core/platform/windows/machine/machine_calls.h"

// Files and directories as set-up makes them. Paths are absolute, on a drive. None is led elsewhere by a link or a
// junction: what is one, or lies behind one, is FailedPrecondition. Errors are else Win32Status's.

namespace paddock::machine {

enum class FilePresence : uint8_t { kAbsent, kAsWanted, kOther };

// A directory that an administrator, the system or TrustedInstaller owns.
absl::StatusOr<FilePresence> LookAtFolder(const MachineCalls& calls, const std::string& path);
absl::Status MakeFolder(const std::string& path, const access::SecurityDescriptor& descriptor);
// Absent is no error. FailedPrecondition if something is in it.
absl::Status RemoveFolder(const std::string& path);

// A file with this content, SHA-256 in hexadecimal.
absl::StatusOr<FilePresence> LookAtProgram(const std::string& path, const std::string& sha256);
// Copies `source`, of which every byte is read before any is believed, as `path`. FailedPrecondition if it is not what
// `sha256` says.
absl::Status PlaceProgram(const std::string& source, const std::string& path, const std::string& sha256);
// Absent is no error; another content than `sha256` stays, and is FailedPrecondition.
absl::Status RemoveProgram(const std::string& path, const std::string& sha256);

// An entry of a directory's own in its list; what lies below inherits it, if it says so.
absl::StatusOr<FilePresence> LookForEntry(const MachineCalls& calls, const std::string& path, const access::Ace& ace);
absl::Status AddEntry(const MachineCalls& calls, const std::string& path, const access::Ace& ace);
// An absent entry or directory is no error.
absl::Status RemoveEntry(const MachineCalls& calls, const std::string& path, const access::Ace& ace);

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MACHINE_FILES_H_
