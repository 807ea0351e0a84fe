#include "backends/wsl2/launch_streams.h"

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

}  // namespace

HANDLE SourceOf(const StreamSpec& spec, DWORD own) {
  const HANDLE handle = spec.kind == StreamSpec::Kind::kHandle    ? reinterpret_cast<HANDLE>(spec.handle)
                        : spec.kind == StreamSpec::Kind::kInherit ? GetStdHandle(own)
                                                                  : INVALID_HANDLE_VALUE;
  return handle == nullptr ? INVALID_HANDLE_VALUE : handle;
}

absl::Status CheckStream(HANDLE stream) {
  BY_HANDLE_FILE_INFORMATION file = {};
  if (stream == INVALID_HANDLE_VALUE || GetFileType(stream) != FILE_TYPE_DISK ||
      !GetFileInformationByHandle(stream, &file) || (file.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    return absl::OkStatus();
  }
  return ReasonError(absl::StatusCode::kFailedPrecondition, "stdio_is_directory", "a standard stream is a directory");
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
