#include "core/platform/posix/lease_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <tuple>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/platform/posix/file_lock.h"

namespace paddock {
namespace {

constexpr char kMutex[] = "mutex";

std::string LeaseDirectory(const std::string& state_dir) { return state_dir + "/leases"; }

}  // namespace

absl::Status StateError(absl::string_view what, absl::string_view path, int error) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "state_dir_unusable",
                     absl::StrCat(what, " ", path, ": ", strerror(error)));
}

absl::StatusOr<LockedLeases> LockLeases(const std::string& state_dir) {
  const std::string path = LeaseDirectory(state_dir);
  LockedLeases locked;
  locked.directory.reset(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!locked.directory.valid()) return StateError("cannot open", path, errno);
  locked.mutex = LockMutex(locked.directory.get());
  if (!locked.mutex.valid()) return StateError("cannot lock", path + "/mutex", errno);
  return locked;
}

absl::Status MakeLeaseDirectory(const std::string& state_dir) { return MakeStateDirectory(LeaseDirectory(state_dir)); }

absl::Status MakeStateDirectory(const std::string& path) {
  for (size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return StateError("cannot make the directory", part, errno);
    if (at == std::string::npos) return absl::OkStatus();
  }
}

std::optional<std::vector<std::string>> NamesIn(int directory) {
  UniqueFd copy(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* const listing = copy.valid() ? fdopendir(copy.get()) : nullptr;
  if (listing == nullptr) return std::nullopt;
  std::ignore = copy.release();  // the listing's now
  std::vector<std::string> names;
  while (const dirent* const entry = readdir(listing)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(listing);
  return names;
}

UniqueFd LockMutex(int leases) {
  UniqueFd mutex(openat(leases, kMutex, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (mutex.valid() && !LockExclusive(mutex.get())) mutex.reset();
  return mutex;
}

}  // namespace paddock
