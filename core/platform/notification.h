#ifndef PADDOCK_CORE_PLATFORM_NOTIFICATION_H_
#define PADDOCK_CORE_PLATFORM_NOTIFICATION_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace paddock {

// Something that happens once, for a caller who waits by poll(2) or WaitForMultipleObjects. Thread-safe.
class Notification {
 public:
  static absl::StatusOr<Notification> Create();

  Notification(Notification&&) noexcept;
  Notification& operator=(Notification&&) noexcept = delete;
  ~Notification();

  void Notify();
  // A descriptor that is readable from then on, or a HANDLE that is signalled. Owned here.
  intptr_t handle() const;

 private:
  struct State;
  explicit Notification(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_NOTIFICATION_H_
