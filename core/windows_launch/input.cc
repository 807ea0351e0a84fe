#include "core/windows_launch/input.h"

#include <algorithm>
#include <utility>

#include "core/platform/windows/console_input.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

constexpr size_t kChunk = 65536;

}  // namespace

InputPipe::InputPipe(UniqueFileHandle pipe)
    : pipe_(std::move(pipe)),
      written_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      abandoned_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}

absl::Status InputPipe::Write(absl::string_view bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!pipe_.valid()) return absl::FailedPreconditionError("the command's input is no pipe, or it has been closed");
  while (!bytes.empty()) {
    OVERLAPPED operation = {};
    operation.hEvent = written_.get();
    const auto size = static_cast<DWORD>(std::min(bytes.size(), kChunk));
    if (!WriteFile(pipe_.get(), bytes.data(), size, nullptr, &operation) && GetLastError() != ERROR_IO_PENDING) {
      return Win32Status(GetLastError(), "writing to the command's input");
    }
    const HANDLE either[] = {written_.get(), abandoned_.get()};
    if (WaitForMultipleObjects(2, either, FALSE, INFINITE) != WAIT_OBJECT_0) CancelIoEx(pipe_.get(), &operation);
    DWORD done = 0;
    if (!GetOverlappedResult(pipe_.get(), &operation, &done, TRUE)) {
      return Win32Status(GetLastError(), "writing to the command's input");
    }
    bytes.remove_prefix(done);
  }
  return absl::OkStatus();
}

absl::Status InputPipe::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!pipe_.valid()) return absl::FailedPreconditionError("the command's input is no pipe, or it has been closed");
  pipe_.reset();
  return absl::OkStatus();
}

void InputPipe::Abandon() { SetEvent(abandoned_.get()); }

struct InputCopy::State {
  HANDLE from = INVALID_HANDLE_VALUE;
  UniqueHandle stop;
  std::shared_ptr<InputPipe> input;
  std::mutex mutex;  // held while `resized` is called, and to shut it off
  std::function<void()> resized;

  static DWORD WINAPI Run(void* argument) {
    const std::unique_ptr<std::shared_ptr<State>> state(static_cast<std::shared_ptr<State>*>(argument));
    State& copy = **state;
    if (copy.resized != nullptr && IsConsole(copy.from)) {
      copy.CopyKeys();
    } else {
      copy.Copy();
    }
    return 0;
  }

  void CopyKeys() {
    const ConsoleEvents events = {[this](absl::string_view bytes) { return input->Write(bytes).ok(); },
                                  [this] { TellResized(); }};
    if (ReadConsoleEvents(from, stop.get(), events)) (void)input->Close();
  }

  void TellResized() {
    const std::lock_guard<std::mutex> lock(mutex);
    if (WaitForSingleObject(stop.get(), 0) != WAIT_OBJECT_0) resized();
  }

  void Copy() {
    char buffer[4096];
    const HANDLE either[] = {stop.get(), from};
    while (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
      DWORD got = 0;
      if (!ReadFile(from, buffer, sizeof(buffer), &got, nullptr) || got == 0) break;
      if (!input->Write({buffer, got}).ok()) return;
    }
    (void)input->Close();
  }
};

InputCopy::InputCopy(HANDLE from, std::shared_ptr<InputPipe> input, std::function<void()> resized)
    : state_(std::make_shared<State>()) {
  state_->from = from;
  state_->resized = std::move(resized);
  state_->stop.reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  state_->input = std::move(input);
  auto argument = std::make_unique<std::shared_ptr<State>>(state_);
  thread_.reset(CreateThread(nullptr, 0, &State::Run, argument.get(), 0, nullptr));
  if (thread_.valid()) (void)argument.release();
}

InputCopy::~InputCopy() {
  SetEvent(state_->stop.get());
  if (thread_.valid()) CancelSynchronousIo(thread_.get());
  const std::lock_guard<std::mutex> lock(state_->mutex);  // who tells has finished, and nobody begins
}

}  // namespace paddock
