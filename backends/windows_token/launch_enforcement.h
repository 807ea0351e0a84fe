#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_ENFORCEMENT_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_ENFORCEMENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/lease/acl_volume.h"
#include "core/windows_launch/job.h"
#include "core/windows_launch/token.h"

namespace paddock {

// What confines a run, composed and read back. Each answer but OK keeps the launch from going on. Windows' calls can
// succeed without effect (under Wine most of them do), so what they say counts for nothing.
class Enforcement {
 public:
  virtual ~Enforcement() = default;
  virtual absl::StatusOr<UniqueHandle> Token(const BaseToken& base, const TokenOrder& order,
                                             LaunchRecorder& recorder) = 0;
  virtual absl::Status CheckJob(HANDLE job, const JobSpec& spec) = 0;
  // Of the command's first process, before it has run.
  virtual absl::Status CheckProcess(HANDLE process, HANDLE job, const TokenOrder& order) = 0;
  // That an entry stands in the list of a file.
  virtual absl::Status CheckEntry(AclFile& file, const access::Ace& entry) = 0;
};

// The one for use.
std::unique_ptr<Enforcement> MakeEnforcement();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_ENFORCEMENT_H_
