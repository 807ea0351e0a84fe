#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_DEADLINE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_DEADLINE_H_

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

// How long one question to the system may take before its answer counts as unknown.
inline constexpr std::chrono::milliseconds kProbeDeadline(200);

namespace internal {

template <typename F, typename Result>
struct Question {
  F ask;
  std::optional<Result> answer;  // to be read once `answered` is set
  UniqueHandle answered;

  static DWORD WINAPI Run(void* argument) {
    const std::unique_ptr<std::shared_ptr<Question>> question(static_cast<std::shared_ptr<Question>*>(argument));
    (*question)->answer.emplace((*question)->ask());
    SetEvent((*question)->answered.get());
    return 0;
  }
};

}  // namespace internal

// What `ask` gives, if it gives it in time; else nullopt, and the thread that still asks is left behind: a network
// drive whose server is gone, or WMI, can take minutes and cannot be interrupted. So `ask` must own all that it
// touches. A thread of Windows' own: a detached one of winpthreads, at its end, may take the argument of one that is
// just being made.
template <typename F, typename Result = decltype(std::declval<F>()())>
std::optional<Result> AskInTime(F ask, std::chrono::milliseconds deadline = kProbeDeadline) {
  using Question = internal::Question<F, Result>;
  auto question = std::make_shared<Question>(
      Question{std::move(ask), std::nullopt, UniqueHandle(CreateEventW(nullptr, TRUE, FALSE, nullptr))});
  auto argument = std::make_unique<std::shared_ptr<Question>>(question);
  const UniqueHandle thread(CreateThread(nullptr, 0, &Question::Run, argument.get(), 0, nullptr));
  if (!thread.valid()) return std::nullopt;
  (void)argument.release();
  if (WaitForSingleObject(question->answered.get(), static_cast<DWORD>(deadline.count())) != WAIT_OBJECT_0) {
    return std::nullopt;
  }
  return std::move(question->answer);
}

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_DEADLINE_H_
