#ifndef PADDOCK_PROVISION_SETUP_REQUEST_H_
#define PADDOCK_PROVISION_SETUP_REQUEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provision/engine.h"

// What the user's process and the elevated one say to each other, as messages of JSON. Neither believes what it reads:
// the request comes from a process that an attacker may have taken over, and says nothing about files, commands or
// SIDs.

namespace paddock::provision {

enum class SetupAction : uint8_t { kSetUp, kTearDown };

struct SetupRequest {
  SetupAction action = SetupAction::kSetUp;
  std::string number;                            // for a set-up that has none yet: 32 hexadecimal digits
  std::map<std::string, std::string> passwords;  // of kOfflineUser and kOnlineUser; empty for a teardown
  std::vector<std::string> tool_directories;     // judged by PlanSetup
  friend bool operator==(const SetupRequest&, const SetupRequest&) = default;
};

inline constexpr size_t kMaxSetupMessage = 64u << 10;  // bytes

// Schema "paddock.setup-request/1".
std::string FormatSetupRequest(const SetupRequest& request);
// InvalidArgument for anything but what FormatSetupRequest gives. A password has 24 to 64 characters of printable
// ASCII.
absl::StatusOr<SetupRequest> ParseSetupRequest(absl::string_view text);

// One step is done, or all of it is: OK, or why not.
struct StepNews {
  Step step;
  StepEvent event = StepEvent::kMade;
  std::string detail;
};
using SetupNews = std::variant<StepNews, absl::Status>;

absl::string_view Name(StepEvent event);

// Schema "paddock.setup-news/1". A status keeps its code, its words and its reason.
std::string FormatSetupNews(const SetupNews& news);
absl::StatusOr<SetupNews> ParseSetupNews(absl::string_view text);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_SETUP_REQUEST_H_
