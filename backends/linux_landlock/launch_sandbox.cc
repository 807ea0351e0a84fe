#include "backends/linux_landlock/launch_sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_bubblewrap.h"
#include "backends/linux_landlock/launch_home.h"
#include "backends/linux_landlock/launch_orphans.h"
#include "backends/linux_landlock/launch_syscalls.h"

namespace paddock {
namespace {

using std::chrono::milliseconds;

// Between SIGTERM at the wall-clock limit and SIGKILL.
constexpr milliseconds kGrace{1000};

std::chrono::nanoseconds Nanoseconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

void Arm(int timer, milliseconds delay) {
  itimerspec spec = {};
  spec.it_value.tv_sec = static_cast<time_t>(delay.count() / 1000);
  spec.it_value.tv_nsec = static_cast<long>(delay.count() % 1000) * 1'000'000;
  timerfd_settime(timer, 0, &spec, nullptr);
}

void AwaitEnd(const UniqueFd& process) {
  pollfd end = {process.get(), POLLIN, 0};
  while (poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
}

// A write to a closed pipe must be an error here, and not the caller's death.
class BlockedSigpipe {
 public:
  BlockedSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BlockedSigpipe() {
    if (sigismember(&before_, SIGPIPE) != 0) return;
    const timespec now = {};
    while (sigtimedwait(&pipe_, nullptr, &now) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

}  // namespace

LinuxSandbox::~LinuxSandbox() {
  if (!reaped_ && state_->init_pid > 0) {
    KillTree();
    Reap();
  }
}

// Without a pid namespace the first process has to end the others itself; it does when this end of its socket goes.
void LinuxSandbox::KillTree() {
  if (state_->plan->tier != LinuxTier::kLandlock) {
    PidfdSendSignal(state_->init_pidfd.get(), SIGKILL);
    PidfdSendSignal(state_->inner_pidfd.get(), SIGKILL);
    return;
  }
  // Without Landlock's scope for signals the command may have stopped it.
  PidfdSendSignal(state_->init_pidfd.get(), SIGCONT);
  shutdown(state_->status.get(), SHUT_WR);
  if (state_->cgroup != nullptr) state_->cgroup->Kill();
}

// A first process that hangs in a file system does not hear that it is to end the others, of which there are none yet.
void LinuxSandbox::EndSetUp() {
  KillTree();
  pollfd first = {state_->init_pidfd.get(), POLLIN, 0};
  if (poll(&first, 1, static_cast<int>(kGrace.count())) <= 0) PidfdSendSignal(first.fd, SIGKILL);
}

void LinuxSandbox::Reap() {
  siginfo_t info;
  while (waitid(P_PIDFD, static_cast<id_t>(state_->init_pidfd.get()), &info, WEXITED | __WALL) < 0 && errno == EINTR) {
  }
  EndInner();
  reaped_ = true;
  LeaveCgroup();
}

// bwrap may be gone before the process that it started, and the tree with that; killed, it takes nothing with it.
void LinuxSandbox::EndInner() {
  if (state_->plan->tier != LinuxTier::kBubblewrap) return;
  if (state_->inner_pidfd.valid()) {
    PidfdSendSignal(state_->inner_pidfd.get(), SIGKILL);
    return AwaitEnd(state_->inner_pidfd);
  }
  for (const UniqueFd& process : KillHoldersOf(state_->child_status, kInnerStatus)) AwaitEnd(process);
}

void LinuxSandbox::LeaveCgroup() {
  if (state_->cgroup == nullptr) return;
  memory_exceeded_ = state_->cgroup->MemoryExceeded();
  processes_exceeded_ = state_->cgroup->ProcessesExceeded();
  state_->cgroup->Kill();
  state_->cgroup->Remove();
}

RunResult LinuxSandbox::Wait() {
  const BlockedSigpipe blocked;
  if (state_->interrupted) {
    EndSetUp();
  } else if (!state_->exec_error) {
    sink_.OnEvent(StartedEvent{state_->init_pid});
    if (state_->home_lost) sink_.OnEvent(NoticeEvent{HomeLostText(*state_->home_lost)});
    Loop();
  }
  Reap();
  StepOutputs(/*ended=*/true);
  if (state_->streams.input) state_->streams.input->GiveBack();

  SettleWorkspace();
  if (state_->directory != nullptr) state_->directory->Remove();
  // A guard of the terminal stays for as long as the sandbox: who made that raw hears of the end below, or from the
  // runtime after this.
  if (state_->guard == nullptr || !state_->guard->holds_terminal()) {
    state_->guard.reset();
    state_->home_layer.reset();
  }
  RunResult result = *std::move(settled_);
  result.outcome = Conclude();
  result.usage.wall = std::chrono::steady_clock::now() - state_->start;
  if (ended_) {
    result.usage.user_cpu = Nanoseconds(ended_->usage.ru_utime);
    result.usage.system_cpu = Nanoseconds(ended_->usage.ru_stime);
    result.usage.max_resident = static_cast<uint64_t>(ended_->usage.ru_maxrss) * 1024;
  }
  result.usage.output = output_;
  result.applied = Applied();
  if (state_->home_lost) TellHomeLost(*state_->home_lost, &result);
  for (const Violation& violation : result.violations) sink_.OnEvent(ViolationEvent{violation});
  sink_.OnEvent(ExitedEvent{result.outcome});
  return result;
}

void LinuxSandbox::SettleWorkspace() {
  if (settled_) return;
  settled_.emplace();
  if (state_->watch != nullptr) state_->watch->Compare(&*settled_);
  FindRepositories();
  if (state_->lease != nullptr) state_->lease->Release();
  if (state_->guard != nullptr) state_->guard->LeaseReleased();
}

void LinuxSandbox::FindRepositories() {
  const LinuxPlan& plan = *state_->plan;
  if (plan.seen == nullptr) return;
  std::vector<absl::string_view> held;
  for (const MountStep& step : plan.mounts) {
    if (step.op == MountOp::kCover) held.push_back(step.target);
  }
  FindNewRepositories(plan.workspace, *plan.seen, held, &*settled_);
}

void LinuxSandbox::Loop() {
  if (state_->plan->limits.wall) {
    timer_.reset(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    Arm(timer_.get(), *state_->plan->limits.wall);
  }
  for (const int signal : state_->early_signals) ForwardSignal(signal);
  std::vector<pollfd> events;
  for (;;) {
    events.assign({{state_->init_pidfd.get(), POLLIN, 0},
                   {ended_ || status_over_ ? -1 : state_->status.get(), POLLIN, 0},
                   {static_cast<int>(state_->signals), POLLIN, 0},
                   {timer_.get(), POLLIN, 0}});
    std::optional<InputPump>& input = state_->streams.input;
    const bool feeding = input && !input->done();
    events.push_back({feeding ? input->poll_fd() : -1, feeding ? input->poll_events() : short{0}, 0});
    for (const Pump& pump : state_->streams.outputs) events.push_back({pump.poll_fd(), pump.poll_events(), 0});
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return End(ExitKind::kFailed);
    if (events[1].revents != 0) HandleStatus();
    if (events[0].revents != 0) return;
    if (events[2].revents != 0) HandleSignals();
    if (events[3].revents != 0) HandleTimer();
    if (events[4].revents != 0) input->Step();
    StepOutputs(/*ended=*/false);
  }
}

// Pumps are asked even where poll reported nothing for them: their sources do not block, and one read that gets EAGAIN
// costs less than keeping track.
void LinuxSandbox::StepOutputs(bool ended) {
  const auto& limit = state_->plan->limits.output;
  for (Pump& pump : state_->streams.outputs) {
    while (!pump.done()) {
      pollfd ready = {pump.poll_fd(), pump.poll_events(), 0};
      int timeout = 0;
      // Nobody writes any more once the tree has ended, but a slow reader is still given everything; one that has
      // stopped does not hold up a run whose limit is reached.
      if (ended && ready.events == POLLOUT) timeout = limit_ ? static_cast<int>(kGrace.count()) : -1;
      const int count = poll(&ready, 1, timeout);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0 && timeout > 0) pump.Abandon();
      if (count <= 0) break;
      const uint64_t room = limit ? std::min<uint64_t>(*limit - output_, Pump::kUnlimited) : Pump::kUnlimited;
      const size_t got = pump.Step(sink_, room);
      output_ += std::min<uint64_t>(got, room);
      if (got > room) EndOutput();
      if (!ended) break;
    }
  }
}

void LinuxSandbox::EndOutput() {
  for (Pump& pump : state_->streams.outputs) pump.StopReading();
  End(ExitKind::kOutputLimit);
}

void LinuxSandbox::End(ExitKind limit) {
  if (!limit_) limit_ = limit;
  KillTree();
}

void LinuxSandbox::HandleStatus() {
  StatusMessage message = {};
  UniqueFd none;
  if (!ReceiveStatus(state_->status.get(), MSG_DONTWAIT, &message, &none)) {
    if (errno != EAGAIN) status_over_ = true;  // the first process is gone; its pidfd says the rest
  } else if (message.kind == MessageKind::kEnded) {
    ended_ = message;
    SettleWorkspace();
  }
}

void LinuxSandbox::HandleSignals() {
  signalfd_siginfo info;
  while (read(static_cast<int>(state_->signals), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    ForwardSignal(static_cast<int>(info.ssi_signo));
  }
}

void LinuxSandbox::ForwardSignal(int signal) {
  winsize size = {};
  if (signal != SIGWINCH) {
    forwarded_ = true;
    SendSignal(signal).IgnoreError();
  } else if (state_->size_source >= 0 && ioctl(state_->size_source, TIOCGWINSZ, &size) == 0) {
    Resize(size.ws_col, size.ws_row).IgnoreError();
  }
}

void LinuxSandbox::HandleTimer() {
  uint64_t expirations;
  if (read(timer_.get(), &expirations, sizeof(expirations)) < 0) return;
  if (terminated_) return End(ExitKind::kWallLimit);
  terminated_ = true;
  limit_ = ExitKind::kWallLimit;
  SendSignal(SIGTERM).IgnoreError();
  SendSignal(SIGCONT).IgnoreError();  // a stopped command would not see it
  Arm(timer_.get(), kGrace);
}

Outcome LinuxSandbox::Conclude() const {
  Outcome outcome;
  if (state_->interrupted) {
    outcome.kind = ExitKind::kSignalled;
    outcome.signal = *state_->interrupted;
    return outcome;
  }
  if (state_->exec_error) {
    const bool found = *state_->exec_error != ENOENT && *state_->exec_error != ENOTDIR;
    outcome.kind = found ? ExitKind::kNotExecutable : ExitKind::kNotFound;
    outcome.reason = {found ? "command_not_executable" : "command_not_found",
                      absl::StrCat(state_->plan->command[0], ": ", strerror(*state_->exec_error)), ""};
    return outcome;
  }
  if (ended_ && WIFEXITED(ended_->wait_status)) {
    outcome.kind = ExitKind::kExited;
    outcome.code = WEXITSTATUS(ended_->wait_status);
  } else if (ended_ && WIFSIGNALED(ended_->wait_status)) {
    outcome.kind = ExitKind::kSignalled;
    outcome.signal = WTERMSIG(ended_->wait_status);
    if (outcome.signal == SIGXCPU && state_->plan->limits.cpu) outcome.kind = ExitKind::kCpuLimit;
  } else {
    // Pid 1 was killed from outside (the host's out-of-memory killer, an administrator), and the tree with it.
    outcome.kind = ExitKind::kSignalled;
    outcome.signal = SIGKILL;
  }
  // A command that was refused a process and succeeded all the same has coped; one that was told to end did that.
  const bool failed = ended_ && !forwarded_ && outcome.kind != ExitKind::kCpuLimit && ended_->wait_status != 0;
  if (processes_exceeded_ && failed) outcome.kind = ExitKind::kProcessLimit;
  if (memory_exceeded_) outcome.kind = ExitKind::kMemoryLimit;
  if (limit_) outcome.kind = *limit_;
  return outcome;
}

std::vector<std::string> LinuxSandbox::Applied() const {
  std::vector<std::string> applied;
  if (!state_->started) return applied;
  if (state_->plan->tier != LinuxTier::kLandlock) {
    applied.push_back(state_->plan->network_namespace ? "namespaces: user mount pid ipc uts cgroup net"
                                                      : "namespaces: user mount pid ipc uts cgroup");
  }
  if (state_->started->effective_capabilities == 0) applied.push_back("no capabilities");
  if (state_->started->no_new_privs == 1) applied.push_back("no_new_privs");
  if (state_->started->seccomp_mode == 2) applied.push_back("seccomp filter");
  if (state_->plan->landlock_abi > 0) applied.push_back(absl::StrCat("landlock abi ", state_->plan->landlock_abi));
  if (state_->plan->cgroup.memory) applied.push_back("cgroup: memory.max");
  if (state_->plan->cgroup.processes) applied.push_back("cgroup: pids.max");
  if (state_->plan->cgroup.ends_tree) applied.push_back("cgroup: ends the tree");
  if (!state_->plan->mounts.empty()) applied.push_back(absl::StrCat("mounts: ", state_->plan->mounts.size()));
  return applied;
}

absl::Status LinuxSandbox::Write(absl::string_view bytes) {
  const std::lock_guard<std::mutex> lock(input_mutex_);
  const int fd = state_->streams.api_input.get();
  if (fd < 0) return absl::FailedPreconditionError("stdin is not a pipe of this sandbox, or was closed");
  const BlockedSigpipe blocked;
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd ready = {fd, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return absl::UnavailableError(absl::StrCat("stdin: ", strerror(errno)));
    }
  }
  return absl::OkStatus();
}

absl::Status LinuxSandbox::CloseInput() {
  const std::lock_guard<std::mutex> lock(input_mutex_);
  EndApiInput(&state_->streams);
  return absl::OkStatus();
}

absl::Status LinuxSandbox::Resize(uint16_t columns, uint16_t rows) {
  winsize size = {};
  size.ws_col = columns;
  size.ws_row = rows;
  if (ioctl(state_->streams.terminal.get(), TIOCSWINSZ, &size) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("resize: ", strerror(errno)));
}

absl::Status LinuxSandbox::Signal(int signal) {
  forwarded_ = true;
  return SendSignal(signal);
}

absl::Status LinuxSandbox::SendSignal(int signal) {
  if (signal == SIGKILL) {
    KillTree();
    return absl::OkStatus();
  }
  const UniqueFd& first = state_->inner_pidfd.valid() ? state_->inner_pidfd : state_->init_pidfd;
  if (PidfdSendSignal(first.get(), signal) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("signal ", signal, ": ", strerror(errno)));
}

}  // namespace paddock
