// Prints its arguments, for arguments_test: a line for each, "r" as the C runtime split them and "s" as
// CommandLineToArgvW did, each followed by its 16-bit units in hexadecimal; then "end".
#include <windows.h>
// Behind windows.h, which it needs.
#include <shellapi.h>

#include <cstdio>
#include <cwchar>

namespace {

void Print(char who, const wchar_t* argument) {
  std::putchar(who);
  for (; *argument != L'\0'; ++argument) std::printf("%04x", static_cast<unsigned>(*argument));
  std::putchar('\n');
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  for (int i = 0; i < argc; ++i) Print('r', argv[i]);
  int count = 0;
  wchar_t** const split = CommandLineToArgvW(GetCommandLineW(), &count);
  if (split == nullptr) return 1;
  for (int i = 0; i < count; ++i) Print('s', split[i]);
  LocalFree(split);
  std::puts("end");
  return 0;
}
