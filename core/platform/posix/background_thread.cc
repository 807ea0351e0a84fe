#include "core/platform/background_thread.h"

#include <signal.h>

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock {

absl::StatusOr<std::thread> StartBackgroundThread(std::function<void()> body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a thread starts with its creator's mask
  absl::StatusOr<std::thread> started = absl::UnknownError("");
  try {
    started = std::thread(std::move(body));
  } catch (const std::system_error& error) {
    started = absl::ResourceExhaustedError(absl::StrCat("a thread cannot be started: ", error.what()));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace paddock
