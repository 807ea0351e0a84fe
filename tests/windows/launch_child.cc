// What the tests of the launcher start. One word says what to do.
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void Put(HANDLE to, const char* bytes, DWORD size) {
  for (DWORD written = 0; size > 0 && WriteFile(to, bytes, size, &written, nullptr);
       bytes += written, size -= written) {
  }
}
void Say(const std::string& text) {
  Put(GetStdHandle(STD_OUTPUT_HANDLE), text.data(), static_cast<DWORD>(text.size()));
}

std::string Utf8(const std::wstring& wide) {
  std::string text(4 * wide.size() + 1, '\0');
  text.resize(static_cast<size_t>(WideCharToMultiByte(CP_UTF8, 0, wide.data(), static_cast<int>(wide.size()),
                                                      text.data(), static_cast<int>(text.size()), nullptr, nullptr)));
  return text;
}

// Standard input to output, and how much it was to error.
int Copy() {
  static char buffer[65536];
  unsigned long long total = 0;
  for (DWORD got = 0; ReadFile(GetStdHandle(STD_INPUT_HANDLE), buffer, sizeof(buffer), &got, nullptr) && got > 0;) {
    Put(GetStdHandle(STD_OUTPUT_HANDLE), buffer, got);
    total += got;
  }
  const std::string text = std::to_string(total);
  Put(GetStdHandle(STD_ERROR_HANDLE), text.data(), static_cast<DWORD>(text.size()));
  return 0;
}

int Environment() {
  const wchar_t* const block = GetEnvironmentStringsW();
  for (const wchar_t* at = block; *at != L'\0'; at += wcslen(at) + 1) Say(Utf8(at) + "\n");
  return 0;
}

int Directory() {
  std::wstring path(32768, L'\0');
  path.resize(GetCurrentDirectoryW(static_cast<DWORD>(path.size()), path.data()));
  Say(Utf8(path));
  return 0;
}

// Starts one of the same, down to `depth`; each says its number and stays.
int Tree(const wchar_t* self, int depth) {
  Say(std::to_string(GetCurrentProcessId()) + "\n");
  if (depth > 0) {
    std::wstring line = L"\"" + std::wstring(self) + L"\" tree " + std::to_wstring(depth - 1);
    STARTUPINFOW startup = {};
    startup.cb = sizeof(startup);
    PROCESS_INFORMATION process = {};
    if (!CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &process))
      return 1;
  }
  Sleep(INFINITE);
  return 0;
}

int Console() {
  const HANDLE console = CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                     nullptr, OPEN_EXISTING, 0, nullptr);
  CONSOLE_SCREEN_BUFFER_INFO info = {};
  if (!GetConsoleScreenBufferInfo(console, &info)) return 1;
  const std::string text = "columns=" + std::to_string(info.srWindow.Right - info.srWindow.Left + 1) + ".\r\n";
  Put(console, text.data(), static_cast<DWORD>(text.size()));
  return 0;
}

// Says its console's columns now, and again when the console tells of a new size.
int Resized() {
  const HANDLE input = CreateFileW(L"CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                   OPEN_EXISTING, 0, nullptr);
  if (!SetConsoleMode(input, ENABLE_WINDOW_INPUT)) return 1;
  if (const int failed = Console(); failed != 0) return failed;
  INPUT_RECORD record = {};
  for (DWORD got = 0; ReadConsoleInputW(input, &record, 1, &got) && got == 1;) {
    if (record.EventType == WINDOW_BUFFER_SIZE_EVENT) return Console();
  }
  return 1;
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  const std::wstring what = argc > 1 ? argv[1] : L"";
  const wchar_t* const value = argc > 2 ? argv[2] : L"0";
  if (what == L"copy") return Copy();
  if (what == L"exit") return static_cast<int>(std::wcstoul(value, nullptr, 0));
  if (what == L"environment") return Environment();
  if (what == L"directory") return Directory();
  if (what == L"tree") return Tree(argv[0], static_cast<int>(std::wcstol(value, nullptr, 10)));
  if (what == L"console") return Console();
  if (what == L"resized") return Resized();
  // Sets the event of that number, if it has been inherited.
  if (what == L"event") return SetEvent(reinterpret_cast<HANDLE>(std::wcstoull(value, nullptr, 0))) ? 0 : 1;
  if (what == L"flood") {
    const std::string line(4096, 'x');
    for (;;) Say(line);
  }
  return 2;
}
