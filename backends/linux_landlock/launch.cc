#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backends/linux_landlock/launch_home.h"
#include "backends/linux_landlock/launch_idmap.h"
#include "backends/linux_landlock/launch_run_directory.h"
#include "backends/linux_landlock/launch_sandbox.h"
#include "backends/linux_landlock/launch_spec.h"
#include "backends/linux_landlock/launch_syscalls.h"
#include "backends/linux_landlock/launcher.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

constexpr uint64_t kNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

const char* What(Stage stage) {
  switch (stage) {
    case Stage::kBubblewrap:
      return "starting bubblewrap";
    case Stage::kIdMaps:
      return "mapping the user id into the new user namespace";
    case Stage::kLauncherGone:
      return "binding the sandbox's life to the launcher's";
    case Stage::kBinfmt:
      return "making a binfmt_misc of the sandbox's own:";
    case Stage::kLimits:
      return "setting limits";
    case Stage::kCloneSource:
      return "cloning the mount of";
    case Stage::kSeal:
      return "making the host's mounts read-only";
    case Stage::kScratch:
      return "mounting the private tmpfs";
    case Stage::kHomeLayer:
      return "mounting the kept layer of the home:";
    case Stage::kMount:
      return "mounting";
    case Stage::kPathChanged:
      return "comparing with what was planned:";
    case Stage::kPivot:
      return "entering the new root";
    case Stage::kLoopback:
      return "raising the loopback interface";
    case Stage::kTerminal:
      return "opening a terminal";
    case Stage::kStdio:
      return "connecting the standard streams";
    case Stage::kWorkingDirectory:
      return "entering the working directory";
    case Stage::kPrivileges:
      return "giving up privileges";
    case Stage::kLandlock:
      return "restricting by Landlock";
    case Stage::kSeccomp:
      return "installing the system call filter";
    case Stage::kExec:
      return "starting the command";
  }
  return "setting up";
}

std::string Object(const LinuxPlan& plan, const StatusMessage& message) {
  const bool mount =
      message.stage == Stage::kMount || message.stage == Stage::kPathChanged || message.stage == Stage::kHomeLayer;
  if (mount && message.step < plan.mounts.size()) {
    const MountStep& step = plan.mounts[message.step];
    return absl::StrCat(" ", Name(step.op), " ", step.target);
  }
  if (message.stage == Stage::kCloneSource) {
    return absl::StrCat(" ", message.step < plan.mounts.size() ? plan.mounts[message.step].source : "a device of /dev");
  }
  if (message.stage == Stage::kWorkingDirectory) return absl::StrCat(" ", plan.cwd);
  return "";
}

absl::Status SetupError(const LinuxPlan& plan, const StatusMessage& message) {
  const std::string detail = absl::StrCat(What(message.stage), Object(plan, message), ": ", strerror(message.error));
  switch (message.stage) {
    case Stage::kIdMaps:
      return ReasonError(absl::StatusCode::kUnavailable, "userns_denied", detail);
    case Stage::kPathChanged:
      return ReasonError(absl::StatusCode::kFailedPrecondition, "path_changed", detail);
    case Stage::kWorkingDirectory:
      return ReasonError(absl::StatusCode::kFailedPrecondition, "cwd_unusable", detail);
    default:
      return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", detail);
  }
}

absl::Status CloneError(const LinuxPlan& plan, int error) {
  const CgroupPlan& cgroup = plan.cgroup;
  const bool about_cgroup = error == EACCES || error == EBUSY || error == EOPNOTSUPP || error == ENODEV;
  if (!cgroup.parent.empty() && about_cgroup) {
    return ReasonError(absl::StatusCode::kUnavailable, "setup_failed",
                       absl::StrCat("clone3 into a cgroup below ", cgroup.parent, ": ", strerror(error)));
  }
  if (plan.tier != LinuxTier::kNamespaces) {
    return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", absl::StrCat("clone3: ", strerror(error)));
  }
  return ReasonError(absl::StatusCode::kUnavailable, "userns_denied",
                     absl::StrCat("clone3 with new namespaces: ", strerror(error)));
}

// Every signal stays blocked in pid 1, which reads them from a signalfd; none may arrive before it does.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

