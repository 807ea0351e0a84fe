#ifndef PADDOCK_CORE_ACCESS_APP_CONTAINER_H_
#define PADDOCK_CORE_ACCESS_APP_CONTAINER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/sid.h"

// The SIDs of an AppContainer, as Windows derives them from names: nothing of Windows takes part, and none has to be
// looked up. Letters beyond ASCII are refused, since Windows folds their case by tables of its own.

namespace paddock::access {

// S-1-15-2-..., of the package: what DeriveAppContainerSidFromAppContainerName gives. InvalidArgument unless the name
// has 1 to 64 letters, digits, '.', '-' and '_' (Microsoft Learn, "CreateAppContainerProfile function").
absl::StatusOr<Sid> PackageSid(absl::string_view name);

// S-1-15-3-..., of a capability: a number of its own for those that Windows 8 had (winnt.h, SECURITY_CAPABILITY_*),
// else what DeriveCapabilitySidsFromName gives. InvalidArgument for a name that no capability can have.
absl::StatusOr<Sid> CapabilitySid(absl::string_view name);

// Whether `sid` has the form of PackageSid's.
bool IsPackageSid(const Sid& sid);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_APP_CONTAINER_H_
