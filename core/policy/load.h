#ifndef PADDOCK_CORE_POLICY_LOAD_H_
#define PADDOCK_CORE_POLICY_LOAD_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/policy/spec.h"

// Policy files: where they lie, and from bytes to a PolicySpec. TOML and JSON are read into one tree (document.h) and
// from there through one table (schema.h).

namespace paddock {

struct PolicyFile {
  std::string path;
  PolicySpec spec;
};

enum class PolicyFormat : uint8_t { kToml, kJson };

inline constexpr size_t kMaxPolicyBytes = 1u << 20;

// ".json" in any case: JSON; else TOML.
PolicyFormat FormatOfPath(absl::string_view path);

// InvalidArgument with reason policy_invalid; the message is "file:line: key: what was found; what would be right".
// `file` is for messages and origins alone.
absl::StatusOr<PolicySpec> ParsePolicy(absl::string_view text, absl::string_view file, PolicyFormat format);

// Reads a regular file (symbolic links are followed) of at most kMaxPolicyBytes. Errors carry policy_unreadable or
// policy_invalid.
absl::StatusOr<PolicyFile> LoadPolicyFile(absl::string_view path);

// The same, but nullopt if nothing is there, or if `path` is empty. Anything else that keeps the file from being read
// is an error: an unreadable policy is not an absent one.
absl::StatusOr<std::optional<PolicyFile>> LoadPolicyFileIfPresent(absl::string_view path);

// The files of a user and of a repository, as paths; empty where there can be none. Where the administrator's lies is
// no business of the environment's: core/platform/administrator_policy.h.
struct PolicyPaths {
  std::string user;  // $XDG_CONFIG_HOME/paddock/policy.toml, else ~/.config/paddock/policy.toml
  std::string repo;  // WORKSPACE/.paddock.toml
};
// A relative XDG_CONFIG_HOME is ignored, as the XDG Base Directory Specification has it.
PolicyPaths PosixPolicyPaths(const std::map<std::string, std::string>& environment, absl::string_view home,
                             absl::string_view workspace);
// %APPDATA%\paddock\policy.toml, WORKSPACE\.paddock.toml.
PolicyPaths WindowsPolicyPaths(const std::map<std::string, std::string>& environment, absl::string_view workspace);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_LOAD_H_
