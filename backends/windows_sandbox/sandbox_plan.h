#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_SANDBOX_PLAN_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_SANDBOX_PLAN_H_

#include <string>
#include <vector>

#include "backends/windows_sandbox/order.h"
#include "backends/windows_sandbox/wsb.h"
#include "core/base/json.h"
#include "core/plan/launch_plan.h"
#include "core/policy/policy.h"

// The plan body of windows_sandbox: the machine, what the guest program does in it, and what is compared on the host
// after it. Symbols: {run_folder}, a directory of the run's own below Paddock's state; {nonce}. Paths are absolute
// Windows paths in WTF-8.

namespace paddock {

enum class WorkspaceMode : uint8_t {
  kNone,
  kMapped,  // the folder itself, read-write where it is granted
  kCopy,    // a copy inside, which goes with the machine
};
absl::string_view Name(WorkspaceMode mode);

// A protected name inside a folder that the machine can write: looked at before and after.
struct ComparedName {
  std::string path;  // on the host
  std::string rule;
  friend bool operator==(const ComparedName&, const ComparedName&) = default;
};

struct WindowsSandboxPlan : PlanBody {
  MachineSpec machine;
  WorkspaceMode workspace = WorkspaceMode::kNone;
  GuestOrder order;
  std::vector<ComparedName> watched;
  LimitsPolicy limits;  // wall and output are the launcher's to watch as well
  std::string state_dir;

  Json ToJson() const override;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_SANDBOX_PLAN_H_
