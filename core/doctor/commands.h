#ifndef PADDOCK_CORE_DOCTOR_COMMANDS_H_
#define PADDOCK_CORE_DOCTOR_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/host/facts.h"

// Pieces of remedies. A facts file may come from anybody, and a remedy is there to be copied into a shell: whatever
// comes from facts is quoted for the shell that reads it, or left out.

namespace paddock {

// Letters, digits and a few marks that no shell, AppArmor profile or unit file takes for anything else.
bool IsPlain(absl::string_view text);

// `text` as one word of a POSIX shell, or of PowerShell. `fallback` where it holds bytes that a terminal would not show
// as they are: what is copied from the screen would be something else.
std::string ShellWord(absl::string_view text, absl::string_view fallback);
std::string PowerShellWord(absl::string_view text, absl::string_view fallback);

// "sudo ", or nothing for root, who may have none.
absl::string_view Sudo(const LinuxFacts& host);

// The same for what is mended on the machine that runs the container, where the caller need not be root.
absl::string_view OuterSudo(const LinuxFacts& host);

// Commands that write `lines` into the file `path`, whose directory exists, and commands that set a sysctl now and at
// every boot in /etc/sysctl.d/`name`; both on the outer machine. `lines` are written by us, and quoted where they hold
// single quotes.
std::vector<std::string> WriteFile(const LinuxFacts& host, absl::string_view path,
                                   const std::vector<std::string>& lines);
std::vector<std::string> SetSysctl(const LinuxFacts& host, absl::string_view setting, absl::string_view name);

enum class Container : uint8_t { kNone, kDocker, kPodman, kKubernetes, kOther };
Container ContainerOf(const LinuxFacts& host);

// `text`, which begins with a small letter, as a sentence; inside a container, as one about the machine that runs it.
std::string OnOuterHost(const LinuxFacts& host, absl::string_view text);

// Of "6.8.0"; false where the version is not known.
bool IsKernelBefore(const LinuxFacts& host, int major, int minor);
bool IsKernelFrom(const LinuxFacts& host, int major, int minor);

}  // namespace paddock

#endif  // PADDOCK_CORE_DOCTOR_COMMANDS_H_
