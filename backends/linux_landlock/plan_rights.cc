// Tier landlock: no view of its own, so that everything is said in rights over the host's own tree. Rules only add:
// what is to stay hidden is left out of the rule that allows reading, and what lies inside a grant cannot be protected.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

// Where programs of one user meet: closed, or another run and the host's programs could be reached there.
constexpr const char* kTemporary[] = {"/tmp", "/var/tmp"};
constexpr const char* kRuntime[] = {"/run", "/var/run"};

bool HasPrivateTmp(const PlanBuilder& b) { return b.request.policy.filesystem.tmp == TmpMode::kPrivate; }

// Sorted, each once, none below another.
std::vector<std::string> Outermost(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> outermost;
  for (std::string& path : paths) {
    const bool covered = std::any_of(outermost.begin(), outermost.end(),
                                     [&](const std::string& above) { return PathIsWithin(path, above); });
    if (!covered) outermost.push_back(std::move(path));
  }
  return outermost;
}

void AllowReading(PlanBuilder& b, const std::string& path, const std::vector<std::string>& hidden) {
  LandlockRule rule = {path, LandlockGrant::kRead};
  rule.optional = true;
  for (const std::string& one : hidden) {
    if (PathIsWithin(path, one)) return;
    if (PathIsWithin(one, path)) rule.except.push_back(one);
  }
  b.body.landlock.push_back(std::move(rule));
}

void CloseRendezvous(PlanBuilder& b) {
  for (const char* const path : kRuntime) b.hidden.push_back(b.RealPath(path));
  const std::string& runtime = b.facts.host.linux_host.runtime_dir;
  if (!runtime.empty() && IsNormalPath(runtime) && runtime != "/") b.hidden.push_back(b.RealPath(runtime));
  b.hidden.emplace_back("/dev");  // the nodes that a command needs have rules of their own
  if (HasPrivateTmp(b)) {
    for (const char* const path : kTemporary) b.hidden.push_back(b.RealPath(path));
  }
}

void PlanReading(PlanBuilder& b) {
  const std::vector<std::string> hidden = Outermost(b.hidden);
  if (b.request.policy.filesystem.read == ReadMode::kMinimal) {
    for (const absl::string_view path : MinimalRootPaths()) AllowReading(b, std::string(path), hidden);
    AllowReading(b, "/proc", hidden);
    for (const PathRule& rule : b.request.read_only) AllowReading(b, b.RealPath(rule.path), hidden);
    b.Decide("filesystem.read", Verdict::kEnforced, "Landlock allows reading only what is listed");
  } else {
    AllowReading(b, "/", hidden);
    b.Decide("filesystem.read", Verdict::kEnforced, "Landlock allows reading all but what is hidden");
  }
}

void PlanWriting(PlanBuilder& b) {
  for (const PlanBuilder::Grant& grant : b.grants) {
    const bool directory = grant.facts.type == PathType::kDirectory || grant.facts.crosses_symlink;
    b.body.landlock.push_back({grant.path, LandlockGrant::kReadWrite, directory});
  }
  for (const char* const name : kDeviceNames) {
    LandlockRule rule = {absl::StrCat("/dev/", name), LandlockGrant::kDevices, /*directory=*/false};
    rule.optional = true;
    b.body.landlock.push_back(std::move(rule));
  }
}

void PlanTmp(PlanBuilder& b) {
  if (!HasPrivateTmp(b)) {
    for (const char* const path : {"/tmp", "/var/tmp", "/dev/shm"}) {
      LandlockRule rule = {path, LandlockGrant::kReadWrite};
      rule.optional = true;
      b.body.landlock.push_back(std::move(rule));
    }
    b.Decide("filesystem.tmp", Verdict::kEnforced, "the host's, /dev/shm with it");
  } else if (b.GrantOf("/tmp") != nullptr) {
    b.Decide("filesystem.tmp", Verdict::kNotEnforced, "none", "filesystem.write grants the host's /tmp");
  } else {
    b.body.run_directory.tmp = true;
    b.Decide("filesystem.tmp", Verdict::kApproximated, "TMPDIR leads to a directory of the run's own",
             "/tmp, /var/tmp and /dev/shm cannot be opened: programs that do not heed TMPDIR fail");
  }
}

void PlanRunHome(PlanBuilder& b) {
  const std::string home = b.RealPath(b.facts.host.home);
  const HomeMode mode = b.request.policy.filesystem.home;
  if (home.empty() || !IsNormalPath(home) || home == "/") {
    b.Decide("filesystem.home", Verdict::kNotEnforced, "no home directory is known");
    return;
  }
  const bool minimal = b.request.policy.filesystem.read == ReadMode::kMinimal;
  if (mode == HomeMode::kReadOnly && !minimal) {
    b.Decide("filesystem.home", Verdict::kEnforced, "Landlock: may only be read");
    return;
  }
  b.body.run_directory.home = true;
  if (minimal) {
    const bool kept = mode == HomeMode::kKept;
    b.Decide("filesystem.home", kept ? Verdict::kNotEnforced : Verdict::kEnforced,
             "HOME leads to an empty directory of the run's own",
             kept ? "what is written there goes with the run" : "");
    return;
  }
  b.body.run_directory.home_links = home;
  for (const std::string& path : Outermost(b.hidden)) {
    if (PathIsWithin(path, home)) b.body.run_directory.hidden.push_back(path);
  }
  b.Decide("filesystem.home", mode == HomeMode::kKept ? Verdict::kNotEnforced : Verdict::kApproximated,
           "HOME leads to a directory of the run's own, with links to what the host's holds",
           mode == HomeMode::kKept ? "what is written there goes with the run"
                                   : "directories of the host's home, but for caches, may only be read");
}

// connect(2) to a path is not among the rights before ABI 9.
void PlanGrantedSockets(PlanBuilder& b) {
  for (const PathRule& rule : b.request.unix_sockets) {
    b.Decide(absl::StrCat("network.unix_sockets ", rule.text), Verdict::kApproximated, "left in reach",
             "so are the host's other sockets, where their permissions allow it");
  }
}

}  // namespace

absl::Status PlanRights(PlanBuilder& b) {
  RETURN_IF_ERROR(PlanMasks(b));
  CloseRendezvous(b);
  PlanReading(b);
  PlanWriting(b);
  PlanTmp(b);
  PlanRunHome(b);
  PlanGrantedSockets(b);
  RunDirectoryPlan& run = b.body.run_directory;
  if (!run.tmp && !run.home) return absl::OkStatus();
  const std::string& state = b.facts.leases.state_dir;
  if (state.empty()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "state_dir_unusable", "no state directory is known");
  }
  run.parent = absl::StrCat(b.RealPath(state), "/runs");
  return absl::OkStatus();
}

}  // namespace paddock
