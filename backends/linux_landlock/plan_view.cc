#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

MountStep Step(MountOp op, absl::string_view target, bool directory = true) {
  MountStep step;
  step.op = op;
  step.target = std::string(target);
  step.directory = directory;
  return step;
}

MountStep BindReadOnly(absl::string_view path, bool directory) {
  MountStep step = Step(MountOp::kBind, path, directory);
  step.source = step.target;
  return step;
}

// The type of a landmark; `assumed` where nobody looked.
PathType TypeOf(const PlanBuilder& b, const std::string& path, PathType assumed) {
  const PathFacts* const found = b.Find(path);
  return found == nullptr ? assumed : found->type;
}

// ---- Private directories: rendezvous points and sockets of the host.

void PlanPrivateDirectories(PlanBuilder& b) {
  const bool private_tmp = b.request.policy.filesystem.tmp == TmpMode::kPrivate;
  for (const char* const path : {"/tmp", "/var/tmp"}) {
    const bool exists = TypeOf(b, path, PathType::kDirectory) == PathType::kDirectory;
    if ((!exists && !b.body.minimal_root) || b.GrantOf(path) != nullptr) continue;
    MountStep step = Step(private_tmp ? MountOp::kPrivate : MountOp::kBind, path);
    step.sticky = true;
    if (!private_tmp) step.source = path;
    step.writable = true;
    b.Add(step);
    b.body.landlock.push_back({path, LandlockGrant::kReadWrite});
  }
  if (private_tmp && b.GrantOf("/tmp") != nullptr) {
    b.Decide("filesystem.tmp", Verdict::kNotEnforced, "none", "filesystem.write grants the host's /tmp");
  } else {
    b.Decide("filesystem.tmp", Verdict::kEnforced,
             private_tmp ? "a tmpfs of the run's own" : "bind mount of the host's");
  }
  for (const char* const path : {"/run", "/var/run"}) {
    const PathType assumed = std::string(path) == "/run" ? PathType::kDirectory : PathType::kAbsent;
    if (TypeOf(b, path, assumed) != PathType::kDirectory && !(b.body.minimal_root && assumed == PathType::kDirectory)) {
      continue;
    }
    b.Add(Step(MountOp::kPrivate, path));
    b.body.landlock.push_back({path, LandlockGrant::kReadWrite});
  }
  const std::string& runtime = b.facts.host.linux_host.runtime_dir;
  if (runtime.empty() || !IsNormalPath(runtime) || b.GrantOf(runtime) != nullptr) return;
  const bool covered = !b.PrivateRootOf(runtime).empty();
  if (!covered && TypeOf(b, runtime, PathType::kAbsent) != PathType::kDirectory) return;
  b.Add(Step(MountOp::kPrivate, runtime));
  if (!covered) b.body.landlock.push_back({runtime, LandlockGrant::kReadWrite});
}

// ---- Home.

// Why the home cannot get an overlay; empty if it can.
std::string OverlayObstacle(const PlanBuilder& b, const std::string& home) {
  const LinuxFacts& host = b.facts.host.linux_host;
  if (host.overlay_in_userns.no()) return "this kernel has no overlays in user namespaces";
  const PathFacts* const found = b.Find(home);
  if (found == nullptr || found->type != PathType::kDirectory || found->crosses_symlink) {
    return absl::StrCat(home, " is no directory, or is reached through a symbolic link");
  }
  for (const std::string& mount : host.mount_points) {
    if (mount != home && PathIsWithin(mount, home)) return absl::StrCat("something is mounted below it: ", mount);
  }
  return "";
}

// A home below a private directory has to be shown again first.
void ShowHome(PlanBuilder& b, const std::string& home) {
  if (!b.PrivateRootOf(home).empty() || b.body.minimal_root) {
    MountStep bind = BindReadOnly(home, true);
    bind.optional = true;
    b.Add(bind);
  }
}

absl::Status PlanHome(PlanBuilder& b) {
  const std::string& home = b.facts.host.home;
  const HomeMode mode = b.request.policy.filesystem.home;
  if (mode == HomeMode::kKept) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "home_kept_unavailable",
                       "filesystem.home = \"kept\" is not there yet on Linux");
  }
  if (home.empty() || !IsNormalPath(home) || home == "/") {
    b.Decide("filesystem.home", Verdict::kNotEnforced, "no home directory is known");
    return absl::OkStatus();
  }
  if (b.body.minimal_root) {
    b.Add(Step(MountOp::kPrivate, home));
    b.body.landlock.push_back({home, LandlockGrant::kReadWrite});
    b.Decide("filesystem.home", Verdict::kEnforced, "an empty directory of the run's own");
    return absl::OkStatus();
  }
  ShowHome(b, home);
  if (mode == HomeMode::kReadOnly) {
    b.Decide("filesystem.home", Verdict::kEnforced, "read-only mount");
    return absl::OkStatus();
  }
  const std::string obstacle = OverlayObstacle(b, home);
  if (!obstacle.empty()) {
    b.Decide("filesystem.home", Verdict::kNotEnforced, "read-only instead of writes that are thrown away", obstacle);
    return absl::OkStatus();
  }
  b.Add(Step(MountOp::kHome, home));
  b.body.landlock.push_back({home, LandlockGrant::kReadWrite});
  b.Decide("filesystem.home", Verdict::kEnforced, "overlay; writes go to the run's own tmpfs");
  return absl::OkStatus();
}

