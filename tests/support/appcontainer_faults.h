#ifndef PADDOCK_TESTS_SUPPORT_APPCONTAINER_FAULTS_H_
#define PADDOCK_TESTS_SUPPORT_APPCONTAINER_FAULTS_H_

#include <string>
#include <vector>

#include "backends/appcontainer/package_plan.h"
#include "core/access/token.h"
#include "tests/support/windows_model.h"
#include "tests/support/windows_plans.h"

namespace paddock {

// The lowbox token of a plan: the user's, with the package and capabilities that it orders, at low integrity.
access::Token LowboxToken(const WindowsModel& model, const PackageSpec& package);

// What is wrong with a plan of appcontainer for `scene`, by the access-check evaluator over a modelled host, and by
// comparison with what the scene asks for: "SUBJECT: what". Subjects: token, files, host, objects, leases, folders,
// job, process. Empty: nothing.
std::vector<std::string> PackageFaults(const WindowsScene& scene, const AppContainerPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_APPCONTAINER_FAULTS_H_
