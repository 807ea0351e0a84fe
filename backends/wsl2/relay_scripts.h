#ifndef PADDOCK_BACKENDS_WSL2_RELAY_SCRIPTS_H_
#define PADDOCK_BACKENDS_WSL2_RELAY_SCRIPTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// What wsl.exe runs inside the distribution: /bin/sh with one of two constant scripts. Constant, so that nothing of a
// request is ever read by a shell; without quotation marks, so that no rule for splitting a Windows command line has
// anything to decide (with IFS empty and globbing off no expansion needs any). Each says what it found in a line of the
// form of preamble.h, behind the nonce.

namespace paddock::wsl2 {

// Below the home directory of the distribution's user; of the directory "HASH" in it.
inline constexpr absl::string_view kRelayDirectory = ".local/share/paddock/relay";

// What stands in the plan for what only the launch knows.
inline constexpr absl::string_view kHashSymbol = "{hash}";
inline constexpr absl::string_view kNonceSymbol = "{nonce}";

// Says "absent", "differs" or "unverifiable" (no sha256sum), or becomes the relay. The file is opened once: what was
// hashed is what is executed, whatever the name leads to by then.
absl::string_view RunScript();

// Reads the relay from its standard input and puts it into its place: "placed", "differs" (what came is not what was
// sent) or "unwritable". Nobody but the user may read it, and a name is given to what is complete and right alone.
absl::string_view PlaceScript();

// wsl.exe's argument vector. `--cd /` exists in every distribution; where the command runs, the relay is told.
std::vector<std::string> RunArguments(absl::string_view distribution, absl::string_view hash, absl::string_view nonce,
                                      bool facts);
std::vector<std::string> PlaceArguments(absl::string_view distribution, absl::string_view hash,
                                        absl::string_view nonce);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_RELAY_SCRIPTS_H_
