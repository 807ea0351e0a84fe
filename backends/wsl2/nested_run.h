#ifndef PADDOCK_BACKENDS_WSL2_NESTED_RUN_H_
#define PADDOCK_BACKENDS_WSL2_NESTED_RUN_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/wsl2/frame.h"
#include "core/base/json.h"
#include "core/policy/load.h"
#include "core/policy/policy.h"

// What the host asks the relay to run: a kStart frame's JSON. Paths are the distribution's, but for those that begin
// with
// "~", which the far side resolves in its own home. Home, inherited environment and facts are the far side's as well.

namespace paddock::wsl2 {

// Which streams the run has. The command finds /dev/null in place of the others.
struct NestedStreams {
  bool in = true, out = true, err = true;
  friend bool operator==(const NestedStreams&, const NestedStreams&) = default;
};

struct NestedRun {
  // Limits and requirements, the preferred ones too, are the policy's. Its backends are the far side's.
  Policy policy;
  std::string workspace;
  std::string cwd;
  std::vector<std::string> command;
  // Set on the far side whatever the policy inherits there; wins over policy.environment.set.
  std::map<std::string, std::string> environment;
  std::optional<WindowCells> tty;  // absent: the streams are pipes
  NestedStreams streams;
};

// Schema "paddock.nested_run/1", as a kStart frame's payload. InvalidArgument with a reason if a text is no UTF-8 (a
// name on Windows may hold half a surrogate pair, which no Linux program would get as it is), or if all is longer than
// a frame.
absl::StatusOr<std::string> EncodeNestedRun(const NestedRun& run);

// What the far side adds: its administrator's ceiling, which the policy must not exceed (core/policy/merge.h), and its
// home directory, to compare paths.
struct FarSide {
  std::optional<PolicyFile> admin;
  std::string home;
};

// Strict: InvalidArgument with a reason for unknown or missing keys, wrong types, paths that are not absolute, a NUL
// byte, and everything that a policy file would be refused for.
absl::StatusOr<NestedRun> ParseNestedRun(absl::string_view text, const FarSide& far_side);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_NESTED_RUN_H_
