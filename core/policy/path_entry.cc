#include "core/policy/path_entry.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

absl::Status Bad(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quote(text), " ", why));
}

bool StartsLikeVariable(absl::string_view text) {
  if (text.size() < 2) return false;
  if (text[0] == '$')
    return text[1] == '{' || text[1] == '_' || absl::ascii_isalpha(static_cast<unsigned char>(text[1]));
  return text[0] == '%' && text.find('%', 1) != absl::string_view::npos;
}

// A slip in any of these would give a rule that matches nothing: harmless in a grant, a hole in a denial.
absl::Status CheckSlips(absl::string_view text) {
  if (text.empty()) return Bad(text, "is empty; \".\" is the workspace");
  if (text.find('\0') != absl::string_view::npos) return Bad(text, "holds a NUL byte");
  if (absl::ascii_isspace(static_cast<unsigned char>(text.front())) ||
      absl::ascii_isspace(static_cast<unsigned char>(text.back()))) {
    return Bad(text, "begins or ends with a blank; if the name really does, write \"./ name/\"");
  }
  if (StartsLikeVariable(text))
    return Bad(text, "begins with a variable, which is not expanded; write ~ for the home directory");
  if (absl::StrContains(text, "://")) return Bad(text, "is a URL; write a path");
  if (text.front() == '~' && text.size() > 1 && text[1] != '/') {
    return Bad(text, "names another user's home directory, which is not looked up; write the absolute path");
  }
  return absl::OkStatus();
}

// True for "[a-z]", "[!x]", "[^x]": nobody names a file so, and somebody who writes it expects a class.
bool HasCharacterClass(absl::string_view text) {
  for (size_t open = text.find('['); open != absl::string_view::npos; open = text.find('[', open + 1)) {
    const size_t close = text.find(']', open + 1);
    if (close == absl::string_view::npos) return false;
    const absl::string_view inside = text.substr(open + 1, close - open - 1);
    if (inside.size() >= 2 && (inside[0] == '!' || inside[0] == '^')) return true;
    if (inside.size() == 3 && inside[1] == '-') return true;
  }
  return false;
}

bool HasBraceList(absl::string_view text) {
  const size_t open = text.find('{');
  const size_t close = text.find('}', open == absl::string_view::npos ? 0 : open);
  return open != absl::string_view::npos && close != absl::string_view::npos &&
         absl::StrContains(text.substr(open, close - open), ",");
}

absl::Status CheckWildcards(absl::string_view text, bool globs) {
  if (!globs) {
    if (!HasGlob(text)) return absl::OkStatus();
    return Bad(text, "holds a wildcard; only denials take globs (write [*] or [?] for the character itself)");
  }
  if (HasCharacterClass(text))
    return Bad(text, "holds a character class; only *, ? and ** are known, write one entry for each");
  if (HasGlob(text) && HasBraceList(text))
    return Bad(text, "holds a list in braces, which is not expanded; write one entry for each");
  return absl::OkStatus();
}

absl::StatusOr<std::string> CanonicalOnWindows(absl::string_view text, bool globs) {
  const auto path = WindowsPath::Parse(text, WindowsPath::Wildcards::kAllowed);
  if (!path.ok()) return Bad(text, path.status().message());
  if (const absl::Status usual = path->CheckUsual(); !usual.ok()) return Bad(text, usual.message());
  RETURN_IF_ERROR(CheckWildcards(text, globs));
  if (HasGlob(text)) return path->ToString();
  const auto literal = WindowsPath::Parse(text);  // "[*]" is no wildcard, and no name on Windows either
  return literal.ok() ? absl::StatusOr<std::string>(literal->ToString()) : Bad(text, literal.status().message());
}

// The canonical form; nullopt if ".." leaves the root that the path is relative to.
std::optional<std::string> Canonical(absl::string_view text) {
  const bool in_home = text.front() == '~';
  const std::string normal = NormalizePath(in_home ? absl::StrCat(".", text.substr(1)) : text);
  if (IsAbsolutePath(normal)) return normal;
  if (!PathIsWithin(normal, ".")) return std::nullopt;
  if (in_home) return normal == "." ? "~" : absl::StrCat("~/", normal);
  return normal;
}

