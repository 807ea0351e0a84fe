#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_PLAN_BUILDER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_PLAN_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backends/windows_token/token_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/windows_plan/places.h"

namespace paddock {

// Rights in entries, as SDDL writes them.
inline constexpr char kModify[] = "0x1301bf";      // everything but FILE_DELETE_CHILD, WRITE_DAC, WRITE_OWNER
inline constexpr char kModifyFile[] = "0x1201bf";  // the same without DELETE: of a file that is granted by itself
inline constexpr char kChanges[] = "0xd0116";      // what a write-restricted token takes for a write
inline constexpr char kDeleteOnly[] = "0x10000";   // DELETE
inline constexpr char kDeleteChild[] = "0x40";     // FILE_DELETE_CHILD, of which restricting SIDs are not asked
inline constexpr char kAllRights[] = "0x1f01ff";

// A plan under construction: what the functions below read from each other. One is made per call of Plan.
struct TokenPlanBuilder {
  const Request& request;
  const Facts& facts;
  WindowsTokenPlan& body;
  LaunchPlan& plan;

  Places places;

  bool dedicated() const { return body.dedicated_user; }

  // Facts about `path`, or nullptr if nobody looked at it.
  const PathFacts* Find(const std::string& path) const { return places.Find(path); }
  // A path of the request below the final path of its grant or workspace, as the entries need it; others as they are.
  std::string Located(const std::string& path) const { return places.Located(path); }
  // The root that holds `path`, or may: where that is not certain, the path counts as inside. nullptr: none.
  WritableRoot* RootOf(absl::string_view path) const;
  void Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing = "");
  // A further root, with its grant.
  WritableRoot& AddRoot(const std::string& path, bool directory, const std::string& rule);
};

// "(D;OICI;0xd0116;;;{capability})"
std::string EntryText(char type, absl::string_view flags, absl::string_view rights, absl::string_view sid);

// Adds `change` to `root` unless the same entry is there.
void AddChange(WritableRoot& root, AceChange change);

// plan_grants.cc: which trees are writable. Refuses grants that are missing, lead elsewhere, hold Paddock's own files,
// or lie where lists of access cannot be relied on.
absl::Status PlanGrants(TokenPlanBuilder& b);
// plan_protect.cc: names inside grants that stay unwritable, those that do not exist yet included; what nobody may
// read.
absl::Status PlanProtectedNames(TokenPlanBuilder& b);
// plan_git.cc: what git on the host would execute.
void PlanRepositories(TokenPlanBuilder& b);
// Names inside grants, for both. `path` lies strictly inside `root`.
void HoldExistingName(TokenPlanBuilder& b, WritableRoot& root, const std::string& path, bool directory,
                      const std::string& rule);
void HoldAbsentName(TokenPlanBuilder& b, WritableRoot& root, const std::string& path, bool placeholder,
                    const std::string& rule);
// plan_environment.cc: variables, redirections, the folders they lead to, and what stands for the network.
void PlanEnvironment(TokenPlanBuilder& b);
// plan_confinement.cc: the token, the job with its limits, the desktop.
void PlanToken(TokenPlanBuilder& b);
void PlanJob(TokenPlanBuilder& b);
void PlanDesktop(TokenPlanBuilder& b);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_PLAN_BUILDER_H_
