#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_DEADLINE_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_DEADLINE_H_

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace paddock {

// How long one question to the system may take before its answer counts as unknown.
inline constexpr std::chrono::milliseconds kProbeDeadline(200);

// What `ask` gives, if it gives it in time; else nullopt, and the thread that still asks is left behind: a network
// drive whose server is gone, or WMI, can take minutes and cannot be interrupted. So `ask` must own all that it
// touches.
template <typename F, typename Result = decltype(std::declval<F>()())>
std::optional<Result> AskInTime(F ask, std::chrono::milliseconds deadline = kProbeDeadline) {
  auto promise = std::make_shared<std::promise<Result>>();
  std::future<Result> answer = promise->get_future();
  std::thread([promise, ask = std::move(ask)]() mutable { promise->set_value(ask()); }).detach();
  if (answer.wait_for(deadline) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_DEADLINE_H_
