#include "core/platform/posix/home_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/file_lock.h"
#include "core/platform/posix/home_layer_record.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/path_lookup.h"
#include "core/platform/posix/remove_tree.h"

namespace paddock {
namespace {

// A layer that somebody removes, or replaces, between being opened and being locked is opened again.
constexpr int kAttempts = 5;

constexpr const char* kDirectories[] = {"upper", "work", "bare"};

absl::Status Unusable(absl::string_view what, absl::string_view path, absl::string_view why) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "home_layer_unusable",
                     absl::StrCat(what, " ", path, ": ", why));
}

// A directory that the caller alone can change, or the command's next home might be somebody else's.
UniqueFd OpenOwn(int parent, const char* name) {
  UniqueFd directory(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat st = {};
  if (!directory.valid() || fstat(directory.get(), &st) != 0) return UniqueFd();
  if (st.st_uid == geteuid() && (st.st_mode & 0077) == 0) return directory;
  errno = EPERM;
  return UniqueFd();
}

// The layer `name`, made if it is missing, with its lock.
absl::StatusOr<UniqueFd> OpenLocked(int homes, const char* name, const std::string& path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (mkdirat(homes, name, 0700) != 0 && errno != EEXIST) return Unusable("cannot make", path, strerror(errno));
    UniqueFd layer = OpenOwn(homes, name);
    if (!layer.valid() && errno == ENOENT) continue;
    if (!layer.valid()) return Unusable("cannot open", path, strerror(errno));
    if (flock(layer.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return Unusable("cannot lock", path, strerror(errno));
      return ReasonError(absl::StatusCode::kFailedPrecondition, "home_layer_busy",
                         "another run in this workspace has the kept layer of the home");
    }
    if (IsStillNamed(homes, name, layer.get())) return layer;
  }
  return Unusable("cannot open", path, "it is removed again and again");
}

// True if what the layer holds is of this workspace, which it is said to be from now on.
absl::StatusOr<bool> Claim(int layer, const HomeLayerRecord& now, const std::string& path) {
  const auto record = ReadHomeLayerRecord(layer);
  const bool mine = record.has_value() && IsSameWorkspace(*record, now);
  const auto names = NamesIn(layer);
  if (!names) return Unusable("cannot list", path, strerror(errno));
  if (!mine && !names->empty()) return false;
  if (!(mine && *record == now) && !WriteHomeLayerRecord(layer, now)) {
    return Unusable("cannot write to", path, strerror(errno));
  }
  return true;
}

// The work directory holds what an overlay that ended suddenly was copying, and the mark that a volatile one leaves.
absl::Status Prepare(int layer, const std::string& path) {
  if (!RemoveTree(layer, "work")) return Unusable("cannot empty the work directory of", path, strerror(errno));
  for (const char* const name : kDirectories) {
    if (mkdirat(layer, name, 0700) == 0) continue;
    struct stat st = {};
    if (errno != EEXIST || fstatat(layer, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
      return Unusable("cannot make a directory in", path, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) return Unusable("not as it was made:", path, name);
    // The command may have changed the mode of its home.
    if ((st.st_mode & 07777) != 0700 && fchmodat(layer, name, 0700, 0) != 0) {
      return Unusable("cannot change the mode in", path, strerror(errno));
    }
  }
  return absl::OkStatus();
}

}  // namespace

// Not by closing it alone: a process that was just cloned in another thread may have a copy.
HomeLayer::~HomeLayer() {
  if (directory_.valid()) flock(directory_.get(), LOCK_UN);
}

absl::StatusOr<std::unique_ptr<HomeLayer>> HomeLayer::Acquire(const std::string& path, const std::string& workspace) {
  const std::string parent(ParentPath(path)), name(PathBasename(path));
  const auto now = LookAtWorkspaceRoot(workspace, name);
  if (!now) return Unusable("not the workspace that was planned for:", workspace, "it was replaced");
  RETURN_IF_ERROR(MakeStateDirectory(parent));
  const UniqueFd homes = OpenOwn(AT_FDCWD, parent.c_str());
  if (!homes.valid()) return Unusable("cannot open", parent, strerror(errno));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto layer = std::unique_ptr<HomeLayer>(new HomeLayer);
    ASSIGN_OR_RETURN(layer->directory_, OpenLocked(homes.get(), name.c_str(), path));
    ASSIGN_OR_RETURN(const bool mine, Claim(layer->lock(), *now, path));
    if (!mine) {
      if (RemoveHomeLayer(homes.get(), name.c_str())) continue;
      return Unusable("cannot remove what another workspace left in", path, strerror(errno));
    }
    RETURN_IF_ERROR(Prepare(layer->lock(), path));
    struct stat st = {};
    if (fstat(layer->lock(), &st) != 0) return Unusable("cannot look at", path, strerror(errno));
    layer->device_ = st.st_dev;
    layer->inode_ = st.st_ino;
    layer->path_ = LookAtPath(path).real_path;
    return layer;
  }
  return Unusable("cannot open", path, "other workspaces take it again and again");
}

}  // namespace paddock
