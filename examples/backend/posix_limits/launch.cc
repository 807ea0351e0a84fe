#include <errno.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "posix_limits/launch_sandbox.h"
#include "posix_limits/launcher.h"

namespace posix_limits {
namespace {

using paddock::ReasonError;
using paddock::UniqueFd;

enum class Stage : uint8_t { kStdio, kWorkingDirectory, kLimits, kExec };

// What the child tells over its pipe when it fails; nothing if it does not: the pipe is closed by execve.
struct Failure {
  Stage stage = Stage::kStdio;
  int error = 0;
};

using ResourceNumber = decltype(RLIMIT_CPU);  // glibc: an enumeration, which not all of its functions take as int

struct NumberedLimit {
  ResourceNumber resource;
  rlimit limit;
};

// Everything that the child needs, made before fork: between fork and execve only async-signal-safe functions may be
// called (signal-safety(7)), since another thread may have held the allocator's lock.
struct ChildSpec {
  std::vector<const char*> executables;
  std::vector<char*> argv, envp;
  const char* cwd = nullptr;
  std::vector<NumberedLimit> limits;
  int stdio[3] = {-1, -1, -1};
  int status = -1;
};

ResourceNumber NumberOf(Resource resource) {
  switch (resource) {
    case Resource::kCpuSeconds:
      return RLIMIT_CPU;
    case Resource::kDataBytes:
      return RLIMIT_DATA;
    case Resource::kFileBytes:
      return RLIMIT_FSIZE;
    case Resource::kUserProcesses:
      return RLIMIT_NPROC;
  }
  return RLIMIT_CPU;
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));  // as execve wants it
  pointers.push_back(nullptr);
  return pointers;
}

ChildSpec Prepare(const Plan& plan, const Streams& streams, int status) {
  ChildSpec spec;
  for (const std::string& path : plan.executables) spec.executables.push_back(path.c_str());
  spec.argv = Pointers(plan.command);
  spec.envp = Pointers(plan.environment);
  spec.cwd = plan.cwd.c_str();
  for (const ResourceLimit& limit : plan.rlimits) {
    rlimit now = {};
    getrlimit(NumberOf(limit.resource), &now);
    // Never above what already holds: raising takes a privilege, and is not what a sandbox is for.
    const rlim_t hard = std::min<rlim_t>(limit.hard, now.rlim_max);
    spec.limits.push_back({NumberOf(limit.resource), {std::min<rlim_t>(limit.soft, hard), hard}});
  }
  for (int i = 0; i < 3; ++i) spec.stdio[i] = streams.child[i].get();
  spec.status = status;
  return spec;
}

[[noreturn]] void Fail(const ChildSpec& spec, Stage stage, int error) {
  const Failure failure = {stage, error};
  if (write(spec.status, &failure, sizeof(failure)) < 0) _exit(126);
  _exit(127);
}

// What the caller does with its signals is not the command's affair.
void ResetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) ::signal(signal, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void RunChild(const ChildSpec& spec) {
  setsid();  // a group of its own, and no terminal that could stop it for being in the background
  ResetSignals();
  for (int i = 0; i < 3; ++i) {
    if (dup2(spec.stdio[i], i) < 0) Fail(spec, Stage::kStdio, errno);
  }
  // Descriptors that the caller forgot to mark would hand out its files.
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) Fail(spec, Stage::kStdio, errno);
  if (chdir(spec.cwd) != 0) Fail(spec, Stage::kWorkingDirectory, errno);
  for (const NumberedLimit& entry : spec.limits) {
    if (setrlimit(entry.resource, &entry.limit) != 0) Fail(spec, Stage::kLimits, errno);
  }
  int error = ENOENT;
  for (const char* path : spec.executables) {
    execve(path, spec.argv.data(), spec.envp.data());
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
  }
  Fail(spec, Stage::kExec, error);
}

// As fork, with a pidfd: made in the same step, so that nothing has run where there can be none.
pid_t Fork(const ChildSpec& spec, UniqueFd& pidfd) {
  int fd = -1;
  clone_args args = {};
  args.flags = CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uint64_t>(&fd);
  args.exit_signal = SIGCHLD;
  // No handler of the caller's may run in the child before ResetSignals.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const long pid = syscall(SYS_clone3, &args, sizeof(args));
  if (pid == 0) RunChild(spec);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pidfd.reset(fd);
  errno = error;
  return static_cast<pid_t>(pid);
}

absl::Status SetupError(const Plan& plan, const Failure& failure) {
  if (failure.stage == Stage::kWorkingDirectory) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "cwd_unusable",
                       absl::StrCat("chdir ", plan.cwd, ": ", strerror(failure.error)));
  }
  const char* const what = failure.stage == Stage::kLimits ? "setrlimit" : "connecting the standard streams";
  return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", absl::StrCat(what, ": ", strerror(failure.error)));
}

// The limits as the kernel holds them, which is what a report may claim.
std::vector<std::string> ReadBack(const Plan& plan, pid_t pid) {
  std::vector<std::string> applied;
  for (const ResourceLimit& limit : plan.rlimits) {
    rlimit now = {};
    if (prlimit(pid, NumberOf(limit.resource), nullptr, &now) != 0) continue;
    applied.push_back(absl::StrCat(Name(limit.resource), " ", now.rlim_cur));
  }
  return applied;
}

class PosixLimitsLauncher : public paddock::Launcher {
 public:
  absl::string_view backend() const override { return "posix_limits"; }

  absl::StatusOr<std::unique_ptr<paddock::Sandbox>> Launch(const paddock::LaunchPlan& plan, const paddock::Stdio& stdio,
                                                           paddock::EventSink& sink) override {
    Started started;
    started.plan = std::dynamic_pointer_cast<const Plan>(plan.body);
    if (started.plan == nullptr) return absl::InvalidArgumentError("this is no plan of posix_limits");
    if (stdio.tty) {
      return ReasonError(absl::StatusCode::kFailedPrecondition, "terminal_unsupported", "a terminal is asked for");
    }
    ASSIGN_OR_RETURN(started.streams, Connect(stdio, started.plan->output.has_value()));
    UniqueFd status, child_status;
    RETURN_IF_ERROR(MakePipe(status, child_status));
    const ChildSpec spec = Prepare(*started.plan, started.streams, child_status.get());
    started.start = std::chrono::steady_clock::now();
    started.signals = static_cast<int>(stdio.signals);
    started.pid = Fork(spec, started.pidfd);
    if (started.pid < 0) {
      return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", absl::StrCat("clone3: ", strerror(errno)));
    }
    child_status.reset();
    for (UniqueFd& end : started.streams.child) end.reset();

    Failure failure;
    const bool failed = Receive(status.get(), failure);
    if (failed && failure.stage != Stage::kExec) {
      waitpid(started.pid, nullptr, 0);
      return SetupError(*started.plan, failure);
    }
    if (failed) started.exec_error = failure.error;
    started.applied = ReadBack(*started.plan, started.pid);
    return std::make_unique<LimitsSandbox>(std::move(started), sink);
  }

 private:
  // False at the end of the pipe: the command was started.
  static bool Receive(int status, Failure& failure) {
    ssize_t got;
    do {
      got = read(status, &failure, sizeof(failure));
    } while (got < 0 && errno == EINTR);
    return got == static_cast<ssize_t>(sizeof(failure));
  }
};

}  // namespace

std::unique_ptr<paddock::Launcher> MakeLauncher() { return std::make_unique<PosixLimitsLauncher>(); }

}  // namespace posix_limits
