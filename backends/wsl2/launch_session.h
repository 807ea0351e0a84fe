#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_SESSION_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backends/wsl2/frame.h"
#include "backends/wsl2/launch_channel.h"
#include "core/host/facts.h"

namespace paddock::wsl2 {

// The relay's program on this side.
struct RelayFile {
  std::string content;
  std::string hash;  // SHA-256, in hexadecimal
};
// Unavailable with `wsl_relay_missing`, unless it can be read.
absl::StatusOr<RelayFile> ReadRelayFile(const std::string& path);

// A relay that runs in a distribution and has said what that one offers.
class RelaySession {
 public:
  // Starts it; puts it into its place first where it is not there, or is not what it should be. `facts_only`: it ends
  // after its facts. Unavailable with a reason where that fails; nothing of a request has been sent then. `interrupt`:
  // an event that gives it up (Cancelled), which the channel heeds from then on; or null.
  static absl::StatusOr<RelaySession> Open(const std::string& distribution, const RelayFile& relay, bool facts_only,
                                           HANDLE interrupt);

  // The next frame; nullopt at the end of the stream. InvalidArgument with `relay_protocol` for what is none.
  absl::StatusOr<std::optional<Frame>> Next();

  WslChannel& channel() { return *channel_; }
  const std::string& ready() const { return ready_; }  // as it came
  const HostFacts& inside() const { return inside_; }
  // What wsl.exe, or anybody else, wrote to the standard error.
  std::string Said() const;

 private:
  explicit RelaySession(HANDLE interrupt) : interrupt_(interrupt) {}

  // Starts wsl.exe, in place of the one before, and gives what it says: the word behind the nonce, empty for the relay
  // itself. `input`: for its standard input, which then ends; empty: it stays open.
  absl::StatusOr<std::string> Start(const std::vector<std::string>& arguments, const std::string& distribution,
                                    const std::string& nonce, absl::string_view input);
  absl::StatusOr<std::string> StartRelay(const std::string& distribution, const RelayFile& relay, bool facts_only);
  absl::Status Place(const std::string& distribution, const RelayFile& relay);
  absl::StatusOr<std::string> ReadPreamble(const std::string& distribution, const std::string& nonce);
  absl::Status ReadReady();
  uint32_t LeftMs() const;  // until the deadline

  HANDLE interrupt_;
  std::unique_ptr<WslChannel> channel_;
  FrameReader reader_{Direction::kRelayToHost};
  std::string pending_;  // came, and is not read yet
  std::string ready_;
  HostFacts inside_;
  uint64_t deadline_ms_ = 0;  // GetTickCount64; 0: none
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_SESSION_H_
