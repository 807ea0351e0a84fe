#include "backends/wsl2/launch_streams.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "core/base/reason.h"
#include "core/platform/windows/console_input.h"
#include "core/platform/windows/wide.h"

namespace paddock::wsl2 {
namespace {

constexpr DWORD kChunk = 65536;
constexpr size_t kMostQueued = 2 * kChunk;

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

struct OutputCopy::State {
  HANDLE to = INVALID_HANDLE_VALUE;
  bool console = false;
  std::string rest;  // of a console: the beginning of a character that has not come whole
  std::mutex mutex;
  std::condition_variable changed;
  std::string queue;
  bool writing = false;   // what is no longer in the queue
  bool given_up = false;  // by this side, or since nobody reads

  static DWORD WINAPI Run(void* argument) {
    const std::unique_ptr<std::shared_ptr<State>> state(static_cast<std::shared_ptr<State>*>(argument));
    (*state)->Work();
    return 0;
  }

  void Work() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return given_up || !queue.empty(); });
      if (given_up) return;
      const std::string bytes = std::exchange(queue, {});
      writing = true;
      changed.notify_all();
      lock.unlock();
      const bool read = console ? WriteText(bytes) : WriteBytes(bytes);
      lock.lock();
      writing = false;
      given_up = given_up || !read;
      changed.notify_all();
    }
  }

  bool WriteBytes(absl::string_view bytes) const {
    DWORD written = 0;
    while (!bytes.empty() && WriteFile(to, bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr)) {
      bytes.remove_prefix(written);
    }
    return bytes.empty();
  }

  bool WriteText(absl::string_view bytes) {
    rest.append(bytes.data(), bytes.size());
    const size_t whole = rest.size() - Unfinished(rest);
    const std::wstring wide = ToWide(absl::string_view(rest).substr(0, whole));
    rest.erase(0, whole);
    constexpr size_t kMost = 16384;  // more may not fit into the console's own buffer
    DWORD written = 0;
    for (size_t at = 0; at < wide.size(); at += written) {
      const auto count = static_cast<DWORD>(std::min(kMost, wide.size() - at));
      if (!WriteConsoleW(to, wide.data() + at, count, &written, nullptr) || written == 0) return false;
    }
    return true;
  }
};

OutputCopy::OutputCopy(HANDLE to) : state_(std::make_shared<State>()) {
  state_->to = to;
  state_->console = IsConsole(to);
  if (!valid()) return;
  DWORD mode = 0;
  if (state_->console && GetConsoleMode(to, &mode)) SetConsoleMode(to, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  auto argument = std::make_unique<std::shared_ptr<State>>(state_);
  thread_.reset(CreateThread(nullptr, 0, &State::Run, argument.get(), 0, nullptr));
  if (thread_.valid()) (void)argument.release();
  state_->given_up = !thread_.valid();
}

OutputCopy::~OutputCopy() {
  GiveUp();
  // A write that cannot be interrupted is left behind with its thread.
  if (thread_.valid()) CancelSynchronousIo(thread_.get());
}

bool OutputCopy::valid() const { return state_->to != INVALID_HANDLE_VALUE; }

void OutputCopy::Write(absl::string_view bytes) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->given_up || state_->queue.size() < kMostQueued; });
  if (state_->given_up) return;
  state_->queue.append(bytes.data(), bytes.size());
  state_->changed.notify_all();
}

void OutputCopy::Flush() {
  std::unique_lock<std::mutex> lock(state_->mutex);
  if (!valid()) return;
  state_->changed.wait(lock, [this] { return state_->given_up || (state_->queue.empty() && !state_->writing); });
}

void OutputCopy::GiveUp() {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  state_->given_up = true;
  state_->queue.clear();
  state_->changed.notify_all();
}

struct InputPump::State {
  HANDLE from = INVALID_HANDLE_VALUE;
  bool tty = false;
  UniqueHandle stop;
  std::mutex mutex;  // held while `events` is called, and to shut them off
  bool stopped = false;
  InputEvents events;

  static DWORD WINAPI Run(void* argument) {
    const std::unique_ptr<std::shared_ptr<State>> state(static_cast<std::shared_ptr<State>*>(argument));
    State& pump = **state;
    if (!IsConsole(pump.from)) {
      pump.File();
    } else if (pump.tty) {
      pump.Keys();
    } else {
      pump.Lines();
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

  void Keys() {
    const ConsoleEvents console = {[this](absl::string_view bytes) { return Give(bytes); },
                                   [this] { Tell(events.resized); }};
    if (ReadConsoleEvents(from, stop.get(), console)) Tell(events.end);
  }

  // As a terminal of Linux gives them.
  void Lines() {
    while (true) {
      const std::string line = absl::StrReplaceAll(ReadConsoleLine(from), {{"\r\n", "\n"}});
      if (line.empty()) break;
      if (!Give(line)) return;
    }
    Tell(events.end);
  }
};

InputPump::InputPump(HANDLE from, bool tty, InputEvents events) : state_(std::make_shared<State>()) {
  state_->from = from;
  state_->tty = tty;
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
