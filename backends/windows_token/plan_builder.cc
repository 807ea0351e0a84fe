#include "backends/windows_token/plan_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"

namespace paddock {

std::string EntryText(char type, absl::string_view flags, absl::string_view rights, absl::string_view sid) {
  return absl::StrCat("(", std::string(1, type), ";", flags, ";", rights, ";;;", sid, ")");
}

void AddChange(WritableRoot& root, AceChange change) {
  const bool there = std::any_of(root.changes.begin(), root.changes.end(), [&](const AceChange& other) {
    return other.path == change.path && other.ace == change.ace;
  });
  if (!there) root.changes.push_back(std::move(change));
}

std::string DirectoryOf(const std::string& path) {
  const size_t split = path.rfind('\\');
  return split == std::string::npos ? "" : path.substr(0, split);
}

std::string BelowDirectory(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, absl::EndsWith(directory, "\\") ? "" : "\\", name);
}

bool MayLieIn(absl::string_view path, absl::string_view directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

bool LiesIn(absl::string_view path, absl::string_view directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).Certain();
}

bool SameWindowsPath(absl::string_view a, absl::string_view b) {
  const auto left = WindowsPath::Parse(a), right = WindowsPath::Parse(b);
  return left.ok() && right.ok() && left->components().size() == right->components().size() &&
         left->IsWithin(*right).Certain();
}

const PathFacts* TokenPlanBuilder::Find(const std::string& path) const {
  const auto found = facts.workspace.paths.find(path);
  return found == facts.workspace.paths.end() ? nullptr : &found->second;
}

std::string TokenPlanBuilder::Located(const std::string& path) const {
  const auto inner = WindowsPath::Parse(path);
  std::string located = path;
  size_t depth = 0;
  for (const Place& place : places) {
    const auto asked = WindowsPath::Parse(place.asked);
    if (!inner.ok() || !asked.ok() || place.real.empty() || asked->components().size() < depth) continue;
    if (!inner->IsWithin(*asked).Certain()) continue;
    depth = asked->components().size();
    located = place.real;
    for (size_t i = depth; i < inner->components().size(); ++i) {
      located = BelowDirectory(located, inner->components()[i]);
    }
  }
  return located;
}

WritableRoot* TokenPlanBuilder::RootOf(absl::string_view path) const {
  for (WritableRoot& root : body.roots) {
    if (MayLieIn(path, root.path)) return &root;
  }
  return nullptr;
}

void TokenPlanBuilder::Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing) {
  plan.verdicts.push_back({rule, verdict, std::move(mechanism), std::move(missing)});
}

WritableRoot& TokenPlanBuilder::AddRoot(const std::string& path, bool directory, const std::string& rule) {
  WritableRoot root;
  root.path = path;
  const size_t number = body.roots.size() + 1;
  root.capability = number == 1 ? "{capability}" : absl::StrCat("{capability:", number, "}");
  const AceScope scope = directory ? AceScope::kTree : AceScope::kObject;
  const auto grant = [&](const std::string& sid) {
    return AceChange{path,  EntryText('A', directory ? "OICI" : "", directory ? kModify : kModifyFile, sid),
                     scope, directory,
                     false, rule};
  };
  AddChange(root, grant(root.capability));
  // The second half of the grant: what the account of a dedicated user may do at all.
  if (dedicated()) AddChange(root, grant("{group}"));
  // The root stays where it is: moved, it could be taken for what is made in its place, or for a part of a folder that
  // the run leaves to be removed.
  if (directory) {
    AddChange(root, {path, EntryText('D', "", kDeleteOnly, root.capability), AceScope::kObject, /*directory=*/true,
                     false, rule});
  }
  body.roots.push_back(std::move(root));
  return body.roots.back();
}

}  // namespace paddock
