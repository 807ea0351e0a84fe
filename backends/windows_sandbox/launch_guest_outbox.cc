#include "backends/windows_sandbox/launch_guest_outbox.h"

#include <utility>

#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

// A change on the host's side of a mapped folder need not be told to this side.
constexpr DWORD kLookAgainMs = 50;

struct ChangeTraits {
  using Handle = HANDLE;
  static Handle None() { return INVALID_HANDLE_VALUE; }
  static void Close(Handle handle) { FindCloseChangeNotification(handle); }
};

}  // namespace

GuestOutbox::GuestOutbox(std::string folder, std::string nonce, HANDLE end)
    : folder_(ToWide(folder) + L"\\"), nonce_(std::move(nonce)), end_(end), last_ms_(GetTickCount64()) {}

size_t GuestOutbox::Outstanding() const {
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW((folder_ + L"*.msg").c_str(), &data));
  if (!find.valid()) return 0;
  size_t count = 0;
  do {
    ++count;
  } while (count < kMostOutstanding && FindNextFileW(find.get(), &data));
  return count;
}

absl::Status GuestOutbox::WaitForRoom() {
  const BasicUniqueHandle<ChangeTraits> change(
      FindFirstChangeNotificationW(folder_.c_str(), FALSE, FILE_NOTIFY_CHANGE_FILE_NAME));
  const HANDLE both[] = {end_, change.get()};
  while (WaitForSingleObject(end_, 0) != WAIT_OBJECT_0) {
    if (Outstanding() < kMostOutstanding) return absl::OkStatus();
    WaitForMultipleObjects(change.valid() ? 2 : 1, both, FALSE, kLookAgainMs);
    if (change.valid()) FindNextChangeNotification(change.get());
  }
  return absl::AbortedError("the machine is to end");
}

absl::Status GuestOutbox::Write(MailKind kind, absl::string_view payload) {
  const std::string bytes = EncodeMail(nonce_, next_, {kind, std::string(payload)});
  const std::wstring unfinished = folder_ + ToWide(UnfinishedName(next_));
  UniqueFileHandle file(CreateFileW(unfinished.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr));
  DWORD written = 0;
  if (!file.valid() || !WriteFile(file.get(), bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr)) {
    return Win32Status(GetLastError(), "writing a message");
  }
  file.reset();
  if (!MoveFileExW(unfinished.c_str(), (folder_ + ToWide(MailName(next_))).c_str(), 0)) {
    return Win32Status(GetLastError(), "renaming a message");
  }
  ++next_;
  last_ms_ = GetTickCount64();
  return absl::OkStatus();
}

absl::Status GuestOutbox::Send(MailKind kind, absl::string_view payload) {
  const std::lock_guard<std::mutex> lock(mutex_);
  RETURN_IF_ERROR(WaitForRoom());
  return Write(kind, payload);
}

void GuestOutbox::SayAlive(uint64_t quiet_ms) {
  const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || GetTickCount64() - last_ms_ < quiet_ms || Outstanding() > 0) return;
  (void)Write(MailKind::kAlive, "");
}

}  // namespace paddock
