#include "core/platform/posix/cgroup_facts.h"

#include <fcntl.h>
#include <sys/xattr.h>
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

constexpr size_t kMaxCgroupText = 64 << 10;

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

// Why a cgroup must not be made in `directory`, or an empty text. Putting a process into it takes the right to write to
// the cgroup.procs of the directory that holds both its old and its new cgroup.
std::string NotOurs(const std::string& directory, bool systemd) {
  for (const char* name : {"", "/cgroup.procs"}) {
    const std::string path = absl::StrCat(directory, name);
    if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
      return absl::StrCat("writing ", path, ": ", std::strerror(errno));
    }
  }
  if (!systemd) return "";
  // systemd takes controllers away again from what it has not delegated, and the limits with them.
  for (const char* mark : {"user.delegate", "trusted.delegate"}) {
    char value = 0;
    if (getxattr(directory.c_str(), mark, &value, sizeof(value)) == 1 && value == '1') return "";
  }
  return absl::StrCat(directory, ": not delegated by systemd");
}

std::string Content(const std::string& directory, const char* name) {
  return ReadRawFile(AT_FDCWD, absl::StrCat(directory, "/", name), kMaxCgroupText).value_or("");
}

// Of a cgroup made in `directory`: those that are enabled there, or may be, since no process stands in the way.
std::vector<std::string> ControllersBelow(const std::string& directory) {
  const std::string switches = directory + "/cgroup.subtree_control";
  const bool can_enable =
      faccessat(AT_FDCWD, switches.c_str(), W_OK, AT_EACCESS) == 0 && Content(directory, "cgroup.procs").empty();
  const std::string names = Content(directory, can_enable ? "cgroup.controllers" : "cgroup.subtree_control");
  std::vector<std::string> controllers;
  for (absl::string_view name : absl::StrSplit(names, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    if (name == "cpu" || name == "memory" || name == "pids") controllers.emplace_back(name);
  }
  std::sort(controllers.begin(), controllers.end());
  return controllers;
}

}  // namespace

CgroupFacts ProbeCgroup(const std::string& self_cgroup, const MountTable& mounts, bool systemd) {
  CgroupFacts facts;
  const std::string path = UnifiedPath(self_cgroup);
  // "/.." leads out of the cgroup namespace; " (deleted)" is what the kernel writes of a removed one.
  if (path.empty() || absl::StartsWith(path, "/..") || absl::EndsWith(path, " (deleted)")) {
    facts.delegated = No("/proc/self/cgroup: no cgroup v2 of ours");
    return facts;
  }
  const std::string own = DirectoryOf(path, mounts);
  if (own.empty()) {
    facts.delegated = No("mountinfo: no cgroup2 mount shows " + path);
    return facts;
  }
  const std::string beside = path == "/" ? "" : DirectoryOf(std::string(ParentPath(path)), mounts);
  for (const std::string& directory : {own, beside}) {
    if (directory.empty()) continue;
    std::string refused = NotOurs(directory, systemd);
    if (!refused.empty()) {
      if (facts.delegated.unknown()) facts.delegated = No(std::move(refused));
      continue;
    }
    std::vector<std::string> controllers = ControllersBelow(directory);
    if (facts.delegated.yes() && controllers.size() <= facts.controllers.size()) continue;
    facts = {Yes(directory + " is ours"), directory, std::move(controllers)};
  }
  return facts;
}

CgroupFacts ProbeOwnCgroup() {
  return ProbeCgroup(Content("/proc/self", "cgroup"), MountTable::Read("/proc"), RunsSystemd(""));
}

bool RunsSystemd(const std::string& root) { return Exists(root + "/run/systemd/system"); }

}  // namespace paddock