// ---- Masks.

// True if the view shows nothing of the host at `path`: it lies below a private directory, and nothing is bound over
// it.
bool IsHidden(const PlanBuilder& b, const std::string& path) {
  size_t covered = 0, shown = 0;
  for (const auto& [target, step] : b.steps) {
    if (!PathIsWithin(path, target)) continue;
    if (step.op == MountOp::kPrivate) covered = std::max(covered, target.size());
    if (step.op == MountOp::kBind || step.op == MountOp::kHome) shown = std::max(shown, target.size());
  }
  return covered > shown || (b.body.minimal_root && shown == 0);
}

bool IsUnderHomeOverlay(const PlanBuilder& b, const std::string& path) {
  if (b.GrantOf(path) != nullptr) return false;
  return std::any_of(b.steps.begin(), b.steps.end(), [&](const auto& entry) {
    return entry.second.op == MountOp::kHome && PathIsWithin(path, entry.first);
  });
}

absl::Status MaskPath(PlanBuilder& b, const PathRule& rule, const std::string& path, const PathFacts* found,
                      bool optional) {
  for (const PlanBuilder::Grant& grant : b.grants) {
    if (!PathIsWithin(grant.path, path)) continue;
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_covers_grant",
                       absl::StrCat("filesystem.deny_read ", rule.text, " covers the writable ", grant.path));
  }
  if (IsHidden(b, path)) return absl::OkStatus();
  MountStep step = Step(MountOp::kMask, path, found == nullptr || found->type == PathType::kDirectory);
  step.optional = optional;
  // An overlay shows inodes of its own.
  if (found != nullptr && !optional && !IsUnderHomeOverlay(b, path)) step.identity = {found->device, found->inode};
  if (b.GrantOf(path) != nullptr) {
    b.PinAbove(path);
    b.Protect(step);
  } else {
    b.Add(step);
  }
  return absl::OkStatus();
}

