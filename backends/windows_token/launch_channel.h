#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_CHANNEL_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_CHANNEL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/windows_token/runner_order.h"
#include "core/access/sid.h"
#include "core/platform/windows/unique_handle.h"

// The pipe between a launcher and its runner.

namespace paddock {

// One end, with frames of runner_order.h. Not thread-safe.
class RunnerChannel {
 public:
  // `pipe`: overlapped. `until`: what ends a wait besides the message (the other process, an interrupt); `longest_ms`
  // ends it as well, INFINITE: nothing does.
  explicit RunnerChannel(UniqueFileHandle pipe);

  struct Waits {
    std::vector<HANDLE> until;
    DWORD longest_ms = INFINITE;
  };

  // Aborted: the other end is gone, or one of `until` has come. DeadlineExceeded. InvalidArgument: no frame.
  absl::Status Send(absl::string_view text, const Waits& waits);
  absl::StatusOr<std::string> Receive(const Waits& waits);

  // Of a server's end: until somebody has opened the other one.
  absl::Status AwaitClient(const Waits& waits);
  // The process at the other end, as the system tells it; 0 if it tells none.
  DWORD ClientProcess() const;
  DWORD ServerProcess() const;

 private:
  // Waits for the operation under way; `started` is what began it.
  absl::StatusOr<DWORD> Finish(bool started, const Waits& waits, absl::string_view tried);
  absl::Status ReadAll(char* bytes, size_t size, const Waits& waits);

  UniqueFileHandle pipe_;
  UniqueHandle event_;
  OVERLAPPED operation_ = {};
};

// "\\.\pipe\paddock-runner-" and 64 random digits.
absl::StatusOr<std::string> RandomRunnerPipe();
bool IsRunnerPipe(absl::string_view name);

// The server's end: the first and only instance of `name`, for clients of this machine, which `account` and the owner
// may open.
absl::StatusOr<UniqueFileHandle> MakeRunnerPipe(const std::string& name, const access::Sid& owner,
                                                const access::Sid& account);

// The client's end. The server learns who the client is, and cannot act as it.
absl::StatusOr<UniqueFileHandle> OpenRunnerPipe(const std::string& name);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_CHANNEL_H_
