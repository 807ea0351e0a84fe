#include "service/posix/process.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace paddock::service {

static_assert(kReadable == EPOLLIN);

absl::StatusOr<SignalSource> SignalSource::Create() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "signalfd");
  return SignalSource(std::move(fd));
}

int SignalSource::Take() {
  signalfd_siginfo info;
  return read(fd_.get(), &info, sizeof(info)) == sizeof(info) ? static_cast<int>(info.ssi_signo) : 0;
}

absl::StatusOr<Timer> Timer::Make(std::chrono::seconds first, std::chrono::seconds period) {
  UniqueFd fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec times = {};
  times.it_value.tv_sec = first.count();
  times.it_value.tv_nsec = 1;  // zero of both would never come
  times.it_interval.tv_sec = period.count();
  if (!fd.valid() || timerfd_settime(fd.get(), 0, &times, nullptr) != 0) return absl::ErrnoToStatus(errno, "timerfd");
  return Timer(std::move(fd));
}

absl::StatusOr<Timer> Timer::Once(std::chrono::seconds after) { return Make(after, std::chrono::seconds(0)); }
absl::StatusOr<Timer> Timer::Every(std::chrono::seconds period) { return Make(period, period); }

void Timer::Take() {
  uint64_t count;
  static_cast<void>(!read(fd_.get(), &count, sizeof(count)));
}

bool IsProgram(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

void RaiseDescriptorLimit() {
  rlimit limit = {};
  constexpr rlim_t kEnough = 65536;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kEnough));
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace paddock::service
