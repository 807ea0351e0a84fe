#ifndef PADDOCK_BACKENDS_WSL2_PREAMBLE_H_
#define PADDOCK_BACKENDS_WSL2_PREAMBLE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Where the relay's frames begin. wsl.exe writes messages of its own into the same stream, before the relay runs; so
// the relay first writes a line that nobody else can know: the nonce that the host put into its arguments.

namespace paddock::wsl2 {

inline constexpr int kProtocolVersion = 1;
inline constexpr size_t kNonceDigits = 32;               // lower-case hexadecimal
inline constexpr size_t kMaxBeforePreamble = 64u << 10;  // bytes of others' messages
inline constexpr size_t kKeptBeforePreamble = 4u << 10;

bool IsNonce(absl::string_view text);

// "\nPADDOCK-RELAY/1 NONCE\n", or with a word behind the nonce: what whoever starts the relay says instead of it
// ("absent", "differs").
std::string EncodePreamble(absl::string_view nonce, absl::string_view word = "");

// Finds the preamble in a stream that comes in pieces.
class PreambleReader {
 public:
  explicit PreambleReader(absl::string_view nonce) : nonce_(nonce) {}

  // The word behind the nonce, empty for the relay itself, once the line is complete; what follows it stays in
  // `*bytes`. nullopt while more is needed. Errors, with reason, then and ever after: relay_version_mismatch,
  // relay_nonce_mismatch, and relay_protocol for more than kMaxBeforePreamble bytes without it.
  absl::StatusOr<std::optional<std::string>> Next(absl::string_view* bytes);

  // The last of what came before, as text for a message: UTF-16 or UTF-8, without control characters.
  std::string Before() const;

 private:
  absl::StatusOr<std::optional<std::string>> TakeLine();
  void Keep(char byte);

  const std::string nonce_;
  std::string kept_;      // the last of what came, at most twice kKeptBeforePreamble
  size_t skipped_ = 0;    // bytes that came
  bool on_line_ = false;  // behind a newline, within what may still be the preamble
  std::string line_;
  absl::Status broken_;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_PREAMBLE_H_