absl::Status StartInit(LaunchState* state, ChildSpec& spec) {
  int pidfd = -1;
  clone_args args = {};
  args.flags = CLONE_PIDFD;
  if (state->plan->tier == LinuxTier::kNamespaces) {
    args.flags |= kNamespaces | (state->plan->network_namespace ? uint64_t{CLONE_NEWNET} : 0);
  }
  args.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  // Not SIGCHLD: in a program that Paddock is a library of, a handler or a waitpid(-1) would meet a child that is not
  // theirs. Such a child is seen by __WALL alone (clone(2)).
  args.exit_signal = 0;
  if (state->cgroup != nullptr) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<uint64_t>(state->cgroup->descriptor());
  }
  const BlockedSignals blocked;
  const long pid = syscall(SYS_clone3, &args, sizeof(args));
  if (pid == 0 && state->bubblewrap != nullptr) state->bubblewrap->Exec(spec);
  if (pid == 0) RunChild(spec);
  if (pid < 0) return CloneError(*state->plan, errno);
  state->init_pid = static_cast<pid_t>(pid);
  state->init_pidfd.reset(pidfd);
  return absl::OkStatus();
}

// The process behind a pidfd, in the numbering of this process; `otherwise` if the kernel does not tell.
pid_t PidOf(int pidfd, pid_t otherwise) {
  constexpr size_t kMaxInfo = 4096;
  const auto info = ReadRawFile(AT_FDCWD, absl::StrCat("/proc/self/fdinfo/", pidfd), kMaxInfo);
  for (const absl::string_view line : absl::StrSplit(info.value_or(""), '\n')) {
    pid_t pid = 0;
    if (absl::StartsWith(line, "Pid:") && absl::SimpleAtoi(absl::StripAsciiWhitespace(line.substr(4)), &pid) && pid > 0)
      return pid;
  }
  return otherwise;
}

bool EndsPrograms(int signal) {
  struct sigaction action = {};
  if (signal != SIGINT && signal != SIGTERM && signal != SIGHUP && signal != SIGQUIT) return false;
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN;
}

