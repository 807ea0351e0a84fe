#ifndef PADDOCK_CORE_AUDIT_VIEW_H_
#define PADDOCK_CORE_AUDIT_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// What the command would see of the host's files, in terms that no backend owns: the composition root makes it from a
// plan.

namespace paddock::audit {

enum class Sight : uint8_t {
  kMasked,    // covered
  kPrivate,   // the run has something of its own there
  kReadOnly,  // as on the host; no writes
  kOverlay,   // as on the host; writes are thrown away
  kWritable,
};
absl::string_view Name(Sight sight);  // for messages: "read-only in the sandbox"

// Whether the host's own file is there to be opened or, a socket, connected to.
constexpr bool IsVisible(Sight sight) { return sight != Sight::kMasked && sight != Sight::kPrivate; }

struct View {
  struct Step {
    std::string path;
    Sight sight = Sight::kReadOnly;
  };
  struct Later {
    std::string path;
    std::string why;  // what on the host runs it
  };

  bool planned = false;       // false: no plan could be made, and `steps` holds no more than what would be writable
  std::string backend;        // "linux_landlock:namespaces"; empty without a plan
  bool minimal_root = false;  // what no step names is not there
  int landlock_abi = 0;
  bool any_socket = false;            // connecting takes no more than a socket's own permissions, in sight or not
  std::vector<Step> steps;            // in the order in which they are placed
  std::vector<Later> executed_later;  // paths that are only reported when the command changes them

  // Adds what tools obey as soon as they meet it at the top of a workspace: the policy's default list protects these, a
  // policy of the user's own may not.
  void AddObeyedNames(absl::string_view workspace);

  // The innermost step that holds `path` decides; of two for one path, the later one.
  Sight SightOf(absl::string_view path) const;
};

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_VIEW_H_
