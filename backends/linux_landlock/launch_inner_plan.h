#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_INNER_PLAN_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_INNER_PLAN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/linux_plan.h"

namespace paddock {

// What the inner stage of tier bubblewrap needs: the part of the plan that bubblewrap does not carry out, and the
// terminal.
struct InnerPlan {
  std::shared_ptr<const LinuxPlan> plan;
  bool tty = false;
  uint16_t columns = 0, rows = 0;
};

// A plan as bytes, from a launcher to an inner stage of the same build. Arguments and environment may hold any bytes.
std::string EncodeInnerPlan(const InnerPlan& inner);

// InvalidArgument if `bytes` are nothing that EncodeInnerPlan wrote.
absl::StatusOr<InnerPlan> DecodeInnerPlan(absl::string_view bytes);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_INNER_PLAN_H_
