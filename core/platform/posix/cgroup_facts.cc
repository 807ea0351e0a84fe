#include "core/platform/posix/cgroup_facts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

// The path in the line "0::PATH", or an empty text.
std::string UnifiedPath(const std::string& self_cgroup) {
  for (absl::string_view line : absl::StrSplit(self_cgroup, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "0::/")) return std::string(line.substr(3));
  }
  return "";
}

// The directory that shows `path`, on whichever mount of cgroup v2 reaches it.
std::string DirectoryOf(const std::string& path, const MountTable& mounts) {
  for (const MountEntry& mount : mounts.entries()) {
    if (mount.type != "cgroup2") continue;
    const std::string root = UnescapeMount(mount.root);
    if (!PathIsWithin(path, root)) continue;
    return JoinPath(mount.mount_point, PathBelow(path, root));
  }
  return "";
}

std::string NotWritable(const std::string& directory) {
  for (const char* name : {"", "/cgroup.procs", "/cgroup.subtree_control"}) {
    const std::string path = absl::StrCat(directory, name);
    if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
      return absl::StrCat("writing ", path, ": ", std::strerror(errno));
    }
  }
  return "";
}

}  // namespace

CgroupFacts ProbeCgroup(const std::string& self_cgroup, const MountTable& mounts) {
  CgroupFacts facts;
  const std::string path = UnifiedPath(self_cgroup);
  // "/.." leads out of the cgroup namespace; " (deleted)" is what the kernel writes of a removed one.
  if (path.empty() || absl::StartsWith(path, "/..") || absl::EndsWith(path, " (deleted)")) {
    facts.delegated = No("/proc/self/cgroup: no cgroup v2 of ours");
    return facts;
  }
  facts.path = DirectoryOf(path, mounts);
  if (facts.path.empty()) {
    facts.delegated = No("mountinfo: no cgroup2 mount shows " + path);
    return facts;
  }
  const std::string refused = NotWritable(facts.path);
  facts.delegated = refused.empty() ? Yes(facts.path + " can be written") : No(refused);
  const std::string controllers = ReadRawFile(AT_FDCWD, facts.path + "/cgroup.controllers", 4096).value_or("");
  for (absl::string_view name : absl::StrSplit(controllers, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    if (name == "cpu" || name == "memory" || name == "pids") facts.controllers.emplace_back(name);
  }
  std::sort(facts.controllers.begin(), facts.controllers.end());
  return facts;
}

}  // namespace paddock
