#ifndef PADDOCK_PROVISION_STEP_H_
#define PADDOCK_PROVISION_STEP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"

// What `paddock setup` makes on a Windows machine, as data. Texts may hold symbols, which are known when it is made:
//   {setup}  the set-up's own number, 32 hexadecimal digits: what carries it is ours
//   {group}  the SID of the group kUsersGroup

namespace paddock::provision {

// Local accounts and their group. Names are for people; everything is granted to, and filtered by, SIDs.
inline constexpr absl::string_view kUsersGroup = "PaddockUsers";
inline constexpr absl::string_view kOfflineUser = "PaddockOffline";  // whose traffic is filtered
inline constexpr absl::string_view kOnlineUser = "PaddockOnline";

enum class StepKind : uint8_t {
  kGroup,          // `name`: a local group; `value`: its comment, which holds {setup}
  kUser,           // `name`: a local user; `value`: its comment, which holds {setup}
  kMember,         // `name`: the user; `value`: the group
  kRight,          // `name`: the group; `value`: a logon right, as LsaAddAccountRights takes it
  kHidden,         // `name`: the user, not offered on the sign-in screen; `value`: empty
  kFolder,         // `name`: a directory; `value`: its descriptor, SDDL
  kRunner,         // `name`: the file to make; `value`: SHA-256 of its content, 64 hexadecimal digits
  kNetworkFilter,  // `name`: the user; `value`: empty. The objects of kFilterObjects
  kToolAccess,     // `name`: a directory; `value`: an entry of {group}, inherited by all below, SDDL
};

struct Step {
  StepKind kind = StepKind::kGroup;
  std::string name;
  std::string value;
  friend bool operator==(const Step&, const Step&) = default;
};

// Whether both are about one thing on the machine, of which there is one at a time, whatever they want of it.
bool SameThing(const Step& a, const Step& b);

absl::string_view Name(StepKind kind);
absl::StatusOr<StepKind> ParseStepKind(absl::string_view name);

// "local user PaddockOffline".
std::string Describe(const Step& step);

Json ToJson(const Step& step);
// InvalidArgument for anything but what ToJson gives.
absl::StatusOr<Step> ParseStep(const Json& json);

// One object of the Windows Filtering Platform. Their keys are Paddock's own and never change, so that what an earlier
// set-up left can be found whatever became of its record.
struct FilterObject {
  enum class Kind : uint8_t { kProvider, kSublayer, kFilter };
  Kind kind = Kind::kFilter;
  absl::string_view key;    // GUID
  absl::string_view layer;  // GUID; of filters
  absl::string_view name;
};

// In the order in which they are made. The filters block, without exception, whatever the user of the step does at
// their layer: connections and datagrams, loopback included, and taking ports, of IPv4 and IPv6. They are persistent:
// they hold from the start of the filtering engine on, before anybody can sign in (Microsoft Learn, "Object
// Management").
const std::vector<FilterObject>& FilterObjects();

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_STEP_H_
