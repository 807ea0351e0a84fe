#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_API_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_API_H_

// The one place that includes <windows.h>: Unicode functions, no min and max macros, none of the rarely used headers.

#ifndef UNICODE
#define UNICODE
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_WINDOWS_API_H_
