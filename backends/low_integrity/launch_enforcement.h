#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCH_ENFORCEMENT_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCH_ENFORCEMENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/access/acl.h"
#include "core/lease/acl_volume.h"
#include "core/windows_launch/token.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// What confines a run, composed and read back. Each answer but OK keeps the launch from going on: that a call of
// Windows succeeds does not mean that it had an effect.
class LowEnforcement {
 public:
  virtual ~LowEnforcement() = default;
  virtual absl::StatusOr<UniqueHandle> Token(const BaseToken& base, const TokenOrder& order,
                                             LaunchRecorder& recorder) = 0;
  virtual absl::Status CheckJob(HANDLE job, const JobSpec& spec) = 0;
  // Of the command's first process, before it has run.
  virtual absl::Status CheckProcess(HANDLE process, HANDLE job, const TokenOrder& order) = 0;
  // Of a directory that was labelled.
  virtual absl::Status CheckLabel(AclFile& directory, const access::Acl& label) = 0;
};

// The one for use.
std::unique_ptr<LowEnforcement> MakeLowEnforcement();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCH_ENFORCEMENT_H_