// True if the caller was told to end. Set-up may hang in a file system that does not answer, and no command is there
// yet to decide what the signal means.
bool IsInterrupted(LaunchState* state) {
  signalfd_siginfo info;
  while (read(static_cast<int>(state->signals), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (EndsPrograms(signal)) {
      state->interrupted = signal;
      return true;
    }
    state->early_signals.push_back(signal);
  }
  return false;
}

// Until there is something to read, or bwrap has ended: what that leaves behind keeps the other end open. False if a
// signal came first.
bool AwaitStatus(LaunchState* state) {
  pollfd events[] = {{state->status.get(), POLLIN, 0},
                     {state->init_pidfd.get(), POLLIN, 0},
                     {static_cast<int>(state->signals), POLLIN, 0}};
  for (;;) {
    if (poll(events, std::size(events), -1) < 0) continue;
    if (events[0].revents != 0 || events[1].revents != 0) return true;
    if (IsInterrupted(state)) return false;
  }
}

// Waits until the command has started, set-up has failed, or a signal says to leave it.
absl::Status AwaitStart(const Stdio& stdio, LaunchState* state) {
  for (;;) {
    StatusMessage message = {};
    UniqueFd descriptor;
    if (!AwaitStatus(state)) return absl::OkStatus();
    if (!ReceiveStatus(state->status.get(), MSG_DONTWAIT, &message, &descriptor)) {
      const bool starved = state->cgroup != nullptr && state->cgroup->MemoryExceeded();
      const std::string said = state->bubblewrap == nullptr ? "" : state->bubblewrap->Messages();
      if (!said.empty()) return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", said);
      return ReasonError(absl::StatusCode::kUnavailable, "setup_failed",
                         absl::StrCat("the sandbox's first process was killed while it set up",
                                      starved ? ": limits.memory is too low to start anything" : ""));
    }
    switch (message.kind) {
      case MessageKind::kSetupFailed:
        state->setup_failure = message;
        return SetupError(*state->plan, message);
      case MessageKind::kExecFailed:
        state->exec_error = message.error;
        return absl::OkStatus();
      case MessageKind::kInit:
        state->inner_pidfd = std::move(descriptor);
        if (state->guard != nullptr) state->guard->Watch(PidOf(state->inner_pidfd.get(), state->init_pid));
        break;
      case MessageKind::kTerminal:
        RETURN_IF_ERROR(AttachTerminal(stdio, std::move(descriptor), &state->streams));
        break;
      case MessageKind::kStarted:
        state->started = message;
        return absl::OkStatus();
      case MessageKind::kEnded:
        return absl::InternalError("the sandbox's first process told of an end before a start");
    }
  }
}

// What pids.max takes at most (PID_MAX_LIMIT, linux/threads.h).
constexpr uint64_t kMaxPids = 4u << 20;

// The sandbox's first process is one more than those of the command, and bwrap another.
absl::Status MakeCgroup(LaunchState* state) {
  const CgroupPlan& plan = state->plan->cgroup;
  if (plan.parent.empty()) return absl::OkStatus();
  RunCgroup::Limits limits;
  if (plan.memory) limits.memory = state->plan->limits.memory;
  const uint64_t ours = state->plan->tier == LinuxTier::kBubblewrap ? 2 : 1;
  if (plan.processes) limits.processes = std::min<uint64_t>(*state->plan->limits.processes + ours, kMaxPids);
  ASSIGN_OR_RETURN(state->cgroup, RunCgroup::Make(plan.parent, limits));
  return absl::OkStatus();
}

absl::Status MakeRunDirectory(LaunchState* state) {
  if (state->plan->run_directory.parent.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(state->directory, RunDirectory::Make(state->plan->run_directory.parent));
  ASSIGN_OR_RETURN(state->plan, UseRunDirectory(*state->plan, *state->directory));
  return absl::OkStatus();
}

absl::Status AcquireLease(const LinuxLauncherOptions& options, LaunchState* state) {
  const LinuxPlan& plan = *state->plan;
  if (plan.lease_key.empty()) return absl::OkStatus();
  if (options.state_dir.empty()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "state_dir_unusable", "no state directory is known");
  }
  ASSIGN_OR_RETURN(state->lease,
                   WorkspaceLease::Acquire(options.state_dir, plan.lease_key, plan.workspace, plan.placeholders));
  return absl::OkStatus();
}

// From the first placeholder on there is somebody to take them away, and the cgroup with them.
absl::Status StartGuard(int terminal, int launcher, LaunchState* state) {
  const int home_lock = state->home_layer == nullptr ? -1 : state->home_layer->lock();
  const bool files = !state->plan->placeholders.empty() || state->directory != nullptr || home_lock >= 0;
  if (!files && state->cgroup == nullptr && terminal < 0) return absl::OkStatus();
  const Guarded guarded = {state->lease.get(), state->cgroup.get(), state->directory.get(), home_lock};
  ASSIGN_OR_RETURN(state->guard, LaunchGuard::Start(guarded, terminal, launcher));
  return absl::OkStatus();
}

// What the workspace needs before the command may start, done while pid 1 builds the rest of the view.
absl::Status PrepareWorkspace(LaunchState* state) {
  if (state->lease != nullptr) RETURN_IF_ERROR(state->lease->Hold());
  const LinuxPlan& plan = *state->plan;
  state->watch = std::make_unique<Watch>(plan.watched);
  const char prepared = 1;
  // If nobody is there to hear it, AwaitStart learns why.
  send(state->status.get(), &prepared, sizeof(prepared), MSG_NOSIGNAL);
  return absl::OkStatus();
}

// Trees that only the launcher can make, since an id-mapped mount takes privilege over the file system.
absl::Status CloneForeign(const LinuxPlan& plan, ChildSpec* spec, std::vector<UniqueFd>* trees) {
  for (size_t i = 0; i < plan.mounts.size(); ++i) {
    const MountStep& step = plan.mounts[i];
    if (!step.idmap_owner) continue;
    ASSIGN_OR_RETURN(UniqueFd tree, CloneIdMapped(step.source, step.identity, plan.uid, plan.gid));
    spec->mounts[i].tree = tree.get();
    trees->push_back(std::move(tree));
  }
  return absl::OkStatus();
}

// A failed launch is tried again where another one may go well. Sockets of the host come and go while bwrap covers
// them, and it ends at the first that is gone: each attempt leaves out those that it no longer finds.
constexpr int kMaxAttempts = 10;

bool HostChanged(const LaunchState& state) {
  return state.bubblewrap != nullptr && !state.inner_pidfd.valid() && state.bubblewrap->HostChanged(*state.plan);
}

// Reaps what was started, undoes the lease.
void End(std::unique_ptr<LaunchState> state, EventSink& sink) { const LinuxSandbox ended(std::move(state), sink); }

class LinuxLauncher : public Launcher {
 public:
  explicit LinuxLauncher(LinuxLauncherOptions options) : options_(std::move(options)) {}
  absl::string_view backend() const override { return "linux_landlock"; }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                  EventSink& sink) override {
    const auto start = std::chrono::steady_clock::now();
    auto state = StateFor(plan, start);
    if (state->plan == nullptr) return absl::InvalidArgumentError("the plan is not one of linux_landlock's");
    if (state->plan->command.empty()) return absl::InvalidArgumentError("the plan holds no command");
    absl::Status launched = Start(stdio, state.get());
    for (int attempt = 1; !launched.ok() && attempt < kMaxAttempts; ++attempt) {
      const auto obstacle = HomeLayerObstacle(*state, launched);
      if (!obstacle && !HostChanged(*state)) break;
      const std::optional<Reason> home_lost = obstacle ? obstacle : state->home_lost;
      End(std::move(state), sink);
      state = StateFor(plan, start);
      state->home_lost = home_lost;
      launched = Start(stdio, state.get());
    }
    if (!launched.ok()) {
      End(std::move(state), sink);
      return launched;
    }
    return std::make_unique<LinuxSandbox>(std::move(state), sink);
  }

 private:
  static std::unique_ptr<LaunchState> StateFor(const LaunchPlan& plan, std::chrono::steady_clock::time_point start) {
    auto state = std::make_unique<LaunchState>();
    state->plan = std::dynamic_pointer_cast<const LinuxPlan>(plan.body);
    state->start = start;
    return state;
  }

  absl::Status Start(const Stdio& stdio, LaunchState* state) {
    RETURN_IF_ERROR(MakeRunDirectory(state));
    PreparedLaunch prepared(state->plan);
    ChildSpec& spec = prepared.spec();
    ASSIGN_OR_RETURN(state->streams, ConnectStreams(stdio, state->plan->limits.output.has_value()));
    UniqueFd launcher(PidfdOpen(getpid()));
    int status[2];
    if (!launcher.valid() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status) != 0) {
      return absl::InternalError(absl::StrCat("preparing a launch: ", strerror(errno)));
    }
    state->status.reset(status[0]);
    UniqueFd child_status(status[1]);
    struct stat st = {};
    if (fstat(child_status.get(), &st) == 0) state->child_status = st.st_ino;
    std::vector<UniqueFd> trees;
    RETURN_IF_ERROR(CloneForeign(*state->plan, &spec, &trees));
    const int terminal = stdio.tty && isatty(0) != 0 ? 0 : -1;
    RETURN_IF_ERROR(AcquireLease(options_, state));
    AcquireHomeLayer(&spec, state);
    RETURN_IF_ERROR(MakeCgroup(state));
    RETURN_IF_ERROR(StartGuard(terminal, launcher.get(), state));
    spec.guard_fd = state->guard == nullptr ? -1 : state->guard->lifeline();
    state->signals = stdio.signals;
    state->size_source = terminal;
    spec.status_fd = child_status.get();
    spec.launcher_pidfd = launcher.get();
    for (int i = 0; i < 3; ++i) spec.stdio[i] = state->streams.child[i];
    spec.tty = stdio.tty;
    spec.columns = stdio.tty_columns;
    spec.rows = stdio.tty_rows;
    // bwrap mounts at once, onto placeholders too.
    const bool bubblewrap = state->plan->tier == LinuxTier::kBubblewrap;
    if (bubblewrap) {
      RETURN_IF_ERROR(PrepareWorkspace(state));
      const InnerPlan inner = {state->plan, stdio.tty, stdio.tty_columns, stdio.tty_rows};
      ASSIGN_OR_RETURN(state->bubblewrap, PreparedBubblewrap::Prepare(inner, options_.inner_stage));
    }
    RETURN_IF_ERROR(StartInit(state, spec));
    if (state->guard != nullptr) state->guard->Watch(state->init_pid);
    child_status.reset();
    state->streams.child_ends.clear();
    if (!bubblewrap) RETURN_IF_ERROR(PrepareWorkspace(state));
    return AwaitStart(stdio, state);
  }

  LinuxLauncherOptions options_;
};

}  // namespace

std::unique_ptr<Launcher> MakeLinuxLandlockLauncher(LinuxLauncherOptions options) {
  return std::make_unique<LinuxLauncher>(std::move(options));
}

}  // namespace paddock