// `path`, and wherever else a bind mount shows the same file.
absl::Status Mask(PlanBuilder& b, const PathRule& rule, const std::string& path, const PathFacts* found,
                  bool optional) {
  if (absl::Status status = MaskPath(b, rule, path, found, optional); !status.ok()) return status;
  const auto aliases = b.facts.workspace.aliases.find(path);
  if (aliases == b.facts.workspace.aliases.end()) return absl::OkStatus();
  for (const std::string& alias : aliases->second) {
    const PathFacts* const same = b.Find(alias);
    if (same == nullptr || same->type == PathType::kAbsent) continue;
    if (absl::Status status = MaskPath(b, rule, alias, same, true); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status MaskLiteral(PlanBuilder& b, const PathRule& rule) {
  const PathFacts* const found = b.Find(rule.path);
  if (found == nullptr || found->type == PathType::kAbsent) return absl::OkStatus();
  const std::string path = b.InGrant(rule.path);
  const bool straight = found->type != PathType::kSymlink && (found->real_path == path || !found->crosses_symlink);
  if (straight) return Mask(b, rule, path, found, false);
  if (b.GrantOf(path) != nullptr) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "deny_crosses_symlink",
                       absl::StrCat("filesystem.deny_read ", rule.text, " crosses a symbolic link in the workspace"));
  }
  if (found->real_path.empty()) return absl::OkStatus();  // dangling
  const PathFacts* const real = b.Find(found->real_path);
  return Mask(b, rule, found->real_path, real, false);
}

absl::Status PlanMasks(PlanBuilder& b) {
  for (const PathRule& rule : b.request.deny_read) {
    if (!rule.glob) {
      if (absl::Status status = MaskLiteral(b, rule); !status.ok()) return status;
      b.Decide(absl::StrCat("filesystem.deny_read ", rule.text), Verdict::kEnforced, "covered by an unreadable mount");
      continue;
    }
    const auto matches = b.facts.workspace.globs.find(rule.path);
    if (matches != b.facts.workspace.globs.end()) {
      for (const std::string& match : matches->second) {
        const PathFacts* const found = b.Find(match);
        const bool link = found != nullptr && found->type == PathType::kSymlink;
        const std::string& path = link && !found->real_path.empty() ? found->real_path : match;
        if (absl::Status status = Mask(b, rule, path, link ? b.Find(path) : found, true); !status.ok()) return status;
      }
    }
    b.Decide(absl::StrCat("filesystem.deny_read ", rule.text), Verdict::kApproximated,
             "each match at the start is covered by an unreadable mount", "files that come to match during the run");
  }
  // Paddock's own state is nobody's business inside.
  const std::string& state = b.facts.leases.state_dir;
  const PathFacts* const found = state.empty() ? nullptr : b.Find(state);
  if (found != nullptr && found->type == PathType::kDirectory && !found->crosses_symlink && !IsHidden(b, state)) {
    b.Add(Step(MountOp::kMask, state));
  }
  return absl::OkStatus();
}

// ---- Host sockets: a read-only mount does not stop connect(2), so that each one in sight is covered.

void PlanSockets(PlanBuilder& b) {
  for (const PathRule& rule : b.request.unix_sockets) {
    const PathFacts* const found = b.Find(rule.path);
    const std::string path = found == nullptr || found->real_path.empty() ? rule.path : found->real_path;
    if (IsHidden(b, path)) {
      MountStep bind = BindReadOnly(path, false);
      bind.optional = true;
      b.Add(bind);
    }
    b.Decide(absl::StrCat("network.unix_sockets ", rule.text), Verdict::kEnforced, "bind mount");
  }
  for (const std::string& socket : b.facts.host.linux_host.socket_paths) {
    const bool granted =
        std::any_of(b.request.unix_sockets.begin(), b.request.unix_sockets.end(),
                    [&](const PathRule& rule) { return rule.path == socket || b.RealPath(rule.path) == socket; });
    if (granted || !IsNormalPath(socket) || IsHidden(b, socket)) continue;
    MountStep step = Step(MountOp::kMask, socket, false);
    step.optional = true;
    if (b.GrantOf(socket) != nullptr) {
      b.Protect(step);
    } else {
      b.Add(step);
    }
  }
}

// ---- Minimal root.

// Files of /etc that programs need to find libraries, users, names and certificates; none is a secret.
constexpr const char* kMinimalEtc[] = {
    "/etc/alternatives", "/etc/ca-certificates", "/etc/debian_version", "/etc/group",       "/etc/host.conf",
    "/etc/hosts",        "/etc/inputrc",         "/etc/ld.so.cache",    "/etc/ld.so.conf",  "/etc/ld.so.conf.d",
    "/etc/localtime",    "/etc/mime.types",      "/etc/nsswitch.conf",  "/etc/os-release",  "/etc/passwd",
    "/etc/pki",          "/etc/profile",         "/etc/protocols",      "/etc/resolv.conf", "/etc/services",
    "/etc/ssl",          "/etc/timezone"};

void BindLandmark(PlanBuilder& b, const std::string& path) {
  const PathFacts* const found = b.Find(path);
  if (found == nullptr || found->type == PathType::kAbsent) return;
  if (found->type == PathType::kSymlink) {
    MountStep link = Step(MountOp::kSymlink, path);
    link.source = found->real_path;
    b.Add(link);
  } else {
    b.Add(BindReadOnly(path, true));
  }
}

void PlanMinimalRoot(PlanBuilder& b) {
  for (const char* const path : {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) BindLandmark(b, path);
  for (const char* const path : kMinimalEtc) {
    MountStep bind = BindReadOnly(path, false);
    bind.optional = true;
    b.Add(bind);
  }
  MountStep cpus = BindReadOnly("/sys/devices/system/cpu", true);
  cpus.optional = true;
  b.Add(cpus);
  for (const PathRule& rule : b.request.read_only) {
    const PathFacts* const found = b.Find(rule.path);
    if (found == nullptr || found->real_path.empty() || b.GrantOf(found->real_path) != nullptr) continue;
    b.Add(BindReadOnly(found->real_path, found->type != PathType::kFile));
  }
}

}  // namespace

absl::Status PlanView(PlanBuilder& b) {
  b.body.minimal_root = b.request.policy.filesystem.read == ReadMode::kMinimal;
  b.body.landlock.push_back({"/", LandlockGrant::kRead});
  if (b.body.minimal_root) PlanMinimalRoot(b);
  PlanPrivateDirectories(b);
  if (absl::Status status = PlanHome(b); !status.ok()) return status;
  b.Decide("filesystem.read", Verdict::kEnforced,
           b.body.minimal_root ? "a new root that holds only what is listed" : "the host's root, read-only");
  if (absl::Status status = PlanMasks(b); !status.ok()) return status;
  PlanSockets(b);
  for (const PlanBuilder::Grant& grant : b.grants) {
    const bool directory = grant.facts.type == PathType::kDirectory || grant.facts.crosses_symlink;
    b.body.landlock.push_back({grant.path, LandlockGrant::kReadWrite, directory});
  }
  b.body.landlock.push_back({"/dev", LandlockGrant::kDevices});
  b.body.landlock.push_back({"/dev/shm", LandlockGrant::kReadWrite});
  return absl::OkStatus();
}

}  // namespace paddock
