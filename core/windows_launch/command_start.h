#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_COMMAND_START_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_COMMAND_START_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/backend/launcher.h"
#include "core/windows_launch/process.h"
#include "core/windows_launch/sandbox.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// What a plan orders of a command. Outlives the start.
struct CommandOrder {
  const JobSpec& job;
  const ProcessSpec& process;
  const LimitsPolicy& limits;
};

// What confines a command, as its launcher reads it back.
struct CommandChecks {
  std::function<absl::Status(HANDLE job)> job;
  std::function<absl::Status(HANDLE process, HANDLE job)> process;  // suspended
};

// A command on the caller's desktop: its job, its streams, its process. What is made is held by `parts`, and goes with
// it where a step fails.
class CommandStart {
 public:
  CommandStart(const CommandOrder& order, const Stdio& stdio, const Symbols& symbols, LaunchRecorder& recorder,
               RunParts* parts)
      : order_(order), stdio_(stdio), symbols_(symbols), recorder_(recorder), parts_(parts) {}

  // Whether the caller asks to give up.
  bool Interrupted() const;

  // Looks for the program. Where there is none, `outcome()` says so, and nothing is to be started.
  absl::Status Find();
  const Outcome& outcome() const { return program_.outcome; }
  bool has_program() const { return program_.outcome.kind == ExitKind::kExited; }

  // The command's process, suspended and checked. `outcome()` says where the system takes the file for no program.
  absl::Status Make(HANDLE token, const ContainerOrder* container, const CommandChecks& checks);

  // Lets it run.
  absl::StatusOr<std::unique_ptr<Sandbox>> Start(EventSink& sink);

 private:
  absl::StatusOr<ChildStdio> MakeStdio();
  std::vector<std::string> Environment() const;

  const CommandOrder order_;
  const Stdio& stdio_;
  const Symbols& symbols_;
  LaunchRecorder& recorder_;
  RunParts* parts_;
  Program program_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_COMMAND_START_H_
