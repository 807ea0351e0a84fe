#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_CONSOLE_INPUT_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_CONSOLE_INPUT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "core/platform/terminal.h"
#include "core/platform/windows/windows_api.h"

// The caller's console as a command elsewhere has to see it: bytes in UTF-8, and the size of its window.

namespace paddock {

bool IsConsole(HANDLE handle);

// Of the window that shows the screen buffer `screen`; nothing where that is no console's.
std::optional<WindowSize> ConsoleWindowSize(HANDLE screen);

struct ConsoleEvents {
  std::function<bool(absl::string_view bytes)> typed;  // false: nobody wants any more
  std::function<void()> resized;
};

// Of a console in raw mode (RawTerminal): what is typed, and changes of the size, until `stop` is set or the console is
// gone. False if `typed` said so. Windows tells of the screen buffer's size: Windows Terminal's is always that of the
// window; the old console keeps a buffer of its own height, and says nothing where the window alone becomes lower.
bool ReadConsoleEvents(HANDLE console, HANDLE stop, const ConsoleEvents& events);

// Of a console that edits lines: the next one, or a part of it. Empty at its end (Ctrl+Z where a line begins), and
// where the console is gone.
std::string ReadConsoleLine(HANDLE console);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_CONSOLE_INPUT_H_
