#include "core/request/resolve.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/windows_path.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kInvalidArgument, code, detail);
}

// "//x" is a UNC path to Windows and "/x" to everybody else; a policy writes UNC paths with backslashes.
bool LooksWindows(absl::string_view path) { return IsAbsoluteWindowsPath(path) && path[0] != '/'; }

bool IsInHome(absl::string_view text) { return text == "~" || absl::StartsWith(text, "~/"); }

std::string Describe(absl::string_view key, const PathEntry& entry) {
  return absl::StrCat(key, " ", Quote(entry.text), " (", entry.origin.file,
                      entry.origin.line == 0 ? "" : absl::StrCat(":", entry.origin.line), ")");
}

enum class Extent : uint8_t { kItself, kTree };

struct SystemPlace {
  absl::string_view path;
  Extent extent;
};

// Directories of the system. The longest row that holds a path decides, so that a checkout below /usr/src, /var/lib or
// /run/media is possible while the rest of their parents is not. File Hierarchy Standard 3.0, systemd's
// file-hierarchy(7).
constexpr SystemPlace kPosixPlaces[] = {
    {"/bin", Extent::kTree},
    {"/boot", Extent::kTree},
    {"/dev", Extent::kTree},
    {"/efi", Extent::kTree},
    {"/etc", Extent::kTree},
    {"/gnu/store", Extent::kTree},
    {"/home", Extent::kItself},
    {"/lib", Extent::kTree},
    {"/lib32", Extent::kTree},
    {"/lib64", Extent::kTree},
    {"/libx32", Extent::kTree},
    {"/media", Extent::kItself},
    {"/mnt", Extent::kItself},
    {"/nix", Extent::kItself},
    {"/nix/store", Extent::kTree},
    {"/opt", Extent::kItself},
    {"/proc", Extent::kTree},
    {"/root", Extent::kItself},
    {"/run", Extent::kTree},
    {"/run/media", Extent::kItself},
    {"/sbin", Extent::kTree},
    {"/snap", Extent::kTree},
    {"/srv", Extent::kItself},
    {"/sys", Extent::kTree},
    {"/tmp", Extent::kItself},
    {"/usr", Extent::kTree},
    {"/usr/local", Extent::kItself},
    {"/usr/local/bin", Extent::kTree},
    {"/usr/local/etc", Extent::kTree},
    {"/usr/local/lib", Extent::kTree},
    {"/usr/local/libexec", Extent::kTree},
    {"/usr/local/sbin", Extent::kTree},
    {"/usr/local/share", Extent::kItself},
    {"/usr/local/src", Extent::kItself},
    {"/usr/src", Extent::kItself},
    {"/var", Extent::kItself},
    {"/var/backups", Extent::kTree},
    {"/var/cache", Extent::kItself},
    {"/var/lib", Extent::kItself},
    {"/var/lib/containerd", Extent::kTree},
    {"/var/lib/docker", Extent::kTree},
    {"/var/lib/dpkg", Extent::kTree},
    {"/var/lib/systemd", Extent::kTree},
    {"/var/log", Extent::kTree},
    {"/var/mail", Extent::kTree},
    {"/var/run", Extent::kTree},
    {"/var/spool", Extent::kTree},
    {"/var/tmp", Extent::kItself},
};

// On the system drive, whichever letter it has.
constexpr SystemPlace kWindowsPlaces[] = {
    {"Windows", Extent::kTree},
    {"Program Files", Extent::kTree},
    {"Program Files (x86)", Extent::kTree},
    {"ProgramData", Extent::kItself},
    {"Users", Extent::kItself},
    {"Users\\Public", Extent::kItself},
    {"System Volume Information", Extent::kTree},
    {"$Recycle.Bin", Extent::kTree},
};

const SystemPlace* FindPosixPlace(absl::string_view path) {
  const SystemPlace* found = nullptr;
  for (const SystemPlace& place : kPosixPlaces) {
    if (PathIsWithin(path, place.path) && (found == nullptr || place.path.size() > found->path.size())) found = &place;
  }
  return found != nullptr && (found->extent == Extent::kTree || path == found->path) ? found : nullptr;
}

