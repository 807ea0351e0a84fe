#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_SIDE_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_SIDE_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/token_plan.h"
#include "core/report/outcome.h"
#include "core/windows_launch/desktop.h"
#include "core/windows_launch/process.h"
#include "core/windows_launch/stdio.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_launch/token.h"

namespace paddock {

// What is made of a command: it is suspended, and in its job.
struct MadeCommand {
  // kNotFound, kNotExecutable: nothing was made, and the rest is empty. kExited: it was.
  Outcome outcome = {ExitKind::kExited, 0, 0, {}};
  NewProcess process;
  RunDesktop desktop;
  std::unique_ptr<Terminal> terminal;
  std::vector<std::string> applied, notices;
};

struct SideOrder {
  const TokenSpec* token = nullptr;
  const DesktopSpec* desktop = nullptr;
  const ProcessSpec* process = nullptr;
  const Symbols* symbols = nullptr;
  // Found by the developer's side, with the developer's rights; null: to be found. The runner finds it by itself.
  const Program* program = nullptr;
  HANDLE job = nullptr;
  uint16_t columns = 0, rows = 0;  // of the terminal, if process->tty
};

// A launch has two sides: the developer's, which takes leases, makes folders, streams and the job, and watches the run;
// and that of the token, which is restricted there. They are in one process where the token is the developer's own, and
// else in two: what is here is then done by the runner, as the dedicated user.
class TokenSide {
 public:
  virtual ~TokenSide() = default;

  // To be called first. Tries the token, with random SIDs for those of `roots` leases: where the system does not
  // restrict, nothing on the host is changed. Sets {user} and {logon}, of the token that is restricted.
  virtual absl::Status Check(const TokenSpec& token, size_t roots, Symbols* symbols) = 0;

  // `child`: of a terminal, what goes in and out of it. What fails leaves nothing.
  virtual absl::StatusOr<MadeCommand> Make(const SideOrder& order, ChildStdio child) = 0;
};

// In this process. `station` is held while the process's window station is another one; all outlive the result.
std::unique_ptr<TokenSide> MakeOwnTokenSide(Enforcement& enforcement, LaunchRecorder& recorder, std::mutex& station);

// The symbol of the lease on root `i`: "{capability}", "{capability:2}", ...
std::string CapabilitySymbol(size_t i);

// Each of `texts` with its symbols filled in.
std::vector<std::string> FillAll(const Symbols& symbols, const std::vector<std::string>& texts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_SIDE_H_
