#include "backends/linux_landlock/launch_orphans.h"

#include <dirent.h>
#include <signal.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "backends/linux_landlock/launch_syscalls.h"

namespace paddock {
namespace {

bool Holds(pid_t pid, int descriptor, absl::string_view file) {
  char link[64];
  const std::string path = absl::StrCat("/proc/", pid, "/fd/", descriptor);
  const ssize_t size = readlink(path.c_str(), link, sizeof(link));
  return size > 0 && absl::string_view(link, static_cast<size_t>(size)) == file;
}

}  // namespace

std::vector<UniqueFd> KillHoldersOf(ino_t socket, int descriptor) {
  const std::string file = absl::StrCat("socket:[", socket, "]");
  std::vector<UniqueFd> killed;
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(opendir("/proc"), closedir);
  while (const dirent* const entry = processes == nullptr ? nullptr : readdir(processes.get())) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry->d_name, &pid) || pid == getpid() || !Holds(pid, descriptor, file)) continue;
    UniqueFd process(PidfdOpen(pid));
    // Asked again: the number may have been another's by the time it was opened.
    if (!process.valid() || !Holds(pid, descriptor, file)) continue;
    PidfdSendSignal(process.get(), SIGKILL);
    killed.push_back(std::move(process));
  }
  return killed;
}

}  // namespace paddock
