#ifndef PADDOCK_TESTS_SUPPORT_PROCESS_FAULTS_H_
#define PADDOCK_TESTS_SUPPORT_PROCESS_FAULTS_H_

#include <string>
#include <vector>

#include "core/windows_plan/specs.h"
#include "tests/support/windows_plans.h"

namespace paddock {

// What is wrong with the job, the limits and the process of a plan of `backend` for `scene`: "job: ..." and
// "process: ...". `cwd`: where the command starts. `writable`: a folder that caches are redirected to. `offline`: the
// variables say that there is no network.
struct ProcessExpectation {
  std::string backend, cwd, tmp, writable;
  bool offline = false;
};
std::vector<std::string> ProcessFaults(const WindowsScene& scene, const ProcessExpectation& expected,
                                       const JobSpec& job, const LimitsPolicy& limits, const ProcessSpec& process);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_PROCESS_FAULTS_H_
