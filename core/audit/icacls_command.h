#ifndef PADDOCK_CORE_AUDIT_ICACLS_COMMAND_H_
#define PADDOCK_CORE_AUDIT_ICACLS_COMMAND_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace paddock::audit {

// `argument` as one word of PowerShell, and, where it holds nothing special, of cmd.exe too; nullopt for what no line
// to be copied should hold: control characters and double quotes.
std::optional<std::string> PowerShellWord(absl::string_view argument);

// "icacls" with `arguments`; nullopt as above.
std::optional<std::string> IcaclsCommand(const std::vector<std::string>& arguments);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_ICACLS_COMMAND_H_
