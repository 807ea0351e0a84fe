#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WIDE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WIDE_H_

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace paddock {

// UTF-16 as Windows has it to UTF-8 as Paddock has it. Half a surrogate pair, which Windows allows in names, becomes
// U+FFFD: such a name can be shown, and is then not found.
std::string ToUtf8(std::wstring_view text);

// The way back. Bytes that are no UTF-8 become U+FFFD.
std::wstring ToWide(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WIDE_H_
