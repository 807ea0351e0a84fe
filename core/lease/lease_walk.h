#ifndef PADDOCK_CORE_LEASE_LEASE_WALK_H_
#define PADDOCK_CORE_LEASE_LEASE_WALK_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/access/acl.h"
#include "core/lease/acl_volume.h"

namespace paddock {

// What a walk does with each file. Both may be called from several threads at once.
struct WalkVisitor {
  // `inherited` is what `visit` returned for the directory. Before a directory is listed, it is visited: what is made
  // in it afterwards inherits from it, what was made before is found. An error ends the whole walk.
  std::function<absl::StatusOr<access::Acl>(AclFile& file, const std::string& path, const access::Acl& inherited)>
      visit;
  // A directory that cannot be listed, a child that cannot be opened; NotFound: it vanished since it was listed.
  std::function<void(const std::string& path, const absl::Status& status)> failed;
};

// Walks `root` and everything below it on `threads` threads (at least 1), through no reparse point. What is left to do
// is kept as names, so that a wide tree holds few handles: those of the directories whose subdirectories wait.
absl::Status WalkTree(std::shared_ptr<AclFile> root, const std::string& path, int threads, const WalkVisitor& visitor);

// `path` and `name` with one separator between.
std::string JoinName(const std::string& path, const std::string& name);

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_WALK_H_
