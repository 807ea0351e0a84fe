#ifndef PADDOCK_CORE_ACCESS_ADMINISTRATION_H_
#define PADDOCK_CORE_ACCESS_ADMINISTRATION_H_

#include <cstdint>
#include <optional>

#include "core/access/security_descriptor.h"
#include "core/access/sid.h"

namespace paddock::access {

// The service that installs Windows itself ("NT SERVICE\TrustedInstaller").
inline constexpr Sid kTrustedInstaller(5, {80, 956008885, 3418522649, 1831038044, 1853292631, 2271478464});

// Administrators, the system and TrustedInstaller: who has what these have owns the machine already.
bool IsAdministration(const Sid& sid);

// Nobody but the administration can change the content of such a file, remove it, or give itself the right to.
inline constexpr uint32_t kFileControl = 0x000d0006;  // delete, write DAC, write owner, write data, append
// Nobody but the administration can remove what such a directory holds, or the directory. Others may add files to it:
// so Windows has it for whatever is made in %ProgramData%.
inline constexpr uint32_t kDirectoryControl = 0x000d0040;  // delete, write DAC, write owner, delete child

// Who besides the administration owns the file or directory, or has one of the rights `control` by an entry that
// allows. nullopt: nobody. What would take a right away again is not looked at, so that the answer is rather somebody
// than nobody. Where there is no list, or no owner is known, it is everybody.
std::optional<Sid> WhoElseControls(const SecurityDescriptor& descriptor, uint32_t control);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_ADMINISTRATION_H_
