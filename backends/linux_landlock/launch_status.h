#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_STATUS_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_STATUS_H_

#include <sys/resource.h>

#include <cstdint>

#include "core/platform/posix/unique_fd.h"

// What pid 1 tells the launcher: packets on a SOCK_SEQPACKET socket pair. Pid 1 starts with its end of it from the
// launcher's memory, and so both sides are of one build.

namespace paddock {

// Where the set-up stands; names a failure in messages.
enum class Stage : uint32_t {
  kBubblewrap,
  kIdMaps,
  kLauncherGone,
  kLimits,
  kBinfmt,
  kCloneSource,
  kSeal,
  kScratch,
  kHomeLayer,
  kMount,
  kPathChanged,
  kPivot,
  kLoopback,
  kTerminal,
  kStdio,
  kWorkingDirectory,
  kPrivileges,
  kLandlock,
  kSeccomp,
  kExec,
};

// kEnded: the command has ended, and nothing else of the sandbox runs but pid 1.
// kInit: the sandbox's first process, by the pidfd that comes with it, where it is not the launcher's child.
enum class MessageKind : uint32_t { kInit, kSetupFailed, kExecFailed, kTerminal, kStarted, kEnded };

struct StatusMessage {
  MessageKind kind;
  Stage stage;                         // kSetupFailed
  uint32_t step;                       // kSetupFailed: index into ChildSpec::mounts or landlock rules, by stage
  int32_t error;                       // kSetupFailed, kExecFailed: errno
  int32_t wait_status;                 // kEnded: as waitpid(2) gives it
  int32_t seccomp_mode, no_new_privs;  // kStarted: read back
  uint64_t effective_capabilities;     // kStarted: read back
  struct rusage usage;                 // kEnded: all reaped processes
};

// Sends `message`, and with it `descriptor` unless that is -1 (kTerminal: the terminal's master; kInit). False: errno
// says why. Async-signal-safe; no SIGPIPE.
bool SendStatus(int socket, const StatusMessage& message, int descriptor = -1);

// Takes the next message, and the descriptor that came with it, if any. False: there is none. errno is EPIPE when none
// will come, because the other end is gone, and EAGAIN when none has come yet and `flags` holds MSG_DONTWAIT.
bool ReceiveStatus(int socket, int flags, StatusMessage* message, UniqueFd* descriptor);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_STATUS_H_
