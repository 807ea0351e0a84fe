// What sandbox_test.cc runs inside: a well-behaved command, or one that writes into the mailbox by itself.

#include <fcntl.h>
#include <io.h>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "backends/windows_sandbox/mailbox.h"
#include "backends/windows_sandbox/order.h"
#include "core/platform/files.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"
// After it, since it uses its types.
#include <tlhelp32.h>

namespace paddock {
namespace {

std::wstring InMailbox(const std::string& name) { return ToWide(kGuestOut) + L"\\" + ToWide(name); }

void Put(const std::wstring& path, const std::string& bytes, uint64_t size = 0) {
  HANDLE file = CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr);
  DWORD written = 0;
  WriteFile(file, bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr);
  LARGE_INTEGER end = {};
  end.QuadPart = static_cast<LONGLONG>(size);
  if (size > 0 && SetFilePointerEx(file, end, nullptr, FILE_BEGIN)) SetEndOfFile(file);
  CloseHandle(file);
}

// The guest program has told that it is ready and that this one started: 2 is next. More, since it may say meanwhile
// that it lives.
constexpr uint32_t kFirst = 2, kLast = 9;

// What is put into each: written elsewhere, and moved there whole.
void PutNext(const std::function<std::string(uint32_t)>& bytes, bool second_name = false) {
  for (uint32_t number = kFirst; number <= kLast; ++number) {
    Put(L"C:\\made", bytes(number));
    const std::wstring other = L"C:\\other" + std::to_wstring(number);
    DeleteFileW(other.c_str());
    if (second_name) CreateHardLinkW(other.c_str(), L"C:\\made", nullptr);
    MoveFileExW(L"C:\\made", InMailbox(MailName(number)).c_str(), MOVEFILE_COPY_ALLOWED);
  }
}

std::string Nonce() {
  const auto text = ReadWholeFile(std::string(kGuestIn) + "\\" + kOrderFile, 1u << 20);
  const auto order = text.ok() ? ParseGuestOrder(*text) : text.status();
  return order.ok() ? order->nonce : "";
}

// To a directory, since Wine shows no link to a file as one; of this prefix, since it removes what a link leads to
// where the link is removed.
void Link(const std::string& name) {
  CreateDirectoryW(L"C:\\linked", nullptr);
  using Function = char*(__cdecl*)(const wchar_t*);
  const auto unix_name = reinterpret_cast<Function>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "wine_get_unix_file_name")));
  const std::wstring folder = ToWide(unix_name(ToWide(kGuestOut).c_str()));
  std::wstring line = L"ln -s \"" + ToWide(unix_name(L"C:\\linked")) + L"\" \"" + folder + L"/" + ToWide(name) + L"\"";
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION made = {};
  CreateProcessW(L"Z:\\bin\\ln", line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &made);
}

void EndGuest() {
  HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  PROCESSENTRY32W entry = {};
  entry.dwSize = sizeof(entry);
  for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry)) {
    if (lstrcmpiW(entry.szExeFile, L"paddock-guest.exe") != 0) continue;
    TerminateProcess(OpenProcess(PROCESS_TERMINATE, FALSE, entry.th32ProcessID), 1);
  }
}

void Attack(const std::string& kind) {
  const std::string nonce = Nonce();
  const std::string good = FormatResult({GuestEnd::kExited, 99, "", 0, 0, 0, 0});
  const auto result = [&](uint32_t number, const std::string& payload) {
    return EncodeMail(nonce, number, {MailKind::kResult, payload});
  };
  if (kind == "name") Put(InMailbox("desktop.ini"), "x");
  if (kind == "directory") CreateDirectoryW(InMailbox(MailName(kFirst)).c_str(), nullptr);
  if (kind == "link") Link(MailName(kFirst));
  if (kind == "files") {
    for (uint32_t i = 100; i < 100 + kMostEntries + 1; ++i) Put(InMailbox(UnfinishedName(i)), "");
  }
  if (kind == "bytes") Put(InMailbox(UnfinishedName(100)), "", kMostInFolder + 1);
  if (kind == "long")
    PutNext([&](uint32_t n) { return EncodeMail(nonce, n, {MailKind::kOut, std::string(kMostBytes + 1, 'x')}); });
  if (kind == "names") {
    PutNext([&](uint32_t n) { return result(n, good); }, true);
  }
  if (kind == "partial") PutNext([&](uint32_t n) { return result(n, good).substr(0, 30); });
  if (kind == "cut") PutNext([&](uint32_t n) { return result(n, good.substr(0, good.size() / 2)); });
  if (kind == "replay") PutNext([&](uint32_t) { return EncodeMail(nonce, 1, {MailKind::kStarted, FormatStarted(1)}); });
  if (kind == "again") PutNext([&](uint32_t n) { return EncodeMail(nonce, n, {MailKind::kReady, ""}); });
  if (kind == "nonce")
    PutNext([&](uint32_t n) { return EncodeMail(std::string(32, '0'), n, {MailKind::kResult, good}); });
  if (kind == "json") PutNext([&](uint32_t n) { return result(n, std::string(5000, '[')); });
  if (kind == "schema") PutNext([&](uint32_t n) { return result(n, R"({"end":"exited","code":0})"); });
  if (kind == "forged") PutNext([&](uint32_t n) { return result(n, good); });
  if (kind == "guest") EndGuest();
  WaitForSingleObject(GetCurrentProcess(), INFINITE);
}

int Run(const std::vector<std::string>& arguments) {
  const std::string& what = arguments[1];
  if (what == "arguments") {
    for (size_t i = 2; i < arguments.size(); ++i) printf("%s\n", arguments[i].c_str());
  } else if (what == "exit") {
    ExitProcess(static_cast<UINT>(std::stoul(arguments[2])));
  } else if (what == "streams") {
    const std::string line(1000, 'x');
    for (int i = 0; i < std::stoi(arguments[2]); ++i) fwrite(line.data(), 1, line.size(), i % 2 == 0 ? stdout : stderr);
  } else if (what == "where") {
    wchar_t cwd[1024] = {}, value[1024] = {};
    GetCurrentDirectoryW(1024, cwd);
    GetEnvironmentVariableW(L"CI", value, 1024);
    printf("%s %s\n", ToUtf8(cwd).c_str(), ToUtf8(value).c_str());
  } else if (what == "read") {
    printf("[%d]\n", getchar());
  } else if (what == "write") {
    Put(ToWide(arguments[2]), arguments[3]);
  } else if (what == "sleep") {
    printf("sleeping\n");
    fflush(stdout);
    WaitForSingleObject(GetCurrentProcess(), INFINITE);
  } else if (what == "mark-and-sleep") {
    Put(ToWide(arguments[2]), "x");
    WaitForSingleObject(GetCurrentProcess(), INFINITE);
  } else if (what == "attack") {
    Attack(arguments[2]);
  }
  return 0;
}

}  // namespace
}  // namespace paddock

int wmain(int argc, wchar_t** argv) {
  _setmode(1, _O_BINARY);
  _setmode(2, _O_BINARY);
  std::vector<std::string> arguments;
  for (int i = 0; i < argc; ++i) arguments.push_back(paddock::ToUtf8(argv[i]));
  return arguments.size() < 2 ? 2 : paddock::Run(arguments);
}
