#ifndef PADDOCK_BACKENDS_WSL2_PLAN_SPELLINGS_H_
#define PADDOCK_BACKENDS_WSL2_PLAN_SPELLINGS_H_

#include "backends/wsl2/path_map.h"
#include "backends/wsl2/wsl2_plan.h"
#include "core/host/facts.h"
#include "core/request/request.h"

// Names on a volume of Windows. Windows takes `.ENV` for `.env`; Linux, which is to hide it, looks for one of them.

namespace paddock::wsl2 {

// Adds to the far policy, for each rule that protects or hides by name, what Windows found of it under a spelling that
// Linux would not look for; and notes in `body` what is missing of each such rule all the same, and what does not exist
// yet. Nothing for a workspace inside the distribution, where case counts.
void PlanSpellings(const Request& request, const Facts& facts, PathMap& map, Wsl2Plan& body);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_PLAN_SPELLINGS_H_
