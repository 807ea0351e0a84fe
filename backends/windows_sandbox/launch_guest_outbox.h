#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_OUTBOX_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_OUTBOX_H_

#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backends/windows_sandbox/mailbox.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// The guest's end of the mailbox. Thread-safe.
class GuestOutbox {
 public:
  // `end`, an event that outlives it, ends a Send that waits.
  GuestOutbox(std::string folder, std::string nonce, HANDLE end);

  // Waits while the host has not taken what lies there. Aborted once `end` is set.
  absl::Status Send(MailKind kind, absl::string_view payload = "");

  // kAlive, unless something was sent within `quiet_ms` or lies there untaken, which the host sees as well.
  void SayAlive(uint64_t quiet_ms);

 private:
  absl::Status WaitForRoom();
  absl::Status Write(MailKind kind, absl::string_view payload);
  size_t Outstanding() const;

  const std::wstring folder_;
  const std::string nonce_;
  const HANDLE end_;
  std::mutex mutex_;
  uint32_t next_ = 0;
  uint64_t last_ms_ = 0;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_OUTBOX_H_
