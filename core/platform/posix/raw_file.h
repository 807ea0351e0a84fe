#ifndef PADDOCK_CORE_PLATFORM_POSIX_RAW_FILE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_RAW_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace paddock {

// Reads at most `max_bytes` of the file at `path`, seen from the directory `directory_fd` (AT_FDCWD: the caller's), by
// open and read alone. nullopt if it cannot be opened or read, is no regular file (procfs files are), or is longer.
// Never blocks on a FIFO and never becomes the owner of a terminal. A final symbolic link is followed unless
// `follow_link` is false.
std::optional<std::string> ReadRawFile(int directory_fd, const std::string& path, size_t max_bytes,
                                       bool follow_link = true);

// The decimal number that a file of procfs holds.
std::optional<int64_t> ReadNumber(const std::string& path);

// Whether something exists at `path`, a final symbolic link followed.
bool Exists(const std::string& path);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_RAW_FILE_H_
