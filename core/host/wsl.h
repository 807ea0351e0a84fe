#ifndef PADDOCK_CORE_HOST_WSL_H_
#define PADDOCK_CORE_HOST_WSL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "core/host/facts.h"
#include "core/request/request.h"

// Which WSL distribution a command would run in: asked by the selection rules, the backend, the probe and the doctor,
// so that they never differ. Pure. What is not known counts as the weaker answer.

namespace paddock {

// Known to be installed and to be WSL2.
bool IsUsableWsl2(const WslDistribution& distribution);

// Asked inside, and it has nothing that could confine a command.
bool LacksConfinement(const WslDistribution& distribution);
// Nothing is known that could.
bool IsUnprobed(const WslDistribution& distribution);

// The product whose machinery a distribution of that name is: "Docker Desktop" for docker-desktop. Empty for one of the
// user's own. Such a one has no shell, no user and no tools to speak of, and its product replaces it at will.
absl::string_view ProductOfDistribution(absl::string_view name);

// Whether `name` can stand on the command line of wsl.exe, which splits it by rules of its own: letters, digits, ".",
// "_" and "-", at most 64. WSL makes no others.
bool IsDistributionName(absl::string_view name);

// The distribution that a command would run in: the one that holds the workspace, else the one that the policy names,
// usable or not; else the default one if it qualifies, else the first that does. One qualifies that is usable WSL2, is
// the user's own, and is not known to lack all that confines. If none does, one that is usable but lacks that. nullptr:
// none.
const WslDistribution* WslDistributionFor(const Request& request, const Facts& facts);

// WslDistributionFor gives a usable one and virtual machines can start.
bool Wsl2Usable(const Request& request, const Facts& facts);

// Whether the request could end in wsl2 at all, so that it is worth the start of a distribution to ask what it offers:
// a coding request whose command may be a Linux one, whose workspace lies in a distribution, which prefers isolation or
// forces the backend, under a policy that allows it.
bool MayUseWsl2(const Request& request);

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_WSL_H_
