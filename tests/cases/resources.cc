// Resources and lifetime: more than the limits allow, or longer than the run.

#include <fcntl.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

constexpr size_t kMiB = 1 << 20;

int Number(const Args& a, size_t index) { return std::atoi(a[index].c_str()); }

void WaitForEver() {
  for (;;) pause();
}

// Up to N children that only wait; bounded, so that the control does no harm.
int ForkMany(const Args& a) {
  std::vector<pid_t> children;
  for (int i = 0; i < Number(a, 0); ++i) {
    const pid_t child = fork();
    if (child == 0) WaitForEver();
    if (Step("fork", child) < 0) break;
    children.push_back(child);
  }
  Hold();
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  return children.size() == static_cast<size_t>(Number(a, 0)) ? 0 : 1;
}

// Orphans that end at once: whoever is their init has to reap them.
int MakeZombies(const Args& a) {
  int made = 0;
  for (; made < Number(a, 0); ++made) {
    const pid_t child = fork();
    if (Step("fork", child) < 0) break;
    if (child == 0) {
      if (fork() == 0) _exit(0);
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  const int fd = open(a[1].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  WriteAll(fd, std::to_string(made));
  Hold();
  return 0;
}

// The control of make-zombies: a parent that never waits.
int KeepZombies(const Args& a) {
  for (int i = 0; i < Number(a, 0); ++i) {
    if (fork() == 0) _exit(0);
  }
  Hold();
  return 0;
}

int HogMemory(const Args& a) {
  std::vector<std::unique_ptr<char[]>> held;
  for (int i = 0; i < Number(a, 0); ++i) {
    std::unique_ptr<char[]> piece(new (std::nothrow) char[kMiB]);
    if (piece == nullptr) break;
    std::memset(piece.get(), 1, kMiB);
    held.push_back(std::move(piece));
  }
  Hold();
  return 0;
}

int FillFile(int fd, int mebibytes) {
  const std::string piece(kMiB, 'x');
  int done = 0;
  while (done < mebibytes && WriteAll(fd, piece)) ++done;
  Step("write", done < mebibytes ? -1 : 0);
  return done;
}

int FillDirectories(const Args& a) {
  signal(SIGXFSZ, SIG_IGN);
  for (size_t i = 1; i < a.size(); ++i) {
    const std::string path = a[i] + "/fill-" + std::to_string(getpid());
    const int fd = static_cast<int>(Step(path.c_str(), open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    if (fd < 0) continue;
    FillFile(fd, Number(a, 0));
  }
  Hold();
  for (size_t i = 1; i < a.size(); ++i) unlink((a[i] + "/fill-" + std::to_string(getpid())).c_str());
  return 0;
}

int FillMemfd(const Args& a) {
  const int fd = static_cast<int>(Step("memfd_create", memfd_create("fill", MFD_CLOEXEC)));
  if (fd < 0 || Step("ftruncate", ftruncate(fd, static_cast<off_t>(kMiB) * Number(a, 0))) < 0) return 1;
  void* at = mmap(nullptr, kMiB * static_cast<size_t>(Number(a, 0)), PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return Step("mmap", -1) < 0;
  std::memset(at, 1, kMiB * static_cast<size_t>(Number(a, 0)));
  Hold();
  return 0;
}

int WriteBigFile(const Args& a) {
  signal(SIGXFSZ, SIG_IGN);
  const int fd = static_cast<int>(Step("open", open(a[1].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
  return fd >= 0 && FillFile(fd, Number(a, 0)) == Number(a, 0) ? 0 : 1;
}

int Flood(const Args& a) { return FillFile(STDOUT_FILENO, Number(a, 0)) == Number(a, 0) ? 0 : 1; }

// Leaves the session, the parent and all descriptors behind, then lives on.
int Daemon(const Args&) {
  if (fork() != 0) return 0;
  setsid();
  if (fork() != 0) _exit(0);
  for (int fd = 0; fd < 1024; ++fd) close(fd);
  for (int number = 1; number < 32; ++number) signal(number, SIG_IGN);
  WaitForEver();
  return 0;
}

int IgnoreSignals(const Args&) {
  for (int number = 1; number < 32; ++number) signal(number, SIG_IGN);
  WriteAll(STDOUT_FILENO, "ready\n");
  WaitForEver();
  return 0;
}

int StopSelf(const Args&) {
  WriteAll(STDOUT_FILENO, "ready\n");
  kill(getpid(), SIGSTOP);
  WaitForEver();
  return 0;
}

int Spin(const Args&) {
  WriteAll(STDOUT_FILENO, "ready\n");
  volatile unsigned long count = 0;
  for (;;) count = count + 1;
}

int Exit(const Args& a) { return Number(a, 0); }

int StartThreads(const Args& a) {
  std::vector<std::thread> threads;
  for (int i = 0; i < Number(a, 0); ++i) {
    try {
      threads.emplace_back(WaitForEver);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "attacker: thread: %s\n", error.what());
      break;
    }
  }
  Hold();
  _exit(0);
}

constexpr Attack kAttacks[] = {
    {"fork-many", "N", 1, ForkMany},
    {"start-threads", "N", 1, StartThreads},
    {"make-zombies", "N COUNTFILE", 2, MakeZombies},
    {"keep-zombies", "N", 1, KeepZombies},
    {"hog-memory", "MIB", 1, HogMemory},
    {"fill-directories", "MIB DIRECTORY...", 2, FillDirectories},
    {"fill-memfd", "MIB", 1, FillMemfd},
    {"write-big-file", "MIB PATH", 2, WriteBigFile},
    {"flood", "MIB", 1, Flood},
    {"daemon", "", 0, Daemon},
    {"ignore-signals", "", 0, IgnoreSignals},
    {"stop-self", "", 0, StopSelf},
    {"spin", "", 0, Spin},
    {"exit", "STATUS", 1, Exit},
};

}  // namespace

std::span<const Attack> ResourceAttacks() { return kAttacks; }

}  // namespace attacker
