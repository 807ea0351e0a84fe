#ifndef PADDOCK_CORE_REQUEST_REQUEST_H_
#define PADDOCK_CORE_REQUEST_REQUEST_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/policy/policy.h"

// One command to run under one policy. Pure data: paths are absolute but not yet looked at; what they are on the host
// is in Facts.

namespace paddock {

enum class TtyMode : uint8_t { kAuto, kAlways, kNever };

// A path of the policy, made absolute.
struct PathRule {
  std::string path;  // absolute, lexically normal; with `glob`, a pattern
  bool glob = false;
  std::string text;  // as written, for messages and verdicts
  Origin origin;
  friend bool operator==(const PathRule&, const PathRule&) = default;
};

struct Request {
  Policy policy;
  std::string workspace;  // absolute, lexically normal; empty: no host workspace
  std::string cwd;        // absolute; where the command starts
  std::vector<std::string> command;
  TtyMode tty = TtyMode::kNever;

  // The policy's paths, resolved against workspace and home.
  std::vector<PathRule> write, deny_write, read_only, deny_read, unix_sockets;

  // The command's whole environment, after inherit, scrub and set; sorted by name.
  std::map<std::string, std::string> environment;
};

// What the caller is and where it stands: the inputs of a Request that do not come from the policy.
struct Caller {
  std::string home;                                // absolute; empty if unknown
  std::string cwd;                                 // absolute
  std::map<std::string, std::string> environment;  // the caller's own
  std::string executable;                          // this program's own file; empty if unknown
};

struct RequestOptions {
  std::string workspace;  // as the user gave it; empty: the caller's cwd
  std::string cwd;        // as the user gave it; empty: the caller's cwd if inside the workspace, else the workspace
  std::vector<std::string> command;
  TtyMode tty = TtyMode::kNever;
};

// Resolves paths and environment; touches nothing on the host. InvalidArgument with a reason names the key or flag at
// fault: command_empty, command_invalid, path_invalid, home_unknown, workspace_needed, cwd_unusable, and, for the
// workspace and every writable grant, workspace_is_root, _is_home, _is_system, _denied, _holds_secret. Windows paths
// are understood wherever it runs; which style holds is the workspace's.
absl::StatusOr<Request> MakeRequest(Policy policy, const RequestOptions& options, const Caller& caller);

// The form of environ(7): an entry without a name or without "=" is left out; of two with one name the first counts, as
// the C library takes it.
std::map<std::string, std::string> ParseEnvironment(const std::vector<std::string>& entries);

}  // namespace paddock

#endif  // PADDOCK_CORE_REQUEST_REQUEST_H_
