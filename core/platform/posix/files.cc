#include "core/platform/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

// ErrnoToStatus would make most of these Internal; all of them are the caller's to mend.
absl::Status BadPath(absl::string_view path, absl::string_view tried, int error) {
  return absl::InvalidArgumentError(absl::ErrnoToStatus(error, absl::StrCat(path, ": ", tried)).message());
}

// "dir/name" → {"dir", "name"}; the name is empty for "dir/".
std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// Not made from the report's own name, which may be as long as a name can be.
std::string TemporaryName() { return absl::StrCat(".paddock-report-", getpid()); }

UniqueFd CreateTemporary(int directory) {
  const std::string name = TemporaryName();
  unlinkat(directory, name.c_str(), 0);  // of a process that had our number and was killed
  return UniqueFd(openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
}

}  // namespace

bool IsOpenHandle(intptr_t handle) {
  return handle >= 0 && handle <= std::numeric_limits<int>::max() && fcntl(static_cast<int>(handle), F_GETFD) >= 0;
}

absl::Status WriteAll(int descriptor, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      // Somebody left O_NONBLOCK on a description that we share.
      pollfd ready = {descriptor, POLLOUT, 0};
      poll(&ready, 1, -1);
      continue;
    }
    if (errno == EPIPE) return absl::UnavailableError("nobody reads the output any more");
    return absl::ErrnoToStatus(errno, absl::StrCat("writing to descriptor ", descriptor));
  }
  return absl::OkStatus();
}

struct OutputFile::Target {
  std::string path;  // as given, for messages
  std::string name;  // inside `directory`; empty: `in_place` is written
  UniqueFd directory;
  UniqueFd in_place;
};

OutputFile::OutputFile(std::unique_ptr<Target> target) : target_(std::move(target)) {}
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

absl::StatusOr<OutputFile> OutputFile::Open(const std::string& path) {
  auto target = std::make_unique<Target>();
  target->path = path;
  if (path.empty()) return absl::InvalidArgumentError("the path of the report is empty");
  if (path == "-") {
    target->in_place.reset(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!target->in_place.valid()) return BadPath("stderr", "duplicating the descriptor", errno);
    return OutputFile(std::move(target));
  }
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is a directory"));
    if (!S_ISREG(status.st_mode)) {
      // O_NONBLOCK: a FIFO that nobody reads is an error, not a hang.
      target->in_place.reset(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
      if (!target->in_place.valid()) return BadPath(path, "opening it for writing", errno);
      return OutputFile(std::move(target));
    }
  }
  const auto [directory, name] = SplitPath(path);
  if (name.empty() || name == "." || name == "..") {
    return absl::InvalidArgumentError(absl::StrCat(path, " names a directory, not a file"));
  }
  target->directory.reset(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!target->directory.valid()) return BadPath(path, absl::StrCat("opening the directory ", directory), errno);
  // A name that the file system cannot hold is found here; so is a directory that takes no files, whatever its mode
  // says (procfs, a read-only mount), by making one.
  if (faccessat(target->directory.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT) {
    return BadPath(path, "looking at it", errno);
  }
  if (!CreateTemporary(target->directory.get()).valid()) {
    return BadPath(path, absl::StrCat("creating a file in ", directory), errno);
  }
  unlinkat(target->directory.get(), TemporaryName().c_str(), 0);
  target->name = name;
  return OutputFile(std::move(target));
}

absl::Status OutputFile::Commit(absl::string_view text) {
  if (target_->name.empty()) return WriteAll(target_->in_place.get(), text);
  const int directory = target_->directory.get();
  const UniqueFd file = CreateTemporary(directory);
  if (!file.valid()) return BadPath(target_->path, "creating a temporary file beside it", errno);
  const std::string temporary = TemporaryName();
  absl::Status written = WriteAll(file.get(), text);
  if (written.ok() && renameat(directory, temporary.c_str(), directory, target_->name.c_str()) != 0) {
    written = BadPath(target_->path, "putting it in place", errno);
  }
  if (!written.ok()) unlinkat(directory, temporary.c_str(), 0);
  return written;
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file.valid()) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": opening it for reading"));
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": fstat"));
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": not a regular file"));
  std::string text;
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = read(file.get(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": reading"));
    if (count == 0) return text;
    text.append(buffer, static_cast<size_t>(count));
    if (text.size() > max_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": larger than ", max_bytes, " bytes"));
    }
  }
}

}  // namespace paddock
