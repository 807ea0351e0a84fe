#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_PROCESS_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_PROCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/access/sid.h"
#include "core/platform/windows/unique_handle.h"
#include "core/windows_launch/program.h"
#include "core/windows_launch/record.h"
#include "core/windows_launch/stdio.h"

namespace paddock {

// An AppContainer that a process is started in.
struct ContainerOrder {
  access::Sid package;
  std::vector<access::Sid> capabilities;
  bool lpac = true;
};

// What one CreateProcessAsUserW, or CreateProcessW where there is no token, is given. Handles are the caller's.
struct ProcessOrder {
  HANDLE token = nullptr;  // null: this process's own
  const ContainerOrder* container = nullptr;
  HANDLE job = nullptr;
  Program program;
  std::string cwd;
  std::vector<std::string> environment;
  std::string desktop;
  std::vector<std::string> mitigations;  // names of ProcessSpec
  std::vector<std::string> handles;      // "stdin", "stdout", "stderr": what may be inherited
  const ChildStdio* stdio = nullptr;
};

struct NewProcess {
  UniqueHandle process, thread;  // the thread is suspended
  DWORD id = 0;
  bool not_executable = false;  // the system does not take the file for a program; nothing was made
  std::string why;              // then, its own sentence
};

// Makes the process in its job from its first moment on, suspended. FailedPrecondition with `cwd_unusable` if it cannot
// start there.
absl::StatusOr<NewProcess> CreateSuspended(const ProcessOrder& order, LaunchRecorder& recorder);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_PROCESS_H_
