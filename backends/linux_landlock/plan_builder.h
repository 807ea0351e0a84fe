#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_PLAN_BUILDER_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_PLAN_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// A plan under construction: what the functions below read from each other. One is made per call of Plan.
struct PlanBuilder {
  const Request& request;
  const Facts& facts;
  LinuxPlan& body;
  LaunchPlan& plan;

  // A writable tree of the host, by its real path.
  struct Grant {
    std::string path;
    PathFacts facts;
    PathRule rule;
  };
  std::vector<Grant> grants;  // none inside another
  // Steps by target, parents before children as strings sort. Within one target: in order of insertion.
  std::multimap<std::string, MountStep> steps;
  // Protection inside grants, one step for each path: the stronger wins.
  std::map<std::string, MountStep> inner;

  // Facts about `path`, or nullptr if nobody looked at it.
  const PathFacts* Find(const std::string& path) const;
  bool IsAbsent(const std::string& path) const;  // also where only a placeholder of ours stands, or nobody looked
  bool IsLeased(const std::string& path) const;
  // `path` with all links resolved, where that is known; else as it is.
  std::string RealPath(const std::string& path) const;
  // A path of the request with the workspace's own links resolved: lies below the real grant, as the steps do.
  std::string InGrant(const std::string& path) const;
  const Grant* GrantOf(absl::string_view path) const;
  // The innermost private directory of the view (/tmp, /run, ...) that would cover `path`, or "".
  std::string PrivateRootOf(absl::string_view path) const;

  void Add(MountStep step) { steps.emplace(step.target, std::move(step)); }
  // Has `path` made for the run.
  void Hold(const std::string& path, PlaceholderKind kind);
  // Adds to `inner`; mask beats read-only beats cover beats pin.
  void Protect(MountStep step);
  // Pins every directory between the grant and `path`, both left out, or a rename of one would carry the mount away.
  void PinAbove(const std::string& path);
  void Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing = "");
};

// plan_grants.cc: which trees are writable. Refuses grants that are missing, lead elsewhere, or hold Paddock's own
// files.
absl::Status PlanGrants(PlanBuilder& b);
// plan_view.cc: private directories, home, masks, sockets, /dev, /proc; or the minimal root.
absl::Status PlanView(PlanBuilder& b);
// plan_protect.cc: names inside grants that stay unwritable, those that do not exist yet included.
absl::Status PlanProtectedNames(PlanBuilder& b);
// plan_git.cc: what git on the host would execute.
void PlanRepositories(PlanBuilder& b);
// plan_watch.cc: what is compared after the run.
void PlanWatch(PlanBuilder& b);
// plan_limits.cc.
void PlanLimits(PlanBuilder& b);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_PLAN_BUILDER_H_
