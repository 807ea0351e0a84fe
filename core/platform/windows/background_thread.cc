#include "core/platform/background_thread.h"

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock {

absl::StatusOr<std::thread> StartBackgroundThread(std::function<void()> body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(absl::StrCat("a thread cannot be started: ", error.what()));
  }
}

}  // namespace paddock
