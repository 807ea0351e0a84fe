#ifndef PADDOCK_CORE_REPORT_OUTCOME_H_
#define PADDOCK_CORE_REPORT_OUTCOME_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/plan/launch_plan.h"

namespace paddock {

struct Report;

// How a run ended. Told apart by the launcher, never by what the command printed or returned.
enum class ExitKind : uint8_t {
  kExited,     // the command's own status is in `code`
  kSignalled,  // `signal` ended it
  kWallLimit,
  kOutputLimit,
  kMemoryLimit,
  kProcessLimit,
  kCpuLimit,
  kRefused,        // nothing ran: a requirement, a policy, a workspace that must not be granted
  kNotFound,       // no such command
  kNotExecutable,  // the command exists and cannot be executed
  kFailed,         // Paddock itself failed
};
absl::string_view Name(ExitKind kind);  // "exited", "signalled", "wall", "output", ...

struct Outcome {
  ExitKind kind = ExitKind::kFailed;
  int code = 0;
  int signal = 0;
  // Why, for kRefused and kFailed.
  Reason reason;
};

// The exit status of `paddock run`: the command's own; 128+N for signal N; 124 for the wall clock; 125 for refusals,
// Paddock's own failures and the other limits; 126 and 127 as in POSIX shells.
int ExitStatus(const Outcome& outcome);

struct Usage {
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds user_cpu{0};
  std::chrono::nanoseconds system_cpu{0};
  uint64_t max_resident = 0;  // bytes, of the largest process
  uint64_t output = 0;        // bytes relayed from stdout and stderr
};

// Something the sandbox stopped, or something done that the policy forbids.
struct Violation {
  bool observed = false;  // seen by the mechanism itself; false: inferred from the state after the run
  std::string what;       // "protected name created: .mcp.json"
  std::string rule;       // the policy's rule, if one
  std::string path = {};  // if it is about one path: the end of `what`, after ": "
};

// Something that the run left and that the host may execute later.
struct LeftBehind {
  std::string path;
  std::string change;  // "created", "modified", "removed"
  std::string why;     // "npm runs its scripts"
};

// What a launcher gives back.
struct RunResult {
  Outcome outcome;
  Usage usage;
  std::vector<Violation> violations;
  std::vector<LeftBehind> left_behind;
  std::vector<std::string> notices;     // what could not be done as planned, each one a sentence
  std::vector<RuleVerdict> verdicts;    // learnt at launch; each takes the place of the plan's for the same rule
  std::vector<std::string> applied;     // mechanisms in force, read back by the executor: "landlock abi 7"
  std::shared_ptr<const Report> inner;  // a relay's far report
};

Json ToJson(const Outcome& outcome);
Json ToJson(const Usage& usage);

}  // namespace paddock

#endif  // PADDOCK_CORE_REPORT_OUTCOME_H_
