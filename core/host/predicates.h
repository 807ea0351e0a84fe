#ifndef PADDOCK_CORE_HOST_PREDICATES_H_
#define PADDOCK_CORE_HOST_PREDICATES_H_

#include "core/host/facts.h"

// Questions about facts that the selection rules and the backends both ask, so that the two never differ. What is not
// known counts as the weaker answer.

namespace paddock {

// Pro, Pro for Workstations, Enterprise, Education: the editions that carry Windows Sandbox (Microsoft Learn, "Windows
// Sandbox", prerequisites).
bool IsProOrHigher(WindowsSku sku);

// Nothing is known that keeps a virtual machine from starting: this is no VM without nesting, and virtualization is not
// off in the firmware. The firmware's flag may read "off" below a running hypervisor, and is then ignored.
bool CanRunVirtualMachines(const WindowsFacts& windows);

// The edition has it, the feature is known to be on, and a virtual machine can start. Whether another instance runs at
// this moment is not asked.
bool WindowsSandboxUsable(const WindowsFacts& windows);

// A UNC path, a mapped drive, or a network file system.
bool IsOnNetwork(const WorkspaceFacts& workspace);

// A local or removable volume of which persistent ACLs are known: what an AND-gate on ACLs needs.
bool IsLocalWithAcls(const WorkspaceFacts& workspace);

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_PREDICATES_H_
