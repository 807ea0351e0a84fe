#include "core/platform/windows/output_copy.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "core/platform/windows/console_input.h"
#include "core/platform/windows/wide.h"

namespace paddock {
namespace {

constexpr size_t kMostQueued = 128u << 10;

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

}  // namespace paddock
