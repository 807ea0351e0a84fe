#ifndef PADDOCK_TESTS_SUPPORT_LOW_INTEGRITY_FAULTS_H_
#define PADDOCK_TESTS_SUPPORT_LOW_INTEGRITY_FAULTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/low_integrity/low_plan.h"
#include "core/access/token.h"
#include "tests/support/windows_model.h"
#include "tests/support/windows_plans.h"

namespace paddock {

// The token of a plan, as CreateRestrictedToken and what follows it would give it.
absl::StatusOr<access::Token> LowToken(const WindowsModel& model, const LowTokenSpec& spec, bool elevated = false);

// The modelled host with the plan's folder on it: the copies with what they are copies of, all labelled as the plan
// says.
absl::Status ApplyLow(const LowIntegrityPlan& plan, WindowsModel* model);

// What is wrong with a plan of low_integrity for `scene`: "SUBJECT: what", of the subjects token, files, objects,
// copies, job, process. Empty: nothing.
std::vector<std::string> LowFaults(const WindowsScene& scene, const LowIntegrityPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_LOW_INTEGRITY_FAULTS_H_
