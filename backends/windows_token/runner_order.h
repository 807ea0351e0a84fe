#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_RUNNER_ORDER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_RUNNER_ORDER_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/windows_token/token_plan.h"
#include "core/report/outcome.h"

// What the launcher and paddock-runner.exe, which is a process of the dedicated user, say to each other over a pipe:
// frames of one JSON object each, "paddock.runner/1". Either side takes the other's bytes for hostile until they are
// parsed. Pure.

namespace paddock {

// A connection that the runner is to try, to a listener of the launcher's on the loopback interface.
struct ConnectTry {
  bool ipv6 = false;
  uint16_t port = 0;
  friend bool operator==(const ConnectTry&, const ConnectTry&) = default;
};

// First: whether this system restricts such a token, and which connections it lets through. Changes nothing.
struct RunnerCheck {
  std::map<std::string, std::string> symbols;  // all but {user}, {logon} and those of leases
  TokenSpec token;
  std::vector<ConnectTry> connect;
  friend bool operator==(const RunnerCheck&, const RunnerCheck&) = default;
};

// Second: the command, to be made suspended. Handles are of the runner's process, where the launcher has put them; 0:
// none.
struct RunnerRun {
  std::map<std::string, std::string> symbols;  // all but {user} and {logon}
  TokenSpec token;
  DesktopSpec desktop;
  ProcessSpec process;
  uint64_t job = 0, in = 0, out = 0, err = 0;
  uint16_t columns = 0, rows = 0;  // of the terminal, if process.tty
  friend bool operator==(const RunnerRun&, const RunnerRun&) = default;
};

// Third: the launcher has what it was answered. Without a terminal the runner then ends.
struct RunnerTaken {
  friend bool operator==(const RunnerTaken&, const RunnerTaken&) = default;
};
struct RunnerResize {
  uint16_t columns = 0, rows = 0;
  friend bool operator==(const RunnerResize&, const RunnerResize&) = default;
};

using RunnerOrder = std::variant<RunnerCheck, RunnerRun, RunnerTaken, RunnerResize>;

// How a try ended: `error` is Winsock's number, 0 if it was connected.
struct ConnectResult {
  bool ipv6 = false;
  uint32_t error = 0;
  friend bool operator==(const ConnectResult&, const ConnectResult&) = default;
};

struct RunnerChecked {
  std::string user, logon;  // SIDs
  std::vector<ConnectResult> connect;
  friend bool operator==(const RunnerChecked&, const RunnerChecked&) = default;
};

// The suspended command. Handles are of the runner's process; `station` 0: there is none of its own.
struct RunnerMade {
  uint64_t process = 0, thread = 0, station = 0, desktop = 0;
  uint32_t process_id = 0;
  bool terminal = false;
  std::vector<std::string> applied, notices;
  friend bool operator==(const RunnerMade&, const RunnerMade&) = default;
};

// There is no such command (kNotFound), or it is none (kNotExecutable).
struct RunnerEnded {
  ExitKind kind = ExitKind::kNotFound;
  std::string code, detail;
  friend bool operator==(const RunnerEnded&, const RunnerEnded&) = default;
};

// A step failed; nothing is left of it.
struct RunnerRefused {
  bool unavailable = true;  // else the order asks for what cannot be
  std::string code, detail;
  friend bool operator==(const RunnerRefused&, const RunnerRefused&) = default;
};

using RunnerAnswer = std::variant<RunnerChecked, RunnerMade, RunnerEnded, RunnerRefused>;

// InvalidArgument for text that is not UTF-8 (half surrogate pairs): JSON cannot carry it.
absl::StatusOr<std::string> FormatRunnerOrder(const RunnerOrder& order);
std::string FormatRunnerAnswer(const RunnerAnswer& answer);

// InvalidArgument for anything but what the functions above give. An order is also refused whose token would be less
// restricted than a dedicated user's has to be: not write-restricted, with privileges, or without {user} or {run} among
// its restricting SIDs.
absl::StatusOr<RunnerOrder> ParseRunnerOrder(absl::string_view text);
absl::StatusOr<RunnerAnswer> ParseRunnerAnswer(absl::string_view text);

// A frame: eight bytes, "PRN1" and the length of the text, little-endian; then the text.
inline constexpr size_t kRunnerHeader = 8;
inline constexpr uint32_t kMaxRunnerText = 4u << 20;
absl::StatusOr<std::string> RunnerFrame(absl::string_view text);
// The length that `header` tells. InvalidArgument if it is none or too long.
absl::StatusOr<uint32_t> RunnerTextLength(absl::string_view header);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_RUNNER_ORDER_H_
