// Workspaces: what changes under a run, or before it starts.

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

constexpr uint64_t kMakeSocket = 1ULL << 9;  // LANDLOCK_ACCESS_FS_MAKE_SOCK: the harmless right of a harmless layer

int RunRest(const Args& a, size_t from) {
  std::vector<char*> argv;
  for (size_t i = from; i < a.size(); ++i) argv.push_back(const_cast<char*>(a[i].c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  Step("exec", -1);
  return 127;
}

// Waits until the suite lets go, then runs another attack.
int Later(const Args& a) {
  Hold();
  const Attack* attack = Find(a[0]);
  return attack == nullptr ? 64 : attack->run(Args(a.begin() + 1, a.end()));
}

// Runs a command inside N Landlock layers that forbid next to nothing.
int Layers(const Args& a) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const uint64_t handled = kMakeSocket;
  for (int i = 0; i < std::atoi(a[0].c_str()); ++i) {
    const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0));
    if (Step("landlock_create_ruleset", ruleset) < 0) return 126;
    if (Step("landlock_restrict_self", syscall(SYS_landlock_restrict_self, ruleset, 0)) < 0) return 126;
    close(ruleset);
  }
  return RunRest(a, 1);
}

// Run outside, by the suite: swaps two names as fast as it can until stdin ends.
int SwapForEver(const Args& a) {
  WriteAll(STDOUT_FILENO, "holding\n");
  pollfd end{STDIN_FILENO, POLLIN, 0};
  while (poll(&end, 1, 0) == 0) renameat2(AT_FDCWD, a[0].c_str(), AT_FDCWD, a[1].c_str(), RENAME_EXCHANGE);
  return 0;
}

constexpr Attack kAttacks[] = {
    {"later", "ATTACK [ARG...]", 1, Later},
    {"layers", "N COMMAND...", 2, Layers},
    {"swap-for-ever", "ONE OTHER", 2, SwapForEver},
};

}  // namespace

std::span<const Attack> WorkspaceAttacks() { return kAttacks; }

}  // namespace attacker
