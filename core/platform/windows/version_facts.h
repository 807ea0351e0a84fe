#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_VERSION_FACTS_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_VERSION_FACTS_H_

#include "core/host/facts.h"

namespace paddock {

// os_name and architecture; of the Windows facts: sku, build, domain_controller and lpac, which follow from the
// version.
void AddVersionFacts(HostFacts* facts);

// hypervisor, nested_virtualization and virtualization_firmware.
void AddHypervisorFacts(WindowsFacts* facts);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_VERSION_FACTS_H_
