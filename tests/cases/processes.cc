// Processes: reaching others, more privilege, and the kernel's wider interfaces.

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

constexpr unsigned kCloneNewUser = 0x10000000;  // CLONE_NEWUSER as clone3 takes it
constexpr size_t kSecretSize = 64;

pid_t Pid(const Args& a) { return static_cast<pid_t>(std::atoi(a[0].c_str())); }
int Number(const std::string& text) { return std::atoi(text.c_str()); }

// Run outside, by the suite: the victim. Keeps the secret of its environment in memory and FILE open, says where, and
// at the end of stdin shows its memory, so that a change is seen.
int Bystander(const Args& a) {
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);  // Yama would spoil the control
  static std::array<char, kSecretSize> memory{};
  const char* secret = std::getenv("BYSTANDER_SECRET");
  if (secret != nullptr) std::strncpy(memory.data(), secret, memory.size() - 1);
  const int fd = open(a[0].c_str(), O_RDONLY);
  std::printf("%lu %d\n", static_cast<unsigned long>(reinterpret_cast<uintptr_t>(memory.data())), fd);
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) != 0) {
  }
  std::printf("%s\n", memory.data());
  return 0;
}

int Kill(const Args& a) { return Step("kill", kill(Pid(a), Number(a[1]))) < 0; }
int KillGroup(const Args&) { return Step("kill", kill(0, SIGKILL)) < 0; }
int KillAll(const Args&) { return Step("kill", kill(-1, SIGKILL)) < 0; }

int KillInit(const Args&) {
  Step("kill 1", kill(1, SIGKILL));
  return Step("kill parent", kill(getppid(), SIGKILL)) < 0;
}

int ReniceGroup(const Args&) { return Step("setpriority", setpriority(PRIO_PGRP, 0, 10)) < 0; }

int SetLimit(const Args& a) {
  const rlimit limit{64, 64};
  return Step("prlimit", prlimit(Pid(a), RLIMIT_NOFILE, &limit, nullptr)) < 0;
}

