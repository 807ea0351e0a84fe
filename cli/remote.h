#ifndef PADDOCK_CLI_REMOTE_H_
#define PADDOCK_CLI_REMOTE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compose/run_settings.h"
#include "core/backend/launcher.h"
#include "core/report/report.h"

namespace paddock::cli {

// `paddock --remote SOCKET`: a daemon does the work, this process has the options, the streams and the messages. The
// tool itself cannot speak to it, and becomes the program `paddock-remote`, which is the tool with this.
class Remote {
 public:
  virtual ~Remote() = default;

  enum class Question { kProbe, kExplain, kPlan, kAudit };
  struct Answer {
    std::string json;
    // Of kExplain: something was chosen and could be planned, or why not.
    bool would_run = false;
    absl::Status refusal;
  };
  // `facts`: of another host, JSON; empty: of the daemon's. Errors as those of deciding here.
  virtual absl::StatusOr<Answer> Ask(Question question, const RunSettings& settings,
                                     const std::vector<std::string>& command, const std::string& facts) = 0;

  // Runs the command there to its end, with this process's standard streams. Of `stdio`, the terminal and the signals
  // count. `sink` gets StartedEvent, NoticeEvent and ExitedEvent.
  virtual Report Run(const RunSettings& settings, const std::vector<std::string>& command, const Stdio& stdio,
                     EventSink& sink) = 0;
};

// Connects to the daemon at `socket`, which has to be of this user.
using ConnectFunction = absl::StatusOr<std::unique_ptr<Remote>> (*)(const std::string& socket);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_REMOTE_H_
