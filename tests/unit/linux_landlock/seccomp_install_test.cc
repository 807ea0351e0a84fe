#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/seccomp_program.h"
#include "gtest/gtest.h"

// The programs, installed: real calls in a child process under the filter, and the same calls without it as control.

namespace paddock {
namespace {

constexpr int kSignalled = 256;
constexpr SeccompOptions kUser = {};
constexpr SeccompOptions kRoot = {.root_caller = true};

bool Install(const SeccompOptions& options) {
  const SeccompProgram program = BaselineProgram(options);
  sock_fprog fprog = {program.length, const_cast<sock_filter*>(program.instructions)};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &fprog) == 0;
}

// What `body` returns in a child of its own, under the filter of `options` if there are any; kSignalled + N if signal N
// ended it.
int InChild(const SeccompOptions* options, const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (options != nullptr && !Install(*options)) _exit(251);
    _exit(body());
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 250;
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

int ErrnoOf(long result) { return result < 0 ? errno : 0; }

struct Attempt {
  const char* name;
  std::function<int()> body;  // 0 or errno
  int inside = 0;             // under the filter
  bool needs_root = false;    // without the filter an ordinary user gets the same answer
};

void ExpectRefused(const SeccompOptions& options, const std::vector<Attempt>& attempts) {
  int tried = 0;
  for (const Attempt& attempt : attempts) {
    if (attempt.needs_root && geteuid() != 0) continue;
    ++tried;
    EXPECT_EQ(InChild(&options, attempt.body), attempt.inside) << attempt.name;
    EXPECT_NE(InChild(nullptr, attempt.body), attempt.inside) << attempt.name << ": the control";
  }
  EXPECT_GE(tried, 3);
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = absl::StrCat(::testing::TempDir(), "/seccomp.XXXXXX");
    path_ = mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~TemporaryDirectory() { rmdir(path_.c_str()); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string File(absl::string_view name) const { return absl::StrCat(path_, "/", name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr unsigned long kRubbish = 0xdeadbeef00000000;

TEST(SeccompInstallTest, RefusesForReal) {
  ExpectRefused(
      kUser,
      {
          {"mount", [] { return ErrnoOf(syscall(SYS_mount, "none", "/nonexistent", "tmpfs", 0, nullptr)); }, EPERM},
          {"open_tree", [] { return ErrnoOf(syscall(428, -1, "", 0)); }, EPERM},
          {"setns", [] { return ErrnoOf(syscall(SYS_setns, -1, 0)); }, EPERM},
          {"unshare", [] { return ErrnoOf(syscall(SYS_unshare, CLONE_NEWUTS)); }, EPERM, true},
          {"clone3", [] { return ErrnoOf(syscall(435, nullptr, 0)); }, ENOSYS},
          {"io_uring_register", [] { return ErrnoOf(syscall(427, -1, 0, nullptr, 0)); }, ENOSYS},
          {"keyctl", [] { return ErrnoOf(syscall(SYS_keyctl, 9999)); }, EPERM},
          {"add_key", [] { return ErrnoOf(syscall(SYS_add_key, nullptr, nullptr, nullptr, 0, 0)); }, EPERM},
          {"bpf", [] { return ErrnoOf(syscall(SYS_bpf, 9999, nullptr, 0)); }, EPERM, true},
          {"pidfd_getfd", [] { return ErrnoOf(syscall(438, -1, 0, 0)); }, EPERM},
          {"perf_event_open", [] { return ErrnoOf(syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); }, EPERM},
          {"adjtimex",
           [] {
             timex only_reads = {};
             return ErrnoOf(adjtimex(&only_reads));
           },
           EPERM},
          {"swapon", [] { return ErrnoOf(syscall(SYS_swapon, "/nonexistent", 0)); }, EPERM, true},
          {"personality", [] { return ErrnoOf(syscall(SYS_personality, READ_IMPLIES_EXEC)); }, EPERM},
          {"ioctl TIOCSTI", [] { return ErrnoOf(syscall(SYS_ioctl, -1, TIOCSTI, "x")); }, EPERM},
          {"ioctl TIOCSTI, rubbish above", [] { return ErrnoOf(syscall(SYS_ioctl, -1, kRubbish | TIOCSTI, "x")); },
           EPERM},
          {"ioctl TIOCLINUX", [] { return ErrnoOf(syscall(SYS_ioctl, -1, TIOCLINUX, "x")); }, EPERM},
          {"AF_PACKET", [] { return ErrnoOf(socket(AF_PACKET, SOCK_DGRAM, 0)); }, EAFNOSUPPORT},
          {"AF_PACKET, rubbish above", [] { return ErrnoOf(syscall(SYS_socket, kRubbish | AF_PACKET, SOCK_DGRAM, 0)); },
           EAFNOSUPPORT},
          {"uevents", [] { return ErrnoOf(socket(AF_NETLINK, SOCK_RAW, 15)); }, EPROTONOSUPPORT},
          {"raw sockets of odd protocols", [] { return ErrnoOf(socket(AF_INET, SOCK_RAW, 253)); }, EPROTONOSUPPORT},
      });
}

TEST(SeccompInstallTest, RefusesASecondListener) {
  const auto listener = [] {
    sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    sock_fprog program = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return ErrnoOf(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
  };
  EXPECT_EQ(InChild(&kUser, listener), EBUSY);
  EXPECT_EQ(InChild(nullptr, listener), 0);
}

TEST(SeccompInstallTest, RefusesSetIdFilesToRootCallers) {
  const TemporaryDirectory directory;
  ASSERT_FALSE(directory.path().empty());
  const std::string path = directory.File("file");
  const std::vector<Attempt> attempts = {
      {"open", [&] { return ErrnoOf(open(path.c_str(), O_CREAT | O_WRONLY, 04755)); }, EPERM},
      {"mknod", [&] { return ErrnoOf(mknod(path.c_str(), S_IFREG | 02755, 0)); }, EPERM},
      {"O_TMPFILE", [&] { return ErrnoOf(open(directory.path().c_str(), O_TMPFILE | O_WRONLY, 04700)); }, EPERM},
      {"fchmod",
       [&] {
         const int file = open(path.c_str(), O_CREAT | O_WRONLY, 0600);
         return file < 0 ? errno : ErrnoOf(fchmod(file, 04700));
       },
       EPERM},
      {"chmod",
       [&] {
         const int file = open(path.c_str(), O_CREAT | O_WRONLY, 0600);
         return file < 0 ? errno : ErrnoOf(chmod(path.c_str(), 06700));
       },
       EPERM},
  };
  for (const Attempt& attempt : attempts) {
    EXPECT_EQ(InChild(&kRoot, attempt.body), attempt.inside) << attempt.name;
    struct stat stat = {};
    if (lstat(path.c_str(), &stat) == 0) {
      EXPECT_EQ(stat.st_mode & 06000, 0u) << attempt.name;
    }
    unlink(path.c_str());
    EXPECT_EQ(InChild(&kUser, attempt.body), 0) << attempt.name << ": the control";
    unlink(path.c_str());
  }
}

TEST(SeccompInstallTest, AllowsPerfWhereAsked) {
  const SeccompOptions perf = {.allow_perf = true};
  const auto attempt = [] { return ErrnoOf(syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); };
  EXPECT_NE(InChild(&perf, attempt), EPERM);
}

#if defined(__x86_64__)
TEST(SeccompInstallTest, KillsOnTheThirtyTwoBitEntry) {
  const auto getpid32 = [] {
    long number = 20;  // getpid on i386
    asm volatile("int $0x80" : "+a"(number) : : "memory", "r8", "r9", "r10", "r11");
    return number == getpid() ? 0 : 1;
  };
  if (InChild(nullptr, getpid32) != 0) GTEST_SKIP() << "this kernel has no 32-bit entry (CONFIG_IA32_EMULATION)";
  EXPECT_EQ(InChild(&kUser, getpid32), kSignalled + SIGSYS);
}
#endif

TEST(SeccompInstallTest, LetsOrdinaryWorkThrough) {
  const Attempt attempts[] = {
      {"a shell with a pipe", [] { return WEXITSTATUS(std::system("test \"$(echo a | cat)\" = a")); }},
      {"a thread",
       [] {
         int value = 1;
         std::thread([&] { value = 0; }).join();
         return value;
       }},
      {"gdb's way to no randomisation",
       [] {
         const int old = personality(0xffffffff);
         return old < 0 ? errno : ErrnoOf(personality(static_cast<unsigned long>(old) | ADDR_NO_RANDOMIZE));
       }},
      {"ptrace",
       [] {
         const pid_t tracee = fork();
         if (tracee == 0) _exit(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? raise(SIGSTOP) : 1);
         int status = 0;
         if (waitpid(tracee, &status, 0) != tracee || !WIFSTOPPED(status)) return 1;
         if (ptrace(PTRACE_CONT, tracee, nullptr, nullptr) != 0) return errno;
         return waitpid(tracee, &status, 0) == tracee && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
       }},
      {"another filter on top", [] { return Install(kRoot) ? 0 : 1; }},
      {"a socket of each usual family",
       [] {
         for (int family : {AF_UNIX, AF_INET, AF_NETLINK}) {
           if (socket(family, SOCK_DGRAM, 0) < 0) return errno;
         }
         return 0;
       }},
  };
  for (const Attempt& attempt : attempts) {
    EXPECT_EQ(InChild(&kUser, attempt.body), 0) << attempt.name;
    EXPECT_EQ(InChild(&kRoot, attempt.body), 0) << attempt.name << ", as root's";
  }
}

}  // namespace
}  // namespace paddock
