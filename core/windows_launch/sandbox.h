#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_SANDBOX_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_SANDBOX_H_

#include <memory>
#include <string>
#include <vector>

#include "core/backend/launcher.h"
#include "core/windows_launch/desktop.h"
#include "core/windows_launch/host_change.h"
#include "core/windows_launch/process.h"
#include "core/windows_launch/run_folders.h"
#include "core/windows_launch/stdio.h"

namespace paddock {

// Keys of the completion port of a run, at which everything arrives that its loop waits for.
enum RunKey : ULONG_PTR { kJobKey = 1, kEndedKey = 2, kOutKey = 3, kErrKey = 4 };

// All that a run holds, in the order in which it came; what came last goes first.
struct RunParts {
  UniqueHandle port;
  std::unique_ptr<RunFolders> folders;
  std::vector<std::unique_ptr<HostChange>> changes;  // undone last first, before the folders go
  UniqueHandle job;
  RunDesktop desktop;
  std::unique_ptr<Terminal> console;
  ParentStdio stdio;
  NewProcess process;
  LimitsPolicy limits;
  intptr_t interrupt = -1;  // an event that ends the tree as a signal 2 does
  std::vector<std::string> applied, notices;
};

// Lets the command run, and takes over what it consists of.
absl::StatusOr<std::unique_ptr<Sandbox>> StartSandbox(RunParts parts, EventSink& sink);

// Of a command that is not there.
std::unique_ptr<Sandbox> EndedSandbox(Outcome outcome, EventSink& sink);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_SANDBOX_H_
