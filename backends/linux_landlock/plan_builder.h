#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_PLAN_BUILDER_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_PLAN_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"

namespace paddock {

// What is missing of protection by name where case is ignored.
inline constexpr char kOtherSpellings[] = "other spellings of the name: the volume ignores case, and a mount does not";

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

  // Tier landlock: paths that nobody may read, and those of them that cannot be kept from the command after all, since
  // they lie inside a grant.
  std::vector<std::string> hidden, exposed;
  // Protected links that CanHold() denies: the plan is refused for them.
  std::vector<std::string> unheld;
  // Protected paths that nobody could look up, in a grant: the command may be able to open the way, so that the plan is
  // refused for them, too.
  std::vector<std::string> shut;
  // Tier namespaces and bubblewrap, inside WSL2: what the kernel executes for programs of Windows.
  std::vector<std::string> windows_interpreters;
  bool keeps_home = false;  // what the command writes below its home is kept for the next run

  // Whether the sandbox has a view of its own; else only rights, with which protection inside a grant cannot be said.
  bool has_view() const { return body.tier != LinuxTier::kLandlock; }

  // Facts about `path`, or nullptr if nobody looked at it.
  const PathFacts* Find(const std::string& path) const;
  bool IsAbsent(const std::string& path) const;  // also where only a placeholder of ours stands, or nobody looked
  bool IsLeased(const std::string& path) const;
  // Where two spellings of a name are one file, and two names to whoever mounts: drvfs. Protection by name is then no
  // more than approximated, and compared after the run.
  bool IgnoresCase() const;
  // `path` with all links resolved, where that is known; else as it is.
  std::string RealPath(const std::string& path) const;
  // A path of the request with the workspace's own links resolved: lies below the real grant, as the steps do.
  std::string InGrant(const std::string& path) const;
  const Grant* GrantOf(absl::string_view path) const;
  // True where filesystem.tmp = "host" makes the host's files writable without a grant; a home there stays a home.
  bool IsInHostTmp(const std::string& path) const;
  absl::Status CheckHeld(absl::string_view rule, const std::string& path) const;  // deny_in_host_tmp
  // The innermost private directory of the view (/tmp, /run, ...) that would cover `path`, or "".
  std::string PrivateRootOf(absl::string_view path) const;

  // True if the view shows nothing of the host at `path`: it lies below a private directory, and nothing is bound over
  // it.
  bool IsOutOfView(const std::string& path) const;

  void Add(MountStep step) { steps.emplace(step.target, std::move(step)); }
  // False for a symbolic link under bubblewrap, which mounts onto what a link leads to.
  bool CanHold(const std::string& path) const;

  // Has `path` made for the run. This and the next two do nothing where there is no view.
  void Hold(const std::string& path, PlaceholderKind kind);
  // Adds to `inner`; mask beats read-only beats cover beats pin.
  void Protect(MountStep step);
  // Makes the existing `path` read-only where it is: its place, and all below. Of a link too what decides where it
  // leads: the links on its way, the directories that ".." leaves, and what it leads to, unless that holds a whole
  // grant. What lies outside the grants is left out.
  void HoldInPlace(const std::string& path, const PathFacts& found, bool optional = false);
  bool HoldsGrant(absl::string_view path) const;  // true if a grant is `path` or lies below it
  // Pins every directory between the grant and `path`, both left out, or a rename of one would carry the mount away.
  void PinAbove(const std::string& path);
  void Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing = "");
  // For a rule that protects a name inside a grant by `mechanism`: not enforced where there is no view.
  void DecideProtected(const std::string& rule, std::string mechanism, std::string missing = "");
  // Has a protected path compared after the run, down to the last file below it where nothing else protects it.
  void WatchProtected(const std::string& path, const std::string& rule, const std::string& why);
};

// plan_grants.cc: which trees are writable. Refuses grants that are missing, lead elsewhere, or hold Paddock's own
// files.
absl::Status PlanGrants(PlanBuilder& b);
// plan_wsl.cc: what WSL2 adds to a distribution is taken away. Before the view or the rights.
void PlanWsl(PlanBuilder& b);
// plan_home.cc.
void PlanHome(PlanBuilder& b);
// plan_view.cc: private directories, home, masks, sockets, /dev, /proc; or the minimal root.
absl::Status PlanView(PlanBuilder& b);
// What a minimal root shows of the host, but for the policy's own paths: programs, libraries, and what of /etc they
// need.
absl::Span<const absl::string_view> MinimalRootPaths();
// plan_rights.cc: tier landlock's counterpart, in Landlock rules alone.
absl::Status PlanRights(PlanBuilder& b);
// plan_masks.cc: what nobody may read.
absl::Status PlanMasks(PlanBuilder& b);
// plan_protect.cc: names inside grants that stay unwritable, those that do not exist yet included.
absl::Status PlanProtectedNames(PlanBuilder& b);
// plan_git.cc: what git on the host would execute.
absl::Status PlanRepositories(PlanBuilder& b);
// plan_watch.cc: what is compared after the run.
void PlanWatch(PlanBuilder& b);
// plan_limits.cc.
void PlanLimits(PlanBuilder& b);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_PLAN_BUILDER_H_
