#include "core/platform/posix/run_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/file_lock.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

constexpr char kPrefix[] = "paddock-run.";
constexpr size_t kMaxText = 4096;
constexpr int kEmptied = 2000;  // milliseconds; SIGKILL empties a cgroup in far less

absl::Status CgroupError(absl::string_view what, absl::string_view path, int error) {
  return ReasonError(absl::StatusCode::kUnavailable, "setup_failed",
                     absl::StrCat(what, " ", path, ": ", strerror(error)));
}

// Opens a run's cgroup and locks it, as its launcher does for as long as it lives.
UniqueFd OpenLocked(const std::string& path) {
  UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (directory.valid() && flock(directory.get(), LOCK_EX | LOCK_NB) != 0) directory.reset();
  return directory;
}

// Held while cgroups are made or collected below `path`, so that nobody collects one before its launcher has locked it.
UniqueFd LockParent(const std::string& path) {
  UniqueFd parent(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.valid() && !LockExclusive(parent.get())) parent.reset();
  return parent;
}

// Async-signal-safe.
void KillAll(int directory) {
  const int fd = openat(directory, "cgroup.kill", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  // Fails only where the cgroup is gone.
  if (write(fd, "1", 1) != 1) errno = 0;
  close(fd);
}

std::vector<std::string> CollectBelow(const std::string& parent) {
  std::vector<std::string> removed;
  std::error_code error;
  for (std::filesystem::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    if (!absl::StartsWith(at->path().filename().string(), kPrefix)) continue;
    const std::string path = at->path().string();
    const UniqueFd locked = OpenLocked(path);
    if (locked.valid()) KillAll(locked.get());
    if (locked.valid() && rmdir(path.c_str()) == 0) removed.push_back(path);
  }
  std::sort(removed.begin(), removed.end());
  return removed;
}

bool WriteTo(int directory, const std::string& file, const std::string& text) {
  const UniqueFd fd(openat(directory, file.c_str(), O_WRONLY | O_CLOEXEC));
  return fd.valid() && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

absl::Status Enable(const std::string& directory, absl::string_view controller) {
  const std::string switches = directory + "/cgroup.subtree_control";
  const std::string enabled = ReadRawFile(AT_FDCWD, switches, kMaxText).value_or("");
  for (const absl::string_view name : absl::StrSplit(enabled, absl::ByAnyChar(" \n"))) {
    if (name == controller) return absl::OkStatus();
  }
  if (WriteTo(AT_FDCWD, switches, absl::StrCat("+", controller))) return absl::OkStatus();
  return CgroupError(absl::StrCat("enabling ", controller, " in the cgroup"), directory, errno);
}

// The number behind `key` in a text of "KEY NUMBER" lines; 0 if there is none.
uint64_t Count(absl::string_view text, absl::string_view key) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> fields = absl::StrSplit(line, absl::MaxSplits(' ', 1));
    uint64_t count = 0;
    if (fields.first == key && absl::SimpleAtoi(fields.second, &count)) return count;
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunCgroup>> RunCgroup::Make(const std::string& parent, const Limits& limits) {
  const UniqueFd locked = LockParent(parent);
  if (!locked.valid()) return CgroupError("locking the cgroup", parent, errno);
  CollectBelow(parent);
  std::string path = absl::StrCat(parent, "/", kPrefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return CgroupError("making the cgroup", path, errno);
  auto cgroup = std::unique_ptr<RunCgroup>(new RunCgroup(std::move(path), limits.processes.value_or(0)));
  cgroup->directory_ = OpenLocked(cgroup->path_);
  if (!cgroup->directory_.valid()) return CgroupError("locking the cgroup", cgroup->path_, errno);
  RETURN_IF_ERROR(cgroup->Apply(parent, limits));
  return cgroup;
}

absl::Status RunCgroup::Apply(const std::string& parent, const Limits& limits) const {
  if (limits.memory) {
    RETURN_IF_ERROR(Enable(parent, "memory"));
    RETURN_IF_ERROR(Set("memory.max", *limits.memory));
    RETURN_IF_ERROR(Set("memory.oom.group", 1));
    // Absent where the kernel counts no swap.
    if (faccessat(descriptor(), "memory.swap.max", F_OK, 0) == 0) RETURN_IF_ERROR(Set("memory.swap.max", 0));
  }
  if (limits.processes) {
    RETURN_IF_ERROR(Enable(parent, "pids"));
    RETURN_IF_ERROR(Set("pids.max", *limits.processes));
  }
  return absl::OkStatus();
}

absl::Status RunCgroup::Set(const char* file, uint64_t value) const {
  if (WriteTo(descriptor(), file, absl::StrCat(value))) return absl::OkStatus();
  return CgroupError(absl::StrCat("setting ", file, " of the cgroup"), path_, errno);
}

std::string RunCgroup::Content(const char* file) const {
  return ReadRawFile(descriptor(), file, kMaxText).value_or("");
}

// `oom_kill` alone also counts kills for want of memory on the whole host.
bool RunCgroup::MemoryExceeded() const {
  const std::string events = Content("memory.events");
  return Count(events, "oom") > 0 && Count(events, "oom_kill") > 0;
}

// Before Linux 6.11 the events also count what a cgroup above refused; then the peak stayed below our own limit.
bool RunCgroup::ProcessesExceeded() const {
  if (Count(Content("pids.events"), "max") == 0) return false;
  uint64_t peak = 0;
  return !absl::SimpleAtoi(Content("pids.peak"), &peak) || peak >= processes_;
}

void RunCgroup::Kill() const { KillAll(descriptor()); }

void RunCgroup::Remove() {
  if (rmdir(path_.c_str()) == 0 || errno != EBUSY) return;
  // The last process is still on its way out. The kernel tells when the cgroup is empty.
  const UniqueFd events(open(events_path_.c_str(), O_RDONLY | O_CLOEXEC));
  char text[64];
  // Each change is told once, since the last time that the file was read.
  while (events.valid() && pread(events.get(), text, sizeof(text), 0) > 0 && rmdir(path_.c_str()) != 0 &&
         errno == EBUSY) {
    pollfd changed = {events.get(), POLLPRI, 0};
    if (poll(&changed, 1, kEmptied) == 0) return;
  }
}

std::vector<std::string> CollectRunCgroups(const std::string& parent) {
  const UniqueFd locked = LockParent(parent);
  return locked.valid() ? CollectBelow(parent) : std::vector<std::string>();
}

}  // namespace paddock
