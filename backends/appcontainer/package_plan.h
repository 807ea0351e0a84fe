#ifndef PADDOCK_BACKENDS_APPCONTAINER_PACKAGE_PLAN_H_
#define PADDOCK_BACKENDS_APPCONTAINER_PACKAGE_PLAN_H_

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/lease/lease_plan.h"
#include "core/plan/launch_plan.h"
#include "core/policy/policy.h"
#include "core/windows_plan/specs.h"

// The plan body of appcontainer: what the launcher does, in the order in which it does it. Symbols:
//   {run}         random, of this run alone: the end of the package's name
//   {package}     the SID of the package, which comes from its name
//   {run_folder}  a directory of the run's own, removed after it
// Paths are absolute Windows paths in WTF-8.

namespace paddock {

struct CapabilitySpec {
  std::string name;  // as the policy declares it
  std::string sid;
  friend bool operator==(const CapabilitySpec&, const CapabilitySpec&) = default;
};

// The AppContainer: its profile is made before the run and removed after it.
struct PackageSpec {
  std::string name;          // "paddock.{run}"
  std::string display_name;  // what Windows shows of it
  std::vector<CapabilitySpec> capabilities;
  bool lpac = true;  // a less privileged AppContainer: ALL APPLICATION PACKAGES does not stand for it
  friend bool operator==(const PackageSpec&, const PackageSpec&) = default;
};

struct AppContainerPlan : PlanBody {
  PackageSpec package;
  std::vector<WritableRoot> roots;  // trees that the package gets at, to write or to read; entries for {package} alone
  std::vector<OwnFolder> folders;
  JobSpec job;
  ProcessSpec process;
  LimitsPolicy limits;  // wall and output are the launcher's to watch; the rest is in `job`
  std::string state_dir;

  Json ToJson() const override;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_PACKAGE_PLAN_H_
