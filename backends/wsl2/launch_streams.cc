#include "backends/wsl2/launch_streams.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/reason.h"
#include "core/platform/windows/wide.h"

namespace paddock::wsl2 {
namespace {

constexpr DWORD kChunk = 65536;

bool IsConsole(HANDLE handle) {
  DWORD mode = 0;
  return GetConsoleMode(handle, &mode) != 0;
}

// How many bytes at the end of `text` begin a character that has not come whole.
size_t Unfinished(absl::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

HANDLE SourceOf(const StreamSpec& spec, DWORD own) {
  const HANDLE handle = spec.kind == StreamSpec::Kind::kHandle    ? reinterpret_cast<HANDLE>(spec.handle)
                        : spec.kind == StreamSpec::Kind::kInherit ? GetStdHandle(own)
                                                                  : INVALID_HANDLE_VALUE;
  return handle == nullptr ? INVALID_HANDLE_VALUE : handle;
}

absl::Status OutputCopy::Check(HANDLE to) {
  BY_HANDLE_FILE_INFORMATION file = {};
  if (to == INVALID_HANDLE_VALUE || GetFileType(to) != FILE_TYPE_DISK || !GetFileInformationByHandle(to, &file) ||
      (file.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    return absl::OkStatus();
  }
  return ReasonError(absl::StatusCode::kFailedPrecondition, "stdio_is_directory", "a standard stream is a directory");
}

OutputCopy::OutputCopy(HANDLE to) : to_(to), console_(IsConsole(to)) {
  DWORD mode = 0;
  if (console_ && GetConsoleMode(to_, &mode)) SetConsoleMode(to_, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

void OutputCopy::Write(absl::string_view bytes) {
  DWORD written = 0;
  if (!console_) {
    while (!bytes.empty() && WriteFile(to_, bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr)) {
      bytes.remove_prefix(written);
    }
    return;
  }
  rest_.append(bytes.data(), bytes.size());
  const size_t whole = rest_.size() - Unfinished(rest_);
  const std::wstring wide = ToWide(absl::string_view(rest_).substr(0, whole));
  rest_.erase(0, whole);
  constexpr size_t kMost = 16384;  // more may not fit into the console's own buffer
  for (size_t at = 0; at < wide.size(); at += written) {
    const auto count = static_cast<DWORD>(std::min(kMost, wide.size() - at));
    if (!WriteConsoleW(to_, wide.data() + at, count, &written, nullptr) || written == 0) return;
  }
}

struct InputPump::State {
  HANDLE from = INVALID_HANDLE_VALUE;
  UniqueHandle stop;
  std::mutex mutex;  // held while `events` is called, and to shut them off
  bool stopped = false;
  InputEvents events;

  static DWORD WINAPI Run(void* argument) {
    const std::unique_ptr<std::shared_ptr<State>> state(static_cast<std::shared_ptr<State>*>(argument));
    if (IsConsole((*state)->from)) {
      (*state)->Console();
    } else {
      (*state)->File();
    }
    return 0;
  }

  // False once nobody wants any more.
  bool Give(absl::string_view bytes) {
    const std::lock_guard<std::mutex> lock(mutex);
    return !stopped && events.bytes(bytes).ok();
  }
  void Tell(const std::function<void()>& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (!stopped) event();
  }

  void File() {
    std::vector<char> buffer(kChunk);
    DWORD got = 0;
    while (ReadFile(from, buffer.data(), kChunk, &got, nullptr) && got > 0) {
      if (!Give({buffer.data(), got})) return;
    }
    Tell(events.end);
  }

  void Console() {
    std::vector<INPUT_RECORD> records(128);
    std::wstring half;  // of a surrogate pair, which arrives as two keys
    const HANDLE either[] = {stop.get(), from};
    while (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
      DWORD got = 0;
      if (!ReadConsoleInputW(from, records.data(), static_cast<DWORD>(records.size()), &got)) break;
      std::wstring typed = std::exchange(half, {});
      for (DWORD i = 0; i < got; ++i) {
        const INPUT_RECORD& record = records[i];
        if (record.EventType == WINDOW_BUFFER_SIZE_EVENT) Tell(events.resized);
        if (record.EventType != KEY_EVENT) continue;
        const KEY_EVENT_RECORD& key = record.Event.KeyEvent;
        // A character composed with Alt and digits comes when Alt is let go.
        if ((key.bKeyDown || key.wVirtualKeyCode == VK_MENU) && key.uChar.UnicodeChar != 0) {
          typed.append(key.bKeyDown ? key.wRepeatCount : 1u, key.uChar.UnicodeChar);
        }
      }
      if (!typed.empty() && typed.back() >= 0xD800 && typed.back() < 0xDC00) {
        half.assign(1, typed.back());
        typed.pop_back();
      }
      if (!typed.empty() && !Give(ToUtf8(typed))) return;
    }
    Tell(events.end);
  }
};

InputPump::InputPump(HANDLE from, InputEvents events) : state_(std::make_shared<State>()) {
  state_->from = from;
  state_->stop.reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  state_->events = std::move(events);
  auto argument = std::make_unique<std::shared_ptr<State>>(state_);
  thread_.reset(CreateThread(nullptr, 0, &State::Run, argument.get(), 0, nullptr));
  if (thread_.valid()) (void)argument.release();
}

InputPump::~InputPump() {
  SetEvent(state_->stop.get());
  if (thread_.valid()) CancelSynchronousIo(thread_.get());
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->stopped = true;
}

}  // namespace paddock::wsl2