bool IsInHome(absl::string_view text) { return text == "~" || absl::StartsWith(text, "~/"); }

// Absolute, or nullopt where the root is not known.
std::optional<std::string> Resolved(absl::string_view text, const PathRoots& roots) {
  if (IsAbsolutePath(text) || LooksLikeWindowsPath(text)) return std::string(text);
  const std::string& base = IsInHome(text) ? roots.home : roots.workspace;
  if (base.empty()) return std::nullopt;
  const absl::string_view below = IsInHome(text) ? text.substr(text == "~" ? 1 : 2) : text;
  if (LooksLikeWindowsPath(base)) {
    const auto path = WindowsPath::Parse(base);
    const auto joined = !path.ok() || below.empty() ? path : path->Join(below);
    return joined.ok() ? std::optional(joined->ToString()) : std::nullopt;
  }
  return below.empty() ? base : JoinPath(base, below);
}

enum class Start : uint8_t { kWorkspace, kHome, kRoot, kDrive };

Start StartOf(absl::string_view text) {
  if (IsAbsolutePath(text)) return Start::kRoot;
  if (IsInHome(text)) return Start::kHome;
  return LooksLikeWindowsPath(text) ? Start::kDrive : Start::kWorkspace;
}

// What may be covered is not: a bound holds a grant, and a denial is named as one that swallows a grant, only for sure.
bool CoversOnWindows(absl::string_view root, absl::string_view path) {
  const auto a = WindowsPath::Parse(root), b = WindowsPath::Parse(path);
  return a.ok() && b.ok() && b->IsWithin(*a).Certain();
}

bool GlobCovers(absl::string_view pattern, absl::string_view path) {
  const auto glob = Glob::Compile(pattern);
  if (!glob.ok()) return false;
  for (absl::string_view at = path;; at = ParentPath(at)) {
    if (glob->Matches(at)) return true;
    if (at == "/") return false;
  }
}

}  // namespace

absl::StatusOr<std::string> CheckPathText(absl::string_view text, bool globs) {
  RETURN_IF_ERROR(CheckSlips(text));
  if (LooksLikeWindowsPath(text)) return CanonicalOnWindows(text, globs);
  RETURN_IF_ERROR(CheckWildcards(text, globs));
  const bool relative = !IsAbsolutePath(text) && text.front() != '~';
  if (relative && absl::StrContains(text, "\\")) return Bad(text, "holds a backslash; write / between names");
  std::optional<std::string> canonical = Canonical(text);
  if (!canonical) {
    return Bad(text, relative ? "leaves the workspace; write the absolute path"
                              : "leaves the home directory; write the absolute path");
  }
  if (relative && canonical->front() == '~') return Bad(text, "begins with ~ after all; write the absolute path");
  if (globs && HasGlob(*canonical)) {
    RETURN_IF_ERROR(Glob::Compile(JoinPath("/", *canonical)).status());
  }
  return *std::move(canonical);
}

bool PathCovers(absl::string_view root, absl::string_view path, const PathRoots& roots) {
  const Start start = StartOf(root);
  const bool same_start = start == StartOf(path);
  if (HasGlob(root)) {
    if (!same_start || start == Start::kDrive) return false;
    // "a/**/*" leaves nothing of "a" but its name.
    std::string pattern = JoinPath("/", root);
    if (absl::EndsWith(pattern, "/**/*")) pattern.resize(pattern.size() - 2);
    return GlobCovers(pattern, JoinPath("/", path));
  }
  if (same_start) return start == Start::kDrive ? CoversOnWindows(root, path) : PathIsWithin(path, root);
  const auto a = Resolved(root, roots), b = Resolved(path, roots);
  if (!a || !b || StartOf(*a) != StartOf(*b)) return false;
  return StartOf(*a) == Start::kDrive ? CoversOnWindows(*a, *b) : PathIsWithin(*b, *a);
}

}  // namespace paddock
