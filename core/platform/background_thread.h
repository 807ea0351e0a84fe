#ifndef PADDOCK_CORE_PLATFORM_BACKGROUND_THREAD_H_
#define PADDOCK_CORE_PLATFORM_BACKGROUND_THREAD_H_

#include <functional>
#include <thread>

#include "absl/status/statusor.h"

namespace paddock {

// A thread of ours in somebody else's program: no signal of the process is delivered to it.
absl::StatusOr<std::thread> StartBackgroundThread(std::function<void()> body);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_BACKGROUND_THREAD_H_
