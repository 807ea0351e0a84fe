#include "backends/linux_landlock/launch_idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_syscalls.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

absl::Status ForeignError(absl::string_view what, const std::string& path, int error) {
  return ReasonError(absl::StatusCode::kUnavailable, "workspace_foreign_owned",
                     absl::StrCat("an id-mapped mount of ", path, " failed at ", what, ": ", strerror(error)));
}

// Two ids that change places, everything else as it is. The first number of a line is the id on disk.
std::string SwapMap(int64_t a, int64_t b) {
  if (a == b) return "0 0 4294967295\n";
  const int64_t low = a < b ? a : b, high = a < b ? b : a;
  std::string map = absl::StrCat(low, " ", high, " 1\n", high, " ", low, " 1\n");
  if (low > 0) absl::StrAppend(&map, "0 0 ", low, "\n");
  if (high - low > 1) absl::StrAppend(&map, low + 1, " ", low + 1, " ", high - low - 1, "\n");
  absl::StrAppend(&map, high + 1, " ", high + 1, " ", 4294967295 - high - 1, "\n");
  return map;
}

bool WriteMap(pid_t pid, const char* name, const std::string& map) {
  const UniqueFd fd(open(absl::StrCat("/proc/", pid, "/", name).c_str(), O_WRONLY | O_CLOEXEC));
  return fd.valid() && write(fd.get(), map.data(), map.size()) == static_cast<ssize_t>(map.size());
}

// A user namespace that nobody runs in: a child makes it and waits for the end of the pipe to go.
absl::StatusOr<UniqueFd> MakeUserNamespace(const std::string& path, const std::string& uids, const std::string& gids) {
  int ready[2], leave[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return ForeignError("pipe2", path, errno);
  const UniqueFd ready_read(ready[0]);
  UniqueFd ready_write(ready[1]);
  if (pipe2(leave, O_CLOEXEC) != 0) return ForeignError("pipe2", path, errno);
  UniqueFd leave_read(leave[0]), leave_write(leave[1]);
  const pid_t child = fork();
  if (child < 0) return ForeignError("fork", path, errno);
  if (child == 0) {
    close(leave[1]);
    const char byte = unshare(CLONE_NEWUSER) == 0 ? 1 : 0;
    if (write(ready[1], &byte, 1) == 1) {
      char end;
      while (read(leave[0], &end, 1) < 0 && errno == EINTR) {
      }
    }
    _exit(0);
  }
  ready_write.reset();
  char made = 0;
  const bool ok = read(ready_read.get(), &made, 1) == 1 && made == 1;
  const bool mapped = ok && WriteMap(child, "uid_map", uids) && WriteMap(child, "gid_map", gids);
  const int error = errno;
  UniqueFd ns(mapped ? open(absl::StrCat("/proc/", child, "/ns/user").c_str(), O_RDONLY | O_CLOEXEC) : -1);
  leave_write.reset();
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!ns.valid()) return ForeignError("the user namespace", path, error);
  return ns;
}

}  // namespace

absl::StatusOr<UniqueFd> CloneIdMapped(const std::string& path, const Identity& identity, int64_t caller_uid,
                                       int64_t caller_gid) {
  const UniqueFd source(OpenExact(path.c_str()));
  struct stat st = {};
  if (!source.valid() || fstat(source.get(), &st) != 0) return ForeignError("open", path, errno);
  if (!IsPlanned(st, identity)) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "path_changed",
                       absl::StrCat(path, " is not what it was"));
  }
  ASSIGN_OR_RETURN(const UniqueFd ns,
                   MakeUserNamespace(path, SwapMap(st.st_uid, caller_uid), SwapMap(st.st_gid, caller_gid)));
  UniqueFd tree(open_tree(source.get(), "",
                          OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | static_cast<unsigned>(AT_EMPTY_PATH) |
                              static_cast<unsigned>(AT_RECURSIVE)));
  if (!tree.valid()) return ForeignError("open_tree", path, errno);
  struct mount_attr attr = {};
  attr.attr_set = MOUNT_ATTR_IDMAP;
  attr.userns_fd = static_cast<uint64_t>(ns.get());
  if (mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) != 0) {
    return ForeignError("mount_setattr", path, errno);
  }
  return tree;
}

}  // namespace paddock
