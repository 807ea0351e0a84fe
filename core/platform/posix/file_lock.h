#ifndef PADDOCK_CORE_PLATFORM_POSIX_FILE_LOCK_H_
#define PADDOCK_CORE_PLATFORM_POSIX_FILE_LOCK_H_

namespace paddock {

// Waits for an exclusive flock(2) on `fd`; false with errno. Async-signal-safe.
bool LockExclusive(int fd);

// Whether `name` in `directory` is still the open file `fd`, and not another that has taken its place since.
// Async-signal-safe.
bool IsStillNamed(int directory, const char* name, int fd);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_FILE_LOCK_H_
