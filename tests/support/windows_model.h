#ifndef PADDOCK_TESTS_SUPPORT_WINDOWS_MODEL_H_
#define PADDOCK_TESTS_SUPPORT_WINDOWS_MODEL_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/windows_token/token_plan.h"
#include "core/access/file_ops.h"
#include "core/access/file_tree.h"
#include "core/access/mapping.h"
#include "core/access/token.h"
#include "tests/support/windows_plans.h"

// A Windows host as the access-check evaluator sees it: who is there, which files and objects, and what a plan makes of
// them. Enough of a host to ask what a composed token could do on it, and nothing of Windows itself.

namespace paddock {

// What a file is to a run, from which follows what the run may do to it.
enum class PlaceKind : uint8_t {
  kSystem,         // the system's: only to be read
  kSystemTop,      // where every user may make directories, and a run may not
  kOwn,            // the developer's: not to be changed, and to be deleted (delete_child)
  kOwnTop,         // the developer's, in a directory that only the system changes
  kOther,          // another user's
  kEveryone,       // where Everyone may write (everyone_writable)
  kAuthenticated,  // where every authenticated user may write, which is nobody of the restricting SIDs
  kAllPackages,    // where every user may write, and all application packages
  kLowLabelled,    // the developer's, labelled low
  kRoot,           // the top of a grant
  kGranted,        // in a grant
  kWay,            // in a grant, a directory above a protected name
  kProtected,      // a protected name in a grant, or what lies in one
  kDeep,           // what lies deeper in a protected directory
  kHidden,         // in a grant, what a dedicated user may not read
};

struct ModelFile {
  std::string path;
  bool directory = false;
  PlaceKind kind = PlaceKind::kSystem;
};

struct ModelObject {
  std::string name;
  access::ObjectType type = access::ObjectType::kFile;
  // With symbols. "process", "other process", "desktop", "other desktop": what the plan gives objects of the run, and,
  // planned for another run, of that.
  std::string sddl;
  uint32_t rights = 0;
  bool own_user = false;   // granted to a run of the developer's own account
  bool dedicated = false;  // to one of a dedicated user
};

class WindowsModel {
 public:
  // The host before the run. What the scene's facts call absent is not there. `locked`: beside the names of `.git`
  // stands a file that the developer may read and not delete but through its directory.
  WindowsModel(const WindowsScene& scene, bool dedicated, bool locked = false);

  // SDDL or a symbol with its symbols filled in.
  std::string Fill(absl::string_view text) const;

  // The developer, at medium integrity and unrestricted; an administrator behind User Account Control.
  access::Token Host() const;
  // Whose token a run restricts: the developer's, or the dedicated user's. `elevated`: not yet filtered.
  access::Token Base(bool elevated = false) const;
  // The same with the SIDs of another run of the same account.
  std::string FillForOtherRun(absl::string_view text) const;
  // The token that a plan orders, as CreateRestrictedToken and what follows it would give it.
  absl::StatusOr<access::Token> Compose(const TokenSpec& spec, bool elevated = false) const;
  access::Sid SidOf(absl::string_view symbol) const;

  const access::MemoryTree& tree() const { return tree_; }
  const std::vector<ModelFile>& files() const { return files_; }

  // Adds the entries of a plan, and the placeholders, each with what inheritance brings down; a conditional entry only
  // where its condition holds.
  absl::Status Apply(const WindowsTokenPlan& plan) { return Apply(plan.roots, plan.folders); }
  absl::Status Apply(const std::vector<WritableRoot>& roots, const std::vector<OwnFolder>& folders);

  // Adds a file that is not there, with the descriptor that the developer's would inherit, labelled with `label` (SDDL)
  // unless that is empty.
  absl::Status Add(const std::string& path, bool directory, PlaceKind kind, const std::string& label);

  // What is there besides files.
  static const std::vector<ModelObject>& Objects();

 private:
  access::MemoryTree tree_;
  std::vector<ModelFile> files_;
  std::map<std::string, std::string> symbols_;
  bool dedicated_;
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_WINDOWS_MODEL_H_
