#include "bench/launchers/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace paddock::bench {
namespace {

using Clock = std::chrono::steady_clock;

// posix_spawn with /dev/null for stdin and stdout, and `error_fd` (-1: /dev/null) for stderr.
absl::StatusOr<pid_t> Spawn(const Command& command, int error_fd) {
  std::vector<char*> argv;
  for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  if (error_fd < 0) {
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
  } else {
    posix_spawn_file_actions_adddup2(&actions, error_fd, 2);
  }
  if (!command.cwd.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.cwd.c_str());
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return absl::UnknownError(absl::StrCat("starting ", command.argv[0], ": ", strerror(error)));
  return pid;
}

absl::Status WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return absl::UnknownError(absl::StrCat("waitpid: ", strerror(errno)));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  if (WIFEXITED(status)) return absl::UnknownError(absl::StrCat("exit status ", WEXITSTATUS(status)));
  return absl::UnknownError(absl::StrCat("ended by signal ", WTERMSIG(status)));
}

}  // namespace

absl::StatusOr<std::chrono::nanoseconds> TimeOnce(const Command& command) {
  const Clock::time_point start = Clock::now();
  absl::StatusOr<pid_t> pid = Spawn(command, -1);
  if (!pid.ok()) return pid.status();
  if (absl::Status status = WaitFor(*pid); !status.ok()) {
    return absl::UnknownError(absl::StrCat(command.argv[0], ": ", status.message()));
  }
  return Clock::now() - start;
}

absl::Status TryOut(const Command& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnknownError(absl::StrCat("pipe2: ", strerror(errno)));
  absl::StatusOr<pid_t> pid = Spawn(command, ends[1]);
  close(ends[1]);
  std::string text;
  if (pid.ok()) {
    char buffer[4096];
    for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  }
  close(ends[0]);
  if (!pid.ok()) return pid.status();
  if (absl::Status status = WaitFor(*pid); !status.ok()) {
    const std::string first_line(absl::StrSplit(text, '\n').begin()->substr(0, 200));
    return absl::UnknownError(absl::StrCat(status.message(), first_line.empty() ? "" : ": ", first_line));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PeakResident(const Command& command, std::chrono::milliseconds life) {
  absl::StatusOr<pid_t> pid = Spawn(command, -1);
  if (!pid.ok()) return pid.status();
  std::this_thread::sleep_for(life / 2);
  uint64_t kib = 0;
  std::ifstream file(absl::StrCat("/proc/", *pid, "/status"));
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() >= 2 && words[0] == "VmHWM:" && !absl::SimpleAtoi(words[1], &kib)) kib = 0;
  }
  if (absl::Status status = WaitFor(*pid); !status.ok()) return status;
  if (kib == 0) return absl::NotFoundError("the launcher was gone before it could be looked at");
  return kib * 1024;
}

absl::StatusOr<double> RunsPerSecond(const Command& command, int workers, std::chrono::milliseconds duration) {
  std::atomic<int> runs{0};
  std::mutex mutex;
  absl::Status failure;
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + duration;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&] {
      while (Clock::now() < end) {
        if (absl::StatusOr<std::chrono::nanoseconds> time = TimeOnce(command); !time.ok()) {
          std::lock_guard<std::mutex> lock(mutex);
          failure = time.status();
          return;
        }
        ++runs;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (!failure.ok()) return failure;
  return runs / std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace paddock::bench
