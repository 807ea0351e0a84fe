#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_COMPARE_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_COMPARE_H_

#include <string>
#include <vector>

#include "backends/windows_sandbox/sandbox_plan.h"
#include "core/report/outcome.h"

namespace paddock {

// What protected names look like on the host, to be compared after a run: kinds, names, sizes and times of what is
// there, and the content of files as long as that takes no more than 4 MiB for each. Links are not followed.
class ProtectedNames {
 public:
  explicit ProtectedNames(std::vector<ComparedName> names);

  // Those that look different now.
  std::vector<Violation> Changed() const;

 private:
  std::vector<std::string> Look() const;

  const std::vector<ComparedName> names_;
  const std::vector<std::string> before_;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_COMPARE_H_
