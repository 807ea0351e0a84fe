#ifndef PADDOCK_SERVICE_START_H_
#define PADDOCK_SERVICE_START_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compose/run_settings.h"

// What the daemon asks a runner for, and what it gets, as payloads of the frames of backends/wsl2/frame.h: kStart, and
// kExited. Everything in between is that protocol's own.

namespace paddock::service {

enum class Task : uint8_t { kRun, kProbe, kExplain, kPlan, kAudit };

struct Terminal {
  uint16_t columns = 80, rows = 24;
  friend bool operator==(const Terminal&, const Terminal&) = default;
};

struct Start {
  Task task = Task::kRun;
  RunSettings settings;  // with the daemon's ceiling
  std::vector<std::string> command;
  // The client's. Home and XDG directories are the runner's own.
  std::string cwd;
  std::vector<std::string> environment;  // "NAME=VALUE"
  std::optional<Terminal> tty;           // of kRun; absent: the streams are pipes
  bool in = false;                       // of kRun: there is a stdin; else it is /dev/null
  bool report = true;                    // of kRun: the ending of a command that ran has one
  std::string facts;                     // of kExplain and kPlan: another host's, JSON
};

// InvalidArgument (`order_invalid`) if a text holds a NUL, which no argument, path or variable can, or if all is longer
// than a frame may be.
absl::StatusOr<std::string> EncodeStart(const Start& start);
absl::StatusOr<Start> ParseStart(absl::string_view payload);

// The last thing that a runner says.
struct Ending {
  // OK: of kRun, the command ran or was not there to be run. Of the other tasks: there is an answer. Else with a
  // reason.
  absl::Status status;
  int exit_status = 0;  // of kRun
  std::string kind;     // of kRun: "exited", "refused", ...
  std::string json;     // the report, or the answer
  // Of kExplain: why what was chosen could not be planned.
  absl::Status refusal;
  bool would_run = false;
};
std::string EncodeEnding(const Ending& ending);
absl::StatusOr<Ending> ParseEnding(absl::string_view payload);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_START_H_
