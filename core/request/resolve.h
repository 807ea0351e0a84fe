#ifndef PADDOCK_CORE_REQUEST_RESOLVE_H_
#define PADDOCK_CORE_REQUEST_RESOLVE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/request/request.h"

// From a policy's paths to absolute ones, and which directories may be made writable at all. Internal to core/request.

namespace paddock {

// The roots that relative and home paths start from. The style (POSIX or Windows) is that of the workspace, else of the
// home directory.
class Resolver {
 public:
  // `workspace` and `home` are absolute, or empty where there is none. A home that cannot be understood counts as none.
  Resolver(absl::string_view workspace, absl::string_view home);

  bool windows() const { return windows_; }
  const std::string& workspace() const { return workspace_; }
  const std::string& home() const { return home_; }

  bool IsAbsolute(absl::string_view path) const;

  // `path` as seen from the absolute `base`, normal. On Windows InvalidArgument or FailedPrecondition, as a predicate
  // to be put behind `path`, if it depends on a current directory or is not written in a usual way (windows_path.h).
  // `pattern`: both may hold wildcards.
  absl::StatusOr<std::string> Join(absl::string_view base, absl::string_view path, bool pattern = false) const;

  // Whether `path` is `root` or lies below it: for certain, as a grant needs it, or possibly, as a refusal needs it. On
  // Windows text cannot always tell (windows_path.h): "PROGRA~1" may be a short name. `*why`: a clause, empty if
  // certain.
  bool IsWithin(absl::string_view path, absl::string_view root) const;
  bool MayBeWithin(absl::string_view path, absl::string_view root, std::string* why = nullptr) const;

  // `key` is for messages: "filesystem.write". home_unknown if `entry` starts with ~ and there is no home; a path of
  // the other style is an error too: it would name nothing.
  absl::StatusOr<PathRule> Resolve(const PathEntry& entry, absl::string_view key) const;

  // The literal ones among `rules` that cover `path` for certain: the first, or nullptr.
  const PathRule* FindCovering(const std::vector<PathRule>& rules, absl::string_view path) const;
  // The same for those that may cover it; for denials.
  const PathRule* FindPossiblyCovering(const std::vector<PathRule>& rules, absl::string_view path) const;

 private:
  std::string workspace_, home_;
  bool windows_ = false;
};

// Refuses, by text alone, `path` as a place that may be written: the root, the home directory and what holds it,
// directories of the system. `what` begins the message: "the workspace", "filesystem.write \"/etc\" (--rw)". A link
// that leads there is found later, by whoever looks at the host.
absl::Status CheckWritablePlace(const Resolver& resolver, absl::string_view path, absl::string_view what);

}  // namespace paddock

#endif  // PADDOCK_CORE_REQUEST_RESOLVE_H_
