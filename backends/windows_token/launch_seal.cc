#include "backends/windows_token/launch_seal.h"

#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/unique_handle.h"
#include "core/windows_launch/descriptor.h"
#include "core/windows_launch/launch_error.h"
// After it, since it uses its types.
#include <tlhelp32.h>

namespace paddock {
namespace {

// OWNER RIGHTS: without an entry of that SID the owner could write the list anew (Microsoft Learn, "Well-known SIDs").
constexpr char kSealed[] = "D:P(A;;GA;;;SY)(A;;RC;;;S-1-3-4)";

// Not in older headers: PROCESS_MITIGATION_*_POLICY of winnt.h, one word of flags each.
struct MitigationFlags {
  PROCESS_MITIGATION_POLICY policy;
  DWORD flags;
};
constexpr DWORD kNoRemote = 1, kNoLowLabel = 2, kPreferSystem32 = 4, kNoExtensionPoints = 1;
const MitigationFlags kMitigations[] = {
    {ProcessExtensionPointDisablePolicy, kNoExtensionPoints},
    {ProcessImageLoadPolicy, kNoRemote | kNoLowLabel | kPreferSystem32},
};

absl::Status SealThreads() {
  const UniqueFileHandle threads(CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0));
  if (!threads.valid()) return StepFailed("listing the runner's threads");
  THREADENTRY32 entry = {};
  entry.dwSize = sizeof(entry);
  for (BOOL more = Thread32First(threads.get(), &entry); more; more = Thread32Next(threads.get(), &entry)) {
    if (entry.th32OwnerProcessID != GetCurrentProcessId()) continue;
    const UniqueHandle thread(OpenThread(WRITE_DAC, FALSE, entry.th32ThreadID));
    // One that has ended meanwhile, or that the launcher has sealed before.
    if (thread.valid()) RETURN_IF_ERROR(SealObject(thread.get()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SealObject(HANDLE object) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, access::ParseSddl(kSealed));
  ASSIGN_OR_RETURN(const DescriptorBuffer buffer, DescriptorBuffer::Make(descriptor));
  if (SetKernelObjectSecurity(object, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, buffer.get())) {
    return absl::OkStatus();
  }
  return StepFailed("closing the runner's process to other processes of its user");
}

absl::Status SealOwnProcess() {
  RETURN_IF_ERROR(SealObject(GetCurrentProcess()));
  RETURN_IF_ERROR(SealThreads());
  for (const MitigationFlags& row : kMitigations) {
    DWORD flags = row.flags;
    // A system that does not know one goes without.
    SetProcessMitigationPolicy(row.policy, &flags, sizeof(flags));
  }
  return absl::OkStatus();
}

}  // namespace paddock
