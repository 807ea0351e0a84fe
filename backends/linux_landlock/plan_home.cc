#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

constexpr char kRule[] = "filesystem.home";

MountStep HomeStep(MountOp op, const std::string& home) {
  MountStep step;
  step.op = op;
  step.target = home;
  return step;
}

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

// The layer is the workspace's, whatever the policy: a workspace has one set of caches, and a policy is changed by a
// flag.
struct Layer {
  std::string path;      // empty: there can be none
  std::string obstacle;  // why
};
Layer LayerOf(const PlanBuilder& b) {
  if (b.body.tier != LinuxTier::kNamespaces) return {"", "only the tier namespaces keeps one"};
  if (b.facts.leases.key.empty()) return {"", "there is no workspace to keep it for"};
  if (b.facts.leases.state_dir.empty()) return {"", "no state directory is known to keep it in"};
  return {absl::StrCat(b.facts.leases.state_dir, "/homes/", b.facts.leases.key), ""};
}

bool IsReadable(const PlanBuilder& b, const std::string& path) {
  return std::any_of(b.request.read_only.begin(), b.request.read_only.end(),
                     [&](const PathRule& rule) { return !rule.glob && PathIsWithin(path, b.RealPath(rule.path)); });
}

// A home below a private directory has to be shown again first, and one below the host's own /tmp would be written.
void ShowHome(PlanBuilder& b, const std::string& home) {
  if (b.body.minimal_root) return;  // shown as what it is
  if (b.PrivateRootOf(home).empty() && !b.IsInHostTmp(home)) return;
  MountStep bind = HomeStep(MountOp::kBind, home);
  bind.source = home;
  bind.optional = true;
  b.Add(bind);
}

// `thrown_away` and `kept` are how the view gives the command a home that it may write to.
void PlanWritableHome(PlanBuilder& b, MountStep step, const char* thrown_away, const char* kept) {
  const bool asked = b.request.policy.filesystem.home == HomeMode::kKept;
  const Layer layer = asked ? LayerOf(b) : Layer();
  b.keeps_home = !layer.path.empty();
  if (b.keeps_home) step.source = layer.path;
  b.body.landlock.push_back({step.target, LandlockGrant::kReadWrite});
  b.Add(std::move(step));
  if (asked && !b.keeps_home) {
    b.Decide(kRule, Verdict::kApproximated, thrown_away, absl::StrCat("nothing is kept: ", layer.obstacle));
  } else {
    b.Decide(kRule, Verdict::kEnforced, b.keeps_home ? kept : thrown_away);
  }
}

void PlanBubblewrapHome(PlanBuilder& b, MountStep step) {
  b.body.landlock.push_back({step.target, LandlockGrant::kReadWrite});
  b.Add(std::move(step));
  const bool kept = b.request.policy.filesystem.home == HomeMode::kKept;
  b.Decide(kRule, kept ? Verdict::kNotEnforced : Verdict::kApproximated,
           "a tmpfs with read-only mounts of what the host's home holds",
           "directories of the host's home, but for caches, may only be read");
}

// A workspace that may not be written stays out of a kept layer: what one run did to its files there would hide what
// they are on the host from the next.
void ShowWorkspace(PlanBuilder& b, const std::string& home) {
  const std::string& root = b.facts.workspace.root.real_path;
  if (root.empty() || !PathIsWithin(root, home) || b.GrantOf(root) != nullptr) return;
  MountStep bind = HomeStep(MountOp::kBind, root);
  bind.source = root;
  if (const PathFacts* const real = b.Find(root); real != nullptr) bind.identity = {real->device, real->inode};
  b.Add(bind);
}

}  // namespace

void PlanHome(PlanBuilder& b) {
  const std::string& home = b.facts.host.home;
  if (home.empty() || !IsNormalPath(home) || home == "/") {
    b.Decide(kRule, Verdict::kNotEnforced, "none", "no home directory is known");
    return;
  }
  if (b.body.minimal_root && !IsReadable(b, home)) {
    PlanWritableHome(b, HomeStep(MountOp::kPrivate, home), "an empty directory of the run's own",
                     "a directory that holds what runs of this workspace wrote");
    return;
  }
  const HomeMode mode = b.request.policy.filesystem.home;
  ShowHome(b, home);
  if (mode == HomeMode::kReadOnly) {
    b.Decide(kRule, Verdict::kEnforced, "read-only mount");
    return;
  }
  if (b.body.tier == LinuxTier::kBubblewrap) {
    PlanBubblewrapHome(b, HomeStep(MountOp::kHome, home));
    return;
  }
  const std::string obstacle = OverlayObstacle(b, home);
  if (!obstacle.empty()) {
    b.Decide(kRule, Verdict::kNotEnforced, "read-only instead of writes to a layer", obstacle);
    return;
  }
  PlanWritableHome(b, HomeStep(MountOp::kHome, home), "overlay; writes go to the run's own tmpfs",
                   "overlay; writes go to the workspace's layer in the state directory");
  if (b.keeps_home) ShowWorkspace(b, home);
}

}  // namespace paddock
