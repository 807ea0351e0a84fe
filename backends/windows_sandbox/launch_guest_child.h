#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_CHILD_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_CHILD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "backends/windows_sandbox/mailbox.h"
#include "backends/windows_sandbox/order.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// The command inside the machine, in a job that ends it.
struct GuestChild {
  UniqueHandle job, process;
  UniqueFileHandle out, err;  // reading ends
  DWORD id = 0;
  // Where there is nothing to wait for: why. kExited: it runs.
  GuestResult failure = {GuestEnd::kExited, 0, "", 0, 0, 0, 0};
};

GuestChild StartGuestChild(const GuestOrder& order);

// What the job has used, into the fields of `result` for it.
void AddGuestUsage(HANDLE job, GuestResult* result);

// Copies a tree. Links and other reparse points are left out: they lead to places that the copy has not.
absl::Status CopyTree(const std::string& from, const std::string& to);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_CHILD_H_
