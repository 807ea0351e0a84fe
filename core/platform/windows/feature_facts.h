#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_FEATURE_FACTS_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_FEATURE_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "core/host/facts.h"

namespace paddock {

// Optional parts of Windows. Starts nothing: neither a sandbox nor a distribution.

// wsl_installed and the caller's distributions, from the registry, and mirrored_networking, from .wslconfig in `home`
// (empty: not known). What only a distribution itself knows stays unknown.
void AddWslFacts(const std::string& home, WindowsFacts* facts);

// windows_sandbox_installed, _enabled and _running.
void AddSandboxFacts(WindowsFacts* facts);

// Where the Store's package of Windows Sandbox puts its alias wsb.exe, if it is there at all; empty if that is not
// known. It lies in the user's own profile, as all aliases do: whoever can replace it can replace Paddock.
std::wstring SandboxAlias();

// A process that shows a sandbox's desktop, the one that goes with the machine before the one that started it.
struct SandboxProcessInfo {
  uint32_t id = 0;
  std::string name;
};
std::optional<SandboxProcessInfo> SandboxProcess();

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_FEATURE_FACTS_H_
