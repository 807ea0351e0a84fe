#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_PROCESS_FACTS_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_PROCESS_FACTS_H_

#include <string>

#include "core/host/facts.h"

namespace paddock {

// What this process may do, and what the system lets run: elevated, in_job, window_station, seclogon and
// app_control_enforced. Needs no privilege.
void AddProcessFacts(WindowsFacts* facts);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_PROCESS_FACTS_H_
