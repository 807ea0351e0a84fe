#include "posix_limits/launch_sandbox.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace posix_limits {
namespace {

using paddock::ExitKind;

// Of what is still in a pipe after the end, no more is taken than a pipe can hold (fs.pipe-max-size): a process that
// has left the group could go on writing.
constexpr uint64_t kLeftInPipe = 1u << 20;

// A write to a closed pipe must be an error here, and not the caller's death.
class BlockedSigpipe {
 public:
  BlockedSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BlockedSigpipe() {
    const timespec now = {};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

paddock::UniqueFd MakeTimer(std::chrono::milliseconds delay) {
  paddock::UniqueFd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  itimerspec spec = {};
  spec.it_value.tv_sec = static_cast<time_t>(delay.count() / 1000);
  spec.it_value.tv_nsec = static_cast<long>(delay.count() % 1000) * 1'000'000;
  timerfd_settime(timer.get(), 0, &spec, nullptr);
  return timer;
}

std::chrono::nanoseconds Nanoseconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

LimitsSandbox::~LimitsSandbox() {
  paddock::Usage usage;
  if (!reaped_) Reap(usage);
}

int LimitsSandbox::SignalGroup(int signal) {
  const std::lock_guard<std::mutex> lock(reap_mutex_);
  if (!reaped_) return kill(-run_.pid, signal);
  errno = ESRCH;
  return -1;
}

int LimitsSandbox::Reap(paddock::Usage& usage) {
  SignalGroup(SIGKILL);
  siginfo_t info;
  while (waitid(P_PIDFD, static_cast<id_t>(run_.pidfd.get()), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  const std::lock_guard<std::mutex> lock(reap_mutex_);
  int status = 0;
  rusage used = {};
  wait4(run_.pid, &status, 0, &used);
  reaped_ = true;
  usage.wall = std::chrono::steady_clock::now() - run_.start;
  usage.user_cpu = Nanoseconds(used.ru_utime);
  usage.system_cpu = Nanoseconds(used.ru_stime);
  usage.max_resident = static_cast<uint64_t>(used.ru_maxrss) * 1024;
  return status;
}

paddock::RunResult LimitsSandbox::Wait() {
  const BlockedSigpipe blocked;
  if (!run_.exec_error) {
    sink_.OnEvent(paddock::StartedEvent{run_.pid});
    Loop();
  }
  paddock::RunResult result;
  const int status = Reap(result.usage);
  Relays(/*ended=*/true);
  result.outcome = Conclude(status);
  result.usage.output = output_;
  result.applied = run_.applied;
  sink_.OnEvent(paddock::ExitedEvent{result.outcome});
  return result;
}

void LimitsSandbox::Loop() {
  const paddock::UniqueFd timer = run_.plan->wall ? MakeTimer(*run_.plan->wall) : paddock::UniqueFd();
  for (;;) {
    std::vector<pollfd> events = {
        {run_.pidfd.get(), POLLIN, 0}, {limit_ ? -1 : timer.get(), POLLIN, 0}, {run_.signals, POLLIN, 0}};
    for (const Relay& relay : run_.streams.outputs) events.push_back(relay.Wanted());
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return End(ExitKind::kFailed);
    if (events[0].revents != 0) return;
    if (events[1].revents != 0) End(ExitKind::kWallLimit);
    if (events[2].revents != 0) Forward();
    Relays(/*ended=*/false);
  }
}

void LimitsSandbox::Forward() {
  signalfd_siginfo info;
  if (read(run_.signals, &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return;
  if (info.ssi_signo != SIGWINCH) SignalGroup(static_cast<int>(info.ssi_signo));
}

// After the end, what is in the pipes is still delivered: to a slow reader too, but not past a limit.
void LimitsSandbox::Relays(bool ended) {
  for (Relay& relay : run_.streams.outputs) {
    uint64_t taken = 0;
    while (!relay.done()) {
      pollfd wanted = relay.Wanted();
      const int timeout = ended && relay.pending() && !limit_ ? -1 : 0;
      const int count = poll(&wanted, 1, timeout);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      const uint64_t room = run_.plan->output ? *run_.plan->output - output_ : UINT64_MAX;
      const uint64_t got = relay.Step(sink_, room);
      output_ += std::min(got, room);
      taken += got;
      if (taken > kLeftInPipe) relay.StopReading();
      if (got > room) {
        relay.StopReading();
        End(ExitKind::kOutputLimit);
      }
      if (!ended) break;
    }
  }
}

void LimitsSandbox::End(ExitKind limit) {
  if (!limit_) limit_ = limit;
  SignalGroup(SIGKILL);
}

paddock::Outcome LimitsSandbox::Conclude(int status) const {
  paddock::Outcome outcome;
  if (run_.exec_error) {
    const bool found = *run_.exec_error != ENOENT && *run_.exec_error != ENOTDIR;
    outcome.kind = found ? ExitKind::kNotExecutable : ExitKind::kNotFound;
    outcome.reason = paddock::MakeReason(found ? "command_not_executable" : "command_not_found",
                                         absl::StrCat(run_.plan->command[0], ": ", strerror(*run_.exec_error)));
  } else if (limit_) {
    outcome.kind = *limit_;
  } else if (WIFEXITED(status)) {
    outcome.kind = ExitKind::kExited;
    outcome.code = WEXITSTATUS(status);
  } else {
    outcome.signal = WTERMSIG(status);
    const auto& rlimits = run_.plan->rlimits;
    const bool limited = std::any_of(rlimits.begin(), rlimits.end(),
                                     [](const ResourceLimit& l) { return l.resource == Resource::kCpuSeconds; });
    outcome.kind = limited && outcome.signal == SIGXCPU ? ExitKind::kCpuLimit : ExitKind::kSignalled;
  }
  return outcome;
}

absl::Status LimitsSandbox::Write(absl::string_view bytes) {
  const std::lock_guard<std::mutex> lock(input_mutex_);
  const BlockedSigpipe blocked;
  while (!bytes.empty()) {
    const ssize_t n = write(run_.streams.input.get(), bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno != EINTR) {
      return absl::FailedPreconditionError(absl::StrCat("writing to the command's stdin: ", strerror(errno)));
    }
  }
  return absl::OkStatus();
}

absl::Status LimitsSandbox::CloseInput() {
  const std::lock_guard<std::mutex> lock(input_mutex_);
  run_.streams.input.reset();
  return absl::OkStatus();
}

absl::Status LimitsSandbox::Resize(uint16_t /*columns*/, uint16_t /*rows*/) {
  return absl::UnimplementedError("posix_limits has no terminal to resize");
}

absl::Status LimitsSandbox::Signal(int signal) {
  if (SignalGroup(signal) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("signal ", signal, ": ", strerror(errno)));
}

}  // namespace posix_limits
