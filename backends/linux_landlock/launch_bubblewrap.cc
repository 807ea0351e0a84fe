#include "backends/linux_landlock/launch_bubblewrap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/linux_landlock/bubblewrap_arguments.h"
#include "backends/linux_landlock/launch_syscalls.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/posix/lease_directory.h"

namespace paddock {
namespace {

constexpr size_t kMaxMessages = 2000;

absl::Status Unavailable(absl::string_view code, absl::string_view what, const std::string& path, int error) {
  return ReasonError(absl::StatusCode::kUnavailable, code, absl::StrCat(what, " ", path, ": ", strerror(error)));
}

// Checked on the open file, which is the one that is executed.
absl::StatusOr<UniqueFd> OpenTrusted(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat st = {};
  if (!fd.valid() || fstat(fd.get(), &st) != 0) return Unavailable("setup_failed", "opening", path, errno);
  if (st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0) return fd;
  return ReasonError(absl::StatusCode::kUnavailable, "bubblewrap_untrusted",
                     absl::StrCat(path, " is not root's alone to write"));
}

absl::StatusOr<UniqueFd> MakeFile(const char* name, absl::string_view content) {
  UniqueFd fd(memfd_create(name, MFD_CLOEXEC));
  const auto size = static_cast<ssize_t>(content.size());
  if (!fd.valid() || pwrite(fd.get(), content.data(), content.size(), 0) != size) {
    return Unavailable("setup_failed", "writing", name, errno);
  }
  return fd;
}

std::vector<HomeEntry> HomeEntries(const std::string& home) {
  std::vector<HomeEntry> entries;
  const UniqueFd directory(open(home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return entries;
  std::vector<std::string> names = NamesIn(directory.get()).value_or(std::vector<std::string>());
  std::sort(names.begin(), names.end());
  for (std::string& name : names) {
    char link[PATH_MAX];
    const ssize_t size = readlinkat(directory.get(), name.c_str(), link, sizeof(link));
    entries.push_back({std::move(name), std::string(link, size > 0 ? static_cast<size_t>(size) : 0)});
  }
  return entries;
}

bool IsOneOfOurGroups(gid_t group) {
  if (group == getegid()) return true;
  std::vector<gid_t> groups(static_cast<size_t>(std::max(getgroups(0, nullptr), 0)));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  return count < 0 || std::find(groups.begin(), groups.end(), group) != groups.end();
}

// Root's rights over what belongs to others end at the border of the user namespace, in which they have no number: what
// is left are the permissions of owner, group and others.
bool MayEnter(const struct stat& directory) {
  if (geteuid() != 0 || directory.st_uid == 0 || (directory.st_mode & S_IXOTH) != 0) return true;
  return IsOneOfOurGroups(directory.st_gid);
}

Reach Look(const std::string& path) {
  struct stat st = {};
  if (lstat(path.c_str(), &st) != 0) return errno == EACCES ? Reach::kOutOfReach : Reach::kAbsent;
  for (std::string above(ParentPath(path)); above != "/"; above = std::string(ParentPath(above))) {
    if (stat(above.c_str(), &st) == 0 && !MayEnter(st)) return Reach::kOutOfReach;
  }
  return Reach::kThere;
}

// NUL after each, as bwrap's --args takes them.
std::string ArgumentsText(const LinuxPlan& plan) {
  std::string text;
  for (const std::string& argument : BubblewrapArguments(plan, {Look, HomeEntries})) {
    text += argument;
    text += '\0';
  }
  return text;
}

// What a mask covers is out of sight afterwards, and bwrap would make a target that is gone: looked at before.
absl::Status CheckMasks(const LinuxPlan& plan) {
  for (const MountStep& step : plan.mounts) {
    if (step.op != MountOp::kMask || step.identity.inode == 0) continue;
    struct stat st = {};
    if (lstat(step.target.c_str(), &st) == 0 && IsPlanned(st, step.identity)) continue;
    return ReasonError(absl::StatusCode::kFailedPrecondition, "path_changed",
                       absl::StrCat("comparing with what was planned: mask ", step.target));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<PreparedBubblewrap>> PreparedBubblewrap::Prepare(const InnerPlan& inner,
                                                                                const std::string& inner_stage) {
  if (inner_stage.empty()) {
    return ReasonError(absl::StatusCode::kUnavailable, "no_launcher",
                       "the program that embeds Paddock names no inner stage for bubblewrap to start");
  }
  RETURN_IF_ERROR(CheckMasks(*inner.plan));
  auto prepared = std::make_unique<PreparedBubblewrap>();
  ASSIGN_OR_RETURN(prepared->bubblewrap_, OpenTrusted(inner.plan->bubblewrap));
  prepared->program_.reset(open(inner_stage.c_str(), O_PATH | O_CLOEXEC));
  if (!prepared->program_.valid()) return Unavailable("setup_failed", "opening", inner_stage, errno);
  prepared->arguments_text_ = ArgumentsText(*inner.plan);
  ASSIGN_OR_RETURN(prepared->arguments_, MakeFile("bwrap arguments", prepared->arguments_text_));
  ASSIGN_OR_RETURN(prepared->plan_, MakeFile("inner plan", EncodeInnerPlan(inner)));
  ASSIGN_OR_RETURN(prepared->messages_, MakeFile("bwrap messages", ""));
  return prepared;
}

void PreparedBubblewrap::Exec(const ChildSpec& spec) const {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  const int wanted[kInnerEnd] = {null,          null,           messages_.get(),  spec.status_fd, spec.launcher_pidfd,
                                 plan_.get(),   program_.get(), arguments_.get(), spec.stdio[0],  spec.stdio[1],
                                 spec.stdio[2], spec.guard_fd};
  int spare[kInnerEnd];
  const int bubblewrap = fcntl(bubblewrap_.get(), F_DUPFD_CLOEXEC, kSpareDescriptors);
  for (int i = 0; i < kInnerEnd; ++i) {
    spare[i] = wanted[i] < 0 ? -1 : fcntl(wanted[i], F_DUPFD_CLOEXEC, kSpareDescriptors);
    if (wanted[i] >= 0 && spare[i] < 0) FailSetup(spec, Stage::kBubblewrap, 0, errno);
  }
  if (bubblewrap < 0) FailSetup(spec, Stage::kBubblewrap, 0, errno);
  signal(SIGCHLD, SIG_DFL);  // an ignored one would be inherited, and hide every end from bwrap
  for (int i = 0; i < kInnerEnd; ++i) {
    close(i);
    if (spare[i] >= 0) dup2(spare[i], i);
  }
  close_range(kInnerEnd, ~0u, CLOSE_RANGE_CLOEXEC);
  static_assert(kInnerArguments == 7 && kInnerProgram == 6);
  char name[] = "bwrap", args[] = "--args", number[] = "7", dashes[] = "--", program[] = "/proc/self/fd/6";
  char inner[sizeof(kInnerStageArgument)];
  memcpy(inner, kInnerStageArgument, sizeof(inner));
  char* const argv[] = {name, args, number, dashes, program, inner, nullptr};
  char* const envp[] = {nullptr};  // nothing of the caller's may steer it
  syscall(SYS_execveat, bubblewrap, "", argv, envp, AT_EMPTY_PATH);
  ChildSpec told = spec;
  told.status_fd = kInnerStatus;
  FailSetup(told, Stage::kBubblewrap, 1, errno);
}

std::string PreparedBubblewrap::Messages() const {
  char text[kMaxMessages];
  const ssize_t size = pread(messages_.get(), text, sizeof(text), 0);
  const absl::string_view said(text, size > 0 ? static_cast<size_t>(size) : 0);
  return absl::StrReplaceAll(absl::StripAsciiWhitespace(said), {{"\n", "; "}});
}

bool PreparedBubblewrap::HostChanged(const LinuxPlan& plan) const { return ArgumentsText(plan) != arguments_text_; }

}  // namespace paddock
