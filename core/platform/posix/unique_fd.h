#ifndef PADDOCK_CORE_PLATFORM_POSIX_UNIQUE_FD_H_
#define PADDOCK_CORE_PLATFORM_POSIX_UNIQUE_FD_H_

#include <utility>

namespace paddock {

// Owns one file descriptor; closes it when destroyed. Move-only. Not thread-safe: one owner at a time.
class UniqueFd {
 public:
  UniqueFd() = default;

  // Takes ownership of `fd`; any negative number means none, so that the result of open(2) can be passed unchecked.
  explicit UniqueFd(int fd) : fd_(fd < 0 ? kNone : fd) {}

  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  // The descriptor, still owned here; -1 if none.
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives ownership to the caller.
  [[nodiscard]] int release() { return std::exchange(fd_, kNone); }

  // Owns `fd` from now on, then closes what was owned before. errno is kept, so that an error path may close first and
  // report after.
  void reset(int fd = kNone);

 private:
  static constexpr int kNone = -1;
  int fd_ = kNone;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_UNIQUE_FD_H_
