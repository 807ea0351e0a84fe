#ifndef PADDOCK_BACKENDS_APPCONTAINER_LAUNCH_ENFORCEMENT_H_
#define PADDOCK_BACKENDS_APPCONTAINER_LAUNCH_ENFORCEMENT_H_

#include <memory>

#include "absl/status/status.h"
#include "core/lease/acl_volume.h"
#include "core/windows_launch/process.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// What confines a run, and is read back. Each answer but OK keeps the launch from going on: that a call of Windows
// succeeds does not mean that it had an effect.
class PackageEnforcement {
 public:
  virtual ~PackageEnforcement() = default;
  // What the process is started in.
  virtual const ContainerOrder* Container(const ContainerOrder& order) = 0;
  virtual absl::Status CheckJob(HANDLE job, const JobSpec& spec) = 0;
  // Of the command's first process, before it has run: TokenIsAppContainer, its package, its capabilities, whether it
  // is less privileged, its integrity level, its job.
  virtual absl::Status CheckProcess(HANDLE process, HANDLE job, const ContainerOrder& order) = 0;
  // That an entry stands in the list of a file.
  virtual absl::Status CheckEntry(AclFile& file, const access::Ace& entry) = 0;
};

// The one for use.
std::unique_ptr<PackageEnforcement> MakePackageEnforcement();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_LAUNCH_ENFORCEMENT_H_
