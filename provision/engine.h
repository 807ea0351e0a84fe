#ifndef PADDOCK_PROVISION_ENGINE_H_
#define PADDOCK_PROVISION_ENGINE_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "provision/provision_host.h"
#include "provision/setup_plan.h"
#include "provision/setup_record.h"

namespace paddock::provision {

enum class StepEvent : uint8_t {
  kMade,
  kKept,      // it was there already
  kRemoved,   // undone, by teardown or since another step failed
  kNotUndone  // and why: in `detail`
};

// Called after each step.
using StepListener = std::function<void(const Step& step, StepEvent event, absl::string_view detail)>;

// Makes the steps of `plan` that are not made yet, in order, for `owner`, and gives the record of all. Each is recorded
// before it is made, so that whenever this ends, by a kill too, the same call goes on, and UndoSetup undoes what is
// there. What the record holds and the plan does not (an earlier version's runner) is undone at the end.
//
// A step that fails undoes what this call has made, in reverse, and its error is the result; what could not be undone
// stays recorded, and the error names it. `number`: for a set-up that has none yet, 32 random hexadecimal digits.
// AlreadyExists `provisioned_for_another`: the machine is set up for somebody else. AlreadyExists `setup_name_taken`:
// something that is not ours has a name that a step needs.
absl::StatusOr<SetupRecord> MakeSetup(const SetupPlan& plan, const std::string& owner, const std::string& number,
                                      ProvisionHost& host, const StepListener& listener);

// Undoes every recorded step, the last one first, and the record. Goes on where one fails; what could not be undone
// stays recorded, so that it can be tried again, and the first error is the result. OK where nothing is set up.
absl::Status UndoSetup(ProvisionHost& host, const StepListener& listener);

// The record, complete or not; NotFound `not_provisioned` if there is none.
absl::StatusOr<SetupRecord> ReadSetup(ProvisionHost& host);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_ENGINE_H_
