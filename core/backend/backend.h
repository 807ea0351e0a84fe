#ifndef PADDOCK_CORE_BACKEND_BACKEND_H_
#define PADDOCK_CORE_BACKEND_BACKEND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/reason.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/policy/guarantee.h"
#include "core/request/request.h"

namespace paddock {

// The four conditions that a coding agent's sandbox has to meet (docs/rubric.md).
enum class Condition : uint8_t { kOpenBinaries, kHostWorkspace, kNoAdmin, kTree };
enum class Meets : uint8_t { kNo, kPartial, kYes };
struct ConditionResult {
  Condition condition = Condition::kOpenBinaries;
  Meets meets = Meets::kNo;
  std::string detail;
};
absl::string_view Name(Condition condition);
absl::string_view Name(Meets meets);

struct BackendInfo {
  std::string name;                // "linux_landlock"
  std::string summary;             // one line
  OsFamily os = OsFamily::kLinux;  // where its launcher runs
  std::vector<std::string> tiers;  // strongest first; empty: one way only
};

// What a backend says of itself for one request on one host.
struct Assessment {
  std::vector<Reason> blockers;  // empty: it can be tried
  GuaranteeLevels reached;       // unknown facts counted as the weaker answer
  // What holds a level below the best that this backend can reach: each with its remedy. Not a blocker.
  std::vector<Reason> weakened_by;
  std::vector<Risk> risks;
  std::vector<ConditionResult> conditions;  // all four, in order
  bool usable() const { return blockers.empty(); }
};

// One sandbox technique, as decisions. Pure: same answer for the same input, on every OS, from every thread; touches
// nothing on the host. `tier` is one of info().tiers or empty.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual const BackendInfo& info() const = 0;
  virtual Assessment Assess(absl::string_view tier, const Request& request, const Facts& facts) const = 0;

  // FailedPrecondition with a reason if the request cannot be planned here (a workspace that must be refused, a deny
  // that cannot be held). The plan never promises less than Assess reached.
  virtual absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const = 0;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_BACKEND_BACKEND_H_
