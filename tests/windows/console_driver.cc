// A user at a console: starts a program in a console that nobody sees, and does there what it is told, a line of its
// own standard input for each: "type TEXT" (and Enter), "resize COLUMNS ROWS". Ends with the program, as it did.
//
//   console_driver PROGRAM [ARG...]
#include <windows.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr wchar_t kInside[] = L"--inside";

HANDLE Open(const wchar_t* name) {
  SECURITY_ATTRIBUTES inherited = {sizeof(inherited), nullptr, TRUE};
  return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING,
                     0, nullptr);
}

int Fail(const char* tried) {
  std::fprintf(stderr, "console_driver: %s: %lu\n", tried, GetLastError());
  return 99;
}

// Everything behind `words` arguments, as it stands.
std::wstring RestOfLine(int words) {
  const wchar_t* at = GetCommandLineW();
  for (int i = 0; i < words; ++i) {
    const wchar_t end = *at == L'"' ? L'"' : L' ';
    at += *at == L'"';
    while (*at != L'\0' && *at != end) ++at;
    while (*at == L'"' || *at == L' ') ++at;
    if (*at == L'\0') break;
  }
  return at;
}

HANDLE Start(std::wstring line, DWORD flags, HANDLE in, HANDLE out, HANDLE err) {
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = in;
  startup.hStdOutput = out;
  startup.hStdError = err;
  PROCESS_INFORMATION made = {};
  if (!CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, flags, nullptr, nullptr, &startup, &made)) {
    return nullptr;
  }
  CloseHandle(made.hThread);
  return made.hProcess;
}

void Put(HANDLE console, const INPUT_RECORD& record) {
  DWORD written = 0;
  WriteConsoleInputW(console, &record, 1, &written);
}

void Type(HANDLE console, const char* text) {
  for (const char* at = text; *at != '\0'; ++at) {
    for (const BOOL down : {TRUE, FALSE}) {
      INPUT_RECORD record = {};
      record.EventType = KEY_EVENT;
      record.Event.KeyEvent.bKeyDown = down;
      record.Event.KeyEvent.wRepeatCount = 1;
      record.Event.KeyEvent.wVirtualKeyCode = *at == '\r' ? VK_RETURN : *at == '\b' ? VK_BACK : 0;
      record.Event.KeyEvent.uChar.UnicodeChar = static_cast<wchar_t>(*at);
      Put(console, record);
    }
  }
}

// As the window of a terminal: the buffer is as large as it is.
void Resize(HANDLE console, HANDLE screen, SHORT columns, SHORT rows) {
  const SMALL_RECT least = {0, 0, 0, 0};
  const SMALL_RECT window = {0, 0, static_cast<SHORT>(columns - 1), static_cast<SHORT>(rows - 1)};
  SetConsoleWindowInfo(screen, TRUE, &least);
  SetConsoleScreenBufferSize(screen, {columns, rows});
  SetConsoleWindowInfo(screen, TRUE, &window);
  INPUT_RECORD record = {};
  record.EventType = WINDOW_BUFFER_SIZE_EVENT;
  record.Event.WindowBufferSizeEvent.dwSize = {columns, rows};
  Put(console, record);
}

DWORD WINAPI Obey(void* both) {
  HANDLE* const handles = static_cast<HANDLE*>(both);
  char line[1024];
  while (std::fgets(line, sizeof(line), stdin) != nullptr) {
    line[std::strcspn(line, "\r\n")] = '\0';
    short columns = 0, rows = 0;
    if (std::strncmp(line, "type ", 5) == 0) {
      Type(handles[0], line + 5);
      Type(handles[0], "\r");
    } else if (std::strcmp(line, "interrupt") == 0) {
      GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
    } else if (std::sscanf(line, "resize %hd %hd", &columns, &rows) == 2) {
      Resize(handles[0], handles[1], columns, rows);
    }
  }
  return 0;
}

// This program's own, which shares the console.
BOOL WINAPI Ignore(DWORD) { return TRUE; }

int Await(HANDLE process, const char* tried) {
  if (process == nullptr) return Fail(tried);
  WaitForSingleObject(process, INFINITE);
  DWORD code = 0;
  GetExitCodeProcess(process, &code);
  return static_cast<int>(code);
}

int Inside() {
  HANDLE handles[2] = {Open(L"CONIN$"), Open(L"CONOUT$")};
  if (handles[0] == INVALID_HANDLE_VALUE || handles[1] == INVALID_HANDLE_VALUE) return Fail("opening the console");
  Resize(handles[0], handles[1], 100, 40);
  SetConsoleCtrlHandler(&Ignore, TRUE);
  const HANDLE process = Start(RestOfLine(2), 0, handles[0], handles[1], handles[1]);
  CloseHandle(CreateThread(nullptr, 0, &Obey, handles, 0, nullptr));
  return Await(process, "starting the program");
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  if (argc < 2) return 2;
  if (std::wcscmp(argv[1], kInside) == 0) return Inside();
  wchar_t own[MAX_PATH];
  GetModuleFileNameW(nullptr, own, MAX_PATH);
  const std::wstring line = L"\"" + std::wstring(own) + L"\" " + kInside + L" " + RestOfLine(1);
  return Await(Start(line, CREATE_NO_WINDOW, GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE),
                     GetStdHandle(STD_ERROR_HANDLE)),
               "starting itself");
}
