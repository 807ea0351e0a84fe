#ifndef PADDOCK_CORE_AUDIT_SOCKETS_H_
#define PADDOCK_CORE_AUDIT_SOCKETS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Unix sockets by name: what answers there, and what that is worth to whoever may connect.

namespace paddock::audit {

struct SocketKind {
  absl::string_view pattern;  // of the whole path; * stands for any bytes
  absl::string_view what;     // "Docker: root on this host"
  bool escape = false;        // whoever connects can have programs run outside the sandbox
};

// The first row that `path` matches; a row that promises nothing for any other.
const SocketKind& KindOfSocket(absl::string_view path);

// Where such sockets are found. A socket that was bound in another network namespace (Docker's, shown in a container)
// is not in this one's table of sockets, so that these have to be looked at.
std::vector<std::string> WellKnownSockets(absl::string_view home, absl::string_view runtime_dir);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SOCKETS_H_
