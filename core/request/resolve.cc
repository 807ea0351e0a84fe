#include "core/request/resolve.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/system_places.h"
#include "core/base/windows_path.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kInvalidArgument, code, detail);
}

bool IsInHome(absl::string_view text) { return text == "~" || absl::StartsWith(text, "~/"); }

std::string Describe(absl::string_view key, const PathEntry& entry) {
  return absl::StrCat(key, " ", Quote(entry.text), " (", entry.origin.file,
                      entry.origin.line == 0 ? "" : absl::StrCat(":", entry.origin.line), ")");
}

std::string NormalWindowsPath(absl::string_view text) {
  const auto path = WindowsPath::Parse(text);
  return path.ok() ? path->ToString() : "";
}

WindowsContainment WithinOnWindows(absl::string_view path, absl::string_view root) {
  const auto a = WindowsPath::Parse(path), b = WindowsPath::Parse(root);
  if (a.ok() && b.ok()) return a->IsWithin(*b);
  return {Containment::kUnknown, PathDoubt::kBase, "one of the paths cannot be understood"};
}

}  // namespace

Resolver::Resolver(absl::string_view workspace, absl::string_view home)
    : windows_(LooksLikeWindowsPath(workspace) || (workspace.empty() && LooksLikeWindowsPath(home))) {
  if (!workspace.empty()) workspace_ = windows_ ? NormalWindowsPath(workspace) : NormalizePath(workspace);
  // A home of the other style belongs to another system than the workspace.
  if (IsAbsolute(home)) home_ = windows_ ? NormalWindowsPath(home) : NormalizePath(home);
}

bool Resolver::IsAbsolute(absl::string_view path) const {
  if (!windows_) return IsAbsolutePath(path);
  const auto parsed = WindowsPath::Parse(path, WindowsPath::Wildcards::kAllowed);
  return parsed.ok() ? parsed->IsAbsolute() : LooksLikeWindowsPath(path);
}

absl::StatusOr<std::string> Resolver::Join(absl::string_view base, absl::string_view path, bool pattern) const {
  if (!windows_) return JoinPath(base, path);
  const auto wildcards = pattern ? WindowsPath::Wildcards::kAllowed : WindowsPath::Wildcards::kRefused;
  ASSIGN_OR_RETURN(const WindowsPath from, WindowsPath::Parse(base, wildcards));
  ASSIGN_OR_RETURN(const WindowsPath joined, from.Join(path, wildcards));
  RETURN_IF_ERROR(joined.CheckUsual());
  return joined.ToString();
}

bool Resolver::IsWithin(absl::string_view path, absl::string_view root) const {
  return windows_ ? WithinOnWindows(path, root).Certain() : PathIsWithin(path, root);
}

bool Resolver::MayBeWithin(absl::string_view path, absl::string_view root, std::string* why) const {
  if (!windows_) return PathIsWithin(path, root);
  WindowsContainment within = WithinOnWindows(path, root);
  if (why != nullptr) *why = std::move(within.why);
  return within.MayBe();
}

absl::StatusOr<PathRule> Resolver::Resolve(const PathEntry& entry, absl::string_view key) const {
  PathRule rule;
  rule.text = entry.text;
  rule.origin = entry.origin;
  rule.glob = HasGlob(entry.text);
  const absl::string_view text = entry.text;
  if (LooksLikeWindowsPath(text) != windows_ && (LooksLikeWindowsPath(text) || IsAbsolutePath(text))) {
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
  if (base.empty()) {
    rule.path = rule.glob ? std::string(text) : UnescapeGlob(text);
    return rule;
  }
  if (below.empty()) below = ".";
  // Wildcards in the name of the workspace itself are part of that name.
  const auto joined = rule.glob ? Join(EscapeGlob(base), below, true) : Join(base, UnescapeGlob(below));
  if (!joined.ok()) return Refuse("path_invalid", absl::StrCat(Describe(key, entry), " ", joined.status().message()));
  rule.path = *joined;
  return rule;
}

const PathRule* Resolver::FindCovering(const std::vector<PathRule>& rules, absl::string_view path) const {
  for (const PathRule& rule : rules) {
    if (!rule.glob && IsWithin(path, rule.path)) return &rule;
  }
  return nullptr;
}

const PathRule* Resolver::FindPossiblyCovering(const std::vector<PathRule>& rules, absl::string_view path) const {
  for (const PathRule& rule : rules) {
    if (!rule.glob && MayBeWithin(path, rule.path)) return &rule;
  }
  return nullptr;
}

namespace {

bool IsRoot(absl::string_view path, bool windows) {
  if (!windows) return path == "/";
  const auto parsed = WindowsPath::Parse(path);
  return parsed.ok() && parsed->IsRoot();
}

}  // namespace

absl::Status CheckWritablePlace(const Resolver& resolver, absl::string_view path, absl::string_view what) {
  const bool windows = resolver.windows();
  if (IsRoot(path, windows)) return Refuse("workspace_is_root", absl::StrCat(what, " is the root directory"));
  std::string why;
  if (!resolver.home().empty() && resolver.MayBeWithin(resolver.home(), path, &why)) {
    if (!why.empty()) return Refuse("workspace_is_home", absl::StrCat(what, " may hold the home directory: ", why));
    const bool itself = resolver.IsWithin(path, resolver.home());
    return Refuse("workspace_is_home",
                  absl::StrCat(what, itself ? " is the home directory" : " holds the home directory ",
                               itself ? "" : resolver.home()));
  }
  const auto place = windows ? FindWindowsSystemPlace(path) : FindPosixSystemPlace(path);
  if (!place) return absl::OkStatus();
  if (!place->doubt.empty()) {
    return Refuse("workspace_is_system",
                  absl::StrCat(what, " may be of the system, ", place->path, ": ", place->doubt));
  }
  const bool itself = !place->tree || path == place->path;
  return Refuse("workspace_is_system",
                absl::StrCat(what, itself ? " is a directory of the system" : " lies in a directory of the system, ",
                             itself ? "" : place->path));
}

}  // namespace paddock
