#include "core/platform/windows/machine/message_pipe.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/access/binary.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::machine {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr DWORD kPatience = 60'000;  // milliseconds

std::wstring PipePath(const std::string& name) { return ToWide(absl::StrCat("\\\\.\\pipe\\", name)); }

absl::Status Gone(DWORD error, absl::string_view tried) {
  if (error == ERROR_BROKEN_PIPE || error == ERROR_PIPE_NOT_CONNECTED || error == ERROR_NO_DATA) {
    return absl::UnavailableError(absl::StrCat(tried, ": the other process is gone"));
  }
  return Win32Status(error, tried);
}

absl::StatusOr<UniqueHandle> MakeEvent() {
  UniqueHandle event(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!event.valid()) return Win32Status(GetLastError(), "CreateEvent");
  return event;
}

}  // namespace

absl::StatusOr<MessagePipe> MessagePipe::Listen(const std::string& name, size_t most) {
  // The user may be another than the administrator who answers for it; which process it is, is looked at on its
  // arrival.
  ASSIGN_OR_RETURN(const access::SecurityDescriptor parsed,
                   access::ParseSddl("D:P(A;;GRGW;;;IU)(A;;GA;;;BA)(A;;GA;;;SY)"));
  ASSIGN_OR_RETURN(std::string descriptor, access::ToBinary(parsed));
  SECURITY_ATTRIBUTES attributes = {sizeof(SECURITY_ATTRIBUTES), descriptor.data(), FALSE};
  UniqueFileHandle pipe(CreateNamedPipeW(
      PipePath(name).c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
      PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, 65536, 65536, 0, &attributes));
  if (!pipe.valid()) return Win32Status(GetLastError(), "CreateNamedPipe");
  return MessagePipe(std::move(pipe), most);
}

absl::Status MessagePipe::Accept(uint32_t process) {
  ASSIGN_OR_RETURN(const UniqueHandle event, MakeEvent());
  OVERLAPPED overlapped = {};
  overlapped.hEvent = event.get();
  if (!ConnectNamedPipe(pipe_.get(), &overlapped) && GetLastError() != ERROR_PIPE_CONNECTED) {
    if (GetLastError() != ERROR_IO_PENDING) return Win32Status(GetLastError(), "ConnectNamedPipe");
    if (WaitForSingleObject(event.get(), kPatience) != WAIT_OBJECT_0) {
      DWORD ignored = 0;
      CancelIoEx(pipe_.get(), &overlapped);
      GetOverlappedResult(pipe_.get(), &overlapped, &ignored, TRUE);
      return absl::UnavailableError("the process that asked for set-up has not connected");
    }
  }
  ULONG client = 0;
  if (!GetNamedPipeClientProcessId(pipe_.get(), &client)) {
    return Win32Status(GetLastError(), "GetNamedPipeClientProcessId");
  }
  if (client == process) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("process ", client, " has connected, and not ", process));
}

absl::StatusOr<UniqueHandle> MessagePipe::ClientToken() {
  if (!ImpersonateNamedPipeClient(pipe_.get())) return Win32Status(GetLastError(), "ImpersonateNamedPipeClient");
  HANDLE token = nullptr;
  const bool opened = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY | TOKEN_IMPERSONATE, TRUE, &token) != 0;
  const DWORD error = GetLastError();
  // To go on as somebody else than is thought would be worse than to end.
  if (!RevertToSelf()) std::abort();
  if (!opened) return Win32Status(error, "OpenThreadToken");
  return UniqueHandle(token);
}

absl::StatusOr<MessagePipe> MessagePipe::Connect(const std::string& name, size_t most, uint32_t process) {
  UniqueFileHandle pipe(CreateFileW(PipePath(name).c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION, nullptr));
  if (!pipe.valid()) return Win32Status(GetLastError(), "connecting to the pipe of set-up");
  ULONG server = 0;
  if (!GetNamedPipeServerProcessId(pipe.get(), &server)) {
    return Win32Status(GetLastError(), "GetNamedPipeServerProcessId");
  }
  if (server != process) {
    return absl::PermissionDeniedError(absl::StrCat("process ", server, " listens, and not ", process));
  }
  return MessagePipe(std::move(pipe), most);
}

template <typename Call>
absl::StatusOr<size_t> MessagePipe::Transfer(Call call) {
  ASSIGN_OR_RETURN(const UniqueHandle event, MakeEvent());
  OVERLAPPED overlapped = {};
  overlapped.hEvent = event.get();
  if (!call(&overlapped) && GetLastError() != ERROR_IO_PENDING) return Gone(GetLastError(), "the pipe of set-up");
  DWORD count = 0;
  if (!GetOverlappedResult(pipe_.get(), &overlapped, &count, TRUE)) return Gone(GetLastError(), "the pipe of set-up");
  return static_cast<size_t>(count);
}

absl::Status MessagePipe::ReadExactly(char* bytes, size_t size) {
  while (size > 0) {
    ASSIGN_OR_RETURN(const size_t count, Transfer([&](OVERLAPPED* overlapped) {
                       return ReadFile(pipe_.get(), bytes, static_cast<DWORD>(size), nullptr, overlapped);
                     }));
    if (count == 0) return Gone(ERROR_BROKEN_PIPE, "the pipe of set-up");
    bytes += count;
    size -= count;
  }
  return absl::OkStatus();
}

absl::Status MessagePipe::Send(absl::string_view message) {
  if (message.size() > most_) return absl::ResourceExhaustedError("a message of set-up that is too long");
  std::string whole(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) whole[i] = static_cast<char>((message.size() >> (8 * i)) & 0xff);
  whole.append(message.data(), message.size());
  absl::string_view left = whole;
  while (!left.empty()) {
    ASSIGN_OR_RETURN(const size_t count, Transfer([&](OVERLAPPED* overlapped) {
                       return WriteFile(pipe_.get(), left.data(), static_cast<DWORD>(left.size()), nullptr, overlapped);
                     }));
    left.remove_prefix(count);
  }
  SecureZeroMemory(whole.data(), whole.size());
  return absl::OkStatus();
}

absl::StatusOr<std::string> MessagePipe::Receive() {
  char length[kLengthBytes];
  RETURN_IF_ERROR(ReadExactly(length, kLengthBytes));
  size_t size = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) size |= static_cast<size_t>(static_cast<uint8_t>(length[i])) << (8 * i);
  if (size > most_) return absl::InvalidArgumentError("a message of set-up that is too long");
  std::string message(size, '\0');
  RETURN_IF_ERROR(ReadExactly(message.data(), size));
  return message;
}

}  // namespace paddock::machine
