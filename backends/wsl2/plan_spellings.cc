#include "backends/wsl2/plan_spellings.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/glob.h"

namespace paddock::wsl2 {
namespace {

constexpr char kLiteral[] = "the volume ignores case, and Linux looks for one spelling; checked after the run";
constexpr char kGlob[] =
    "the volume ignores case, and Linux looks for one spelling: what comes to match in another one during the run";
constexpr char kNotSearched[] =
    "the volume ignores case, and Linux looks for one spelling: not all of the workspace was searched for others";

struct NamedList {
  absl::string_view key;
  std::vector<PathRule> Request::*rules;
  std::vector<PathEntry> FilesystemPolicy::*entries;
  bool protects;  // what does not exist yet has to stay away
};
constexpr NamedList kLists[] = {
    {"filesystem.deny_write", &Request::deny_write, &FilesystemPolicy::deny_write, true},
    {"filesystem.read_only", &Request::read_only, &FilesystemPolicy::read_only, false},
    {"filesystem.deny_read", &Request::deny_read, &FilesystemPolicy::deny_read, false},
};

// A path of Windows as a pattern of POSIX compares it: letter by letter.
std::string Compared(absl::string_view path) { return absl::StrCat("/", absl::StrReplaceAll(path, {{"\\", "/"}})); }

// Of `found`, by Windows, what the pattern of Linux does not match.
std::vector<std::string> Unmatched(const std::string& pattern, const std::vector<std::string>& found) {
  const auto glob = Glob::Compile(Compared(pattern));
  std::vector<std::string> missed;
  for (const std::string& path : found) {
    if (!glob.ok() || !glob->Matches(Compared(path))) missed.push_back(path);
  }
  return missed;
}

struct Found {
  std::vector<std::string> otherwise;  // in another spelling
  bool absent = false;
  const char* missing = kLiteral;
};

Found Look(const PathRule& rule, const WorkspaceFacts& workspace) {
  Found found;
  if (rule.glob) {
    const auto matches = workspace.globs.find(rule.path);
    const bool searched = matches != workspace.globs.end() && workspace.scan_complete;
    found.missing = searched ? kGlob : kNotSearched;
    if (matches != workspace.globs.end()) found.otherwise = Unmatched(rule.path, matches->second);
    return found;
  }
  const auto seen = workspace.paths.find(rule.path);
  if (seen == workspace.paths.end()) return found;
  found.absent = seen->second.type == PathType::kAbsent;
  const std::string& real = seen->second.real_path;
  if (real != rule.path && absl::EqualsIgnoreCase(real, rule.path)) found.otherwise.push_back(real);
  return found;
}

// Gives what cannot be said to Linux, and so is not held there; empty if nothing.
std::string AddEntries(const NamedList& list, const PathRule& rule, const std::vector<std::string>& paths, PathMap& map,
                       Wsl2Plan& body) {
  std::string unsaid;
  for (const std::string& path : paths) {
    const auto inside = map.ToLinux(path);
    if (!inside.ok()) {
      unsaid = path;
      continue;
    }
    const std::string text = EscapeGlob(*inside);
    std::vector<PathEntry>& entries = body.run.policy.filesystem.*list.entries;
    // Several rules may find it.
    const bool known = std::any_of(entries.begin(), entries.end(), [&](const auto& e) { return e.text == text; });
    if (known) continue;
    entries.push_back({text, rule.origin});
    body.rules.emplace_back(absl::StrCat(list.key, " ", text), absl::StrCat(list.key, " ", rule.text));
  }
  return unsaid;
}

}  // namespace

void PlanSpellings(const Request& request, const Facts& facts, PathMap& map, Wsl2Plan& body) {
  if (facts.workspace.location == WorkspaceLocation::kWslDistribution) return;
  for (const NamedList& list : kLists) {
    for (const PathRule& rule : request.*list.rules) {
      if (absl::StartsWith(rule.text, "~")) continue;  // of the distribution's home
      const std::string name = absl::StrCat(list.key, " ", rule.text);
      const Found found = Look(rule, facts.workspace);
      if (found.absent && list.protects) body.absent.emplace_back(rule.path, name);
      const std::string unsaid = AddEntries(list, rule, found.otherwise, map, body);
      body.by_name.emplace(name, unsaid.empty() ? found.missing : absl::StrCat(unsaid, " has no name on Linux"));
    }
  }
}

}  // namespace paddock::wsl2
