#include <algorithm>

#include "absl/strings/match.h"
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

// ---- Host sockets: a read-only mount does not stop connect(2), so that each one in sight is covered.

void PlanSockets(PlanBuilder& b) {
  for (const PathRule& rule : b.request.unix_sockets) {
    const PathFacts* const found = b.Find(rule.path);
    const std::string path = found == nullptr || found->real_path.empty() ? rule.path : found->real_path;
    if (b.IsOutOfView(path)) {
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
    if (granted || !IsNormalPath(socket) || b.IsOutOfView(socket)) continue;
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

constexpr absl::string_view kMinimalRoot[] = {
    // Directories, or links to some.
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
    // Files that programs need to find libraries, users, names and certificates; none is a secret.
    "/etc/alternatives", "/etc/ca-certificates", "/etc/debian_version", "/etc/group", "/etc/host.conf", "/etc/hosts",
    "/etc/inputrc", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types",
    "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd", "/etc/pki", "/etc/profile", "/etc/protocols",
    "/etc/resolv.conf", "/etc/services", "/etc/ssl", "/etc/timezone", "/sys/devices/system/cpu"};

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

// Of what is not there, there is nothing to show: one list serves a user whose hosts differ.
void ShowReadOnly(PlanBuilder& b, const PathRule& rule) {
  const PathFacts* const found = b.Find(rule.path);
  if (found == nullptr || found->type == PathType::kAbsent || found->real_path.empty()) return;
  if (b.GrantOf(found->real_path) == nullptr) b.Add(BindReadOnly(found->real_path, found->type != PathType::kFile));
}

void PlanMinimalRoot(PlanBuilder& b) {
  for (const absl::string_view path : kMinimalRoot) {
    if (ParentPath(path) == "/") {
      BindLandmark(b, std::string(path));
      continue;
    }
    MountStep bind = BindReadOnly(path, !absl::StartsWith(path, "/etc/"));
    bind.optional = true;
    b.Add(bind);
  }
  for (const PathRule& rule : b.request.read_only) ShowReadOnly(b, rule);
}

// What the policy lists as readable is seen in a private directory too.
void PlanReadable(PlanBuilder& b) {
  if (b.body.minimal_root) return;
  for (const PathRule& rule : b.request.read_only) {
    if (b.IsOutOfView(b.RealPath(rule.path))) ShowReadOnly(b, rule);
  }
}

// Everywhere, but for what starts programs of Windows.
void AllowExecuting(PlanBuilder& b) {
  if (b.windows_interpreters.empty()) return b.body.landlock.push_back({"/", LandlockGrant::kRead});
  b.body.landlock.push_back({"/", LandlockGrant::kReadOnly});
  LandlockRule rule = {"/", LandlockGrant::kRead};
  rule.except = b.windows_interpreters;
  rule.optional = true;
  b.body.landlock.push_back(std::move(rule));
  for (const std::string& interpreter : b.windows_interpreters) {
    MountStep mask = Step(MountOp::kMask, interpreter, false);
    mask.optional = true;
    if (b.GrantOf(interpreter) == nullptr && !b.IsOutOfView(interpreter)) b.Add(mask);
  }
}

}  // namespace

absl::Span<const absl::string_view> MinimalRootPaths() { return kMinimalRoot; }

absl::Status PlanView(PlanBuilder& b) {
  b.body.minimal_root = b.request.policy.filesystem.read == ReadMode::kMinimal;
  AllowExecuting(b);
  if (b.body.minimal_root) PlanMinimalRoot(b);
  PlanPrivateDirectories(b);
  PlanHome(b);
  PlanReadable(b);
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
