#ifndef PADDOCK_BACKENDS_APPCONTAINER_PLAN_BUILDER_H_
#define PADDOCK_BACKENDS_APPCONTAINER_PLAN_BUILDER_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backends/appcontainer/package_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/windows_plan/places.h"

namespace paddock {

inline constexpr char kPackage[] = "{package}";

// A plan under construction: what the functions below read from each other. One is made per call of Plan.
struct AppContainerBuilder {
  const Request& request;
  const Facts& facts;
  AppContainerPlan& body;
  LaunchPlan& plan;
  Places places;

  void Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing = "") {
    plan.verdicts.push_back({rule, verdict, std::move(mechanism), std::move(missing)});
  }
  // The root that holds `path`, or may; nullptr: none.
  WritableRoot* RootOf(absl::string_view path) const;
  // Enforced by a less privileged AppContainer, else approximated: what is open to all of them stays open.
  void DecideByAbsence(const std::string& rule, std::string mechanism);
};

// Whether a capability of the request opens the network.
bool OpensNetwork(const Request& request);

// plan_grants.cc: which trees the package gets at, to write and to read.
absl::Status PlanPackageGrants(AppContainerBuilder& b);
// plan_names.cc: names inside the grants that it does not get at, or only to read.
absl::Status PlanPackageNames(AppContainerBuilder& b);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_PLAN_BUILDER_H_