const SystemPlace* FindWindowsPlace(absl::string_view path) {
  if (path.size() < 4 || path[1] != ':') return nullptr;
  const absl::string_view below = path.substr(3);
  for (const SystemPlace& place : kWindowsPlaces) {
    const bool is_place = absl::EqualsIgnoreCase(below, place.path);
    if (is_place || (place.extent == Extent::kTree && WindowsPathIsWithin(below, place.path))) return &place;
  }
  return nullptr;
}

}  // namespace

Resolver::Resolver(absl::string_view workspace, absl::string_view home)
    : windows_(LooksWindows(workspace) || (workspace.empty() && LooksWindows(home))) {
  if (!workspace.empty()) workspace_ = windows_ ? NormalizeWindowsPath(workspace) : NormalizePath(workspace);
  // A home of the other style belongs to another system than the workspace.
  if (IsAbsolute(home)) home_ = windows_ ? NormalizeWindowsPath(home) : NormalizePath(home);
}

bool Resolver::IsAbsolute(absl::string_view path) const {
  return windows_ ? IsAbsoluteWindowsPath(path) : IsAbsolutePath(path);
}

std::string Resolver::Join(absl::string_view base, absl::string_view path) const {
  return windows_ ? JoinWindowsPath(base, path) : JoinPath(base, path);
}

bool Resolver::IsWithin(absl::string_view path, absl::string_view root) const {
  return windows_ ? WindowsPathIsWithin(path, root) : PathIsWithin(path, root);
}

absl::StatusOr<PathRule> Resolver::Resolve(const PathEntry& entry, absl::string_view key) const {
  PathRule rule;
  rule.text = entry.text;
  rule.origin = entry.origin;
  rule.glob = HasGlob(entry.text);
  const absl::string_view text = entry.text;
  if (LooksWindows(text) != windows_ && (LooksWindows(text) || IsAbsolutePath(text))) {
    return Refuse("policy_invalid",
                  absl::StrCat(Describe(key, entry), " is a path of ", windows_ ? "POSIX" : "Windows",
                               ", and the workspace is on ", windows_ ? "Windows" : "a POSIX system"));
  }
  std::string base;
  absl::string_view below = text;
  if (IsInHome(text)) {
    if (home_.empty()) {
      return Refuse("home_unknown",
                    absl::StrCat(Describe(key, entry), " starts at the home directory, which is not known"));
    }
    base = home_;
    below = text.substr(text == "~" ? 1 : 2);
  } else if (!IsAbsolute(text)) {
    if (workspace_.empty()) {
      return Refuse("workspace_needed",
                    absl::StrCat(Describe(key, entry), " is relative to the workspace, and there is none"));
    }
    base = workspace_;
  }
  if (rule.glob) {
    // Wildcards in the name of the workspace itself are part of that name.
    rule.path = base.empty() ? std::string(text) : Join(EscapeGlob(base), below);
  } else {
    rule.path = base.empty() ? UnescapeGlob(text) : Join(base, UnescapeGlob(below));
  }
  return rule;
}

const PathRule* Resolver::FindCovering(const std::vector<PathRule>& rules, absl::string_view path) const {
  for (const PathRule& rule : rules) {
    if (!rule.glob && IsWithin(path, rule.path)) return &rule;
  }
  return nullptr;
}

absl::Status CheckWritablePlace(const Resolver& resolver, absl::string_view path, absl::string_view what) {
  const bool windows = resolver.windows();
  if (windows ? IsWindowsRoot(path) : path == "/") {
    return Refuse("workspace_is_root", absl::StrCat(what, " is the root directory"));
  }
  if (!resolver.home().empty() && resolver.IsWithin(resolver.home(), path)) {
    const bool itself = resolver.IsWithin(path, resolver.home());
    return Refuse("workspace_is_home",
                  absl::StrCat(what, itself ? " is the home directory" : " holds the home directory ",
                               itself ? "" : resolver.home()));
  }
  const SystemPlace* place = windows ? FindWindowsPlace(path) : FindPosixPlace(path);
  if (place == nullptr) return absl::OkStatus();
  const bool itself = place->extent == Extent::kItself || path == place->path;
  return Refuse("workspace_is_system",
                absl::StrCat(what, itself ? " is a directory of the system" : " lies in a directory of the system, ",
                             itself ? "" : place->path));
}

}  // namespace paddock
