// Inside WSL2 the machine's other system is one step away: its volumes are mounted with the Windows user's rights, and
// the kernel starts its programs. Rule L5 takes both away. AF_VSOCK, by which /init speaks to Windows, is refused by
// the system call filter everywhere, and /run/WSL, where its sockets lie, is below a private directory.

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backends/linux_landlock/plan_builder.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

constexpr char kAutomount[] = "/mnt";
// Drivers and libraries for graphics cards, read-only, which programs of this side load.
constexpr char kDrivers[] = "/usr/lib/wsl";
constexpr char kInit[] = "/init";
constexpr char kVolumesRule[] = "wsl.volumes";
constexpr char kInteropRule[] = "wsl.interop";

bool IsMounted(const LinuxFacts& host, const std::string& path) {
  return std::any_of(host.mount_points.begin(), host.mount_points.end(),
                     [&](const std::string& point) { return PathIsWithin(point, path); });
}

// The directory of automatic mounts as a whole, with what distributions share there (/mnt/wsl, /mnt/wslg), and every
// volume that is mounted elsewhere. Outermost ones, sorted.
std::vector<std::string> PlacesOfWindows(const PlanBuilder& b) {
  const LinuxFacts& host = b.facts.host.linux_host;
  std::vector<std::string> all;
  const std::string automount = host.wsl_automount.empty() ? kAutomount : host.wsl_automount;
  for (const std::string& shared : {automount, std::string(kAutomount)}) {
    if (shared != "/" && IsNormalPath(shared) && IsMounted(host, shared)) all.push_back(shared);
  }
  for (const WindowsMount& mount : host.windows_mounts) {
    if (mount.path != "/" && IsNormalPath(mount.path) && !PathIsWithin(mount.path, kDrivers)) all.push_back(mount.path);
  }
  std::sort(all.begin(), all.end());
  std::vector<std::string> outermost;
  for (std::string& path : all) {
    if (outermost.empty() || !PathIsWithin(path, outermost.back())) outermost.push_back(std::move(path));
  }
  return outermost;
}

// `path` is a mount of Windows that a granted tree holds, or is.
void HideInGrant(PlanBuilder& b, const std::string& path, std::vector<std::string>* open) {
  const PlanBuilder::Grant* const grant = b.GrantOf(path);
  if (grant->path == path) return;  // asked for
  if (!b.has_view()) return open->push_back(path);
  MountStep mask;
  mask.op = MountOp::kMask;
  mask.target = path;
  mask.optional = true;
  b.PinAbove(path);
  b.Protect(mask);
}

void HideVolumes(PlanBuilder& b) {
  std::vector<std::string> open;
  for (const std::string& path : PlacesOfWindows(b)) {
    if (b.GrantOf(path) != nullptr) {
      HideInGrant(b, path, &open);
    } else if (!b.has_view()) {
      b.hidden.push_back(path);
    } else if (!b.body.minimal_root) {
      MountStep empty;
      empty.op = MountOp::kPrivate;
      empty.target = path;
      b.Add(empty);
    }
  }
  if (!open.empty()) {
    return b.Decide(kVolumesRule, Verdict::kApproximated, "left out of what may be read",
                    absl::StrCat(open.front(), " lies in a writable grant"));
  }
  b.Decide(kVolumesRule, Verdict::kEnforced,
           b.has_view() ? "covered, but for what the policy names" : "left out of what may be read");
}

// The kernel's table of handlers is each user namespace's own from 6.7 on.
bool HasOwnHandlers(const LinuxFacts& host) {
  const std::vector<std::string> parts = absl::StrSplit(host.kernel.value.value_or(""), '.');
  int major = 0, minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) || !absl::SimpleAtoi(parts[1], &minor)) return false;
  return major > 6 || (major == 6 && minor >= 7);
}

// A handler that was registered with flag F runs whatever is mounted over it, and whatever Landlock says: the kernel
// clones the file that it opened then, with the rights of who registered it. Only a table of our own leaves it out.
// Where there is none, /init starts inside, and finds neither a socket nor AF_VSOCK to reach Windows by.
void CloseInterop(PlanBuilder& b) {
  const LinuxFacts& host = b.facts.host.linux_host;
  std::vector<std::string> interpreters;
  for (const std::string& path : host.windows_interpreters) {
    if (IsAbsolutePath(path) && IsNormalPath(path) && path != "/") interpreters.push_back(path);
  }
  if (interpreters.empty() && !host.windows_interop.no()) interpreters.emplace_back(kInit);
  if (b.has_view()) {
    b.windows_interpreters = interpreters;
  } else {
    b.hidden.insert(b.hidden.end(), interpreters.begin(), interpreters.end());
  }
  b.body.own_binfmt = b.body.tier == LinuxTier::kNamespaces && HasOwnHandlers(host);
  const std::string closed = "its sockets are hidden, AF_VSOCK is refused, what it is started by cannot be executed";
  if (b.body.own_binfmt) {
    b.Decide(kInteropRule, Verdict::kEnforced, absl::StrCat(closed, "; no handler of binfmt_misc counts inside"));
  } else {
    b.Decide(kInteropRule, Verdict::kApproximated, closed,
             "a program of Windows still starts the handler, which then reaches nothing: binfmt_misc has no namespaces "
             "before Linux 6.7, and only the tier namespaces makes one");
  }
}

}  // namespace

void PlanWsl(PlanBuilder& b) {
  if (b.facts.host.linux_host.wsl_version.value != 2) return;
  b.body.minimal_root = b.has_view() && b.request.policy.filesystem.read == ReadMode::kMinimal;
  HideVolumes(b);
  CloseInterop(b);
}

}  // namespace paddock