int PtraceStop(const Args& a) {
  if (Step("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, Pid(a), nullptr, nullptr)) < 0) return 1;
  if (Step("PTRACE_INTERRUPT", ptrace(PTRACE_INTERRUPT, Pid(a), nullptr, nullptr)) < 0) return 1;
  waitpid(Pid(a), nullptr, __WALL);
  Hold();
  return 0;
}

int VmRead(const Args& a) {
  std::array<char, kSecretSize> buffer{};
  const iovec local{buffer.data(), buffer.size() - 1};
  const iovec remote{reinterpret_cast<void*>(std::strtoul(a[1].c_str(), nullptr, 10)), buffer.size() - 1};
  if (Step("process_vm_readv", process_vm_readv(Pid(a), &local, 1, &remote, 1, 0)) < 0) return 1;
  return WriteAll(STDOUT_FILENO, buffer.data()) ? 0 : 1;
}

int VmWrite(const Args& a) {
  std::string text = "overwritten";
  const iovec local{text.data(), text.size() + 1};
  const iovec remote{reinterpret_cast<void*>(std::strtoul(a[1].c_str(), nullptr, 10)), text.size() + 1};
  return Step("process_vm_writev", process_vm_writev(Pid(a), &local, 1, &remote, 1, 0)) < 0;
}

int ReadMemory(const Args& a) {
  const std::string path = "/proc/" + a[0] + "/mem";
  const int fd = static_cast<int>(Step(path.c_str(), open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  std::array<char, kSecretSize> buffer{};
  const off_t at = static_cast<off_t>(std::strtoul(a[1].c_str(), nullptr, 10));
  if (Step("pread", pread(fd, buffer.data(), buffer.size() - 1, at)) < 0) return 1;
  return WriteAll(STDOUT_FILENO, buffer.data()) ? 0 : 1;
}

int StealDescriptor(const Args& a) {
  const int pidfd = static_cast<int>(Step("pidfd_open", syscall(SYS_pidfd_open, Pid(a), 0)));
  if (pidfd < 0) return 1;
  const int fd = static_cast<int>(Step("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, Number(a[1]), 0)));
  if (fd < 0) return 1;
  lseek(fd, 0, SEEK_SET);
  return Show(fd) ? 0 : 1;
}

// A child in namespaces of its own: with them come capabilities, and most of the kernel's attack surface.
int HoldInChild(pid_t child) {
  if (child < 0) return 1;
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

int NestedUnshare(const Args& a) {
  const pid_t child = fork();
  if (child != 0) return HoldInChild(child);
  if (Step("unshare", unshare(Number(a[0]))) < 0) _exit(1);
  Hold();
  _exit(0);
}

int NestedClone(const Args& a) {
  const pid_t child = static_cast<pid_t>(Step("clone", syscall(SYS_clone, Number(a[0]) | SIGCHLD, 0, 0, 0, 0)));
  if (child != 0) return HoldInChild(child);
  Hold();
  _exit(0);
}

int NestedClone3(const Args&) {
  struct {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
  } arguments{};
  arguments.flags = kCloneNewUser;
  arguments.exit_signal = SIGCHLD;
  const pid_t child = static_cast<pid_t>(Step("clone3", syscall(SYS_clone3, &arguments, sizeof(arguments))));
  if (child != 0) return HoldInChild(child);
  Hold();
  _exit(0);
}

// A debugger that lifts its child's filter (PTRACE_O_SUSPEND_SECCOMP), so that it may unshare.
int SuspendSeccomp(const Args&) {
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    if (Step("unshare", unshare(CLONE_NEWUSER)) < 0) _exit(1);
    Hold();
    _exit(0);
  }
  waitpid(child, nullptr, WUNTRACED);
  const long options = PTRACE_O_SUSPEND_SECCOMP;
  if (Step("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, child, nullptr, options)) < 0) {
    ptrace(PTRACE_SEIZE, child, nullptr, nullptr);
  }
  kill(child, SIGCONT);
  int status = 0;
  while (waitpid(child, &status, __WALL) == child && WIFSTOPPED(status)) ptrace(PTRACE_CONT, child, nullptr, nullptr);
  return WEXITSTATUS(status);
}

long Keyctl(long operation, long a, long b = 0, long c = 0) { return syscall(SYS_keyctl, operation, a, b, c, 0); }

long FindKey(const char* name) {
  return Keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, reinterpret_cast<long>("user"), reinterpret_cast<long>(name));
}

int ReadKey(const Args& a) {
  std::array<char, kSecretSize> buffer{};
  const long key = Step("keyctl search", FindKey(a[0].c_str()));
  if (key < 0) return 1;
  if (Step("keyctl read", Keyctl(KEYCTL_READ, key, reinterpret_cast<long>(buffer.data()), kSecretSize - 1)) < 0) {
    return 1;
  }
  return WriteAll(STDOUT_FILENO, buffer.data()) ? 0 : 1;
}

int PlantKey(const Args& a) {
  return Step("add_key", syscall(SYS_add_key, "user", a[0].c_str(), "x", 1, KEY_SPEC_SESSION_KEYRING)) < 0;
}

// Run outside, by the suite: runs a command under a session keyring that holds a secret, and creates REPORT if the key
// "planted" is in it afterwards.
int WithKeyring(const Args& a) {
  Step("join", Keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0));
  const long key = syscall(SYS_add_key, "user", "canary", a[0].data(), a[0].size(), KEY_SPEC_SESSION_KEYRING);
  if (Step("add_key", key) < 0) return 1;
  Keyctl(KEYCTL_SETPERM, key, 0x3f3f0000);
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> argv;
    for (size_t i = 2; i < a.size(); ++i) argv.push_back(const_cast<char*>(a[i].c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (FindKey("planted") >= 0) close(open(a[1].c_str(), O_WRONLY | O_CREAT, 0600));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int HoldResult(const char* what, long result) {
  if (Step(what, result) < 0) return 1;
  Hold();
  return 0;
}

int HoldBpf(const Args&) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 8;
  attributes.max_entries = 1;
  return HoldResult("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

// Every process on processor 0, the kernel included.
int HoldPerf(const Args&) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof(attributes);
  attributes.config = PERF_COUNT_SW_CONTEXT_SWITCHES;
  return HoldResult("perf_event_open", syscall(SYS_perf_event_open, &attributes, -1, 0, -1, 0));
}

int HoldUserfaultfd(const Args&) {
  constexpr int kUserModeOnly = 1;  // UFFD_USER_MODE_ONLY, which needs no privilege
  return HoldResult("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | kUserModeOnly));
}

int HoldFanotify(const Args&) {
  constexpr unsigned kReportFid = 0x200;  // FAN_REPORT_FID: no privilege since Linux 5.13
  return HoldResult("fanotify_init", syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | kReportFid, O_RDONLY));
}

int ReadKernelLog(const Args&) {
  constexpr int kReadAll = 3;
  static std::array<char, 1 << 20> buffer;
  const int got = static_cast<int>(Step("syslog", klogctl(kReadAll, buffer.data(), static_cast<int>(buffer.size()))));
  return got > 0 && WriteAll(STDOUT_FILENO, std::string(buffer.data(), static_cast<size_t>(got))) ? 0 : 1;
}

// Types TEXT on the terminal for whoever reads it next: the user's shell.
int InjectInput(const Args& a) {
  const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
  int status = 1;
  for (const int fd : {tty, 0, 1, 2}) {
    for (const char c : a[0]) {
      if (fd >= 0 && Step("TIOCSTI", ioctl(fd, TIOCSTI, &c)) == 0) status = 0;
    }
    if (status == 0) break;
  }
  return status;
}

int ShowEnvironment(const Args&) {
  for (char** entry = environ; *entry != nullptr; ++entry) WriteAll(STDOUT_FILENO, std::string(*entry) + "\n");
  return Find("read-through-proc")->run({"self", "environ"});
}

constexpr Attack kAttacks[] = {
    {"bystander", "FILE", 1, Bystander},
    {"kill", "PID SIGNAL", 2, Kill},
    {"kill-group", "", 0, KillGroup},
    {"kill-all", "", 0, KillAll},
    {"kill-init", "", 0, KillInit},
    {"renice-group", "", 0, ReniceGroup},
    {"set-limit", "PID", 1, SetLimit},
    {"ptrace-stop", "PID", 1, PtraceStop},
    {"vm-read", "PID ADDRESS", 2, VmRead},
    {"vm-write", "PID ADDRESS", 2, VmWrite},
    {"read-memory", "PID ADDRESS", 2, ReadMemory},
    {"steal-descriptor", "PID FD", 2, StealDescriptor},
    {"nested-unshare", "FLAGS", 1, NestedUnshare},
    {"nested-clone", "FLAGS", 1, NestedClone},
    {"nested-clone3", "", 0, NestedClone3},
    {"suspend-seccomp", "", 0, SuspendSeccomp},
    {"read-key", "NAME", 1, ReadKey},
    {"plant-key", "NAME", 1, PlantKey},
    {"with-keyring", "SECRET REPORT COMMAND...", 3, WithKeyring},
    {"hold-bpf", "", 0, HoldBpf},
    {"hold-perf", "", 0, HoldPerf},
    {"hold-userfaultfd", "", 0, HoldUserfaultfd},
    {"hold-fanotify", "", 0, HoldFanotify},
    {"read-kernel-log", "", 0, ReadKernelLog},
    {"inject-input", "TEXT", 1, InjectInput},
    {"show-environment", "", 0, ShowEnvironment},
};

}  // namespace

std::span<const Attack> ProcessAttacks() { return kAttacks; }

}  // namespace attacker
