#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_ORDER_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_ORDER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"

namespace paddock {

// Places inside the machine.
inline constexpr char kGuestIn[] = R"(C:\paddock\in)";    // read-only: the guest program, its order, the control file
inline constexpr char kGuestOut[] = R"(C:\paddock\out)";  // the mailbox, the one place that is always writable
inline constexpr char kGuestWorkspace[] = R"(C:\paddock\workspace)";
inline constexpr char kGuestSource[] = R"(C:\paddock\source)";    // read-only: what the workspace is copied from
inline constexpr char kGuestFolders[] = R"(C:\paddock\folders)";  // further grants: 1, 2, ...

// Names in kGuestIn.
inline constexpr char kGuestProgram[] = "paddock-guest.exe";
inline constexpr char kOrderFile[] = "order.json";
inline constexpr char kControlFile[] = "control";

// Symbols of a plan, which the launcher fills in.
inline constexpr char kNonceSymbol[] = "{nonce}";
inline constexpr char kRunFolderSymbol[] = "{run_folder}";

// What the guest program does, as the plan says it: read from kOrderFile, which nothing inside can write.
struct GuestOrder {
  std::string nonce;                               // 32 hexadecimal digits, or the symbol
  std::vector<std::string> command;                // searched for inside
  std::string cwd;                                 // inside; empty: the profile of the machine's user
  std::string copy_from, copy_to;                  // a tree that is copied before the command starts; empty: none
  std::map<std::string, std::string> environment;  // set on top of the machine's own
  std::optional<std::chrono::milliseconds> wall, cpu;
  std::optional<uint64_t> output, memory;
  std::optional<uint32_t> processes;
  friend bool operator==(const GuestOrder&, const GuestOrder&) = default;
};

// Schema "paddock.guest-order/1".
Json ToJson(const GuestOrder& order);

// Strict: every key, of its type, and no other.
absl::StatusOr<GuestOrder> ParseGuestOrder(absl::string_view text);

// The control file: what the launcher tells the guest, again and again. A beat is newer than every earlier one, and a
// guest that sees none for kSilence ends the machine.
enum class GuestCommand : uint8_t { kWait, kRun, kEnd };
struct Control {
  GuestCommand command = GuestCommand::kWait;
  uint64_t beat = 0;
  friend bool operator==(const Control&, const Control&) = default;
};
inline constexpr std::chrono::seconds kBeatInterval(5);
inline constexpr std::chrono::seconds kSilence(45);

// Always of one length, so that it can be written in place.
std::string FormatControl(absl::string_view nonce, const Control& control);
absl::StatusOr<Control> ParseControl(absl::string_view nonce, absl::string_view text);

bool IsNonce(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_ORDER_H_
