#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_JOB_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_JOB_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/platform/windows/unique_handle.h"
#include "core/report/outcome.h"
#include "core/windows_launch/record.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// A job with the limits of `spec`. Its messages arrive at `port` under `key`.
absl::StatusOr<UniqueHandle> MakeJob(const JobSpec& spec, HANDLE port, ULONG_PTR key, LaunchRecorder& recorder);

// OK if the job has the limits of `spec`; else Unavailable, `readback_failed`.
absl::Status ReadBackJob(HANDLE job, const JobSpec& spec);

// OK if the process is in the job; else Unavailable, `readback_failed`.
absl::Status ReadBackMembership(HANDLE process, HANDLE job);

// Ends every process of the job, and waits until each is gone.
void EndJob(HANDLE job);

// What the job's processes have used, those that are gone included.
Usage UsageOfJob(HANDLE job);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_JOB_H_
