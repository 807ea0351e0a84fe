#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_CHANNEL_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock::wsl2 {

// One wsl.exe with its three streams, in a job that ends with this process: the relay notices that at the end of its
// input.
class WslChannel {
 public:
  // `arguments[0]` is only a name: what runs is wsl.exe of System32. It inherits the three pipes and nothing else.
  // Unavailable with a reason, if it cannot be started.
  static absl::StatusOr<std::unique_ptr<WslChannel>> Start(const std::vector<std::string>& arguments);

  WslChannel(const WslChannel&) = delete;
  WslChannel& operator=(const WslChannel&) = delete;
  ~WslChannel();

  // An event that ends every Read and Write (Cancelled), until another one, or none, is set. Before others use this.
  void Heed(HANDLE interrupt) { interrupt_ = interrupt; }

  // Some more of its output, empty at the end. The bytes are valid until the next call. Waits until then, or for
  // `timeout_ms` (DeadlineExceeded). One thread at a time.
  absl::StatusOr<absl::string_view> Read(uint32_t timeout_ms);

  // Blocks until all is taken, nobody can any more, or a piece was not taken for `timeout_ms` (DeadlineExceeded). From
  // any thread.
  absl::Status Write(absl::string_view bytes, uint32_t timeout_ms = INFINITE);
  absl::Status CloseInput();

  // Ends wsl.exe. What waits in Read and Write returns. From any thread, also twice.
  void End();

  // Waits for its end, which it is brought to after `timeout_ms`.
  uint32_t ExitCode(uint32_t timeout_ms);
  // The last of what it wrote to its standard error, as far as it has come; all of it once it has ended.
  std::string Errors();

  HANDLE process() const { return process_.get(); }

 private:
  WslChannel();
  absl::Status Create(const std::vector<std::string>& arguments, HANDLE in, HANDLE out, HANDLE err);
  void ReadErrors();
  enum class Came : uint8_t { kDone, kEnd, kInterrupt, kNothing };
  Came WaitFor(HANDLE done, uint32_t timeout_ms) const;

  UniqueHandle job_, process_;
  UniqueFileHandle out_, err_;
  UniqueHandle out_event_, err_event_, in_event_;
  HANDLE interrupt_ = nullptr;
  UniqueHandle ended_;  // an event: by End, or by the destructor
  std::string buffer_;
  std::mutex in_mutex_;  // held by who writes
  UniqueFileHandle in_;
  std::mutex errors_mutex_;
  std::string errors_;
  std::thread errors_reader_;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_CHANNEL_H_
