#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/home_layer.h"
#include "core/platform/posix/home_layer_record.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/remove_tree.h"

namespace paddock {
namespace {

// Entries that are looked at to tell a layer's size: some tenths of a second.
constexpr uint64_t kMaxEntries = 200'000;
constexpr uint64_t kBlock = 512;  // of st_blocks, stat(2)

void Measure(int layer, CollectedHome* home) {
  for (const char* const part : {"upper", "bare"}) {
    const UniqueFd start(openat(layer, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!start.valid()) {  // closed by the command: chmod 0 ~
      home->all_bytes = home->all_bytes && errno == ENOENT;
      continue;
    }
    const WalkResult walk = WalkDirectory(start.get(), kMaxEntries, [&](const WalkEntry& entry) {
      struct stat st = {};
      if (fstatat(entry.directory_fd, std::string(entry.name).c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) {
        home->bytes += static_cast<uint64_t>(st.st_blocks) * kBlock;
      }
      return true;
    });
    home->all_bytes = home->all_bytes && walk.complete;
  }
}

// Whether the workspace that `record` tells of is not there any more. What cannot be looked at is taken to be there.
bool IsGone(const HomeLayerRecord& record, const std::string& key) {
  struct stat st = {};
  if (stat(record.workspace.c_str(), &st) != 0) return errno == ENOENT || errno == ENOTDIR;
  const auto now = LookAtWorkspaceRoot(record.workspace, key);
  return !now || !IsSameWorkspace(record, *now);
}

CollectedHome CollectOne(int homes, const std::string& name, const std::string& path, bool all) {
  CollectedHome home;
  home.path = path;
  const UniqueFd layer(openat(homes, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!layer.valid()) {
    home.obstacle = absl::StrCat("cannot open it: ", strerror(errno));
    return home;
  }
  const auto record = ReadHomeLayerRecord(layer.get());
  if (record) home.workspace = record->workspace;
  if (flock(layer.get(), LOCK_EX | LOCK_NB) != 0) {
    home.live = errno == EWOULDBLOCK;
    if (!home.live) home.obstacle = absl::StrCat("cannot lock it: ", strerror(errno));
    return home;
  }
  // One without a record was being made when its run was killed: nothing was ever written to it.
  home.gone = !record || IsGone(*record, name);
  const bool remove = all || home.gone;
  if (!remove) flock(layer.get(), LOCK_UN);  // no run is to do without it because it is measured
  Measure(layer.get(), &home);
  if (!remove) return home;
  home.removed = RemoveHomeLayer(homes, name.c_str());
  if (!home.removed) home.obstacle = absl::StrCat("cannot remove it: ", strerror(errno));
  return home;
}

// What somebody began to remove; a lock tells that he is still at it.
void RemoveRest(int homes, const std::string& name) {
  const UniqueFd layer(openat(homes, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (layer.valid() && flock(layer.get(), LOCK_EX | LOCK_NB) == 0) RemoveTree(homes, name.c_str());
}

}  // namespace

absl::StatusOr<std::vector<CollectedHome>> CollectHomes(const std::string& state_dir, bool all) {
  std::vector<CollectedHome> collected;
  const std::string path = state_dir + "/homes";
  const UniqueFd homes(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!homes.valid() && errno == ENOENT) return collected;
  auto names = homes.valid() ? NamesIn(homes.get()) : std::nullopt;
  if (!names) return StateError("cannot list", path, errno);
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names) {
    if (absl::StartsWith(name, kRemovedLayer)) {
      RemoveRest(homes.get(), name);
    } else {
      collected.push_back(CollectOne(homes.get(), name, absl::StrCat(path, "/", name), all));
    }
  }
  return collected;
}

}  // namespace paddock
