// Tier bubblewrap, inside: pid 1 of the sandbox that bwrap has made. It checks that the view shows what was planned,
// then does what the first process of every tier does.

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/launch_bubblewrap.h"
#include "backends/linux_landlock/launch_spec.h"
#include "backends/linux_landlock/launch_status.h"
#include "backends/linux_landlock/launch_syscalls.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

constexpr size_t kMaxPlan = 64u << 20;
constexpr int kNotAnInnerStage = 125;

// Mounts that show the file itself; what a mask covers is gone from sight.
bool ShowsItsTarget(MountOp op) { return op == MountOp::kBind || op == MountOp::kReadOnly || op == MountOp::kPin; }

// bwrap takes paths, and only a look at what it has mounted tells whether they led where planning saw them lead.
void CheckView(const ChildSpec& spec, const LinuxPlan& plan) {
  for (size_t i = 0; i < plan.mounts.size(); ++i) {
    const MountStep& step = plan.mounts[i];
    if (step.identity.inode == 0 || !ShowsItsTarget(step.op)) continue;
    struct stat st = {};
    if (lstat(step.target.c_str(), &st) != 0) FailSetup(spec, Stage::kPathChanged, i, errno);
    if (!IsPlanned(st, step.identity)) FailSetup(spec, Stage::kPathChanged, i, ESTALE);
  }
}

// The launcher knows bwrap alone; signals and the end are for this process.
void Introduce(const ChildSpec& spec) {
  const int self = PidfdOpen(getpid());
  StatusMessage message = {};
  message.kind = MessageKind::kInit;
  if (self < 0 || !SendStatus(spec.status_fd, message, self)) FailSetup(spec, Stage::kBubblewrap, 2, errno);
  close(self);
}

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

}  // namespace

int RunInnerStage() {
  const auto bytes = ReadRawFile(AT_FDCWD, absl::StrCat("/proc/self/fd/", static_cast<int>(kInnerPlan)), kMaxPlan);
  const auto inner = DecodeInnerPlan(bytes.value_or(""));
  if (!inner.ok() || getpid() != 1) {
    fputs("paddock: this is a part of Paddock that bubblewrap starts, and nothing to start by hand\n", stderr);
    return kNotAnInnerStage;
  }
  PreparedLaunch prepared(inner->plan);
  ChildSpec& spec = prepared.spec();
  spec.status_fd = kInnerStatus;
  spec.launcher_pidfd = kInnerLauncher;
  spec.guard_fd = IsOpen(kInnerGuard) ? kInnerGuard : -1;
  for (int i = 0; i < 3; ++i) spec.stdio[i] = IsOpen(kInnerStdio + i) ? kInnerStdio + i : -1;
  spec.tty = inner->tty;
  spec.columns = inner->columns;
  spec.rows = inner->rows;
  Introduce(spec);
  CheckView(spec, *inner->plan);
  RunChild(spec);
}

}  // namespace paddock
