#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MESSAGE_PIPE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MESSAGE_PIPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock::machine {

// Messages of at most `most` bytes between two processes, each behind its length, over a named pipe that both know by a
// random name. Sends and receives one at a time; not thread-safe. Unavailable: the other side is gone.
class MessagePipe {
 public:
  // A pipe for one client of this machine, who is signed in at it.
  static absl::StatusOr<MessagePipe> Listen(const std::string& name, size_t most);
  // The client, which has to be the process with this number, and has a minute's time; PermissionDenied if it is
  // another.
  absl::Status Accept(uint32_t process);
  // Who the client is: a token to act as it. After the first message.
  absl::StatusOr<UniqueHandle> ClientToken();

  // The server has to be the process with this number, which may then act as this one; PermissionDenied if it is
  // another.
  static absl::StatusOr<MessagePipe> Connect(const std::string& name, size_t most, uint32_t process);

  absl::Status Send(absl::string_view message);
  absl::StatusOr<std::string> Receive();

 private:
  MessagePipe(UniqueFileHandle pipe, size_t most) : pipe_(std::move(pipe)), most_(most) {}

  // Carries out one overlapped call and waits for its end.
  template <typename Call>
  absl::StatusOr<size_t> Transfer(Call call);
  absl::Status ReadExactly(char* bytes, size_t size);

  UniqueFileHandle pipe_;
  size_t most_;
};

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MESSAGE_PIPE_H_
