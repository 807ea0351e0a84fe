#include "core/platform/posix/raw_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

constexpr size_t kBlock = 4 << 10;

}  // namespace

std::optional<std::string> ReadRawFile(int directory_fd, const std::string& path, size_t max_bytes, bool follow_link) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follow_link ? 0 : O_NOFOLLOW);
  const UniqueFd fd(openat(directory_fd, path.c_str(), flags));
  struct stat status = {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string text;
  char block[kBlock];
  while (true) {
    const ssize_t got = read(fd.get(), block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(block, static_cast<size_t>(got));
    if (text.size() > max_bytes) return std::nullopt;
  }
  return text;
}

std::optional<int64_t> ReadNumber(const std::string& path) {
  const std::optional<std::string> text = ReadRawFile(AT_FDCWD, path, 64);
  int64_t number = 0;
  if (!text.has_value() || !absl::SimpleAtoi(*text, &number)) return std::nullopt;
  return number;
}

bool Exists(const std::string& path) { return faccessat(AT_FDCWD, path.c_str(), F_OK, 0) == 0; }

}  // namespace paddock
