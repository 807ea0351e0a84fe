#ifndef PADDOCK_CORE_BACKEND_LAUNCHER_H_
#define PADDOCK_CORE_BACKEND_LAUNCHER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/plan/launch_plan.h"
#include "core/report/outcome.h"

// Effects. A Launcher carries out a plan of its backend on its own OS; what runs is a Sandbox.

namespace paddock {

enum class StreamId : uint8_t { kStdin, kStdout, kStderr };

struct StartedEvent {
  int64_t process_id = 0;  // the command's, in the host's numbering where it has one, else the sandbox's first process
};
struct OutputEvent {
  StreamId stream = StreamId::kStdout;  // a terminal's output is kStdout
  absl::string_view bytes;              // valid during the call
};
struct ViolationEvent {
  Violation violation;
};
struct NoticeEvent {
  std::string text;
};
// Before StartedEvent, where setting up takes long: for somebody who waits, and no part of the report.
struct ProgressEvent {
  std::string text;
};
struct ExitedEvent {
  Outcome outcome;
};
using Event = std::variant<StartedEvent, OutputEvent, ViolationEvent, NoticeEvent, ProgressEvent, ExitedEvent>;

// Receives a run's events on the thread that is inside Sandbox::Wait(), one at a time, ExitedEvent last and once. A
// sink that blocks holds the command back (its pipes fill); limits keep running. Events of setting up come while
// Launch() lasts, ProgressEvents from threads of the launcher's, one at a time as well.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void OnEvent(const Event& event) = 0;
};

// How one standard stream is connected.
struct StreamSpec {
  enum class Kind : uint8_t {
    kInherit,  // the caller's own stream of that number
    kNull,     // reads end at once, writes vanish
    kHandle,   // `handle`, a descriptor or HANDLE; stays the caller's
    kPipe,     // stdin: Sandbox::Write; stdout and stderr: OutputEvents
  };
  Kind kind = Kind::kInherit;
  intptr_t handle = -1;
};

struct Stdio {
  StreamSpec in, out, err;
  // A terminal of the sandbox's own in place of the three streams: input by Sandbox::Write or copied from `in`, output
  // as OutputEvents or copied to `out`.
  bool tty = false;
  uint16_t tty_columns = 80, tty_rows = 24;
  // Linux: a signalfd; what it reads is forwarded to the command (SIGWINCH resizes the terminal). Windows: an event;
  // when it is set, the tree is ended as by an interrupt. -1: none.
  intptr_t signals = -1;
};

// A running tree of processes. Destroying it ends the tree.
class Sandbox {
 public:
  virtual ~Sandbox() = default;

  // Runs the event loop until the tree has ended: copies streams, watches limits, calls the sink. Call it once; nothing
  // is copied before. On return every process of the tree is gone (under a plan that promises tree=inherited: every one
  // that its mechanism reaches), and so is every lease of the plan that no other run shares.
  virtual RunResult Wait() = 0;

  // Ready (readable, signalled) when the tree has ended: a pidfd or HANDLE. Owned by the sandbox.
  virtual intptr_t wait_handle() const = 0;

  // Safe from any thread, also while Wait() runs. Write may block until the command reads.
  virtual absl::Status Write(absl::string_view bytes) = 0;
  virtual absl::Status CloseInput() = 0;
  virtual absl::Status Resize(uint16_t columns, uint16_t rows) = 0;
  virtual absl::Status Signal(int signal) = 0;
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  virtual absl::string_view backend() const = 0;

  // Carries out `plan`. Unavailable: this host cannot do it after all; nothing ran and every lease is undone, so that
  // the next candidate may be tried. Any other error ends the run. A command that is not there or cannot be executed is
  // no error but the sandbox's outcome, kNotFound or kNotExecutable, without StartedEvent. `sink` must outlive the
  // sandbox.
  virtual absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                          EventSink& sink) = 0;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_BACKEND_LAUNCHER_H_
