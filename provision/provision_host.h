#ifndef PADDOCK_PROVISION_PROVISION_HOST_H_
#define PADDOCK_PROVISION_PROVISION_HOST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provision/step.h"

namespace paddock::provision {

enum class Found : uint8_t {
  kAbsent,  // nothing stands in the way
  kOurs,    // what the step makes, made by this set-up for certain
  kSame,    // what the step makes, by whomever
  kOther,   // something else of that name, not to be touched
};

// A step whose symbols are filled in, with what is recorded of it and of the accounts that it is about.
struct FilledStep {
  Step step;
  std::string identity;  // what an earlier Make gave; empty: none did, or its answer was lost
  std::string number;    // {setup}
  std::string account;   // SID of the account `step.name`; empty for other steps, or as long as it is not made
  std::string group;     // SID of kUsersGroup
};

// The machine, as the engine changes it. Each call is one change at most that
// is either done or not, whenever the process ends.
class ProvisionHost {
 public:
  virtual ~ProvisionHost() = default;

  // The record as it was last written, nullopt if there is none. It lies where administrators alone can write.
  virtual absl::StatusOr<std::optional<std::string>> ReadRecord() = 0;
  virtual absl::Status WriteRecord(absl::string_view text) = 0;
  virtual absl::Status RemoveRecord() = 0;

  virtual absl::StatusOr<Found> Look(const FilledStep& filled) = 0;

  // Gives the identity. Where Look says kOurs or kSame it makes the thing as it has to be (a user's password is set
  // anew).
  virtual absl::StatusOr<std::string> Make(const FilledStep& filled) = 0;

  // What is not there is no error. What is not ours any more stays, and is FailedPrecondition.
  virtual absl::Status Remove(const FilledStep& filled) = 0;
};

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_PROVISION_HOST_H_
