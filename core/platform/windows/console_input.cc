#include "core/platform/windows/console_input.h"

#include <array>
#include <utility>

#include "core/platform/windows/wide.h"

namespace paddock {
namespace {

constexpr wchar_t kEndOfInput = 0x1A;

bool IsFirstOfPair(wchar_t unit) { return unit >= 0xD800 && unit < 0xDC00; }

// A character composed with Alt and digits comes when Alt is let go.
void AppendKey(const KEY_EVENT_RECORD& key, std::wstring* typed) {
  if (key.uChar.UnicodeChar == 0 || (!key.bKeyDown && key.wVirtualKeyCode != VK_MENU)) return;
  typed->append(key.bKeyDown ? key.wRepeatCount : 1u, key.uChar.UnicodeChar);
}

}  // namespace

bool IsConsole(HANDLE handle) {
  DWORD mode = 0;
  return GetConsoleMode(handle, &mode) != 0;
}

std::optional<WindowSize> ConsoleWindowSize(HANDLE screen) {
  CONSOLE_SCREEN_BUFFER_INFO info = {};
  if (!GetConsoleScreenBufferInfo(screen, &info)) return std::nullopt;
  const int columns = info.srWindow.Right - info.srWindow.Left + 1;
  const int rows = info.srWindow.Bottom - info.srWindow.Top + 1;
  if (columns <= 0 || rows <= 0) return std::nullopt;
  return WindowSize{static_cast<uint16_t>(columns), static_cast<uint16_t>(rows)};
}

bool ReadConsoleEvents(HANDLE console, HANDLE stop, const ConsoleEvents& events) {
  std::array<INPUT_RECORD, 128> records;
  std::wstring half;  // of a surrogate pair, which arrives as two keys
  const HANDLE either[] = {stop, console};
  while (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
    DWORD got = 0;
    if (!ReadConsoleInputW(console, records.data(), static_cast<DWORD>(records.size()), &got)) break;
    std::wstring typed = std::exchange(half, {});
    bool resized = false;
    for (DWORD i = 0; i < got; ++i) {
      resized = resized || records[i].EventType == WINDOW_BUFFER_SIZE_EVENT;
      if (records[i].EventType == KEY_EVENT) AppendKey(records[i].Event.KeyEvent, &typed);
    }
    if (resized) events.resized();
    if (!typed.empty() && IsFirstOfPair(typed.back())) {
      half.assign(1, typed.back());
      typed.pop_back();
    }
    if (!typed.empty() && !events.typed(ToUtf8(typed))) return false;
  }
  return true;
}

std::string ReadConsoleLine(HANDLE console) {
  std::array<wchar_t, 4096> line;
  DWORD got = 0;
  // One unit is left for the second half of a pair.
  if (!ReadConsoleW(console, line.data(), static_cast<DWORD>(line.size() - 1), &got, nullptr) || got == 0) return "";
  if (line[0] == kEndOfInput) return "";
  DWORD more = 0;
  if (IsFirstOfPair(line[got - 1]) && ReadConsoleW(console, line.data() + got, 1, &more, nullptr)) got += more;
  return ToUtf8(std::wstring(line.data(), got));
}

}  // namespace paddock
